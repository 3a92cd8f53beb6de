// The reader's own clock, and a countdown that runs. The page says all of it without.
(() => {
  "use strict";
  const when = document.querySelector(".temp-redirects-notice .when[data-left]");
  if (!when || !window.Intl || !Intl.RelativeTimeFormat) return;
  const language = document.documentElement.lang || undefined;

  const yours = when.querySelector(".yours");
  const time = yours && yours.querySelector("time");
  if (time) {
    const at = new Date(time.dateTime);
    const form = { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
    // On as many hours as the line above, so that the two compare at a glance.
    form.hour12 = /\d\s?[ap]\.?m\b/i.test(when.querySelector("time").textContent);
    time.textContent = new Intl.DateTimeFormat(language, form).format(at);
    yours.hidden = false;
  }

  // Counted from when the page was made: the reader's clock may be wrong.
  const about = when.querySelector(".about");
  const ends = performance.now() + Number(when.dataset.left) * 1000;
  const words = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const units = [["day", 86400, 36 * 3600], ["hour", 3600, 90 * 60], ["minute", 60, 90]];
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left <= 0) {
      when.classList.add("over");
      about.textContent = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second");
      return;
    }
    const [unit, size] = units.find(([, , from]) => left > from) || ["second", 1];
    about.textContent = words.format(unit === "minute" ? Math.ceil(left / size) : Math.round(left / size), unit);
    setTimeout(tick, left > 3600 ? 60000 : 1000);
  };
  if (about) tick();
})();
