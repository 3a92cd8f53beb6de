import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temp_redirects.core.index import Index, Overlay, beginning
from temp_redirects.core.patterns import MAX_PATH, parse_path, parse_source
from temp_redirects.core.records import packed, unpack, unpacked
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit
from tests.core.making import make_record
from tests.core.shapes import HAS_RE2, KINDS_HERE
from tests.core.tracing import run_traced

SEGMENTS = ["a", "b", "ab", "", "é", "%C3%A9", "%FF", "A"]
WITH_FIELDS = [*SEGMENTS, "*", "a*", "<int:n>", "<path:p>", "<x>"]
GROUPS = ["a", "b", "/", "(a|b)", ".*", "b?", "%C3%A9", "|/a", "[/a]+"]


def joined(segments):
    return st.lists(st.sampled_from(segments), max_size=4).map(
        lambda chosen: "/" + "/".join(chosen)
    )


def is_read(kind):
    def check(text):
        try:
            return parse_source(kind, text) is not None
        except Refused:
            return False

    return check


paths = joined(SEGMENTS).filter(is_read("exact"))
sources = st.one_of(
    *(
        texts.filter(is_read(kind)).map(lambda text, kind=kind: (kind, text))
        for kind, texts in {
            "exact": paths,
            "prefix": paths,
            "pattern": joined(WITH_FIELDS),
            "regex": st.lists(st.sampled_from(GROUPS), max_size=4).map(
                lambda parts: "/" + "".join(parts)
            ),
        }.items()
        if kind in KINDS_HERE
    )
)


@st.composite
def record_lists(draw):
    fields = st.fixed_dictionaries(
        {
            "source": sources,
            "priority": st.integers(-1, 1),
            "hosts": st.sampled_from([(), ("a.test",)]),
        }
    )
    return [
        make_record(
            match=each["source"][0],
            path=each["source"][1],
            priority=each["priority"],
            hosts=each["hosts"],
            id=str(number),
        )
        for number, each in enumerate(draw(st.lists(fields, max_size=12)))
    ]


def covering(records, path):
    """Return the records for a path in order, found by asking every one of them."""
    found = []
    for record in records:
        rule = unpack(record)
        source = parse_source(rule["match"], rule["path"])
        if source.match(path) is not None:
            order = (
                -rule["priority"],
                ["exact", "pattern", "regex", "prefix"].index(rule["match"]),
                -len(source.literal),
                not rule["hosts"],
                rule["id"],
            )
            found.append((order, record))
    return [record for _, record in sorted(found)]


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        pytest.param("/a", "/a", id="itself"),
        pytest.param("/a/b/c/", "/a/b/c", id="itself, without its slash"),
        pytest.param("/a/b", "/a/b/c/d/e", id="far under it"),
        pytest.param("/a//", "/a//b", id="an empty segment"),
        pytest.param("/a//b", "/a//b/", id="a segment after an empty one"),
        pytest.param("/a///", "/a///", id="two empty segments"),
    ],
)
def test_a_prefix_is_found_at_every_depth(prefix, path):
    deeper, record = (
        make_record(each, match="prefix", id=each)
        for each in (f"{prefix}/x/y/z", prefix)
    )
    assert Index([record]).candidates(path) == [record]
    assert Index([deeper, record]).candidates(path) == [record]


@settings(max_examples=300)
@given(record_lists(), paths.map(parse_path))
def test_candidates_are_the_records_that_cover_a_path_in_order(records, path):
    index = Index(records)
    assert index.candidates(path) == covering(records, path)
    assert index.size == len(records)


@given(record_lists(), paths.map(parse_path))
def test_a_path_that_is_not_covered_has_no_candidates(records, path):
    index = Index(records)
    assert index.covers(path) or not index.candidates(path)


def as_wsgi_shows(path):
    return "".join(
        f"%{ord(sign) & 0xFF:02X}" if "\ud800" <= sign <= "\udfff" else sign
        for sign in path
    )


def as_asgi_shows(path):
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@given(record_lists(), paths.map(parse_path))
def test_a_covered_path_is_noticed_by_its_beginning_however_it_is_shown(records, path):
    index = Index(records)
    for shown in (path, as_wsgi_shows(path), as_asgi_shows(path)):
        is_noticed = beginning(shown) in index.beginnings and index.covers(shown)
        assert is_noticed or not index.candidates(path)


@pytest.mark.parametrize(
    "goal", ["/thanks/", "/a/b/c/", "/danke-sch%F6n/", "/caf%C3%A9"]
)
def test_a_goal_is_noticed_however_it_is_shown_and_no_record_is_for_it(goal):
    record = make_record("/pricing/", goal=goal)
    index, path = Index([record]), parse_path(goal)
    for shown in (path, as_wsgi_shows(path), as_asgi_shows(path)):
        assert beginning(shown) in index.beginnings
        assert index.covers(shown)
    assert index.candidates(path) == []
    assert not index.covers("/elsewhere/")


@given(record_lists(), record_lists(), st.integers(0, 12), paths.map(parse_path))
def test_an_overlay_finds_what_a_new_index_would_find(old, new, kept, path):
    new = [(f"new{record[0]}", *record[1:]) for record in new]
    removed = [record[0] for record in old[kept:]]
    overlay = Overlay(Index(old), removed, new)
    assert overlay.candidates(path) == covering([*old[:kept], *new], path)
    assert overlay.covers(path) or not overlay.candidates(path)


def test_an_overlay_lies_over_another_one():
    first, second, third = (
        make_record("/a", id=number, priority=int(number)) for number in "123"
    )
    below = Overlay(Index([first]), [], [second])
    above = Overlay(below, ["2"], [third])
    assert above.candidates("/a") == [third, first]


@pytest.mark.parametrize("path", ["*", "a", "https://a.test/"])
def test_what_is_no_path_is_covered_by_no_prefix(path):
    assert Index([make_record("/", match="prefix")]).candidates(path) == []


def test_the_empty_path_is_the_root():
    everywhere = make_record("/", match="prefix")
    assert Index([everywhere]).candidates("") == [everywhere]


def test_a_record_of_a_kind_that_is_not_known_switches_only_itself_off():
    known = make_record("/a", id="1")
    unknown = [make_record("/a", match="glob", id=each, name=each) for each in "23"]
    assert Index([*unknown, known]).candidates("/a") == [known]


def test_a_pattern_that_cannot_be_read_is_found_where_it_hangs():
    broken = make_record("/a/<int:n>/<int:n>/", match="pattern")
    index = Index([broken])
    for _ in range(2):  # read, and known to be broken
        assert index.candidates("/a/b") == [broken]
    assert index.candidates("/b") == []


def test_the_empty_path_is_the_root_for_patterns_too():
    root = make_record("/", match="pattern")
    assert Index([root]).candidates("") == [root]


def test_an_index_of_nothing_covers_nothing():
    assert not Index().covers("/")
    assert Index().candidates("/") == []


# How many rules fit.

ID = "0189d5f8-7c5a-7f4e-9d3b-1f2e3d4c5b6a"
TARGET = (("abcdefgh", "", "/new/"),)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        pytest.param({"id": ID, "destinations": TARGET}, "/old/", id="plain"),
        pytest.param({"id": ID.upper(), "destinations": TARGET}, "/old/", id="no id"),
        pytest.param({"id": "window/0", "destinations": TARGET}, "/old/", id="windows"),
        pytest.param({"id": ID}, "/old/", id="no target"),
        pytest.param({"id": ID, "destinations": TARGET * 2}, "/old/", id="two targets"),
        pytest.param(
            {"id": ID, "destinations": (("a", "", "/new/", 12.5),)},
            "/old/",
            id="a share",
        ),
        pytest.param(
            {"id": ID, "name": "a\0b", "destinations": TARGET}, "/old/", id="a NUL"
        ),
        pytest.param(
            {"id": ID, "name": "é\ud800", "destinations": TARGET}, "/old/", id="no text"
        ),
        pytest.param(
            {"id": ID, "name": 5, "destinations": TARGET}, "/old/", id="a number"
        ),
        pytest.param(
            {"id": ID, "path": "/%C3%A9/", "destinations": TARGET}, "/é/", id="typed"
        ),
        pytest.param(
            {"id": ID, "match": "prefix", "destinations": TARGET}, "/old", id="prefix"
        ),
        pytest.param(
            {
                "id": ID,
                "destinations": TARGET,
                "starts": 1.5,
                "ends": None,
                "conditions": (("country", "DE"),),
                "planned_visitors": 7,
                "window": True,
            },
            "/old/",
            id="everything",
        ),
    ],
)
def test_what_is_packed_is_unpacked_as_it_was(fields, place):
    record = make_record(**{"path": "/old/", **fields})
    assert unpacked(packed(record, place), place) == record


@given(record_lists())
def test_an_index_yields_every_record_that_it_was_given(records):
    assert sorted(Index(records)) == sorted(records)


def test_a_record_that_cannot_be_packed_hurts_nobody():
    odd = make_record("/old/", note=object(), id="2")
    index = Index([make_record("/new/"), odd])
    assert index.candidates("/old/") == [odd]
    assert len(index.candidates("/new/")) == 1


# What a request costs does not grow with the rules.


def traced(call):
    """Run *call*; return how many steps that took, and of how many rules it saw more.

    A step is a call, line or return of Python; loops count each round.
    """
    count = looks = 0

    def trace(frame, event, arg):  # pragma: no cover (coverage looks away meanwhile)
        nonlocal count, looks
        count += 1
        looks += event == "call" and frame.f_code is unpacked.__code__
        return trace

    run_traced(call, trace)
    return count, looks


def steps(call):
    """Return how many steps *call* takes."""
    return traced(call)[0]


def spread(number):
    """A rule under each of many first segments."""
    for n in range(number):
        kind = "prefix" if n % 2 else "exact"
        yield str(n), f"r{n}", kind, f"/section{n}/page/"


def one_folder(number):
    """Many prefixes in one folder."""
    for n in range(number):
        yield str(n), f"r{n}", "prefix", f"/section1/page{n}/"


def patterns(number):
    """A rule under each of many first segments, every third one a pattern."""
    for n in range(number):
        kind = ("prefix", "exact", "pattern")[n % 3]
        path = f"/section{n}/page/" + "<int:year>/*/" * (kind == "pattern")
        yield str(n), f"r{n}", kind, path


@pytest.fixture(scope="module")
def rulesets():
    return {
        (shape, number): Ruleset(shape(number))
        for shape in (spread, one_folder, patterns)
        for number in (10, 10_000, 100_000)
    }


@pytest.mark.parametrize("number", [10_000, 100_000])
@pytest.mark.parametrize("shape", [spread, one_folder, patterns])
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/about/", id="far: no rule has its first segment"),
        pytest.param("/section1/other/", id="near: rules have its first segment"),
        pytest.param("/section1/page5x/", id="near: rules have nearly its path"),
        pytest.param("/section1/" + "a/" * 1_000, id="deep"),
        pytest.param("/", id="the root"),
    ],
)
def test_a_miss_examines_as_many_rules_among_many_as_among_ten(
    rulesets, shape, number, path
):
    visit = Visit(path)
    few, many = rulesets[shape, 10], rulesets[shape, number]
    work = [traced(lambda each=each: each.decide(visit, 0)) for each in (few, many)]
    assert work[0] == work[1]
    assert work[0][0] > 0
    assert work[0][1] == 0  # not one rule was looked at
    assert many.decide(visit, 0).reason == "no_rule"


@pytest.mark.parametrize("shape", [spread, one_folder])
def test_a_hit_finds_one_rule_among_many(rulesets, shape):
    for number in (10, 100_000):
        index = rulesets[shape, number].index
        path = {spread: "/section7/page/x", one_folder: "/section1/page7/x"}[shape]
        assert [record[1] for record in index.candidates(path)] == ["r7"]


@pytest.mark.parametrize("number", [10, 100_000])
def test_a_miss_among_patterns_examines_those_of_its_folder_only(rulesets, number):
    few = rulesets[patterns, 10]
    many = rulesets[patterns, number]
    visit = Visit("/section2/page/x/")
    for rules in (few, many):
        assert rules.decide(visit, 0).reason == "no_rule"  # and is compiled
    work = [traced(lambda each=each: each.decide(visit, 0)) for each in (few, many)]
    assert work[0] == work[1]
    assert work[0][1] == 1  # the one of that folder


@pytest.mark.skipif(not HAS_RE2, reason="the extra is not installed")
def test_of_many_expressions_one_search_says_which_match():
    bad = make_record("/(", match="regex", id="bad")
    records = [
        bad,
        *(
            make_record(f"/[a-z]+/{letters}{n}/?", match="regex", id=f"{letters}{n}")
            for letters in ("old", "é", "%C3%A9")
            for n in range(200)
        ),
    ]
    index = Index(records)
    for path, ids in {
        "/abc/old17/": {"old17"},
        "/abc/é9": {"é9", "%C3%A99"},
        "/abc/old17/x": set(),
        "/ABC/old17": set(),
        "/elsewhere/": set(),
        "/abc/old\udcff": set(),
        "/abc/\ud800": set(),
        "/" + "a" * MAX_PATH: set(),
    }.items():
        assert {record[0] for record in index.candidates(path)} == {"bad", *ids}
    good = Index(records[1:])
    assert good.covers("/abc/old17/")
    assert not good.covers("/elsewhere/")
    assert good.covers("/abc/%C3%A99")  # as it may be shown
    visit = Visit("/elsewhere/")
    ruleset = Ruleset(records[1:])
    assert traced(lambda: ruleset.covers(visit.path))[0] < 40


def test_patterns_cost_a_far_miss_nothing(rulesets):
    visit = Visit("/about/")
    without, among = rulesets[spread, 10_000], rulesets[patterns, 10_000]
    assert steps(lambda: without.covers(visit.path)) == steps(
        lambda: among.covers(visit.path)
    )
    assert steps(lambda: without.decide(visit, 0)) == steps(
        lambda: among.decide(visit, 0)
    )


def test_paths_that_begin_alike_are_listed_as_many_as_asked_for():
    base = Index([make_record(path) for path in ("/a/b", "/d", "/a/c")])
    overlay = Overlay(base, [], [make_record("/a/e")])

    assert overlay.paths_under("/a/", 9) == ["/a/e", "/a/b", "/a/c"]
    assert overlay.paths_under("/a/", 2) == ["/a/e", "/a/b"]
