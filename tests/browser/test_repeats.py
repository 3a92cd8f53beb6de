"""A real browser: “every Sunday 02:00 to 04:00” by clicking plain words."""

import os
from contextlib import ExitStack

import pytest

from tests.browser.visiting import PHONE, manage, sign_in
from tests.running_demo import environment
from tests.serving import serving
from tests.test_repeats_servers import opens_and_closes

MARCH = {"the last Sunday of March": ("2028-03-26T01:00Z", "2028-03-26T03:00Z")}
OCTOBER = {"the last Sunday of October": ("2028-10-29T00:00Z", "2028-10-29T02:00Z")}


def fill_in(page, site):
    """Type and click from the index of the admin to the whole form."""
    sign_in(page, site, "admin")
    page.locator("a[href$='/maintenancewindow/add/']").first.click()
    page.get_by_role("link", name="Next Sunday 02:00 to 04:00").click()
    page.get_by_label("Paths:", exact=True).fill("/pricing/")
    page.get_by_label("Time zone:", exact=True).fill("Europe/Berlin")
    page.get_by_label("Repeats:", exact=True).select_option(label="Every week")
    page.get_by_label("Sunday", exact=True).check()


def ahead(page):
    return page.locator("#temp-redirects-ahead").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_every_sunday_is_scheduled_in_plain_words(visit, site, script):
    page = visit(java_script_enabled=script)
    fill_in(page, site)
    name = f"sundays-{script}"
    page.get_by_label("Name:", exact=True).fill(name)

    page.get_by_role("button", name="Show the next times").click()
    told = ahead(page)
    assert "Nothing is saved yet." in told
    assert "Every Sunday 02:00 to 04:00 (Europe/Berlin)." in told
    assert "Clocks are put forward and leave 02:00 out: it starts at 03:00" in told
    assert "Clocks are put back and show 02:00 twice: it starts the first" in told

    page.get_by_role("button", name="Save", exact=True).click()
    told = page.locator(".messagelist").inner_text()
    assert "Every Sunday 02:00 to 04:00 (Europe/Berlin), every visitor of" in told

    settings = {"DJANGO_SETTINGS_MODULE": "demo_project.settings"}
    known = environment(site.folder, PYTHONPATH=os.getcwd(), **settings)
    with ExitStack() as running:
        servers = [running.enter_context(serving("clocked", known)) for _ in range(2)]
        opens_and_closes(servers, MARCH | OCTOBER)
    manage(
        site,
        "from temp_redirects.models import MaintenanceWindow as W; "
        f"W.objects.filter(name='{name}').delete()",
    )


def test_only_what_goes_with_the_choice_is_shown(visit, site):
    page = visit(java_script_enabled=False, viewport=PHONE)
    fill_in(page, site)
    shown = {
        "Every week": "#id_repeat_days_0",
        "Every month, on a day of the month": "#id_repeat_month_day",
        "Every month, on a weekday": "#id_repeat_weekday",
        "By a rule (RRULE)": "#id_repeat_rule",
    }
    for label in shown:
        page.get_by_label("Repeats:", exact=True).select_option(label=label)
        found = [each for each in shown if page.locator(shown[each]).is_visible()]
        assert found == [label]
    page.get_by_label("Repeats:", exact=True).select_option(label="Does not repeat")
    assert not page.locator("#id_repeat_until").is_visible()


def test_the_next_one_is_skipped_in_two_clicks(visit, site):
    page = visit()
    fill_in(page, site)
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("button", name="Skip the next one").click()

    assert "is skipped once: Sun" in page.locator(".messagelist").inner_text()


def test_a_banner_is_put_aside_without_a_script(visit, site):
    page = visit(java_script_enabled=False, viewport=PHONE)
    manage(
        site,
        "from datetime import timedelta; from django.utils import timezone as t; "
        "from temp_redirects.models import MaintenanceWindow as W; "
        "W.objects.schedule('soon', ['/orders/'], title='Orders rest tonight', "
        "starts_at=t.now() + timedelta(hours=2), ends_at=t.now() + timedelta(hours=3))",
    )
    page.goto(site.shop)
    page.get_by_text("Orders rest tonight").wait_for()
    page.get_by_role("button", name="Got it").first.click()
    assert page.url.rstrip("/") == site.shop
    assert not page.get_by_text("Orders rest tonight").is_visible()
