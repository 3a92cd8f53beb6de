"""The page of results in the admin: what it says, to whom, and what it does."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from temp_redirects.admin.results.displays import COLUMNS
from temp_redirects.core.splits import ORIGINAL
from temp_redirects.models import ArmCount, Batch, RedirectRule
from temp_redirects.results import results
from temp_redirects.tallies import tallies
from tests.experimenting import NOW, count, experiment

pytestmark = pytest.mark.django_db

LIST = "/admin/temp_redirects/redirectrule/"
CLEAR = {ORIGINAL: (5_000, 250), "b": (5_000, 400)}
EVEN = {ORIGINAL: (5_000, 250), "b": (5_000, 251)}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime.fromtimestamp(NOW, UTC), tick=False):
        yield


@pytest.fixture
def row():
    return experiment()


def page(client, row, more=""):
    response = client.get(f"{LIST}{row.pk}/results/{more}")
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def post(client, row, what, **fields):
    return client.post(f"{LIST}{row.pk}/results/{what}/", fields, follow=True)


def sign_in(client, *permissions):
    """Sign in somebody who may do only that."""
    user = get_user_model().objects.create_user("vera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client):
    return sign_in(client, "view_redirectrule")


@pytest.mark.parametrize(
    ("arms", "says"),
    [
        ({}, "Too early to tell."),
        (CLEAR, "“New page” is better."),
        (EVEN, "No clear difference."),
        ({**CLEAR, "b": (4_000, 400)}, "Do not trust these numbers."),
    ],
)
def test_a_sentence_comes_first(admin_client, row, arms, says):
    count(row, arms)

    text = page(admin_client, row)

    assert 0 < text.index(says) < text.index("The pages beside each other")
    assert ("Likely causes" in text) is (says == "Do not trust these numbers.")


def test_each_arm_has_its_numbers(admin_client, row):
    count(row, CLEAR)

    text = page(admin_client, row)

    for shown in ("5.0 %", "4.4 to 5.6 %", "8.0 %", "+3.0 points", "/pricing-b/"):
        assert shown in text
    assert "The split is as it should be: 50.0 % / 50.0 %" in text
    assert "Always-valid p: &lt; 0.0001" in text


def test_of_a_broken_split_no_difference_is_shown(admin_client, row):
    count(row, {**CLEAR, "b": (4_000, 400)})

    text = page(admin_client, row)

    assert "10.0 %" in text
    table = text[text.index("<table") : text.index("</table>")]
    assert "points" not in table
    assert "selected" not in text[text.index("When you have decided") :]


def test_the_planned_test_waits_for_the_planned_size(admin_client):
    row = experiment(planned_visitors=20_000)
    count(row, EVEN)

    waits = page(admin_client, row)
    count(row, EVEN, hour=1)
    decides = page(admin_client, row)

    assert "10,000 of the 20,000 planned visitors have come (50 %); at this" in waits
    assert "not before the planned number of visitors has come" in waits
    assert "not before the planned number" not in decides
    assert '<progress max="20000" value="20000"' in decides


def test_the_chart_begins_with_the_second_day(admin_client, row):
    count(row, EVEN)
    assert "The chart begins with the second day." in page(admin_client, row)

    count(row, EVEN, hour=24)
    text = page(admin_client, row)
    assert text.count("<polyline") == text.count("<polygon") == 2
    assert "style=" not in text[text.index("temp-redirects-chart") :]
    assert "Mon 26 Oct 2026" in text


def test_the_days_come_as_csv(admin_client):
    row = experiment(labels={"b": "=B"})
    count(row, EVEN)
    count(row, {"b": (10, 0)}, hour=24)

    response = admin_client.get(f"{LIST}{row.pk}/results.csv")
    first, *rows = csv.reader(StringIO(response.content.decode()))

    assert tuple(first) == COLUMNS
    assert [each[:7] for each in rows] == [
        ["2026-10-26", ORIGINAL, "the original page", *["5000", "250", "5000", "250"]],
        ["2026-10-26", "b", "'=B", *["5000", "251", "5000", "251"]],
        ["2026-10-27", ORIGINAL, "the original page", *["0", "0", "5000", "250"]],
        ["2026-10-27", "b", "'=B", *["10", "0", "5010", "251"]],
    ]
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_an_arm_that_nobody_has_met_yet_has_no_rows(admin_client, row):
    count(row, {ORIGINAL: (10, 1)})

    response = admin_client.get(f"{LIST}{row.pk}/results.csv")

    assert len(response.content.splitlines()) == 2
    assert "<strong>–</strong>" in page(admin_client, row)


def test_earlier_epochs_are_a_link_away(admin_client, row):
    before = results(row, now=NOW).epoch
    count(row, CLEAR)
    count(row, {"b": (1, 0)}, hour=24 * 9)
    row = experiment(percentages={"b": 20})

    now = page(admin_client, row)
    then = page(admin_client, row, f"?epoch={before}")

    assert "Too early to tell." in now
    assert f'<a href="?epoch={before}">26 Oct 2026 – 4 Nov 2026</a>: 10,001' in now
    assert "“New page” is better." in then
    assert "These are earlier numbers" in then
    assert "Use it" not in then
    assert admin_client.get(f"{LIST}{row.pk}/results/?epoch=x").status_code == 404


def test_who_may_look_may_not_decide(viewer, row):
    count(row, CLEAR)

    text = page(viewer, row)

    assert "“New page” is better." in text
    assert "<form" not in text[text.index("content-main") :]
    for what in ("plan", "use"):
        assert post(viewer, row, what).status_code == 403
    assert row.planned_visitors is None


def test_who_may_not_publish_may_stop_and_no_more(client, row):
    sign_in(client, "view_redirectrule", "change_redirectrule")

    text = page(client, row)

    assert 'value="Stop"' in text
    assert "Use it" not in text
    assert "Keep this plan" not in text
    assert post(client, row, "use", arm="b", until="2026-12-24").status_code == 403


def test_who_may_not_look_sees_nothing(client, row):
    sign_in(client)

    for end in ("results/", "results.csv"):
        assert client.get(f"{LIST}{row.pk}/{end}").status_code == 403


def test_a_plan_is_worked_out(admin_client, row):
    text = page(admin_client, row, "?rate=5&rise=1")

    assert "8,178 visitors for each page, 16,356 in all." in text
    assert 'value="16356"' in text


def test_with_a_small_share_the_plan_says_at_least(admin_client):
    row = experiment(percentages={"b": 20})

    text = page(admin_client, row, "?rate=5&rise=1")

    assert "At least 8,178 visitors on each page, 40,890 in all." in text


def test_the_table_has_the_range_of_the_sentence_and_statisticians_the_other(
    admin_client, row
):
    count(row, CLEAR)

    text, for_statisticians = page(admin_client, row).split("For statisticians")

    assert "likely between +1.5 and +4.5 points" in text
    assert "+1.5 to +4.5 points" in text
    assert "holds however often you look" in text
    for name in ("Newcombe", "always valid", "Wilson", "+2.0"):
        assert name not in text
    assert "(Newcombe’s): +2.0 to +4.0 points." in for_statisticians


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("?rate=99&rise=2", "No page is reached by more than 100 of 100 visitors."),
        ("?rate=5&rise=", "This field is required."),
        ("?rate=0&rise=1", "greater than or equal to 0.01"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(admin_client, row, asked, says):
    text = page(admin_client, row, asked)

    assert says in text
    assert "in all." not in text


def test_the_plan_begins_with_the_rate_so_far(admin_client, row):
    assert 'value="5.0"' in page(admin_client, row)

    count(row, {ORIGINAL: (1_000, 100), "b": (1_000, 100)})
    text = page(admin_client, row)
    assert 'value="10.0"' in text
    assert "At the pace so far the rest comes in" in text


@pytest.mark.parametrize(
    ("planned", "arms"),
    [
        pytest.param(None, CLEAR, id="a page is better"),
        pytest.param(100_000, CLEAR, id="a page is better before all have come"),
        pytest.param(10_000, EVEN, id="all have come"),
        pytest.param(9_000, EVEN, id="more than all have come"),
    ],
)
def test_nobody_waits_for_the_rest_of_a_test_that_is_decided(
    admin_client, planned, arms
):
    row = experiment(planned_visitors=planned)
    count(row, arms)

    text = page(admin_client, row, "?rate=5&rise=0.1")

    assert "in all." in text
    assert "pace" not in text


@pytest.mark.parametrize("language", ["en-gb", "de"])
def test_numbers_are_written_as_in_the_language_of_the_reader(
    admin_client, settings, language
):
    settings.LANGUAGE_CODE = language
    row = experiment(planned_visitors=20_000)
    count(row, EVEN)
    count(row, {ORIGINAL: (1, 0)}, hour=24)

    text = page(admin_client, row)

    told = [
        "10,001 of the 20,000 planned visitors have come (50 %)",
        "set to 50.0 % / 50.0 %",
        "4.4 to 5.6 %",
        "between −1.3 and +1.4 points",
        "<td>5,000</td>",
        "At the pace so far the rest comes in",
        "p: 1.0000",
        "against 0.04.",
    ]
    swapped = str.maketrans(".,", ",.") if language == "de" else {}
    for each in told:
        assert each.removesuffix(".").translate(swapped) in text


def test_a_plan_is_kept(admin_client, row):
    response = post(admin_client, row, "plan", planned_visitors=16_356)

    assert "The plan is kept." in response.content.decode()
    assert ">Undo</a>" in response.content.decode()
    assert RedirectRule.objects.get().planned_visitors == 16_356
    assert Batch.objects.of(row.pk).filter(source="admin").exists()
    assert LogEntry.objects.get().change_message == "Planned visitors: 16356."

    post(admin_client, row, "plan", planned_visitors="")
    assert RedirectRule.objects.get().planned_visitors is None


def test_a_plan_of_no_visitors_is_refused(admin_client, row):
    text = post(admin_client, row, "plan", planned_visitors=0).content.decode()

    assert "greater than or equal to 1" in text
    assert RedirectRule.objects.get().planned_visitors is None


def test_the_winner_is_everybodys_until_a_moment(admin_client, row, client):
    count(row, CLEAR)
    count(row, {"b": (1, 0)}, hour=24 * 9)
    assert '<option value="b" selected>' in page(admin_client, row)

    response = post(admin_client, row, "use", arm="b", until="2026-12-24T12:00")

    assert "Everybody gets “New page” from now on." in response.content.decode()
    assert client.get("/pricing/").headers["Location"] == "/pricing-b/"
    rule = RedirectRule.objects.get()
    assert rule.goal == ""
    assert rule.ends_at == datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert rule.compile().split.share("b") == 100
    assert "“New page” is better." in page(admin_client, rule)
    assert (
        "for everyone until 2026-12-24T12:00" in LogEntry.objects.get().change_message
    )
    assert Batch.objects.of(row.pk).filter(who="admin").exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"arm": "b", "until": ""}, "Say until when."),
        ({"arm": ORIGINAL, "until": "2026-12-24T12:00"}, "Select a valid choice."),
        ({"arm": "b", "until": "soon"}, "soon"),
    ],
)
def test_a_winner_without_an_end_is_refused(admin_client, row, fields, says):
    text = post(admin_client, row, "use", **fields).content.decode()

    assert says in text
    assert RedirectRule.objects.get().goal == "/thanks/"


def test_the_end_is_that_of_the_rule_while_it_has_one(admin_client):
    row = experiment(ends_at=datetime.fromtimestamp(NOW, UTC) + timedelta(days=2))
    assert "2026-11-07T00:00" in page(admin_client, row)

    row = experiment(ends_at=datetime.fromtimestamp(NOW, UTC) - timedelta(days=2))
    assert "2026-12-03T00:00" in page(admin_client, row)


NIGHTS = {
    "starts_at": "2026-11-01T00:00:00+00:00",
    "ends_at": "2026-11-01T06:00:00+00:00",
    "timezone": "UTC",
    "repeat": "FREQ=DAILY",
}


def test_the_end_of_a_rule_that_repeats_is_its_last(admin_client):
    row = experiment(schedule={**NIGHTS, "until": "2026-11-20"})
    assert 'value="2026-11-20T06:00"' in page(admin_client, row)


def test_what_repeats_and_was_extended_once_may_be_everybodys(admin_client):
    row = experiment(schedule=NIGHTS)
    count(row, CLEAR)
    assert RedirectRule.objects.extend(timedelta(hours=1))

    response = post(admin_client, row, "use", arm="b", until="2026-12-24T12:00")

    assert "Everybody gets “New page” from now on." in response.content.decode()
    schedule = RedirectRule.objects.get().to_document()["schedule"]
    assert (schedule["repeat"], schedule["moved_ends"]) == ("", {})


def test_stop_ends_the_rule(admin_client, row):
    text = page(admin_client, row)
    assert f'action="{LIST}{row.pk}/end/"' in text

    admin_client.post(f"{LIST}{row.pk}/end/")

    assert RedirectRule.objects.get().state() == "ended"
    assert f'action="{LIST}{row.pk}/end/"' not in page(admin_client, row)


def test_each_arm_can_be_seen_which_counts_nobody(admin_client, row, client):
    text = page(admin_client, row)
    links = re.findall(r'href="([^"]+)">See it<', text)

    answers = [client.get(link.replace("&amp;", "&")) for link in links]

    assert [each.headers.get("Location") for each in answers] == [None, "/pricing-b/"]
    assert [dict(each.cookies) for each in answers] == [{}, {}]
    tallies.flush()
    assert not ArmCount.objects.exists()


def test_a_rule_that_is_off_cannot_be_seen(admin_client):
    assert "See it" not in page(admin_client, experiment(enabled=False))


def test_form_and_list_lead_to_the_results(admin_client, viewer, row):
    link = f'href="{LIST}{row.pk}/results/"'

    assert link in admin_client.get(LIST).content.decode()
    assert link in admin_client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert link in viewer.get(f"{LIST}{row.pk}/change/").content.decode()


def test_a_rule_that_never_was_an_experiment_has_no_results(admin_client):
    row = RedirectRule.objects.schedule("/a/", "/b/")

    assert "/results/" not in admin_client.get(LIST).content.decode()
    text = admin_client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "/results/" not in text
    assert "This rule has no goal" in page(admin_client, row)


def test_a_page_of_results_costs_few_queries(
    admin_client, row, django_assert_max_num_queries
):
    for hour in range(0, 240, 24):
        count(row, EVEN, hour=hour)

    with django_assert_max_num_queries(20):
        page(admin_client, row)
