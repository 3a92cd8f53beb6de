"""A real browser: an experiment, from its form to the numbers that it moves."""

import time
from collections import Counter

from temp_redirects.conf import Conf
from temp_redirects.signing import HOP
from tests.browser.visiting import LIVE_WITHIN, sign_in
from tests.running_demo import running

# Chromium without a window says so, and is taken for a robot.
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
MOST = 50  # visitors; that many never get the same arm
WRITTEN_WITHIN = Conf().FLUSH_SECONDS + 5  # seconds, with those of the page itself
TARGET = "/products/oak-board/"
PREFETCH = """path => {
    const link = document.createElement("link");
    Object.assign(link, {rel: "prefetch", href: path});
    document.head.append(link);
}"""
PAGES = {"/pricing/": "The original page", TARGET: "Boards first"}


def make_experiment(staff, site) -> str:
    """Fill in the form; return the address of the results."""
    sign_in(staff, site)
    staff.goto(f"{site.shop}/admin/temp_redirects/redirectrule/add/")
    staff.fill("[name=name]", "boards-test")
    staff.fill("[name=path]", "/pricing/")
    staff.fill("[name=target]", TARGET)
    staff.get_by_text("Split visitors, count what they do").click()
    staff.fill("[name=percentage]", "50")
    staff.fill("[name=destination_label]", PAGES[TARGET])
    staff.fill("[name=goal]", "/orders/")
    staff.get_by_role("button", name="Save and continue editing").click()
    staff.get_by_role("link", name="Results").click()
    time.sleep(LIVE_WITHIN)
    return staff.url


def path_of(visitor, site) -> str:
    """Return where a visitor of the page arrives."""
    visitor.goto(f"{site.shop}/pricing/")
    return visitor.url.removeprefix(site.shop)


def visitors_of_both(visit, site):
    """Let visitors come until each page has one; return them with their pages."""
    found = []
    while {path for _, path in found} != {*PAGES} and len(found) < MOST:
        visitor = visit(user_agent=PERSON)
        found.append((visitor, path_of(visitor, site)))
    assert {path for _, path in found} == {*PAGES}
    return found


def numbers(staff, url) -> dict[str, tuple[int, int]]:
    """Return how many saw each page and reached the goal, as the results say it."""
    staff.goto(url)
    rows = staff.locator(".temp-redirects-arms tbody tr").all()
    cells = [
        [cell.inner_text() for cell in row.locator("th, td").all()] for row in rows
    ]
    return {
        name: (int(seen), int(reached))
        for text, seen, reached, *_ in cells
        for name in PAGES.values()
        if name.lower() in text.lower()
    }


def numbers_soon(wanted, staff, url):
    """Return the numbers as soon as they are what is wanted, or the last ones."""
    deadline = time.monotonic() + WRITTEN_WITHIN
    while (found := numbers(staff, url)) != wanted and time.monotonic() < deadline:
        staff.wait_for_timeout(200)
    return found


def test_an_experiment_is_made_met_kept_over_a_restart_and_moves_its_numbers(
    visit, tmp_path
):
    staff = visit()
    with running(tmp_path) as site:
        results = make_experiment(staff, site)
        met = visitors_of_both(visit, site)
        assert [path_of(visitor, site) for visitor, _ in met] == [at for _, at in met]
        seen = Counter(PAGES[path] for _, path in met)
        wanted = {name: (seen[name], 0) for name in PAGES.values()}
        assert numbers_soon(wanted, staff, results) == wanted

    port = site.shop.rpartition(":")[2]
    with running(tmp_path, "--port", port) as again:
        assert again.shop == site.shop
        assert [path_of(visitor, site) for visitor, _ in met] == [at for _, at in met]
        for visitor, path in met:
            if path == TARGET:
                visitor.goto(f"{site.shop}/orders/")
        wanted[PAGES[TARGET]] = (seen[PAGES[TARGET]],) * 2
        assert numbers_soon(wanted, staff, results) == wanted


def test_a_prefetch_is_refused_and_the_visit_itself_gets_an_arm(visit, site):
    visitor = visit(user_agent=PERSON)
    visitor.goto(f"{site.shop}/products/")
    with visitor.expect_response("**/gift-box/") as found:
        visitor.evaluate(PREFETCH, "/gift-box/")
    guess = found.value
    assert (guess.status, guess.request.headers["sec-purpose"]) == (503, "prefetch")
    assert visitor.context.cookies() == []

    visitor.goto(f"{site.shop}/gift-box/")

    assert visitor.get_by_role("heading", name="box").is_visible()
    names = {each["name"] for each in visitor.context.cookies()}
    assert names - {HOP} == {"temp_redirects"}  # the trail is gone within seconds
