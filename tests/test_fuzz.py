"""Wherever random rules send random requests, nobody leaves the site unasked.

``FUZZ_REQUESTS=1000000`` makes it a million requests; a seed that failed stays.
"""

import random

import pytest

from temp_redirects.core import documents
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.sites import current_site
from tests.fuzzing import (
    NODE,
    STRINGS,
    WANTED,
    Sent,
    ask,
    astray,
    by_node,
    by_parser,
    is_clean,
    sent_by,
)

pytestmark = pytest.mark.django_db  # nothing is counted in somebody's database

SEEDS = [1, 2, 3, 4, 5]
HERE = "https://shop.example"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_location_stays_on_the_site_or_a_listed_host(seed):
    wanted = WANTED // len(SEEDS)
    redirects = 0

    def counted():
        nonlocal redirects
        for sent in filter(None, sent_by(random.Random(seed), wanted)):  # noqa: S311
            redirects += 1
            yield sent

    assert next(astray(counted()), None) is None
    assert redirects > wanted / 5  # else it would say little


JUDGED = {
    "a path": ("/a", True),
    "an own host": ("https://testserver/a", True),
    "a listed host": ("https://partner.example/a", True),
    "a listed origin": ("http://localhost:8001/a", True),
    "another port of it": ("http://localhost:8002/a", False),
    "another host": ("https://evil.test/a", False),
    "down to http": ("http://shop.example/a", False),
    "two slashes": ("//evil.test/a", False),
    "two slashes of its own": ("//shop.example/a", False),
    "slash and backslash": ("/\\evil.test/a", False),
    "a host and a user": ("https://shop.example@evil.test/a", False),
    "another scheme": ("javascript:alert(1)", False),
    "what is no address": ("https://", False),
    "a letter that is no ASCII": ("/é", False),
    "a line break": ("/a\r\nb", False),
    "too long": (f"/{'a' * 8_192}", False),
}


@pytest.mark.parametrize(("location", "is_fine"), JUDGED.values(), ids=JUDGED)
def test_the_judges_know_what_may_be_sent(location, is_fine):
    assert (not list(astray([Sent(location, HERE, "")]))) is is_fine


@pytest.mark.skipif(NODE is None, reason="there is no Node")
def test_the_judges_agree_on_what_stays_here():
    some = [Sent(text, HERE, "") for text in STRINGS if is_clean(text)]
    agreed = 0
    for each, ours, nodes in zip(some, by_parser(some), by_node(some), strict=True):
        # What the parser does not know leads nowhere, and so fails what leads there.
        assert ours in {nodes, None} or HERE not in {ours, nodes}, each.location
        agreed += ours == nodes

    assert agreed > 200


# The strings by which the URL parsers of browsers are tested.

TARGETS = ["{}", "/{}", "/y/{}", "https://{}", "https://shop.example{}", "/y?q={}#{}"]


def ruleset(target, path="/x/"):
    fields = {"name": "a", "match": "prefix", "path": path, "id": f"{'0' * 31}1"}
    document = {**fields, "destinations": [{"target": target}]}
    return Ruleset([documents.record_of(documents.parse(document, current_site()))])


def test_no_string_of_the_browsers_tests_is_a_target_that_leads_astray():
    sent = []
    for target in TARGETS:
        for text in STRINGS:
            try:
                rules = ruleset(target.replace("{}", text))
            except Refused:
                continue
            sent.append(ask(rules, "/x/a", "", "shop.example", is_secure=True))

    redirects = list(filter(None, sent))
    assert len(redirects) > 500
    assert list(astray(redirects)) == []


PLACES = [
    *("/y/{rest}", "/y{path}", "/{rest}", "/y-{rest}", "/y?q={rest}", "/y#{rest}"),
    *(
        "https://{host}{path}",
        "https://partner.example/{rest}",
        "https://{host}/{rest}",
    ),
]


@pytest.mark.parametrize("target", PLACES)
def test_no_string_of_the_browsers_tests_leads_astray_as_a_capture(target):
    rules = ruleset(target)
    sent = [
        ask(rules, f"/x/{text}", query, "shop.example", is_secure=is_secure)
        for text in STRINGS
        for query, is_secure in (("", True), (text, False))
    ]

    redirects = list(filter(None, sent))
    assert len(redirects) > len(STRINGS) / 2
    assert list(astray(redirects)) == []


@pytest.mark.parametrize("host", ["[::1]", "evil.test", "", "shop.example@evil.test"])
def test_a_host_that_the_site_does_not_know_never_enters_a_location(host):
    sent = ask(ruleset("https://{host}{path}"), "/x/a", "", host, is_secure=True)

    assert sent is None
