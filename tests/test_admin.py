"""The admin as staff use it: the list, the form, the buttons."""

import re
import sys
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from temp_redirects.admin import rules
from temp_redirects.admin.displays import told_refusal
from temp_redirects.admin.times import local_time, wall_text
from temp_redirects.core.conditions import KINDS
from temp_redirects.core.documents import Rejected
from temp_redirects.core.sentences import Sentence
from temp_redirects.models import Destination, HitCount, RedirectRule
from temp_redirects.models.hits import Key, Tally
from tests.core.making import ONCE
from tests.core.shapes import HAS_RE2
from tests.factories import ConditionFactory, DestinationFactory, RedirectRuleFactory

LIST = "/admin/temp_redirects/redirectrule/"
ADD = f"{LIST}add/"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # 13:00 in Berlin
HOUR = timedelta(hours=1)
FORM = {
    "name": "shop",
    "enabled": "on",
    "match": "exact",
    "path": "/shop/",
    "except_paths": "",
    "hosts": "",
    "methods": "",
    "target": "/news/",
    "status": "307",
    "query": "keep",
    "starts_at": "",
    "initial-ends_at": "2026-11-21T16:00",
    "ends_at": "2026-11-21T16:00",
    "timezone": "Europe/Berlin",
    "repeat": "",
    "repeat_every": "1",
    "repeat_month_day": "0",
    "repeat_number": "1",
    "repeat_weekday": "6",
    "priority": "0",
    "cache_seconds": "0",
    "sticky": "visitor",
    "goal_days": "7",
    "note": "",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def staff(client, django_user_model):
    """Return a function that signs somebody with these permissions in."""

    def sign_in(*permissions: str) -> Client:
        user = django_user_model.objects.create_user("mia", is_staff=True)
        codes = [f"{each}_redirectrule" for each in permissions]
        codes += ["publish"] if "change" in permissions else []
        user.user_permissions.set(Permission.objects.filter(codename__in=codes))
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def editor(staff):
    return staff("view", "add", "change", "delete")


def text_of(response) -> str:
    """Return what a person reads on a page, blanks made one."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def said(response) -> list[str]:
    """Return the messages on the page that a response leads to, without markup."""
    undo = re.compile(r'<a class="temp-redirects-undo".*?</a>')
    texts = [undo.sub("", str(each)) for each in response.context["messages"]]
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", each)).split()) for each in texts]


def save(client, url=ADD, **changes):
    return client.post(url, {**FORM, **changes}, follow=True)


def errors(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def change_url(rule) -> str:
    return f"{LIST}{rule.pk}/change/"


def whole_rule(target="/news/", **fields):
    rule = RedirectRuleFactory(**{"name": "shop", "path": "/shop/", **fields})
    return DestinationFactory(rule=rule, target=target).rule


def names(response) -> list[str]:
    return [rule.name for rule in response.context["cl"].result_list]


def act(client, action, *rules, url=LIST):
    data = {"action": action, "_selected_action": [rule.pk for rule in rules]}
    return client.post(url, {**data, "index": "0"}, follow=True)


# The form


def test_a_rule_from_the_form_redirects_at_once(editor):
    save(editor)
    answer = editor.get("/shop/?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/news/?x=1")


def test_everything_on_the_form_is_stored(editor):
    save(
        editor,
        match="prefix",
        except_paths="/shop/help/\r\n/shop/cart/",
        hosts="Shop.example, *.shop.example",
        methods="post",
        target="/news/{rest}",
        status="303",
        query="drop",
        starts_at="2026-11-22T02:00",
        ends_at="2026-11-22T04:00",
        priority="7",
        cache_seconds="60",
        note="for Mia",
        **{
            "conditions-0-kind": "scheme",
            "conditions-0-value": "https",
            "conditions-1-excepts": "1",
            "conditions-1-kind": "scheme",
            "conditions-1-value": "http",
        },
    )
    document = RedirectRule.objects.get().to_document()
    assert document | {"id": "", "destinations": []} == {
        "id": "",
        "name": "shop",
        "enabled": True,
        "priority": 7,
        "match": "prefix",
        "path": "/shop/",
        "hosts": ["shop.example", "*.shop.example"],
        "methods": ["POST"],
        "except_paths": ["/shop/help/", "/shop/cart/"],
        "conditions": [{"kind": "scheme", "value": "https"}],
        "unless": [{"kind": "scheme", "value": "http"}],
        "schedule": {
            "starts_at": "2026-11-22T02:00:00+01:00",
            "ends_at": "2026-11-22T04:00:00+01:00",
            "timezone": "Europe/Berlin",
            **ONCE,
        },
        "sticky": "visitor",
        "destinations": [],
        "goal": "",
        "goal_days": 7,
        "planned_visitors": None,
        "status": 303,
        "query": "drop",
        "cache_seconds": 60,
        "note": "for Mia",
    }
    assert document["destinations"][0]["target"] == "/news/{rest}"


def test_another_zone_alone_keeps_the_prefilled_end_the_same_moment(editor):
    save(editor, timezone="Asia/Tokyo", **{"initial-timezone": "Europe/Berlin"})
    assert RedirectRule.objects.get().ends_at == NOON + 3 * HOUR


def test_an_end_that_was_typed_is_on_the_clocks_of_the_chosen_zone(editor):
    zones = {"timezone": "Asia/Tokyo", "initial-timezone": "Europe/Berlin"}
    save(editor, ends_at="2026-11-22T01:00", **zones)
    assert RedirectRule.objects.get().ends_at == NOON + 4 * HOUR


def test_looking_first_shows_the_converted_end_and_saves_the_same(editor):
    zones = {"timezone": "Asia/Tokyo", "initial-timezone": "Europe/Berlin"}
    form = save(editor, _preview="1", **zones).context["adminform"].form
    assert form["ends_at"].value() == "2026-11-22T00:00"
    save(editor, ends_at=form["ends_at"].value(), **zones)
    assert RedirectRule.objects.get().ends_at == NOON + 3 * HOUR


def test_a_zone_that_is_none_is_the_only_mistake_beside_a_prefilled_end(editor):
    zones = {"timezone": "Tokyo", "initial-timezone": "Europe/Berlin"}
    assert [*errors(save(editor, **zones))] == ["timezone"]


@pytest.mark.parametrize(
    ("starts", "sentence"),
    [
        pytest.param(
            "",
            "The end (Sat 21 Nov 2026 12:00 Europe/Berlin) must come after the start "
            "(Sat 21 Nov 2026 13:00 Europe/Berlin).",
            id="it would start now",
        ),
        pytest.param(
            "2026-11-21T10:00",
            "The end (Sat 21 Nov 2026 12:00 Europe/Berlin) must come after this moment "
            "(Sat 21 Nov 2026 13:00 Europe/Berlin).",
            id="it would have started",
        ),
    ],
)
def test_an_end_that_is_over_already_is_refused(editor, starts, sentence):
    over = {"starts_at": starts, "ends_at": "2026-11-21T12:00"}
    assert errors(save(editor, **over)) == {"ends_at": [sentence]}
    rule = whole_rule(ends_at=NOON + HOUR)
    page = save(editor, change_url(rule), **over)
    assert errors(page) == {"ends_at": [sentence]}


def test_a_rule_that_is_over_is_saved_with_the_end_that_it_has(editor):
    rule = whole_rule(ends_at=NOON - HOUR, timezone="Europe/Berlin")
    over = {"ends_at": "2026-11-21T12:00", "initial-ends_at": "2026-11-21T12:00"}
    save(editor, change_url(rule), note="Kept.", **over)
    assert RedirectRule.objects.get().note == "Kept."


def test_saving_again_changes_nothing_and_keeps_the_destination(editor):
    rule = whole_rule(ends_at=NOON + HOUR + timedelta(microseconds=5))
    ConditionFactory(rule=rule)
    before = RedirectRule.objects.get().to_document()
    form = editor.get(change_url(rule)).context["adminform"].form
    typed = {name: form[name].value() for name in FORM if name in form.fields}
    typed |= {f"initial-{name}": typed[name] for name in ("ends_at", "timezone")}
    typed |= {"conditions-0-kind": "scheme", "conditions-0-value": "https"}
    save(editor, change_url(rule), **typed)
    assert RedirectRule.objects.get().to_document() == before
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_a_new_rule_ends_in_three_hours_at_a_full_five_minutes(editor):
    with time_machine.travel(NOON + timedelta(minutes=2)):
        page = editor.get(ADD)
    assert page.context["adminform"].form["ends_at"].value() == "2026-11-21T16:05"


def test_a_form_can_be_prefilled_by_a_link(editor):
    page = editor.get(ADD, {"path": "/shop/", "target": "/x/", "conditions": "scheme"})
    form = page.context["adminform"].form
    assert (form["path"].value(), form["target"].value()) == ("/shop/", "/x/")


def test_no_end_by_accident(editor):
    problems = errors(save(editor, ends_at=""))
    assert problems == {
        "ends_at": [
            "Say when it ends, for example “2026-11-21T16:00”, or choose “Until I "
            "switch it off”."
        ]
    }


def test_no_end_by_choice_shows_in_the_list(editor):
    save(editor, until_switched_off="on")  # the prefilled end gives way
    assert RedirectRule.objects.get().ends_at is None
    assert "until somebody switches it off" in text_of(editor.get(LIST))


def test_an_end_and_none_at_once_is_a_question(editor):
    problems = errors(save(editor, ends_at="2026-11-22T04:00", until_switched_off="on"))
    assert "“2026-11-22T04:00”" in problems["ends_at"][0]


def test_an_open_end_is_still_chosen_when_the_rule_is_changed(editor):
    form = editor.get(change_url(whole_rule())).context["adminform"].form
    assert form["until_switched_off"].value() is True


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        pytest.param({"name": ""}, "name", "Example: “pricing-test”", id="no name"),
        pytest.param({"path": ""}, "path", "Example: “/shop/”", id="no path"),
        pytest.param({"path": "shop"}, "path", "does not begin with “/”", id="path"),
        pytest.param({"path": "/a?b=1"}, "path", "has a “?”", id="query"),
        pytest.param({"target": ""}, "target", "Example: “/news/”", id="no target"),
        pytest.param({"target": "//evil"}, "target", "two slashes", id="target"),
        pytest.param(
            {"target": "https://no.example/"},
            "target",
            "'ALLOWED_TARGET_HOSTS': ['no.example']",
            id="a server that is not allowed, with the line that allows it",
        ),
        pytest.param({"target": "/shop/"}, "target", "again and again", id="itself"),
        pytest.param({"hosts": "a b"}, "hosts", "“a b” is not a host", id="host"),
        pytest.param({"methods": "P T"}, "methods", "Examples: GET, POST", id="method"),
        pytest.param({"except_paths": "x"}, "except_paths", "“x” does", id="except"),
        pytest.param({"timezone": ""}, "timezone", "“Europe/Berlin”", id="no zone"),
        pytest.param({"timezone": "Berlin"}, "timezone", "“Berlin” is not", id="zone"),
        pytest.param({"starts_at": "soon"}, "starts_at", "“soon” is not", id="start"),
        pytest.param(
            {"starts_at": "2026-11-22T02:00"}, "ends_at", "must come after", id="order"
        ),
        pytest.param({"priority": ""}, "priority", "Usual is 0", id="no priority"),
        pytest.param(
            {"cache_seconds": "99999999"}, "cache_seconds", "between 0 and", id="cache"
        ),
        pytest.param(
            {"note": "x" * 2001},
            "note",
            "“Note” is longer than 2000 characters.",
            id="a half sentence gets its subject",
        ),
    ],
)
def test_each_mistake_is_shown_once_at_its_field(editor, changes, field, part):
    page = save(editor, **changes)
    problems = errors(page)
    assert [*problems] == [field]
    assert len(problems[field]) == 1
    assert part in problems[field][0]
    assert not RedirectRule.objects.exists()


def test_nothing_typed_is_lost_with_a_mistake(editor):
    typed = {
        "path": "no path",
        "starts_at": "tomorrow",
        "hosts": "a b",
        "conditions-0-kind": "scheme",
        "conditions-0-value": "ftp",
        "conditions-2-excepts": "1",
        "conditions-2-kind": "gone",
        "conditions-2-value": "x",
    }
    page = save(editor, **typed).content.decode()
    for text in ("no path", "tomorrow", "a b", "ftp", "x"):
        assert f'value="{text}"' in page
    assert '<option value="gone" selected>gone</option>' in page


def test_each_wrong_condition_is_marked_in_its_row(editor):
    page = save(
        editor,
        **{
            "conditions-0-excepts": "1",
            "conditions-0-kind": "scheme",
            "conditions-0-value": "http",
            "conditions-1-kind": "scheme",
            "conditions-1-value": "ftp",
            "conditions-3-excepts": "1",
            "conditions-3-kind": "",
            "conditions-3-value": "typed without a kind",
        },
    )
    rows = page.context["adminform"].form.fields["conditions"].widget.problems
    assert {at: problems[0][:19] for at, problems in rows.items()} == {
        1: "“ftp” is neither “h",
        2: "Choose what “typed ",
    }
    assert errors(page) == {"conditions": ["Correct the condition that is marked."]}


def test_the_next_form_knows_nothing_of_marked_conditions(editor):
    save(editor, **{"conditions-0-kind": "scheme", "conditions-0-value": "ftp"})
    assert "neither" not in text_of(editor.get(ADD))


def test_too_many_conditions_are_refused_as_a_whole(editor):
    rows = {f"conditions-{at}-kind": "scheme" for at in range(21)}
    rows |= {f"conditions-{at}-value": "http" for at in range(21)}
    assert "at most 20" in errors(save(editor, **rows))["conditions"][0]


def test_a_condition_is_removed_by_choosing_none(editor):
    rule = whole_rule()
    ConditionFactory(rule=rule)
    empty = {"conditions-0-kind": "", "conditions-0-value": ""}
    save(editor, change_url(rule), **empty)
    assert not rule.conditions.exists()


def test_beside_a_condition_stands_what_can_be_typed(editor):
    condition = ConditionFactory(rule=whole_rule(), kind="country", value="DE")
    ConditionFactory(rule=condition.rule, kind="tide", value="high")

    page = editor.get(change_url(condition.rule)).content.decode()

    hints = re.findall(r'id="conditions-\d-hint">(.*?)</p>', page)
    assert hints == [KINDS["country"].hint, "", "", "", ""]


def test_every_kind_of_condition_is_offered_with_its_hint(editor):
    page = text_of(editor.get(ADD))
    for kind in KINDS.values():
        assert (str(kind.label) in page) is kind.is_offered
        assert (str(kind.hint) in page) is kind.is_offered


def test_a_name_is_taken_whatever_its_case(editor):
    whole_rule()
    problems = errors(save(editor, name="SHOP", path="/other/"))
    assert "“shop” already" in problems["name"][0]


def test_a_loop_is_drawn_hop_by_hop_at_the_target(editor):
    whole_rule("/news/")
    page = save(editor, name="back", path="/news/", target="/shop/")
    problem = errors(page)["target"][0]
    assert problem.startswith("Visitors would go round and round: ")
    assert problem.count("→") == 2


def test_what_the_database_could_not_hold_is_shown_at_the_field(editor):
    methods = ",".join(f"M{'A' * at}" for at in range(18))
    assert len(methods) <= 200 < len(methods.replace(",", ", "))
    problems = errors(save(editor, methods=methods))
    assert "at most 200 characters" in problems["methods"][0]


# Addresses of this site


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        pytest.param(
            {"target": "http://testserver/news/?a=1"},
            "target",
            "“http://testserver/news/?a=1” is on this site: type “/news/?a=1”.",
            id="a target",
        ),
        pytest.param(
            {"target": "HTTP://TestServer:80"},
            "target",
            "“HTTP://TestServer:80” is on this site: type “/”.",
            id="spelled otherwise, without a path",
        ),
        pytest.param(
            {"others-0-target": "http://testserver/c/", "percentage": "50"},
            "others",
            "Destination 2: “http://testserver/c/” is on this site: type “/c/”.",
            id="a further destination",
        ),
        pytest.param(
            {"goal": "https://testserver/thanks/?a=1#b", "percentage": "50"},
            "goal",
            "“https://testserver/thanks/?a=1#b” is on this site: type “/thanks/”.",
            id="a goal, which is a path",
        ),
    ],
)
def test_an_address_of_this_site_says_which_path_to_type(
    editor, typed, field, sentence
):
    assert errors(save(editor, **typed)) == {field: [sentence]}


@pytest.mark.parametrize("target", ["https://testserver/b/", "http://testserver/b/"])
def test_an_address_of_this_site_stays_where_targets_may_have_it(
    editor, settings, target
):
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": ["http://testserver"]}
    save(editor, target=target)
    assert RedirectRule.objects.get().destinations.get().target == target


def test_another_port_is_no_address_of_this_site(editor):
    found = errors(save(editor, target="http://testserver:8001/b/"))
    assert "ALLOWED_TARGET_HOSTS" in found["target"][0]


# A whole address in the path


def test_a_pasted_address_is_taken_apart(editor):
    page = save(editor, path="https://Shop.Example:443/a%20b/")
    rule = RedirectRule.objects.get()
    assert (rule.path, rule.hosts) == ("/a b/", "shop.example")
    assert "path “/a%20b/”, host “shop.example”" in said(page)[0]


def test_a_pasted_host_alone_is_its_first_page(editor):
    save(editor, path="http://shop.example")
    assert RedirectRule.objects.get().path == "/"


def test_a_pasted_query_is_refused_by_name(editor):
    problems = errors(save(editor, path="https://shop.example/a/?utm=1"))
    assert "has a “?”. Type the path only" in problems["path"][0]


def test_a_pasted_address_of_another_host_than_typed_is_a_question(editor):
    problems = errors(save(editor, path="https://a.example/x", hosts="b.example"))
    assert "put “a.example” under hosts" in problems["path"][0]


def test_a_pasted_address_of_the_host_that_is_typed_fits(editor):
    save(editor, path="https://a.example/x", hosts="a.example")
    assert RedirectRule.objects.get().path == "/x"


# Wall times and clock changes


@pytest.mark.parametrize(
    ("zone", "utc_hour"), [("Europe/Berlin", 1), ("America/New_York", 7), ("UTC", 2)]
)
def test_times_are_read_on_the_clock_of_the_rules_own_zone(editor, zone, utc_hour):
    save(
        editor,
        starts_at="2026-12-01T02:00",
        ends_at="2026-12-01T04:00",
        timezone=zone,
    )
    rule = RedirectRule.objects.get()
    assert rule.starts_at == datetime(2026, 12, 1, utc_hour, tzinfo=UTC)
    form = editor.get(change_url(rule)).context["adminform"].form
    assert form["starts_at"].value() == "2026-12-01T02:00"


def test_another_zone_reads_the_same_clock_anew(editor):
    rule = whole_rule(ends_at=NOON + 3 * HOUR)
    save(editor, change_url(rule), timezone="UTC")
    rule.refresh_from_db()
    assert rule.ends_at == NOON + 4 * HOUR


def test_a_time_that_a_clock_change_leaves_out_moves_forward_and_says_so(editor):
    page = save(editor, starts_at="2027-03-28T02:30", ends_at="2027-03-28T04:00")
    rule = RedirectRule.objects.get()
    assert rule.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert said(page)[0] == (
        "Sun 28 Mar 2027 02:30 is left out by a clock change in Europe/Berlin, so it "
        "became Sun 28 Mar 2027 03:30."
    )


def test_a_time_that_happens_twice_says_which_one_counts(editor):
    page = save(editor, starts_at="2027-10-31T02:30", ends_at="2027-10-31T04:00")
    rule = RedirectRule.objects.get()
    assert rule.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert "type “2027-10-31T02:30+01:00”" in said(page)[0]


def test_the_second_of_two_hours_is_typed_with_its_offset_and_shown_so(editor):
    save(editor, starts_at="2027-10-31T02:30+01:00", ends_at="2027-10-31T04:00")
    rule = RedirectRule.objects.get()
    assert rule.starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    page = editor.get(change_url(rule)).content.decode()
    assert '<input type="text" name="starts_at" value="2027-10-31T02:30+01:00"' in page
    assert '<input type="datetime-local" name="ends_at"' in page


def test_seconds_show_where_there_are_some():
    assert wall_text(1.0, "UTC") == "1970-01-01T00:00:01"


def test_an_unknown_zone_is_read_as_utc_and_says_so():
    assert wall_text(0.0, "Mars/Base") == "1970-01-01T00:00:00+00:00"
    assert str(local_time(0.0, "Mars/Base").tzinfo) == "UTC"


# After saving


def test_after_saving_the_rule_is_told_in_one_sentence(editor):
    text = said(save(editor, path="/shop/"))[1]
    assert text.startswith(
        "● Live From now to Sat 21 Nov 2026 16:00 Europe/Berlin, every request for "
        "“/shop/” is sent to “/news/”"
    )
    assert "curl -si 'http://testserver/shop/'" in text


def test_a_name_that_somebody_else_takes_in_this_moment_is_taken(editor):
    def take_the_name(*args, **kwargs):
        pre_save.disconnect(take_the_name, sender=RedirectRule)
        rival = RedirectRule(name="Shop", name_key="shop", path="/c/")
        RedirectRule.objects.bulk_create([rival])

    def again_what_was_rolled_back(execute, sql, *args):
        execute(sql, *args)
        if sql.startswith("ROLLBACK"):  # the rival is in a transaction of its own
            take_the_name()

    pre_save.connect(take_the_name, sender=RedirectRule)
    with connection.execute_wrapper(again_what_was_rolled_back):
        page = save(editor)

    assert "There is a rule “Shop” already" in errors(page)["name"][0]
    assert RedirectRule.objects.get().path == "/c/"


def test_others_who_save_wait_before_the_name_is_looked_up(editor):
    with CaptureQueriesContext(connection) as queries:
        save(editor)

    asked = [query["sql"] for query in queries]
    waits = next(at for at, sql in enumerate(asked) if "rulesetversion" in sql)
    column = f"{connection.ops.quote_name('name_key')} = 'shop'"
    looks = next(at for at, sql in enumerate(asked) if column in sql)
    assert asked[waits].startswith("UPDATE")
    assert waits < looks


def test_after_saving_there_are_links_to_open_and_to_end_it(editor):
    page = save(editor, _continue="1").content.decode()
    rule = RedirectRule.objects.get()
    assert '<a href="http://testserver/shop/">Open it</a>' in page
    assert f'<a href="{LIST}{rule.pk}/end/">End now</a>' in page
    assert f'<a href="{LIST}test/?url=%2Fshop%2F&amp;method=GET">Test</a>' in page


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"methods": "POST, PUT"}, "curl -si -X POST 'http://testserver/shop/'"),
        ({"methods": "HEAD"}, "curl -si -I 'http://testserver/shop/'"),
        ({"hosts": "*.a.example"}, "curl -si 'http://www.a.example/shop/'"),
        ({"path": "/it's é/"}, "curl -si 'http://testserver/it%27s%20%C3%A9/'"),
        (
            {"conditions-0-kind": "scheme", "conditions-0-value": "https"},
            "curl -si 'https://testserver/shop/'",
        ),
    ],
)
def test_the_curl_line_asks_what_the_rule_is_for(editor, changes, line):
    assert line in said(save(editor, **changes))[1]


def test_a_rule_for_post_alone_is_not_opened_in_a_browser(editor):
    assert "Open it" not in said(save(editor, methods="POST"))[1]


def test_advice_is_given_after_saving_and_stays_on_the_form(editor):
    page = save(editor, until_switched_off="on", _continue="1")
    assert said(page)[2].startswith("It has no end")
    assert "Warning: It has no end" in text_of(editor.get(page.request["PATH_INFO"]))


def test_a_changed_rule_is_told_as_it_is_now(editor):
    rule = whole_rule()
    text = said(save(editor, change_url(rule), target="/elsewhere/"))[1]
    assert "is sent to “/elsewhere/”" in text


def test_a_paused_rule_offers_no_end(editor):
    changes = {key: value for key, value in FORM.items() if key != "enabled"}
    text = said(editor.post(ADD, changes, follow=True))[1]
    assert text.startswith("‖ Paused Once resumed,")
    assert "End now" not in text


# Rules that an error switched off


def test_a_rule_with_an_error_says_why_in_the_list_and_on_the_form(editor):
    rule = whole_rule("https://gone.example/")
    for url in (LIST, change_url(rule)):
        page = text_of(editor.get(url))
        assert "⚠ Switched off by an error “https://gone.example” is not a ser" in page


@pytest.mark.parametrize(
    ("place", "called"),
    [
        ("path", "path"),
        ("conditions[1]", "only for"),
        ("destinations[0].target", "send visitors to"),
        ("schedule.ends_at", "ends"),
    ],
)
def test_what_an_error_is_about_is_called_as_on_the_form(place, called):
    rejected = Rejected([(place, Sentence("is empty"))])

    assert told_refusal("rule", rejected) == f"{called}: is empty."


def test_a_paused_rule_with_an_error_stays_paused_and_says_why(editor):
    rule = whole_rule("https://gone.example/", enabled=False)
    page = text_of(editor.get(change_url(rule)))
    assert "‖ Paused “https://gone.example” is not a server" in page


def test_a_half_sentence_of_an_error_names_its_place(editor):
    whole_rule(cache_seconds=99_999_999)
    assert "cache for: 99999999 is not between" in text_of(editor.get(LIST))


def test_a_rule_with_a_broken_zone_can_be_read_and_mended(editor):
    rule = whole_rule(timezone="Mars/Base", ends_at=NOON + HOUR)
    assert "“Mars/Base” is not a time zone" in text_of(editor.get(LIST))
    save(editor, change_url(rule))
    rule.refresh_from_db()
    assert rule.state() == "live"


# The list


def test_the_list_shows_state_way_window_and_note(editor):
    whole_rule(
        match="prefix",
        methods="POST",
        hosts="shop.example",
        starts_at=NOON - HOUR,
        ends_at=NOON + HOUR,
        note="for Mia",
    )
    assert (
        "● Live Test shop for Mia /shop/ and everything under it POST shop.example "
        "→ /news/ Sat 21 Nov 2026 12:00 – 14:00 Europe/Berlin ends in 1 hour none so "
        "far"
    ) in text_of(editor.get(LIST)).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("fields", "state", "when"),
    [
        (
            {"ends_at": NOON + HOUR},
            "● Live",
            "until Sat 21 Nov 2026 14:00 Europe/Berlin ends in 1 hour",
        ),
        ({}, "● Live", "until somebody switches it off"),
        (
            {"starts_at": NOON + HOUR},
            "◷ Scheduled",
            "from Sat 21 Nov 2026 14:00 Europe/Berlin until somebody switches it off "
            "starts in 1 hour",
        ),
        (
            {"starts_at": NOON + HOUR, "ends_at": NOON + 25 * HOUR},
            "◷ Scheduled",
            "Sat 21 Nov 2026 14:00 – Sun 22 Nov 2026 14:00 Europe/Berlin starts in 1",
        ),
        ({"enabled": False}, "‖ Paused", "until somebody switches it off"),
        ({"ends_at": NOON - HOUR}, "✓ Ended", "Europe/Berlin 1 hour ago"),
    ],
)
def test_each_state_has_an_icon_and_a_word(editor, fields, state, when):
    whole_rule(**fields)
    page = text_of(editor.get(LIST)).replace("\xa0", " ")
    assert state in page
    assert when in page


@pytest.mark.parametrize("count", [5, 50])
def test_the_list_asks_as_many_queries_for_many_rules_as_for_few(editor, count):
    for destination in DestinationFactory.create_batch(count):
        ConditionFactory(rule=destination.rule)
    with CaptureQueriesContext(connection) as queries:
        assert len(names(editor.get(LIST))) == count
    # The session, the user, two for permissions; two counts, the rows, two of parts,
    # their hits.
    assert len(queries) == 10


def test_the_list_shows_hits_lately_in_all_and_the_last(editor):
    row = whole_rule()
    for hours, hits in ((0, 2_000), (48, 3)):
        at = (NOON - hours * HOUR).timestamp()
        key = Key(str(row.pk), int(at) // 3_600, "GET")
        HitCount.objects.add({key: Tally(hits, at)})

    page = text_of(editor.get(LIST)).replace("\xa0", " ")

    assert "2,000 in 24 h 2,003 in all last Sat 21 Nov 2026 13:00" in page


def make_one_of_each():
    for name, fields in {
        "live": {},
        "scheduled": {"starts_at": NOON + HOUR, "ends_at": NOON + 2 * HOUR},
        "paused": {"enabled": False},
        "ended": {"ends_at": NOON - HOUR},
    }.items():
        DestinationFactory(
            rule__name=name, **{f"rule__{k}": v for k, v in fields.items()}
        )
    DestinationFactory(rule__name="rejected", target="https://gone.example/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=live", ["live", "rejected"]),
        ("state=scheduled", ["scheduled"]),
        ("state=paused", ["paused"]),
        ("state=ended", ["ended"]),
        ("state=rejected", ["rejected"]),
        ("state=nonsense", ["ended", "live", "paused", "rejected", "scheduled"]),
        ("end=soon", ["scheduled"]),
        ("end=open", ["live", "paused", "rejected"]),
        ("match__exact=prefix", []),
        ("q=gone.example", ["rejected"]),
        ("q=paus", ["paused"]),
        ("q=gone.example+reject", ["rejected"]),
        ("q=gone.example+paus", []),
        ("q=%22paused%22", ["paused"]),
        ("q=%22", []),
    ],
)
def test_filters_and_search(editor, query, found):
    make_one_of_each()
    assert names(editor.get(f"{LIST}?{query}")) == found


def test_counts_beside_the_filters(editor):
    make_one_of_each()
    page = text_of(editor.get(f"{LIST}?_facets=True"))
    assert (
        "Live (2) Scheduled (1) Paused (1) Ended (1) Switched off by an error (1)"
        in (page)
    )


def test_of_very_many_rules_none_are_counted_beside_the_filters(editor, monkeypatch):
    make_one_of_each()
    assert "Show counts" in text_of(editor.get(LIST))
    monkeypatch.setattr(rules, "MAX_COUNTED", 2)

    page = text_of(editor.get(f"{LIST}?_facets=True"))

    assert "Live Scheduled Paused Ended" in page
    assert "Show counts" not in page
    assert "Hide counts" not in page


# Rules for an address


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param(
            "http://testserver/shop/?x=1",
            ["first", "page", "section", "all"],
            id="as the address bar shows it, in winning order",
        ),
        pytest.param(
            "http://shop.example/shop/",
            ["first", "host", "page", "section", "all"],
            id="a host that a rule names",
        ),
        pytest.param(
            "/shop/",
            ["first", "host", "page", "section", "all"],
            id="without a host all hosts count",
        ),
        pytest.param("/shop/help/x", ["first", "all"], id="an excepted path"),
        pytest.param("/new/", [], id="where they send visitors"),
        pytest.param("/https/", ["first", "https", "all"], id="any scheme"),
        pytest.param("http://testserver/https/", ["first", "all"], id="no https"),
        pytest.param("/admin/", [], id="protected"),
        pytest.param("http://testserver", ["first", "all"], id="the root"),
    ],
)
def test_the_rules_for_an_address_in_the_order_they_are_tried(editor, address, found):
    for name, fields in {
        "all": {"path": "/", "match": "prefix"},
        "section": {"path": "/shop/", "match": "prefix", "except_paths": "/shop/help"},
        "page": {"path": "/shop/", "methods": "POST"},
        "first": {"path": "/", "match": "prefix", "priority": 5, "enabled": False},
        "host": {"path": "/shop/", "hosts": "shop.example"},
        "other": {"path": "/other/"},
        "https": {"path": "/https/"},
    }.items():
        rule = DestinationFactory(rule=RedirectRuleFactory(name=name, **fields)).rule
    ConditionFactory(rule=rule)
    assert names(editor.get(LIST, {"matches": address})) == found


def test_a_rule_with_an_error_is_shown_for_its_address(editor):
    whole_rule("https://gone.example/")
    assert names(editor.get(LIST, {"matches": "/shop/"})) == ["shop"]


@pytest.mark.parametrize("address", ["shop", "http://[", "/a/../b"])
def test_what_is_no_address_is_named_and_finds_nothing(editor, address):
    whole_rule()
    page = editor.get(LIST, {"matches": address})
    assert names(page) == []
    assert f"“{address}”" in said(page)[0]


def test_an_empty_address_shows_every_rule(editor):
    whole_rule()
    assert names(editor.get(LIST, {"matches": ""})) == ["shop"]


def test_search_filters_and_address_are_kept_together(editor):
    whole_rule()
    query = {"matches": "/shop/", "q": "shop", "state": "live"}
    page = editor.get(LIST, query)
    assert names(page) == ["shop"]
    body = page.content.decode()
    assert '<input type="hidden" name="matches" value="/shop/">' in body
    assert '<input type="hidden" name="state" value="live">' in body
    assert 'href="?q=shop&amp;state=live">Show all rules' in body


def test_an_action_on_the_rules_for_an_address(editor):
    rule = whole_rule()
    act(editor, "pause", rule, url=f"{LIST}?matches=/shop/")
    assert not RedirectRule.objects.get().enabled


# Actions


def test_pause_brings_the_page_back_until_it_is_resumed(editor):
    rule = whole_rule()
    assert said(act(editor, "pause", rule)) == ["1 rule paused."]
    assert editor.get("/shop/").content == b"original /shop/"
    assert said(act(editor, "resume", rule)) == ["1 rule resumed."]
    assert editor.get("/shop/").status_code == 307


def test_end_brings_the_page_back(editor):
    rules = [each.rule for each in DestinationFactory.create_batch(2)]
    assert said(act(editor, "end", *rules)) == ["2 rules ended."]
    assert {rule.state() for rule in RedirectRule.objects.all()} == {"ended"}


def test_end_switches_off_what_has_not_begun(editor):
    rule = whole_rule(starts_at=NOON + HOUR)
    assert said(act(editor, "end", rule)) == ["1 rule ended."]
    assert RedirectRule.objects.get().state() == "paused"


@pytest.mark.parametrize(
    ("action", "fields", "text"),
    [
        ("pause", {"enabled": False}, "Nothing to pause: what is selected is paused"),
        ("resume", {}, "Nothing to resume: none of what is selected is paused."),
        ("end", {"ends_at": NOON}, "Nothing to end: what is selected is over already."),
    ],
)
def test_an_action_with_nothing_to_do_says_so(editor, action, fields, text):
    assert said(act(editor, action, whole_rule(**fields)))[0].startswith(text)


def test_resume_refuses_each_rule_with_its_reason_and_does_the_others(editor):
    off = {"rule__enabled": False}
    fine = DestinationFactory(rule__name="fine", **off).rule
    ended = DestinationFactory(rule__name="over", rule__ends_at=NOON, **off).rule
    gone = DestinationFactory(rule__name="gone", target="https://no.example/", **off)
    one = DestinationFactory(
        rule__name="one", rule__path="/1/", target="/2/", **off
    ).rule
    two = DestinationFactory(
        rule__name="two", rule__path="/2/", target="/1/", **off
    ).rule
    texts = said(act(editor, "resume", fine, ended, gone.rule, one, two))
    assert "“over” stays paused. It is over: give it a new end first." in texts
    assert any(text.startswith("“gone” stays paused. “https://no.") for text in texts)
    assert any(text.startswith("“two” stays paused. Visitors would") for text in texts)
    assert texts[-1] == "2 rules resumed."
    enabled = RedirectRule.objects.filter(enabled=True).values_list("name", flat=True)
    assert sorted(enabled) == ["fine", "one"]


def test_resume_says_nothing_was_done_only_by_its_reasons(editor):
    rule = whole_rule(enabled=False, ends_at=NOON)
    assert len(said(act(editor, "resume", rule))) == 1


def test_duplicate_makes_a_paused_copy_and_opens_it(editor):
    rule = whole_rule(note="x", ends_at=NOON + HOUR)
    ConditionFactory(rule=rule)
    page = act(editor, "duplicate", rule)
    copy = RedirectRule.objects.get(name="shop (copy)")
    assert page.request["PATH_INFO"] == change_url(copy)
    assert not copy.enabled
    differs = {"id", "name", "enabled", "destinations"}
    ours, theirs = copy.to_document(), rule.to_document()
    assert {key for key in ours if ours[key] != theirs[key]} == differs
    keys = Destination.objects.values_list("key", flat=True)
    assert len(set(keys)) == 2


def test_copies_of_copies_have_names_of_their_own(editor):
    rule = whole_rule(name="x" * 100)
    for _ in range(2):
        act(editor, "duplicate", rule)
    assert sorted(RedirectRule.objects.values_list("name", flat=True)) == [
        f"{'x' * 91} (copy 2)",
        f"{'x' * 93} (copy)",
        "x" * 100,
    ]


def test_several_copies_stay_in_the_list(editor):
    rules = [each.rule for each in DestinationFactory.create_batch(2)]
    page = act(editor, "duplicate", *rules)
    assert page.request["PATH_INFO"] == LIST
    assert said(page)[0].startswith("2 rules duplicated.")


def test_who_did_what_is_in_the_history(editor):
    rule = whole_rule()
    for action in ("pause", "resume", "end"):
        act(editor, action, rule)
    entries = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert [*entries] == ["Paused.", "Resumed.", "Ended."]


def test_ending_leaves_alone_what_has_nothing_to_end(editor):
    live = whole_rule()
    paused = whole_rule(name="b", starts_at=NOON + HOUR, enabled=False)
    with time_machine.travel(NOON + timedelta(microseconds=5)):
        page = act(editor, "end", live, paused)

    assert said(page) == ["1 rule ended."]
    assert [entry.object_id for entry in LogEntry.objects.all()] == [str(live.pk)]
    live.refresh_from_db()
    assert live.ends_at == NOON


# The buttons of one rule


@pytest.mark.parametrize(
    ("fields", "labels"),
    [
        ({}, ["Pause", "End now", "Duplicate"]),
        ({"enabled": False}, ["Resume", "Duplicate"]),
        ({"ends_at": NOON}, ["Duplicate"]),
    ],
)
def test_a_rule_has_the_buttons_that_fit_its_state(editor, fields, labels):
    page = editor.get(change_url(whole_rule(**fields))).content.decode()
    tool = r'class="temp-redirects-tool".*?<button type="submit">(.*?)</button>'
    assert re.findall(tool, page) == labels


def test_a_button_acts_by_post_and_returns_to_the_rule(editor):
    rule = whole_rule()
    page = editor.post(f"{LIST}{rule.pk}/pause/", follow=True)
    assert page.request["PATH_INFO"] == change_url(rule)
    assert said(page) == ["1 rule paused."]


@pytest.mark.parametrize("verb", ["pause", "resume", "end", "duplicate"])
def test_a_link_only_asks(editor, verb):
    rule = whole_rule()
    page = editor.get(f"{LIST}{rule.pk}/{verb}/")
    assert "No, take me back" in text_of(page)
    assert [each.state() for each in RedirectRule.objects.all()] == ["live"]


def test_a_button_of_a_rule_that_is_gone(editor):
    assert editor.post(f"{LIST}nothing/pause/").status_code == 404


def test_a_forged_post_does_nothing(editor, django_user_model):
    rule = whole_rule()
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(django_user_model.objects.get())
    assert forger.post(f"{LIST}{rule.pk}/end/").status_code == 403
    assert RedirectRule.objects.get().ends_at is None


# Permissions


def test_reading_needs_the_permission_to_view_and_nothing_else(staff):
    rule = whole_rule(note="for Mia", starts_at=NOON - HOUR, ends_at=NOON + HOUR)
    ConditionFactory(rule=rule)
    ConditionFactory(rule=rule, excepts=True, kind="gone", value="x")
    reader = staff("view")
    page = reader.get(change_url(rule))
    text = text_of(page)
    for part in (
        "Send visitors to: /news/",
        "12:00 – 14:00 Europe/Berlin",
        "Only for http or https: https Not for gone: x",
        "for Mia",
    ):
        assert part in text
    assert "_save" not in page.content.decode()


def test_a_rule_for_everybody_says_so(staff):
    page = staff("view").get(change_url(whole_rule()))
    assert "Conditions: everybody" in text_of(page)


@pytest.mark.parametrize("verb", ["pause", "resume", "end", "duplicate"])
def test_who_may_only_read_changes_nothing(staff, verb):
    rule = whole_rule()
    reader = staff("view")
    assert reader.post(f"{LIST}{rule.pk}/{verb}/").status_code == 403
    act(reader, verb, rule)
    save(reader, change_url(rule), target="/x/")
    assert RedirectRule.objects.get().to_document() == rule.to_document()


def test_who_may_only_read_is_offered_nothing(staff):
    rule = whole_rule()
    page = staff("view").get(change_url(rule)).content.decode()
    assert 'class="temp-redirects-tool"' not in page


def test_who_may_add_and_read_duplicates_and_does_not_end(staff):
    rule = whole_rule()
    author = staff("view", "add")
    author.post(f"{LIST}{rule.pk}/duplicate/")
    assert RedirectRule.objects.count() == 2
    assert author.post(f"{LIST}{rule.pk}/end/").status_code == 403


def test_who_may_only_add_is_told_about_the_rule(staff):
    author = staff("add")
    save(author)
    assert RedirectRule.objects.get().state() == "paused"  # somebody else publishes it


# Pages


@pytest.mark.parametrize("url", [LIST, ADD, "change", "end"])
def test_pages_run_no_script_and_no_style_of_their_own(editor, url):
    rule = whole_rule("https://gone.example/")
    if url in {"change", "end"}:
        url = f"{LIST}{rule.pk}/{url}/"
    page = editor.get(url).content.decode()
    assert "temp_redirects/admin.css" in page
    assert not re.search(
        r"<style|<script(?![^>]*src=)[^>]*>\s*\w| style=| on\w+=", page
    )


@pytest.mark.parametrize("url", [LIST, ADD, "change"])
def test_every_input_has_a_label(editor, url):
    rule = whole_rule()
    ConditionFactory(rule=rule)
    url = change_url(rule) if url == "change" else url
    page = editor.get(url).content.decode()
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
        if 'type="hidden"' in tag or 'type="submit"' in tag or "aria-label=" in tag:
            continue
        name = re.search(r' id="([^"]+)"', tag)
        assert (name and name[1] in labelled) or 'name="action"' in tag, tag


def test_the_rule_is_found_where_the_admin_says(editor):
    assert reverse("admin:temp_redirects_redirectrule_changelist") == LIST


@override_settings(USE_TZ=False)
def test_without_time_zones_in_the_settings_the_form_works(editor):
    save(editor)
    page = save(editor, change_url(RedirectRule.objects.get()), note="x")
    assert RedirectRule.objects.get().ends_at == datetime(2026, 11, 21, 16)  # noqa: DTZ001
    assert "16:00 Europe/Berlin" in text_of(page)


@pytest.mark.parametrize(
    ("match", "path", "target", "visited", "location"),
    [
        (
            "pattern",
            "/blog/<int:year>/*/",
            "/news/{1}?y={year}",
            "/blog/2026/x/",
            "/news/x?y=2026",
        ),
        pytest.param(
            "regex",
            "^/blog/([0-9]+)$",
            "/news/{1}",
            "/blog/2026",
            "/news/2026",
            marks=pytest.mark.skipif(not HAS_RE2, reason="the extra is missing"),
        ),
    ],
    ids=["pattern", "regex"],
)
def test_a_form_of_paths_is_saved_and_redirects(
    editor, match, path, target, visited, location
):
    save(editor, match=match, path=path, target=target)
    rule = RedirectRule.objects.get()

    assert (rule.match, rule.path) == (match, path.removeprefix("^").removesuffix("$"))
    assert editor.get(visited).headers["Location"] == location
    assert f"curl -si 'http://testserver{rule.path[:6]}" in text_of(
        editor.get(change_url(rule))
    )


def test_without_the_extra_the_form_shows_the_line_to_install(editor, monkeypatch):
    monkeypatch.setitem(sys.modules, "re2", None)

    response = save(editor, match="regex", path="/without/the/extra/[0-9]+")

    assert "pip install 'django-temp-redirects[regex]'" in " ".join(
        errors(response)["path"]
    )


def test_the_form_says_when_a_rule_is_tried_and_why(editor):
    rule = whole_rule(name="folder", match="prefix")
    whole_rule(name="page")

    shown = text_of(editor.get(change_url(rule)))

    assert (
        "On “/shop/” it is tried second: after “page”, because exact paths come before "
        "prefixes." in shown
    )


# The way back


@pytest.mark.parametrize("page", ["test/", "calendar/", "import/", "{pk}/end/"])
def test_each_page_leads_back_to_its_list(page, editor):
    rule = whole_rule()
    html = editor.get(f"{LIST}{page.format(pk=rule.pk)}").content.decode()
    way = re.search(r'<ol class="breadcrumbs">.*?</ol>', html, re.DOTALL)[0]
    assert re.findall(r'href="([^"]*)"', way)[:3] == [
        "/admin/",
        "/admin/temp_redirects/",
        LIST,
    ]


def test_the_page_of_a_rule_leads_back_to_the_rule(editor):
    rule = whole_rule()
    html = editor.get(f"{LIST}{rule.pk}/results/").content.decode()
    assert f'<li><a href="{change_url(rule)}">{rule.name}</a></li>' in html
