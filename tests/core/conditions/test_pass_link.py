"""The pass link of a maintenance window: a key in, a key proved."""

import pytest

from temp_redirects.core.conditions.pass_link import PassLink
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit

KEY = "8f14e45fceea167a"


@pytest.mark.parametrize(
    ("passes", "holds", "sentence"),
    [
        ({KEY}, True, "the visitor has opened the pass link"),
        ({"0" * 16}, False, "the visitor has no pass link"),
        (set(), False, "the visitor has no pass link"),
    ],
    ids=["its key", "the key of another window", "no key"],
)
def test_only_its_own_key_passes(passes, holds, sentence):
    condition = PassLink.parse(KEY)
    visit = Visit("/", passes=frozenset(passes))

    assert condition.holds(visit) is holds
    assert str(condition.explain(visit)) == sentence


@pytest.mark.parametrize("text", ["", "short", "Z" * 16, "a" * 65, f"{KEY}\n"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(Refused, match="not the key of a pass link"):
        PassLink.parse(text)


def test_the_answer_is_personal_and_depends_on_the_cookie():
    condition = PassLink.parse(KEY)

    assert condition.personal
    assert condition.consulted(Visit("/")) == ("Cookie",)
    assert str(condition.describe()) == "visitors with the pass link"
    assert str(condition) == KEY
