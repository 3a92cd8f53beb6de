"""The design's page on the document format, sentence by sentence.

What users were promised of documents, sources, precedence, targets and visits, as far
as the core keeps it; a name is a sentence. The edges are in the modules' own tests.
"""

import json
from uuid import UUID

import pytest

from temp_redirects.core import documents
from temp_redirects.core.documents import RULE_KEYS, Rejected
from temp_redirects.core.rulesets import NO_RULE, PREFLIGHT
from temp_redirects.core.sites import Site
from temp_redirects.core.visits import Visit
from tests.core.making import (
    NOON,
    ONCE,
    SITE,
    document,
    make_rule,
    make_ruleset,
    window,
)
from tests.core.shapes import HAS_RE2

needs_re2 = pytest.mark.skipif(not HAS_RE2, reason="the extra is not installed")
HTTP = {"kind": "scheme", "value": "http"}
HTTPS = {"kind": "scheme", "value": "https"}


def visit(path, **facts):
    return Visit(path, **{"host": "shop.example", "site": SITE, **facts})


def sent(path, *args, query="", method="GET", scheme="http", now=NOON, **keys):
    """Return where one rule sends a visit, or an empty text."""
    rules = make_ruleset(rule=document(*args, **keys))
    asked = visit(path, query=query, method=method, scheme=scheme)
    return rules.decide(asked, now).location


def winner(path, **rules):
    decision = make_ruleset(**rules).decide(visit(path), NOON)
    return decision.rule.name


def problems(given):
    with pytest.raises(Rejected) as rejected:
        documents.parse(given, SITE)
    return {place: str(sentence) for place, sentence in rejected.value.problems}


# Keys


def test_every_key_but_name_path_and_destinations_may_be_left_out():
    shortest = document("/old/", "/new/")
    assert set(shortest) == {"name", "path", "destinations"}
    assert documents.parse(shortest, SITE).name == "rule"
    for key in shortest:
        assert list(problems({k: v for k, v in shortest.items() if k != key})) == [key]


def test_the_defaults_are_always_no_conditions_and_what_is_shown():
    written = documents.dump(make_rule())
    shown = {key: RULE_KEYS[key] for key in RULE_KEYS if key not in document()}
    assert {key: written[key] for key in shown} == {
        **shown,
        "schedule": {"starts_at": None, "ends_at": None, "timezone": "UTC", **ONCE},
    }


def test_export_writes_all_keys():
    assert set(documents.dump(make_rule())) == set(RULE_KEYS)


def test_unknown_keys_and_wrong_types_are_errors_that_name_the_key_and_its_place():
    given = document(colour="red", priority="high", schedule={"start": "now"})
    given["destinations"][0]["url"] = "/new/"
    told = problems(given)
    assert set(told) == {"colour", "priority", "schedule.start", "destinations[0].url"}


@pytest.mark.parametrize(
    ("match", "path", "target"),
    [
        ("exact", "/caf%C3%A9/%3F", "/new/"),
        ("prefix", "/old/", "/new/{rest}"),
        ("pattern", "/a/<int:n>/%2A*", "/b/{n}/{1}"),
        pytest.param("regex", r"^/a/(?P<x>\d+)/(.*)$", "/b/{x}/{2}", marks=needs_re2),
    ],
)
def test_export_then_import_changes_nothing(match, path, target):
    rule = make_rule(path, target, match=match)
    written = documents.dump(rule)
    again = documents.parse(json.loads(json.dumps(written)), SITE)
    assert again == rule
    assert documents.dump(again) == written


def test_starts_at_is_wall_time_in_timezone():
    schedule = window("2026-12-01T02:00", None, "Europe/Berlin")
    assert make_rule(schedule=schedule).schedule.starts == 1_796_086_800


def test_an_offset_that_disagrees_with_the_zone_is_an_error():
    schedule = window("2026-12-01T02:00+05:00", None, "Europe/Berlin")
    assert list(problems(document(schedule=schedule))) == ["schedule.starts_at"]


def test_in_an_hour_that_happens_twice_the_offset_chooses():
    first, second = (
        make_rule(schedule=window(f"2026-10-25T02:30{offset}", None, "Europe/Berlin"))
        for offset in ("+02:00", "+01:00")
    )
    assert second.schedule.starts - first.schedule.starts == 3_600


# Sources


def test_paths_are_as_the_browser_shows_them():
    assert sent("/app/café/", "/app/café/") == "/new/"


def test_exact_is_this_path_case_and_slash_as_written():
    asked = ["/Old/a", "/old/a", "/Old/a/", "/Old/a/b"]
    assert [sent(path, "/Old/a") for path in asked] == ["/new/", "", "", ""]


@pytest.mark.parametrize("base", ["/shop", "/shop/"])
def test_prefix_is_this_path_and_everything_under_it_on_segment_boundaries(base):
    for path in ("/shop", "/shop/", "/shop/x"):
        assert sent(path, base, match="prefix") == "/new/"
    assert sent("/shopping", base, match="prefix") == ""


def test_rest_is_what_follows():
    assert sent("/shop/a/b", "/shop", "/new/{rest}", match="prefix") == "/new/a/b"


def test_a_pattern_is_djangos_route_syntax():
    path, target = "/blog/<int:year>/<slug:slug>/", "/b/{slug}-{year}/"
    assert sent("/blog/2026/a-b/", path, target, match="pattern") == "/b/a-b-2026/"
    assert sent("/blog/now/a-b/", path, target, match="pattern") == ""


def test_a_star_gives_1():
    assert sent("/files/a/old", "/files/*/old", "/f/{1}", match="pattern") == "/f/a"


def test_a_star_stays_within_one_segment():
    assert sent("/files/a/b/old", "/files/*/old", "/f/", match="pattern") == ""


def test_at_most_one_path_placeholder():
    given = document("/<path:a>/x/<path:b>", match="pattern")
    assert "at most one" in problems(given)["path"]


def test_djangos_built_in_converters_and_no_others():
    for kind in ("int", "str", "slug", "uuid", "path"):
        make_rule(f"/a/<{kind}:x>", "/b/{x}", match="pattern")
    assert "is none of" in problems(document("/<year:y>", match="pattern"))["path"]


@needs_re2
def test_regex_is_re2_syntax():
    given = document(r"/(a)\1", match="regex")
    assert "no back-references" in problems(given)["path"]
    assert sent("/éa", r"/\pL+", match="regex") == "/new/"


@needs_re2
def test_regex_must_match_the_whole_path():
    assert [sent(p, "/a|/b", match="regex") for p in ("/a", "/b", "/ab", "/b/")] == [
        "/new/",
        "/new/",
        "",
        "",
    ]


@needs_re2
def test_regex_groups_are_1_or_name():
    path, target = r"/(\d+)/(?P<name>.+)", "/b/{name}/{1}/{2}"
    assert sent("/7/x", path, target, match="regex") == "/b/x/7/x"


@needs_re2
def test_a_pattern_typed_by_a_person_cannot_hang_a_worker():
    assert sent("/" + "1" * 2_000, "/([0-9]+)+x", match="regex") == ""
    stars = "/" + "*1" * 9 + "x"
    assert sent("/" + "1" * 2_000, stars, match="pattern") == ""


@pytest.mark.parametrize(
    "kind", ["exact", "prefix", "pattern", pytest.param("regex", marks=needs_re2)]
)
def test_percent_encoded_and_plain_spellings_of_one_path_are_the_same_path(kind):
    for typed in ("/caf%C3%A9/%7Ex", "/caf%c3%a9/~x", "/café/~x"):
        assert sent("/café/~x", typed, match=kind) == "/new/"


# Which rule wins


def test_the_higher_priority_wins():
    low = document("/a", "/1/", priority=0)
    high = document("/", "/2/", match="prefix", priority=1)
    assert winner("/a", low=low, high=high) == "high"


@needs_re2
def test_then_exact_before_pattern_before_regex_before_prefix():
    rules = {
        "exact": document("/a/b", "/1/"),
        "pattern": document("/<x>/b", "/2/", match="pattern"),
        "regex": document("/a/.", "/3/", match="regex"),
        "prefix": document("/a/b", "/4/", match="prefix"),
    }
    for name in list(rules):
        assert winner("/a/b", **rules) == name
        del rules[name]


def test_then_the_longer_literal_part_first():
    for kind in ("prefix", "pattern"):
        tail = "<path:p>" * (kind == "pattern")
        short = document(f"/a/{tail}", "/1/", match=kind)
        long = document(f"/a/b/{tail}", "/2/", match=kind)
        assert winner("/a/b/c", short=short, long=long) == "long"


def test_then_a_rule_that_names_a_host_before_one_that_does_not():
    rules = {"any": document("/a", "/1/")}
    rules["named"] = document("/a", "/2/", hosts=["shop.example"])
    assert winner("/a", **rules) == "named"


def test_then_the_smaller_id():
    first, second = (make_rule(id=str(UUID(int=number))) for number in (1, 2))
    assert first.precedence < second.precedence


def test_the_literal_part_is_what_stands_before_the_first_placeholder():
    rule = make_rule("/a/b-<int:n>/<x>", "/c/", match="pattern")
    assert rule.source.literal == "/a/b-"


def test_a_trailing_slash_of_the_literal_part_is_ignored():
    smaller, larger = (
        make_rule(path, match="prefix", id=str(UUID(int=number)))
        for path, number in (("/a", 1), ("/a/", 2))
    )
    assert smaller.precedence < larger.precedence


def test_the_first_whose_schedule_methods_hosts_and_conditions_agree_decides():
    rules = {
        "later": document("/a", "/1/", schedule=window("2040-01-01", None)),
        "post": document("/a", "/2/", methods=["POST"]),
        "elsewhere": document("/a", "/3/", hosts=["www.shop.example"]),
        "secure": document("/a", "/4/", conditions=[HTTPS]),
        "not_plain": document("/a", "/5/", unless=[HTTP]),
        "excepted": document("/a", "/6/", except_paths=["/a"]),
        "agrees": document("/a", "/7/"),
        "next": document("/", "/8/", match="prefix"),
    }
    assert winner("/a", **rules) == "agrees"


def test_a_rule_that_does_not_hold_lets_the_next_one_try():
    post = document("/a", "/1/", methods=["POST"])
    assert winner("/a", post=post, all=document("/", "/2/", match="prefix")) == "all"


# Targets


@pytest.mark.parametrize("target", ["/news/", "https://pay.example/x"])
def test_a_target_is_a_path_or_an_https_address(target):
    assert sent("/old/", "/old/", target) == target
    for other in ("news/", "//pay.example/", "ftp://pay.example/", "?a=1"):
        assert list(problems(document("/old/", other))) == ["destinations[0].target"]


def test_the_location_is_what_was_typed_relative_stays_relative():
    assert sent("/old/", "/old/", "/a/../b".replace("../", "")) == "/a/b"
    assert sent("/old/", "/old/", "/%7Eme/?q=%20") == "/%7Eme/?q=%20"


def test_path_is_a_placeholder_of_every_target():
    assert sent("/a/b", "/a/", "/archive{path}", match="prefix") == "/archive/a/b"


def test_host_is_a_placeholder_only_as_the_whole_authority():
    made = sent("/a", "/a", "https://{host}{path}", scheme="http")
    assert made == "https://shop.example/a"
    for target in ("https://{host}.example/", "https://x.{host}/", "/{host}"):
        assert list(problems(document("/a", target))) == ["destinations[0].target"]


def test_host_is_refused_while_allowed_hosts_has_a_star():
    anywhere = Site(answers_any_host=True)
    with pytest.raises(Rejected, match="ALLOWED_HOSTS has “\\*”"):
        documents.parse(document("/a", "https://{host}{path}"), anywhere)


def test_captured_text_is_encoded_once():
    assert (
        sent("/x/50%25 é", "/x/*", "/y/{1}", match="pattern") == "/y/50%2525%20%C3%A9"
    )


@pytest.mark.parametrize(
    ("path", "target", "location"),
    [
        pytest.param("/x/https:evil", "/{all}", "/https:evil", id="a scheme"),
        pytest.param("/x/@evil.test", "https://pay.example{path}", None, id="a host"),
        pytest.param("/x//evil.test", "/{all}", "", id="a //"),
        pytest.param("/x/../y", "/z/{all}", "", id="a .."),
        pytest.param("/x/a&b=1?c", "/z?a={all}", "/z?a=a%26b%3D1?c", id="a parameter"),
    ],
)
def test_captured_text_can_never_become_a_scheme_a_host_or_more(path, target, location):
    made = sent(path, "/x/<path:all>", target, match="pattern")
    assert made == (
        "https://pay.example/x/@evil.test" if location is None else location
    )


def test_with_query_keep_the_visitors_query_is_added():
    assert sent("/a", "/a", "/b", query="x=1") == "/b?x=1"
    assert sent("/a", "/a", "/b", query="x=1", **{"status": 303}) == "/b?x=1"


def test_with_query_drop_it_is_not():
    rules = make_ruleset(rule=document("/a", "/b?z=1", query="drop"))
    assert rules.decide(visit("/a", query="x=1"), NOON).location == "/b?z=1"


def test_a_parameter_that_the_target_names_itself_wins():
    assert sent("/a", "/a", "/b?x=own", query="x=1&y=2&x=3") == "/b?x=own&y=2"


def test_repeated_and_blank_parameters_stay_in_order():
    query = "b=1&a=&b=2&c&&utm_source=x%20y+z&utm_source="
    assert sent("/a", "/a", "/b", query=query) == f"/b?{query}"


def test_a_sites_own_hosts_are_the_literal_names_others_must_be_listed():
    assert sent("/a", "/a", "https://www.shop.example/") == "https://www.shop.example/"
    assert sent("/a", "/a", "https://pay.example/") == "https://pay.example/"


def test_the_refusal_of_a_host_prints_the_line_to_add():
    told = problems(document("/a", "https://cdn.example/"))["destinations[0].target"]
    assert "TEMP_REDIRECTS = {'ALLOWED_TARGET_HOSTS': ['cdn.example']}" in told


# Who is asked


def test_any_method_is_asked_by_default():
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"):
        assert sent("/a", "/a", method=method) == "/new/"


def test_get_includes_head():
    assert sent("/a", "/a", method="HEAD", methods=["GET"]) == "/new/"
    assert sent("/a", "/a", method="POST", methods=["GET"]) == ""


def test_cors_preflights_always_pass():
    headers = {"Origin": "https://a.test", "Access-Control-Request-Method": "PUT"}
    asked = visit("/a", method="OPTIONS", headers=headers)
    assert make_ruleset(rule=document("/a")).decide(asked, NOON) is PREFLIGHT


def test_the_body_is_never_read():
    assert not hasattr(visit("/a"), "body")


def test_a_rule_does_not_hold_where_its_location_would_be_the_visits_own_url():
    keys = {"match": "prefix", "scheme": "https"}
    assert sent("/a", "/", "https://{host}{path}", **keys) == ""


def test_nor_on_paths_under_its_targets_literal_part_inside_its_own_source():
    for path in ("/m/", "/m/style.css"):
        assert sent(path, "/", "/m/", match="prefix") == ""
    assert sent("/x", "/", "/m/", match="prefix") == "/m/"
    for asked, location in (("/a/", "/old-a/"), ("/old-a/", "")):
        assert sent(asked, "/<x>/", "/old-{x}/", match="pattern") == location


def test_the_own_output_is_known_with_its_host():
    keys = {"match": "prefix", "scheme": "https"}
    assert sent("/m/", "/", "https://shop.example/m/", **keys) == ""
    elsewhere = "https://www.shop.example/m/"
    assert sent("/m/", "/", elsewhere, **keys) == elsewhere


# Vary


def test_vary_names_the_headers_that_the_live_rules_on_this_path_depend_on():
    live = document("/a", "/1/", conditions=[HTTPS])
    later = document(
        "/b", "/2/", conditions=[HTTPS], schedule=window("2040-01-01", None)
    )
    rules = make_ruleset(live=live, later=later)
    proxied = {"scheme_header": "X-Forwarded-Proto"}
    for scheme in ("http", "https"):  # every answer on the path varies alike
        decision = rules.decide(visit("/a", scheme=scheme, **proxied), NOON)
        assert decision.vary == ("X-Forwarded-Proto",)
    assert rules.decide(visit("/b", **proxied), NOON).vary == ()
    assert rules.decide(visit("/c", **proxied), NOON) is NO_RULE
