"""Who comes back from where a redirect led, and who only asks again."""

from itertools import cycle, islice

import pytest

from temp_redirects.core.hops import MOST, NOT_FOLLOWED, PROBE, Hop, address_of, hop_of
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow
from tests.core.making import NOON, SITE, document, make_ruleset

ID = "00000000-0000-0000-0000-000000000001"  # of the only rule
BROWSER = {"Sec-Fetch-Mode": "navigate"}
A, B = address_of(ID, "/a/"), address_of(ID, "/b/")
RULES = make_ruleset(rule=document("/", "https://pay.example{path}", match="prefix"))


def hop(path="/a/", ruleset=RULES, *, headers=BROWSER, **facts):
    visit = Visit(path, headers=headers, site=SITE, **facts)
    decision = ruleset.decide(visit, NOON)
    assert decision.location
    return hop_of(visit, decision)


@pytest.mark.parametrize(
    ("trail", "marker", "found"),
    [
        pytest.param("", "", Hop(A), id="the first redirect"),
        pytest.param(A, "", Hop(A + A), id="the second one"),
        pytest.param(A * 2, "", Hop(A * 3), id="and the third"),
        pytest.param(A * 3, "", Hop(A * 4, A), id="the fourth one is marked"),
        pytest.param(A * 4, "", Hop(A * 5, A), id="and the fifth, of who clicks again"),
        pytest.param(A * 4, A, Hop(is_loop=True), id="it came back"),
        pytest.param(A * MOST, A, Hop(is_loop=True), id="again, after a reload"),
        pytest.param(B * 4, "", Hop(B * 4 + A), id="others do not count"),
        pytest.param(
            (B + A) * 3 + B, B, Hop((B + A) * 4, B), id="a marker goes round until back"
        ),
        pytest.param("", A, Hop(A), id="a marker from a link: of another browser"),
        pytest.param(A * 3, A, Hop(A * 4, A), id="from a link, of who clicks often"),
        pytest.param("", B, Hop(A), id="another’s marker is not kept"),
        pytest.param(A * MOST, "", Hop(A * MOST, A), id="a trail has an end"),
        pytest.param(
            A * 2 + "; x=<b>\r\n" + A, "", Hop(A * 4, A), id="a trail with rubbish"
        ),
        pytest.param("x" * 4_000, "", Hop(A), id="a trail of rubbish"),
        pytest.param(A * 500, "", Hop(A * MOST, A), id="a trail that is made up"),
    ],
)
def test_what_becomes_of_a_redirect(trail, marker, found):
    assert hop(trail=trail, marker=marker) == found


ELSEWHERE = {
    "a script": {"headers": {"Sec-Fetch-Mode": "cors", "Accept": "text/html"}},
    "an image": {"headers": {"Sec-Fetch-Mode": "no-cors"}},
    "a program": {"headers": {"Accept": "application/json"}},
    "who says nothing": {"headers": {}},
    "HTMX": {"headers": {"HX-Request": "true", "Accept": "text/html"}},
    "a form": {"method": "POST"},
    "another method": {"method": "PUT"},
}


@pytest.mark.parametrize("facts", ELSEWHERE.values(), ids=ELSEWHERE)
def test_only_browsers_on_their_way_to_a_page_are_followed(facts):
    assert hop(**facts, trail=A * PROBE, marker=A) == NOT_FOLLOWED


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({}, id="a browser"),
        pytest.param({"method": "HEAD"}, id="who asks for the headers"),
        pytest.param(
            {"headers": {"Accept": "text/html,*/*;q=0.8"}}, id="an older browser"
        ),
    ],
)
def test_browsers_are_followed(facts):
    assert hop(**facts) == Hop(A)


def test_what_caches_keep_is_not_followed():
    rules = make_ruleset(rule=document("/a/", cache_seconds=60))

    assert hop(ruleset=rules, trail=A * PROBE, marker=A) == NOT_FOLLOWED


def test_nobody_talks_himself_past_maintenance():
    window = MaintenanceWindow(
        id=ID,
        name="update",
        paths=("/a/",),
        schedule=Schedule(),
        target="https://pay.example/",
    )
    visit = Visit("/a/", headers=BROWSER, site=SITE)
    decision = Ruleset(windows=[window]).decide(visit, NOON)
    assert decision.reason == "match"
    own = address_of(decision.rule.id, "/a/")
    visit.trail, visit.marker = own * PROBE, own

    assert hop_of(visit, decision) == NOT_FOLLOWED


def test_what_stays_on_its_page_is_not_followed():
    zero = [{"target": "/b/", "percentage": 0}]
    rules = make_ruleset(rule=document("/a/", destinations=zero))
    visit = Visit("/a/", headers=BROWSER, trail=A * PROBE, marker=A, site=SITE)

    assert hop_of(visit, rules.decide(visit, NOON)) == NOT_FOLLOWED


@pytest.mark.parametrize("addresses", [1, 2, 3, MOST // PROBE])
def test_a_loop_through_addresses_of_ours_ends_after_laps_that_are_few(addresses):
    paths = [f"/{number}/" for number in range(addresses)]
    trail = marker = ""
    laps = []
    for path in islice(cycle(paths), 20 * addresses):
        found = hop(path, trail=trail, marker=marker)
        if found.is_loop:
            break
        trail, marker = found.trail, found.marker
        laps.append(path)

    assert laps == paths * PROBE


@pytest.mark.parametrize("addresses", [1, 2, 5])
def test_who_asks_again_and_again_is_redirected_each_time(addresses):
    trail = ""
    for number in range(60):
        found = hop(f"/{number % addresses}/", trail=trail)
        trail = found.trail
        assert not found.is_loop
        assert len(trail) <= 8 * MOST


def test_an_address_is_a_path_under_one_rule():
    others = [address_of(ID, "/b/"), address_of(ID[::-1], "/a/")]

    assert A not in others
    assert address_of(ID, "/a/") == A
    assert len(address_of("", "/\ud800\udcff")) == 8  # half a character, and a byte
