import pytest

from temp_redirects.core.documents import (
    MAX_CACHE_SECONDS,
    MAX_ID,
    MAX_LABEL,
    MAX_NAME,
    MAX_NOTE,
    Rejected,
    dump,
    parse,
)
from temp_redirects.core.rules import MAX_PRIORITY
from tests.core.documents.cases import HTTP, read
from tests.core.making import SITE, document, make_rule


@pytest.mark.parametrize(
    ("given_document", "places"),
    [
        pytest.param([], ["document"], id="a list"),
        pytest.param(None, ["document"], id="nothing"),
        pytest.param("x", ["document"], id="a text"),
        pytest.param({}, ["name", "path", "destinations"], id="an empty one"),
        pytest.param(document(name=""), ["name"], id="an empty name"),
        pytest.param(document(name=" "), ["name"], id="a blank name"),
        pytest.param(document(name=None), ["name"], id="no name"),
        pytest.param(document(name="a\nb"), ["name"], id="a name of two lines"),
        pytest.param(document(name="\ud800"), ["name"], id="half a character"),
        pytest.param(document(name="x" * 101), ["name"], id="a long name"),
        pytest.param(document(id="x"), ["id"], id="an id that is no UUID"),
        pytest.param(document(id=None), ["id"], id="an id that is no text"),
        pytest.param(document(enabled=1), ["enabled"], id="a number for true"),
        pytest.param(document(priority="1"), ["priority"], id="a text for a number"),
        pytest.param(document(priority=True), ["priority"], id="true for a number"),
        pytest.param(document(priority=1.5), ["priority"], id="half a number"),
        pytest.param(document(priority=1_000_001), ["priority"], id="too high"),
        pytest.param(document(priority=-1_000_001), ["priority"], id="too low"),
        pytest.param(document(match="glob"), ["match"], id="no such source"),
        pytest.param(document(match=3), ["match"], id="a source of another type"),
        pytest.param(document("old"), ["path"], id="no path"),
        pytest.param(document(None), ["path"], id="null for a path"),
        pytest.param(document(5), ["path"], id="a number for a path"),
        pytest.param(document(hosts="a.test"), ["hosts"], id="a text for a list"),
        pytest.param(document(hosts=["a b"]), ["hosts"], id="no host"),
        pytest.param(document(hosts=[1, "a"]), ["hosts[0]"], id="a number in a list"),
        pytest.param(document(methods=["G T"]), ["methods"], id="no method"),
        pytest.param(document(methods=[None]), ["methods[0]"], id="null in a list"),
        pytest.param(document(except_paths=["x"]), ["except_paths"], id="no exception"),
        pytest.param(document(conditions={}), ["conditions"], id="no list"),
        pytest.param(document(conditions=[1]), ["conditions[0]"], id="no condition"),
        pytest.param(
            document(conditions=[{}]),
            ["conditions[0].kind", "conditions[0].value"],
            id="an empty condition",
        ),
        pytest.param(
            document(conditions=[HTTP, {"kind": "tide", "value": "high"}]),
            ["conditions[1].kind"],
            id="no such kind",
        ),
        pytest.param(
            document(unless=[{"kind": "scheme", "value": "ftp"}]),
            ["unless[0].value"],
            id="no such value",
        ),
        pytest.param(
            document(unless=[{"kind": "scheme", "value": ["http"]}]),
            ["unless[0].value"],
            id="a list for a value",
        ),
        pytest.param(
            document(unless=[{"kind": ["scheme"], "value": "http"}]),
            ["unless[0].kind"],
            id="a list for a kind",
        ),
        pytest.param(document(conditions=[HTTP] * 21), ["conditions"], id="too many"),
        pytest.param(document(status=301), ["status"], id="for ever"),
        pytest.param(document(status=308), ["status"], id="for ever, method kept"),
        pytest.param(document(status="307"), ["status"], id="a text for a status"),
        pytest.param(document(query="Keep"), ["query"], id="another case"),
        pytest.param(document(cache_seconds=-1), ["cache_seconds"], id="below nought"),
        pytest.param(
            document(cache_seconds=31_536_001), ["cache_seconds"], id="over a year"
        ),
        pytest.param(document(note="x" * 2_001), ["note"], id="a long note"),
        pytest.param(document(note="\x00"), ["note"], id="NUL"),
        pytest.param(document(note="\udcff"), ["note"], id="a stray byte"),
        pytest.param(document("old", name="", target="//x"), [
            "path", "name", "destinations[0].target",
        ], id="every mistake at once"),
        pytest.param(
            document("old", "/{rest}"), ["path"], id="one mistake, one message"
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(given_document, places):
    rule, problems = read(given_document)
    assert rule is None
    assert [at for at, _ in problems] == places


@pytest.mark.parametrize(
    ("given_document", "place", "said"),
    [
        pytest.param(
            document(metods=[]),
            "metods",
            "unknown key. Did you mean “methods”?",
            id="a slip",
        ),
        pytest.param(document(zzz=1), "zzz", "unknown key.", id="like no other"),
        pytest.param({**document(), 5: 1}, "5", "unknown key.", id="not even a text"),
        pytest.param(
            document(schedule={"start_at": None}),
            "schedule.start_at",
            "unknown key. Did you mean “starts_at”?",
            id="within the schedule",
        ),
        pytest.param(
            document(conditions=[{**HTTP, "values": 1}]),
            "conditions[0].values",
            "unknown key. Did you mean “value”?",
            id="within a condition",
        ),
        pytest.param(
            document(destinations=[{"target": "/b", "percent": 5}]),
            "destinations[0].percent",
            "unknown key. Did you mean “percentage”?",
            id="within a destination",
        ),
        pytest.param(
            document(enabled="yes"),
            "enabled",
            "must be true or false, not yes",
            id="a flag",
        ),
        pytest.param(
            document(priority="x"),
            "priority",
            "must be a whole number, not x",
            id="number",
        ),
        pytest.param(
            document(priority=2_000_000),
            "priority",
            "2000000 is not between -1000000 and 1000000",
            id="a range",
        ),
        pytest.param(
            document(status=308),
            "status",
            "308 is not one of 307, 303, 302",
            id="choice",
        ),
        pytest.param(
            document(note="x" * 2_001),
            "note",
            "is longer than 2000 characters",
            id="long",
        ),
        pytest.param(
            document("{x}"),
            "path",
            "“{x}” does not begin with “/”. Example: “/shop/”.",
            id="braces in what was typed",
        ),
    ],
)
def test_what_is_wrong_is_told_in_an_editors_words(given_document, place, said):
    assert read(given_document) == (None, [(place, said)])


def test_a_rejection_says_everything_that_is_wrong():
    with pytest.raises(Rejected) as rejected:
        parse(document(status=301, query="x"), SITE)
    assert str(rejected.value) == (
        "status: 301 is not one of 307, 303, 302 query: x is not one of keep, drop"
    )


def test_limits_are_the_last_values_that_are_taken():
    rule = make_rule(
        name="x" * MAX_NAME,
        note="x" * MAX_NOTE,
        priority=MAX_PRIORITY,
        cache_seconds=MAX_CACHE_SECONDS,
        destinations=[{"target": "/b", "id": "x" * MAX_ID, "label": "x" * MAX_LABEL}],
    )
    assert parse(dump(rule), SITE) == rule
