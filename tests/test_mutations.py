"""The list of mutations fits the code, so that it can be run."""

import ast
from collections import Counter

import pytest

from tests.mutations import MUTATIONS, ROOT

by_promise = pytest.mark.parametrize(
    "mutation", MUTATIONS, ids=[each.promise for each in MUTATIONS]
)


@by_promise
def test_what_a_mutation_changes_stands_there_once(mutation):
    assert (ROOT / mutation.path).read_text().count(mutation.old) == 1
    ast.parse((ROOT / mutation.path).read_text().replace(mutation.old, mutation.new))


@by_promise
def test_a_mutation_names_tests_that_there_are(mutation):
    assert mutation.tests
    for test in mutation.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text()


def test_a_promise_is_broken_once():
    assert set(Counter(each.promise for each in MUTATIONS).values()) == {1}
