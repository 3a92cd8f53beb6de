import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core import documents
from temp_redirects.core.records import (
    DEFAULTS,
    FIELDS,
    depends,
    destinations,
    from_json,
    is_split,
    key,
    pack,
    precedence,
    remembers,
    unpack,
    with_ids,
)
from temp_redirects.core.records import ends as told_end
from tests.core.making import SITE, make_record, make_rule

HTTP = {"kind": "scheme", "value": "http"}
HALF = [{"target": "/b", "percentage": 50}]
SHORTEST = ("1", "rule", "exact", "/old/")


def test_fields_that_have_their_default_are_cut_off_at_the_end():
    assert make_record("/old/") == SHORTEST
    assert make_record("/old/", ends=5.0)[:7] == (*SHORTEST, (), None, 5.0)
    assert len(make_record("/old/", ends=5.0)) == 7


def test_a_record_keeps_what_it_is_found_by_even_where_that_is_missing():
    assert pack(DEFAULTS.values()) == ("", "", "exact", "")


def test_a_whole_record_is_as_long_as_the_list_of_fields():
    assert len(make_record("/old/", window=True)) == len(FIELDS)


@given(st.dictionaries(st.sampled_from(FIELDS), st.none() | st.integers()))
def test_unpacking_gives_back_what_was_packed(given_fields):
    fields = {**DEFAULTS, **given_fields}
    assert unpack(pack(fields[name] for name in FIELDS)) == fields


@pytest.mark.parametrize(
    ("path", "found_by"),
    [
        pytest.param("/caf%C3%A9", ("exact", "/café"), id="encoded"),
        pytest.param("/café", ("exact", "/café"), id="plain"),
        pytest.param("/%FF", ("exact", "/\udcff"), id="a byte that is no UTF-8"),
    ],
)
def test_a_record_is_found_by_its_decoded_path(path, found_by):
    assert key(make_record(path)) == found_by


@pytest.mark.parametrize(
    ("match", "path", "place"),
    [
        pytest.param("prefix", "/shop/", "/shop", id="a prefix"),
        pytest.param("pattern", "/blog/<int:y>/", "/blog", id="a pattern"),
        pytest.param("pattern", "/blog/x-*", "/blog", id="by whole segments"),
        pytest.param("pattern", "/<x>/", "", id="one that has none"),
        pytest.param("pattern", "/blog/", "/blog", id="one that has no placeholder"),
        pytest.param("regex", "/blog/(a|b)", "/blog", id="an expression"),
        pytest.param("glob", "/blog/", "", id="a kind that is not known"),
    ],
)
def test_a_record_hangs_at_the_segments_it_begins_with(match, path, place):
    assert key(make_record(path, match=match)) == (match, place)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"priority": 1}, {"match": "exact"}, id="the higher priority"),
        pytest.param({}, {"priority": -1}, id="nought before less"),
        pytest.param({}, {"match": "prefix"}, id="exact before prefix"),
        pytest.param({}, {"match": "pattern"}, id="exact before pattern"),
        pytest.param(
            {"match": "pattern"},
            {"match": "regex", "path": "/old/a"},
            id="pattern before regex",
        ),
        pytest.param(
            {"match": "regex"},
            {"match": "prefix", "path": "/old/a"},
            id="regex before prefix",
        ),
        pytest.param({"path": "/old/a"}, {}, id="the longer literal part"),
        pytest.param({"path": "/%61%62c"}, {"path": "/ab"}, id="its decoded length"),
        pytest.param({"hosts": ("a.test",)}, {}, id="one that names a host"),
        pytest.param({"id": "0"}, {}, id="the smaller id"),
        pytest.param({"path": "/old", "id": "0"}, {}, id="a slash at the end is none"),
    ],
)
def test_the_first_of_two_records_is_tried_first(first, second):
    ours, theirs = (
        make_record(**{"path": "/old/", "id": "5", **fields})
        for fields in (first, second)
    )
    assert precedence(ours) < precedence(theirs)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="shortest"),
        pytest.param({"match": "prefix", "path": "/caf%C3%A9/"}, id="prefix, encoded"),
        pytest.param({"match": "pattern", "path": "/caf%C3%A9/*/x"}, id="pattern"),
        pytest.param({"timezone": "Asia/Tokyo"}, id="cut off before its priority"),
        pytest.param({"priority": -3}, id="priority"),
        pytest.param({"hosts": ("*.shop.example",), "note": "x"}, id="a host"),
    ],
)
def test_a_record_has_the_place_of_its_rule(fields):
    record = make_record(
        **{
            "path": "/old/",
            "id": "00000000-0000-0000-0000-000000000001",
            "destinations": (("d", "", "/new/"),),
            **fields,
        }
    )
    assert precedence(record) == documents.parse_record(record, SITE).precedence


@pytest.mark.parametrize(
    ("keys", "asks"),
    [
        pytest.param({}, False, id="shortest"),
        pytest.param({"note": "x", "hosts": ["shop.example"]}, False, id="of nobody"),
        pytest.param({"conditions": [HTTP]}, True, id="only for"),
        pytest.param({"unless": [HTTP]}, True, id="not for"),
        pytest.param({"target": "/{country}/"}, True, id="the country in its target"),
        pytest.param({"goal": "/thanks/"}, True, id="a goal"),
        pytest.param(
            {"destinations": [{"target": "/b", "percentage": 50}]}, True, id="a share"
        ),
        pytest.param(
            {"destinations": [{"target": "/b"}, {"target": "/c"}]}, True, id="two ways"
        ),
    ],
)
def test_a_record_depends_on_who_asks_where_its_rule_does(keys, asks):
    rule = make_rule(**keys)
    assert rule.depends is asks
    assert depends(documents.record_of(rule)) is asks
    assert rule.is_split is is_split(documents.record_of(rule))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param({}, False, id="a plain rule"),
        pytest.param({"sticky": "user"}, False, id="a user, and nothing to choose"),
        pytest.param({"sticky": "user", "destinations": HALF}, True, id="a user"),
        pytest.param({"destinations": HALF}, False, id="an id is enough"),
        pytest.param({"destinations": HALF, "goal": "/t"}, True, id="an experiment"),
    ],
)
def test_a_record_says_whether_arms_stand_in_cookies(keys, expected):
    rule = make_rule(**keys)
    assert rule.remembers is expected
    assert remembers(documents.record_of(rule)) is expected


@pytest.mark.parametrize(
    ("destinations", "asks"), [((), False), (((),), True), (5, True), (None, True)]
)
def test_a_record_that_cannot_be_read_is_no_obstacle(destinations, asks):
    assert depends(make_record(destinations=destinations)) is asks


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ends_at": "2026-12-01T08:00:00+00:00"},
        {"destinations": HALF, "conditions": [HTTP], "except_paths": ["/a", "/b"]},
    ],
    ids=["shortest", "with an end", "with parts in parts"],
)
def test_a_record_comes_back_from_json_as_it_was(fields):
    ends = fields.pop("ends_at", None)
    rule = make_rule(schedule={"ends_at": ends, "timezone": "UTC"}, **fields)
    record = documents.record_of(rule)

    assert from_json(json.loads(json.dumps(record))) == record


def test_under_other_ids_a_record_is_what_its_rule_is():
    given = [{"target": f"/{key}/", "percentage": 20} for key in "bcd"]
    rule = make_rule(destinations=given, conditions=[HTTP], goal="/thanks/")
    own = "0d3e0000-0000-4000-8000-000000000001"

    renamed = with_ids(documents.record_of(rule), own, "xyz")

    assert renamed == documents.record_of(rule.with_ids(own, "xyz"))


@pytest.mark.parametrize(("ends", "length"), [(None, 4), (5.0, 7)])
def test_a_record_tells_its_end_be_it_cut_off(ends, length):
    record = make_record("/old/", ends=ends)

    assert (told_end(record), len(record)) == (ends, length)


def test_a_record_whose_destinations_are_cut_off_has_none():
    assert destinations(make_record("/old/")) == ()
