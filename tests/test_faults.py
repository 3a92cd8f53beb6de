"""Faults of the machine: a disk that is full, a clock that jumps."""

import signal
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from temp_redirects.core.rulesets import Ruleset
from temp_redirects.models import HitCount, RedirectRule
from temp_redirects.models.versions import Version
from temp_redirects.snapshots import Snapshot, read, write
from temp_redirects.store import Store
from temp_redirects.tallies import tallies

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GENERATION = uuid.UUID(int=7)


def snapshot(number, rules):
    records = [(str(n), str(n), "exact", f"/{n}", ()) for n in range(rules)]
    return Snapshot(Version(GENERATION, number), Ruleset(records))


@pytest.fixture
def full():
    """No file of this process may grow beyond a few bytes, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_the_snapshot_of_before(tmp_path, full):
    file = tmp_path / "rules.snapshot"
    write(file, snapshot(1, rules=3))

    full()
    with pytest.raises(OSError, match="too large"):
        write(file, snapshot(2, rules=1_000))

    assert read(file).version.number == 1
    assert read(file).ruleset.size == 3
    assert not file.with_name("rules.snapshot.new").exists()  # it takes no room


STEPS = [timedelta(0), DAY, -DAY, 2 * DAY, -2 * DAY, timedelta(minutes=30)]


@pytest.mark.django_db
def test_windows_follow_a_clock_that_jumps_and_nothing_else_minds(client):
    RedirectRule.objects.schedule(
        "/a", "/b", starts_at=NOON, ends_at=NOON + timedelta(hours=1)
    )
    seen = []
    for step in STEPS:
        with time_machine.travel(NOON + step, tick=False):
            seen.append(client.get("/a").status_code)
            tallies.flush()

    assert seen == [307, 200, 200, 200, 200, 307]
    (row,) = HitCount.objects.all()
    assert (row.count, row.last_at) == (2, NOON + STEPS[-1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [DAY, -DAY], ids=["forward", "back"])
def test_changes_are_seen_in_time_though_the_clock_jumps(settings, step):
    settings.TEMP_REDIRECTS = {"REFRESH_SECONDS": 0.05}
    store = Store()
    store.ruleset()
    RedirectRule.objects.schedule("/a", "/b")

    with time_machine.travel(datetime.now(UTC) + step):
        time.sleep(0.06)
        store.ruleset()  # starts the look beside it
        if store._look:
            store._look.done.result(5)
        found = store.ruleset()

    assert found.covers("/a")
