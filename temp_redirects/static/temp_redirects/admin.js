/* Buttons and links for usual times, and hints: all of it can be done without. */

"use strict";

{
    const MINUTE = 60000; // milliseconds

    // Wall times are counted with as if they were UTC, so that no clock change and no
    // zone of this browser comes between.
    const read = (text) => Date.parse(`${text.slice(0, 16).replace(" ", "T")}Z`);
    const shown = (time) => new Date(time).toISOString().slice(0, 16);

    const now = (timeZone) => {
        const format = new Intl.DateTimeFormat("sv-SE", {
            timeZone, dateStyle: "short", timeStyle: "short",
        });
        return read(format.format(new Date()));
    };

    // What the times mean, beside the end: the server says it, for it knows all zones
    // and their clock changes. Only the last answer counts.
    const TIMES = [
        "starts_at", "starts_which", "ends_at", "ends_which", "until_switched_off",
        "timezone",
    ];
    let asked = 0;

    const say = async (form) => {
        const where = form.querySelector(".temp-redirects-span");
        const told = document.getElementById("id_ends_at_helptext");
        if (!where || !told) {
            return;
        }
        const typed = new FormData(form);
        const query = new URLSearchParams();
        for (const name of TIMES) {
            query.set(name, typed.get(name) || "");
        }
        const turn = ++asked;
        told.textContent = "…"; // what stood there is no longer so
        let text = "";
        try {
            const answer = await fetch(`${where.dataset.url}?${query}`);
            text = answer.ok ? await answer.text() : "";
        } catch (error) { // no network: saving says it
        }
        if (turn === asked) {
            told.textContent = text;
        }
    };

    const fill = (form, minutes) => {
        const { starts_at: start, ends_at: end, timezone: zone } = form.elements;
        try {
            const from = start.value ? read(start.value) : now(zone.value);
            end.value = shown(from + minutes * MINUTE);
            form.elements.until_switched_off.checked = false;
            say(form);
        } catch (error) { // what is typed is no time or no zone: saving says so
            end.focus();
        }
    };

    // The same link as the server has it on the clocks of another zone.
    const onClocks = async (link, url) => {
        const answer = await fetch(url);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const links = [...page.querySelectorAll(".temp-redirects-usual a")];
        return links.find((each) => each.dataset.preset === link.dataset.preset);
    };

    // A link to a prefilled form would lose what is typed already. It counts in the
    // zone that is chosen.
    const prefill = async (event) => {
        const form = event.target.closest("form");
        const { preset, timezone } = event.target.dataset;
        if (!preset || !form) {
            return;
        }
        event.preventDefault();
        const { elements } = form;
        const url = new URL(event.target.href);
        let link = event.target;
        if (elements.timezone.value && elements.timezone.value !== timezone) {
            url.searchParams.set("timezone", elements.timezone.value);
            try {
                link = await onClocks(link, url);
            } catch (error) { // no network
                link = null;
            }
        }
        if (!link) { // or no zone: saving says so
            elements.timezone.focus();
            return;
        }
        if (!link.dataset.shown) { // clocks change that night: the server asks
            location.assign(url);
            return;
        }
        elements.starts_at.value = link.dataset.startsAt;
        elements.ends_at.value = link.dataset.endsAt;
        elements.timezone.value = link.dataset.timezone;
        elements.until_switched_off.checked = false;
        say(form);
    };

    // What can be typed beside a kind of condition, as soon as one is chosen.
    const explain = ({ target }) => {
        if (target.name.endsWith("-kind")) {
            const hint = target.parentElement.querySelector(".temp-redirects-hint");
            hint.textContent = target.selectedOptions[0].dataset.hint || "";
        }
    };

    document.addEventListener("DOMContentLoaded", () => {
        for (const list of document.querySelectorAll(".temp-redirects-conditions")) {
            list.addEventListener("change", explain);
        }
        for (const links of document.querySelectorAll(".temp-redirects-usual")) {
            links.addEventListener("click", prefill);
        }
        for (const where of document.querySelectorAll(".temp-redirects-span")) {
            const form = where.closest("form");
            form.addEventListener("change", ({ target }) => {
                if (TIMES.includes(target.name)) {
                    say(form);
                }
            });
        }
        for (const presets of document.querySelectorAll(".temp-redirects-presets")) {
            presets.hidden = false;
            presets.addEventListener("click", (event) => {
                const { minutes } = event.target.dataset;
                if (minutes) {
                    fill(presets.closest("form"), Number(minutes));
                }
            });
        }
    });
}
