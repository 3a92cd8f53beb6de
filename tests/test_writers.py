"""Several people write rules at the same moment."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from temp_redirects.models import MaintenanceWindow, RedirectRule

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls):
    """Run the calls at the same moment, each in a thread; return their errors."""
    ready = threading.Barrier(len(calls))
    errors = []

    def run(call):
        ready.wait()
        try:
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def scheduling(source, target, **fields):
    return lambda: RedirectRule.objects.schedule(source, target, **fields)


def test_writers_of_one_name_wait_for_each_other():
    RedirectRule.objects.schedule("/first", "/b")

    errors = together(*[scheduling("/a", f"/{n}", name="one") for n in range(4)])

    assert errors == []
    assert RedirectRule.objects.filter(name="one").count() == 1


def test_two_halves_of_a_loop_that_are_saved_together_are_not_both_stored():
    RedirectRule.objects.schedule("/first", "/b")

    errors = together(scheduling("/a", "/b"), scheduling("/b", "/a"))

    assert [type(error) for error in errors] == [ValidationError]


def test_a_window_and_a_rule_that_make_a_loop_together_are_not_both_stored():
    RedirectRule.objects.schedule("/first", "/b")

    errors = together(
        lambda: MaintenanceWindow.objects.schedule("shut", ["/a"], target="/b"),
        scheduling("/b", "/a"),
    )

    assert [type(error) for error in errors] == [ValidationError]


class Replica:
    """Reads where nothing is stored; the parts of a row beside it."""

    def db_for_read(self, model, instance=None, **hints):
        return instance._state.db if instance else "replica"


def test_a_window_is_judged_by_what_is_stored_where_it_is_written(settings):
    RedirectRule.objects.schedule("/b", "/a")
    settings.DATABASE_ROUTERS = [Replica()]

    with pytest.raises(ValidationError, match="round and round"):
        MaintenanceWindow.objects.schedule("shut", ["/a"], target="/b")
