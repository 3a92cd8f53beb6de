from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given

from temp_redirects.core.documents import (
    document_of,
    dump,
    parse,
    parse_record,
    record_of,
)
from temp_redirects.core.records import FIELDS, key, precedence
from temp_redirects.core.sentences import Refused
from temp_redirects.core.sites import Site
from tests.core.documents.cases import WHOLE, rules
from tests.core.making import SITE, make_record, make_rule


@given(rules)
def test_a_rule_reads_from_its_record(rule):
    record = record_of(rule)
    assert parse_record(record, SITE) == replace(rule, enabled=True)
    assert precedence(record) == rule.precedence
    assert key(record) == (
        rule.source.kind,
        rule.source.place_of(rule.source.typed),
    )


@given(rules)
def test_the_document_of_a_record_is_the_one_of_its_rule(rule):
    running = replace(rule, enabled=True)
    assert {**document_of(record_of(rule)), "enabled": True} == dump(running)


def test_a_record_of_the_shortest_rule_is_short():
    rule = make_rule(id=str(UUID(int=1)))
    assert record_of(rule) == (
        "00000000-0000-0000-0000-000000000001",
        "rule",
        "exact",
        "/old/",
        (("", "", "/new/"),),
    )


def test_a_record_holds_plain_values_only():
    kinds = {type(value) for value in record_of(parse(WHOLE, SITE))}
    assert kinds <= {str, int, float, tuple, type(None)}
    assert len(record_of(parse(WHOLE, SITE))) == FIELDS.index("planned_visitors") + 1


def test_a_record_is_judged_by_the_site_of_now():
    record = make_record("/a", id="", destinations=(("d", "", "https://pay.example/"),))
    assert (
        parse_record(record, SITE).destinations[0].target.typed
        == "https://pay.example/"
    )
    with pytest.raises(Refused, match="not a server that redirects may go to"):
        parse_record(record, Site())
