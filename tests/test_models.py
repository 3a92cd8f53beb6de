"""Rows: what the database refuses, and how they become documents and rules."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from temp_redirects.core import documents
from temp_redirects.models import (
    Condition,
    Destination,
    MaintenanceWindow,
    RedirectRule,
)
from temp_redirects.models.querysets import (
    RedirectRuleQuerySet,
    StoredIndex,
    turn_of,
)
from temp_redirects.models.undoing import Undo
from temp_redirects.models.windows import MaintenanceWindowQuerySet

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def schedule():
    return RedirectRule.objects.schedule


REFUSED = {
    "an end before the start": {"starts_at": NOON, "ends_at": NOON - HOUR},
    "an end at the start": {"starts_at": NOON, "ends_at": NOON},
    "a path without its slash": {"path": "shop/"},
    "a permanent status": {"status": 301},
    "another permanent status": {"status": 308},
    "a query that is neither kept nor dropped": {"query": "maybe"},
    "no name": {"name": " ", "name_key": ""},
}


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses_what_must_never_be_stored(values):
    rule = RedirectRule(**{"name": "x", "name_key": "x", "path": "/x", **values})

    with pytest.raises(IntegrityError), transaction.atomic():
        RedirectRule.objects.bulk_create([rule])


def test_the_database_refuses_a_destination_without_a_target(schedule):
    with pytest.raises(IntegrityError), transaction.atomic():
        Destination.objects.create(rule=schedule("/a", "/b"), target="")


def test_the_database_refuses_a_condition_without_a_kind(schedule):
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.create(rule=schedule("/a", "/b"), kind="")


def test_names_are_one_namespace_whatever_their_case(schedule):
    schedule("/a", "/b", name="Straße")

    with pytest.raises(IntegrityError), transaction.atomic():
        RedirectRule.objects.create(name="STRASSE", path="/x")
    assert RedirectRule.objects.named(" strasse ").path == "/a"


def test_a_name_that_is_updated_brings_its_key_along(schedule):
    schedule("/a", "/b", name="before")

    RedirectRule.objects.update(name="After")

    assert RedirectRule.objects.named("after")
    assert not RedirectRule.objects.named("before")


def test_scheduling_a_name_again_changes_that_rule_and_keeps_its_ids(schedule):
    first = schedule("/a", "/b", name="moved")
    key = first.destinations.get().key

    again = schedule("/a", "/c", name="MOVED", methods=["POST"])

    assert again.pk == first.pk
    assert again.destinations.get().key == key
    assert again.destinations.get().target == "/c"
    assert RedirectRule.objects.count() == 1


def test_a_rule_without_a_name_is_named_after_its_source(schedule):
    assert schedule("/a", "/b").name == "/a → /b"


def test_every_field_of_a_call_arrives_in_the_document(schedule):
    rule = schedule(
        "/a/",
        "/b/{rest}",
        name="all",
        match="prefix",
        starts_at=NOON,
        ends_at=NOON + HOUR,
        timezone="America/New_York",
        repeat="freq=daily",
        repeat_until="2026-12-31",
        skip=["2026-12-24"],
        methods=["post", "PUT"],
        hosts=["Shop.Example", "*.example.org"],
        except_paths=["/a/x", "/a/y, z/"],
        conditions=[{"kind": "scheme", "value": "http"}],
        unless=[{"kind": "scheme", "value": "https"}],
        sticky="user",
        goal="/thanks/",
        goal_days=14,
        planned_visitors=5_000,
        status=303,
        priority=5,
        query="drop",
        cache_seconds=60,
        enabled=False,
        note="why",
    )

    stored = RedirectRule.objects.get()
    key = rule.destinations.get().key
    assert stored.to_document() == {
        "id": str(rule.pk),
        "name": "all",
        "enabled": False,
        "priority": 5,
        "match": "prefix",
        "path": "/a/",
        "hosts": ["shop.example", "*.example.org"],
        "methods": ["POST", "PUT"],
        "except_paths": ["/a/x", "/a/y, z/"],
        "conditions": [{"kind": "scheme", "value": "http"}],
        "unless": [{"kind": "scheme", "value": "https"}],
        "schedule": {
            "starts_at": "2026-12-01T07:00:00-05:00",
            "ends_at": "2026-12-01T08:00:00-05:00",
            "timezone": "America/New_York",
            "repeat": "FREQ=DAILY",
            "until": "2026-12-31",
            "except": ["2026-12-24"],
            "moved_ends": {},
        },
        "destinations": [
            {"id": key, "label": "", "target": "/b/{rest}", "percentage": None}
        ],
        "sticky": "user",
        "goal": "/thanks/",
        "goal_days": 14,
        "planned_visitors": 5_000,
        "status": 303,
        "query": "drop",
        "cache_seconds": 60,
        "note": "why",
    }
    assert documents.dump(stored.compile()) == stored.to_document()


THREE = [
    {"label": "one", "target": "/1/", "percentage": 12.34},
    {"label": "", "target": "/2/"},
    {"label": "", "target": "/3/", "percentage": 0},
]


def test_a_split_is_stored_with_its_shares_and_comes_out_as_it_was(schedule):
    rule = schedule("/a/", THREE)
    stored = RedirectRule.objects.get()
    assert documents.dump(stored.compile()) == stored.to_document()
    found = [(each["target"], each["percentage"]) for each in shares_of(rule)]
    assert found == [("/1/", 12.34), ("/2/", None), ("/3/", 0)]
    assert len({each["id"] for each in shares_of(rule)} | {""}) == 4


def shares_of(rule):
    return RedirectRule.objects.get(pk=rule.pk).to_document()["destinations"]


def test_an_edit_gives_nobody_another_arm(schedule):
    one, two, three = shares_of(schedule("/a/", THREE, name="x"))
    moved = {**THREE[2], "target": "/4/"}

    again = shares_of(
        schedule("/a/", [THREE[1], {**THREE[0], "percentage": 5}, moved], name="x")
    )

    assert [each["id"] for each in again] == [two["id"], one["id"], three["id"]]
    assert [each["target"] for each in again] == ["/2/", "/1/", "/4/"]


def test_what_is_left_out_is_gone_and_its_id_is_never_given_again(schedule):
    one, two, three = shares_of(schedule("/a/", THREE, name="x"))

    (only,) = shares_of(schedule("/a/", [THREE[0]], name="x"))
    (other,) = shares_of(schedule("/a/", [{**THREE[0], "label": "new"}], name="y"))

    assert only["id"] == one["id"]
    assert other["id"] not in {one["id"], two["id"], three["id"]}


def test_a_copy_has_the_same_shares_and_ids_of_its_own(schedule):
    rule = schedule("/a/", THREE, goal="/t/", sticky="user")
    copy = rule.duplicate()
    assert copy.to_document()["goal"] == "/t/"
    ours, theirs = shares_of(rule), shares_of(copy)
    assert [each["percentage"] for each in theirs] == [12.34, None, 0]
    assert {each["id"] for each in ours}.isdisjoint(each["id"] for each in theirs)


def test_a_split_is_an_option_of_what_the_database_takes(schedule):
    rule = schedule("/a/", THREE)
    for percentage in (-1, 101):
        with pytest.raises(IntegrityError), transaction.atomic():
            rule.destinations.update(percentage=percentage)
    with pytest.raises(IntegrityError), transaction.atomic():
        RedirectRule.objects.update(sticky="session")


def test_saving_an_exported_document_changes_nothing(schedule):
    rule = schedule("/a", "/b", conditions=[{"kind": "scheme", "value": "http"}])
    before = rule.to_document()

    RedirectRule.objects.save_document(before)

    assert RedirectRule.objects.get().to_document() == before


def test_a_document_with_an_id_makes_the_rule_of_that_id(schedule):
    document = schedule("/a", "/b").to_document()
    RedirectRule.objects.all().delete()

    assert str(RedirectRule.objects.save_document(document).pk) == document["id"]


def test_a_document_with_another_name_renames_the_rule_of_its_id(schedule):
    document = schedule("/a", "/b", name="old").to_document()

    RedirectRule.objects.save_document(document | {"name": "new"})

    assert RedirectRule.objects.get().to_document() == document | {"name": "new"}


def test_a_document_goes_by_its_name_before_its_id(schedule):
    one = schedule("/a", "/b", name="one").to_document()
    schedule("/c", "/d", name="two")

    RedirectRule.objects.save_document(one | {"name": "two"})

    paths = RedirectRule.objects.order_by("name").values_list("name", "path")
    assert [*paths] == [("one", "/a"), ("two", "/a")]


def test_what_is_refused_is_told_by_its_place(schedule):
    with pytest.raises(ValidationError) as refused:
        schedule("shop/", "javascript:alert(1)", status=301, timezone="Mars/Base")

    assert set(refused.value.message_dict) == {
        "path",
        "destinations[0].target",
        "schedule.timezone",
        "status",
    }


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param("/p", "/p?x=1", id="itself"),
        pytest.param("/b", "/a", id="through another rule"),
        pytest.param("/c", "https://shop.example/a", id="by the site's own address"),
    ],
)
def test_a_loop_is_refused_hop_by_hop(schedule, source, target):
    schedule("/a", "/b", name="first")
    schedule("/b2", "/c", name="second")
    RedirectRule.objects.named("first").destinations.update(target=source)

    with pytest.raises(ValidationError, match=r"again and again|round and round"):
        schedule(source, target)


def test_a_paused_rule_may_close_a_loop_until_it_is_switched_on(schedule):
    schedule("/a", "/b")
    schedule("/b", "/a", name="back", enabled=False)

    with pytest.raises(ValidationError, match="round and round"):
        schedule("/b", "/a", name="back")


@pytest.mark.parametrize("moment", [NOON - HOUR, NOON, NOON + HOUR, NOON + 2 * HOUR])
@pytest.mark.parametrize("starts", [None, NOON])
@pytest.mark.parametrize("ends", [None, NOON + HOUR])
@pytest.mark.parametrize("enabled", [True, False])
def test_what_is_asked_of_many_rules_agrees_with_the_core(
    schedule, moment, starts, ends, enabled
):
    rule = schedule("/a", "/b", starts_at=starts, ends_at=ends, enabled=enabled)
    rules = RedirectRule.objects

    active = rule.compile().schedule.active(moment.timestamp())
    assert rules.live(moment).exists() is (active and enabled)
    found = {
        state: getattr(rules, state)(moment).exists()
        for state in ("live", "scheduled", "ended", "paused")
    }
    assert [state for state in found if found[state]] == [rule.state(moment)]


def test_a_rule_that_cannot_be_compiled_says_why(schedule):
    rule = schedule("/a", "/b", ends_at=NOON)
    RedirectRule.objects.update(timezone="Mars/Base")
    rule.refresh_from_db()

    assert rule.state(NOON - HOUR) == "rejected"
    assert "Mars/Base" in rule.problem()
    assert schedule("/c", "/d").problem() == ""


def test_ending_closes_what_is_open_and_calls_off_what_has_not_begun(schedule):
    now = NOON
    schedule("/open", "/b")
    schedule("/later", "/b", starts_at=now + HOUR)
    schedule("/over", "/b", ends_at=now - HOUR)

    assert RedirectRule.objects.all().end(now) == 2

    states = {rule.path: rule.state(now) for rule in RedirectRule.objects.all()}
    assert states == {"/open": "ended", "/later": "paused", "/over": "ended"}
    assert RedirectRule.objects.get(path="/over").ends_at == now - HOUR


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        *((starts, None) for starts in (None, NOON - HOUR, NOON, NOON + HOUR)),
        *((starts, NOON) for starts in (None, NOON - HOUR)),
        *((starts, NOON + 2 * HOUR) for starts in (NOON - HOUR, NOON, NOON + HOUR)),
    ],
)
def test_what_can_be_ended_is_what_ending_changes(schedule, starts, ends, enabled):
    schedule("/a", "/b", starts_at=starts, ends_at=ends, enabled=enabled)
    rules = RedirectRule.objects.all()

    endable = rules.endable(NOON).count()

    assert endable == rules.end(NOON)


@pytest.mark.parametrize(
    "call", ["rules.pause", "rules.resume", "rules.end", "rule.duplicate"]
)
def test_a_template_cannot_write(schedule, call):
    schedule("/a", "/b")
    schedule("/c", "/d", enabled=False)
    rules = RedirectRule.objects.all()
    before = [rule.to_document() for rule in rules]

    context = Context({"rules": rules, "rule": rules[0]})
    assert Template(f"{{{{ {call} }}}}").render(context) == ""

    assert [rule.to_document() for rule in RedirectRule.objects.all()] == before


@pytest.mark.parametrize(
    "function",
    [
        *(RedirectRuleQuerySet.schedule, RedirectRuleQuerySet.save_document),
        *(RedirectRule.take, RedirectRule.take_parts, RedirectRule.take_destinations),
        *(RedirectRule.save, RedirectRule.delete, RedirectRuleQuerySet.update),
        *(MaintenanceWindowQuerySet.schedule, MaintenanceWindowQuerySet.save_document),
        *(MaintenanceWindow.take, MaintenanceWindow.save, MaintenanceWindow.delete),
        *(Undo.preview, Undo.run),
    ],
)
def test_what_writes_says_so_to_templates(function):
    assert function.alters_data


def test_extending_moves_the_end_of_rules_that_have_one(schedule):
    schedule("/a", "/b", ends_at=NOON)
    schedule("/c", "/d")

    assert RedirectRule.objects.all().extend(HOUR) == 1
    assert RedirectRule.objects.get(path="/a").ends_at == NOON + HOUR


def test_pausing_and_resuming_count_what_they_change(schedule):
    schedule("/a", "/b")
    schedule("/c", "/d", enabled=False)

    assert RedirectRule.objects.all().pause() == 1
    assert RedirectRule.objects.all().resume() == 2


COVERED = {
    "the exact path": ("/shop/", "exact", "/shop/", True),
    "not without its slash": ("/shop/", "exact", "/shop", False),
    "not in another case": ("/Shop/", "exact", "/shop/", False),
    "however it is encoded": ("/caf%C3%A9", "exact", "/café", True),
    "everything under a prefix": ("/shop/", "prefix", "/shop/a/b", True),
    "a prefix without its slash": ("/shop", "prefix", "/shop/", True),
    "a prefix itself": ("/shop/", "prefix", "/shop", True),
    "no other folder": ("/shop", "prefix", "/shopping", False),
    "everything under the root": ("/", "prefix", "/a/b", True),
    "a pattern": ("/blog/<int:year>/*", "pattern", "/blog/2026/x", True),
    "no other shape": ("/blog/<int:year>/*", "pattern", "/blog/x/x", False),
    "everything under the longest": (
        f"/{2047 * 'a'}",
        "prefix",
        f"/{2047 * 'a'}/b",
        True,
    ),
}


@pytest.mark.parametrize(
    ("path", "match", "asked", "is_found"), COVERED.values(), ids=COVERED
)
def test_the_rules_of_a_path_are_found_in_the_database(
    schedule, path, match, asked, is_found
):
    schedule(path, "https://partner.example/", match=match)

    index = StoredIndex(RedirectRule.objects.all())

    assert bool(index.candidates(asked)) is is_found
    assert index.covers(asked) is is_found


def test_the_rules_of_a_path_are_found_in_the_order_they_are_tried(schedule):
    for match, path in [
        ("prefix", "/a/b/"),
        ("pattern", "/a/*/"),
        ("exact", "/a/b/"),
        ("pattern", "/a/b*/"),
    ]:
        schedule(path, "https://partner.example/", match=match, name=f"{match} {path}")

    with CaptureQueriesContext(connection) as asked:
        index = StoredIndex(RedirectRule.objects.all())
        found = [record[1] for record in index.candidates("/a/b/")]
        index.candidates("/a/c/")

    assert found == ["exact /a/b/", "pattern /a/b*/", "pattern /a/*/", "prefix /a/b/"]
    shaped = [each for each in asked if "'pattern'" in each["sql"]]
    assert len(shaped) == 1  # read once, however many paths are asked for


def test_a_rule_says_when_it_is_tried_and_why(schedule):
    schedule("/a/", "https://partner.example/", match="prefix", name="all")
    rule = schedule("/a/*/", "https://partner.example/", match="pattern", name="some")

    path, turn = turn_of(RedirectRule.objects.all(), rule.compile())
    assert (path, str(turn)) == ("/a/x/", "tried first")
    schedule("/a/x/", "https://partner.example/", name="one")
    assert str(turn_of(RedirectRule.objects.all(), rule.compile())[1]) == (
        "tried second: after “one”, because exact paths come before patterns"
    )


def test_a_rule_that_is_alone_on_its_path_has_no_turn(schedule):
    rule = schedule("/a/", "https://partner.example/")

    assert turn_of(RedirectRule.objects.all(), rule.compile()) is None


def test_a_path_of_many_segments_asks_for_no_more_than_rules_can_have(schedule):
    schedule("/a", "https://partner.example/", match="prefix")
    long = "/a" * 20_000

    rules = RedirectRule.objects.covering(long)

    assert len(str(rules.query)) < 10_000_000
    assert rules.exists()


def test_the_paths_under_another_are_found_in_the_database(schedule):
    for number, path in enumerate(("/b%25/c", "/b%25/%C3%A9", "/b/c", "/B%25/c")):
        schedule(path, "https://partner.example/", name=str(number))
    schedule("/b%25/off", "https://partner.example/", enabled=False)

    index = StoredIndex(RedirectRule.objects.all())

    assert sorted(index.paths_under("/b%/", 9)) == ["/b%/c", "/b%/é"]
    assert len(index.paths_under("/", 2)) == 2


def test_a_loop_is_refused_whatever_is_saved_first(schedule):
    schedule("/b/y", "/a/y")

    with pytest.raises(ValidationError, match="round and round"):
        schedule("/a", "/b/{rest}", match="prefix")


def test_rows_show_what_they_are(schedule):
    rule = schedule("/a", "/b", name="moved")
    condition = Condition(rule=rule, kind="scheme", value="http")

    assert str(rule) == "moved"
    assert str(rule.destinations.get()) == "/b"
    assert str(Destination(label="New page", target="/b")) == "New page"
    assert str(condition) == "http or https: http"
    assert rule._meta.get_field("match").flatchoices[0][0] == "exact"
    assert condition.get_kind_display() == "http or https"
    assert rule.get_status_display().endswith("(307)")
    assert rule.get_query_display() == "Keep it"


def test_times_without_zones_are_those_of_the_site(schedule, settings):
    settings.USE_TZ = False

    rule = schedule("/a", "/b", ends_at=NOON)

    assert rule.ends_at == datetime(2026, 12, 1, 13)  # noqa: DTZ001 (Berlin)
    assert rule.to_document()["schedule"]["ends_at"] == "2026-12-01T13:00:00+01:00"
