"""What is wrong with records that nobody reaches, found some at a time."""

from itertools import islice
from uuid import UUID

import pytest

from temp_redirects.core import examinations
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.schedules import Schedule
from temp_redirects.core.sites import Site
from temp_redirects.core.switches import KillSwitch
from temp_redirects.core.visits import Visit
from temp_redirects.core.windows import MaintenanceWindow
from tests.core.making import NOON, SITE, make_record


def identity(number):
    return str(UUID(int=number + 1))


def record(number, target="/new/", **fields):
    parts = (("d", "", target),)
    made = {"destinations": parts, **fields, "id": identity(number)}
    return make_record(f"/{number}/", **made)


def broken(number):
    return record(number, "//evil.test/")


def examine(ruleset, site=SITE, steps=None):
    """Look at so many records (None: all that are left), and return what is off."""
    done = sum(1 for _ in islice(ruleset.examine(site), steps))
    return done, ruleset.rejected


def test_what_no_visit_reaches_is_told_and_nothing_is_kept_of_the_others():
    rules = Ruleset([record(0), broken(1), record(2, match="of a later version")])
    assert rules.rejected == {}

    done, rejected = examine(rules)

    assert (done, rules.examined, rules.size) == (3, 3, 3)
    assert list(rejected) == [identity(1), identity(2)]
    assert "two slashes" in str(rejected[identity(1)])
    assert "no way to match" in str(rejected[identity(2)])
    assert rules._compiled == {}


def test_it_goes_on_where_it_stopped_and_ends():
    rules = Ruleset(map(broken, range(5)))

    assert [examine(rules, steps=2)[0] for _ in range(4)] == [2, 2, 1, 0]
    assert (len(rules.rejected), rules.examined) == (5, 5)


def test_how_many_were_looked_at_is_told_meanwhile():
    rules = Ruleset(map(record, range(5)))
    assert rules.examined == 0

    examine(rules, steps=2)

    assert (rules.examined, rules.size) == (2, 5)


@pytest.mark.parametrize("looked_at", [0, 2, 4], ids=["none", "some", "all"])
def test_after_an_edit_only_what_was_left_and_the_edit_are_looked_at(looked_at):
    rules = Ruleset(map(broken, range(4)))
    examine(rules, steps=looked_at)

    later = rules.changed([identity(0), identity(4)], [record(0), broken(4)], [], [])
    latest = later.changed([identity(4)], [record(4)], [], [])

    assert examine(later)[0] == 2 + 4 - looked_at
    assert list(later.rejected) == [identity(each) for each in (1, 2, 3, 4)]
    assert (later.examined, later.size) == (5, 5)
    assert examine(latest)[0] == 2
    assert list(latest.rejected) == [identity(each) for each in (1, 2, 3)]
    assert (latest.examined, latest.size) == (5, 5)


def test_what_a_visit_reached_is_told_before_it_is_looked_at():
    rules = Ruleset([broken(0), broken(1)])

    rules.decide(Visit("/1/", host="shop.example", site=SITE), NOON)

    assert list(rules.rejected) == [identity(1)]


def test_kill_switches_change_nothing_about_it():
    rules = Ruleset([broken(0), broken(1)])
    examine(rules, steps=1)

    stopped = rules.with_switches([KillSwitch()])

    assert examine(stopped)[0] == 1
    assert list(stopped.rejected) == [identity(0), identity(1)]


def test_for_another_site_it_begins_anew():
    rules = Ruleset([record(0), record(1, "https://pay.example/")])
    assert examine(rules) == (2, {})

    done, rejected = examine(rules, Site(hosts=SITE.hosts))

    assert (done, list(rejected)) == (2, [identity(1)])


def test_of_very_many_refusals_only_the_first_are_kept(monkeypatch):
    monkeypatch.setattr(examinations, "MOST", 2)
    rules = Ruleset(map(broken, range(4)))

    examine(rules)
    later = rules.changed([identity(4)], [broken(4)], [], [])
    examine(later)

    assert (len(rules.rejected), rules.more_rejected) == (2, 2)
    assert (len(later.rejected), later.more_rejected) == (3, 2)


def test_paths_of_maintenance_windows_are_no_rules_but_looked_at():
    window = MaintenanceWindow(
        id="1", name="Shop", paths=("/a/", "/b/"), schedule=Schedule()
    )
    rules = Ruleset([record(0)], [window])

    done, rejected = examine(rules)

    assert (done, rules.examined, rules.size) == (3, 1, 1)
    assert all("The notice has no address" in str(each) for each in rejected.values())
    assert len(rejected) == 2
