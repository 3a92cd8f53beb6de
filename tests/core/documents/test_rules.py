import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temp_redirects.core.documents import (
    DESTINATION_KEYS,
    FORMAT,
    RULE_KEYS,
    SCHEDULE_KEYS,
    dump,
    parse,
)
from temp_redirects.core.rules import STATUSES
from tests.core.documents.cases import WHOLE, read, rules
from tests.core.making import ONCE, SITE, document, make_rule

# The shortest and the longest document


def test_the_format_is_a_public_promise():
    assert FORMAT == "temp-redirects/1"
    assert [*RULE_KEYS] == [
        "id", "name", "enabled", "priority", "match", "path", "hosts", "methods",
        "except_paths", "conditions", "unless", "schedule", "sticky",
        "destinations", "goal", "goal_days", "planned_visitors", "status", "query",
        "cache_seconds", "note",
    ]  # fmt: skip
    assert [*SCHEDULE_KEYS] == [
        "starts_at", "ends_at", "timezone", "repeat", "until", "except", "moved_ends",
    ]  # fmt: skip
    assert [*DESTINATION_KEYS] == ["id", "label", "target", "percentage"]


def test_a_short_document_has_the_defaults_and_is_written_whole():
    short = {"name": "x", "path": "/a", "destinations": [{"target": "/b"}]}
    assert dump(parse(short, SITE)) == {
        "id": "",
        "name": "x",
        "enabled": True,
        "priority": 0,
        "match": "exact",
        "path": "/a",
        "hosts": [],
        "methods": [],
        "except_paths": [],
        "conditions": [],
        "unless": [],
        "schedule": {"starts_at": None, "ends_at": None, "timezone": "UTC", **ONCE},
        "sticky": "visitor",
        "destinations": [{"id": "", "label": "", "target": "/b", "percentage": None}],
        "goal": "",
        "goal_days": 7,
        "planned_visitors": None,
        "status": 307,
        "query": "keep",
        "cache_seconds": 0,
        "note": "",
    }


def test_a_whole_document_is_written_as_it_was_read():
    assert dump(parse(WHOLE, SITE)) == WHOLE


def test_a_document_survives_json():
    rule = parse(WHOLE, SITE)
    assert parse(json.loads(json.dumps(dump(rule))), SITE) == rule


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        pytest.param({"name": " x "}, "name", "x", id="a name without its blanks"),
        pytest.param(
            {"methods": ["post"]}, "methods", ["POST"], id="methods in capitals"
        ),
        pytest.param({"hosts": ["A.test."]}, "hosts", ["a.test"], id="hosts in small"),
        pytest.param(
            {"path": "/%7Ea"}, "path", "/~a", id="a path as the browser shows"
        ),
        pytest.param(
            {"id": "0D3E0000000040008000000000000001"},
            "id",
            "0d3e0000-0000-4000-8000-000000000001",
            id="an id with its hyphens",
        ),
    ],
)
def test_one_thing_has_one_spelling(keys, field, value):
    assert dump(make_rule(**keys))[field] == value


@pytest.mark.parametrize("status", STATUSES)
def test_every_temporary_status_is_taken(status):
    assert make_rule(status=status).status == status


# Whatever is given

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*RULE_KEYS, "target", "kind", "value", "timezone", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from([*RULE_KEYS, "x"]), json_values) | json_values)
def test_any_json_is_a_rule_or_rejected_in_words(value):
    rule, problems = read(value)
    assert (dump(rule) if rule else problems) != []
    assert all(at and why for at, why in problems)


@settings(max_examples=500)
@given(st.sampled_from([*RULE_KEYS]), json_values)
def test_any_value_of_one_key_is_taken_or_rejected_at_its_place(name, value):
    rule, problems = read({**document(), name: value})
    assert (dump(rule) if rule else problems) != []
    assert all(at.startswith(name) for at, _ in problems)


# Reading and writing agree


@given(rules)
def test_a_rule_reads_from_what_it_is_written_as(rule):
    assert parse(dump(rule), SITE) == rule
    assert json.dumps(dump(rule)).encode()
