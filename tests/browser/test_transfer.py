"""A real browser, without JavaScript: a file of 1,000 moves, from a mistake to undone.

What visitors get is asked before, in between and afterwards.
"""

import csv
from pathlib import Path

import httpx

from tests.browser.visiting import LIVE_WITHIN, sign_in

MOVES = 1_000
HEAD = "path,target,ends_at,timezone"
NARROW = {"width": 320, "height": 800}


def table(*rows):
    moves = [f"/old/{n}/,/new/{n}/,2036-01-31 00:00,UTC" for n in range(MOVES)]
    return "\n".join([HEAD, *moves, *rows, ""]).encode()


def choose(page, name, text, *, replaces=False):
    page.locator("#id_file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text}
    )
    page.get_by_label("Delete what is not in the file").set_checked(replaces)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("heading", name="Check of the file").wait_for()


def to_import(page):
    page.get_by_role("link", name="Temporary redirects").click()
    page.locator("#content-main").get_by_role("link", name="Redirect rules").click()
    page.get_by_role("link", name="Import", exact=True).click()


def location(site):
    answer = httpx.get(f"{site.shop}/old/999/")
    return answer.headers.get("Location")


def test_many_moves_are_checked_mended_applied_and_undone(visit, site):
    page = visit(java_script_enabled=False, color_scheme="dark", viewport=NARROW)
    page.set_default_timeout(60_000)
    sign_in(page, site, "admin")
    to_import(page)

    choose(page, "moves.csv", table("/x/,htps://x,,", "/y/,/z/,soon,UTC"))
    told = page.locator(".temp-redirects-problems tbody tr").all_inner_texts()
    assert [text.split()[:4] for text in told] == [
        ["Line", "1002", "target", "htps://x"],
        ["Line", "1003", "ends_at", "soon"],
    ]
    with page.expect_download() as started:
        page.get_by_role("link", name="Download all problems").click()
    (head, *rows) = csv.reader(Path(started.value.path()).read_text().splitlines())
    assert head == ["line", "column", "value", "reason"]
    assert [row[0] for row in rows] == ["1002", "1003"]
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    assert location(site) is None
    page.get_by_role("button", name="Choose another file").click()

    choose(page, "moves.csv", table())
    page.get_by_text("Nothing is changed yet.").wait_for()
    assert location(site) is None
    page.get_by_role("button", name="Apply all of it").click()
    page.get_by_text("Imported: 1000 new").wait_for()
    page.wait_for_timeout(LIVE_WITHIN * 1_000)
    assert location(site) == "/new/999/"

    page.get_by_role("link", name="Undo", exact=True).click()
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("1000 changes undone.").wait_for()
    page.wait_for_timeout(LIVE_WITHIN * 1_000)
    assert location(site) is None
