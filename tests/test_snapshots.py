"""Snapshots: rules in a file, whole or not at all, and never older ones over newer."""

import json
import os
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from temp_redirects import snapshots
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit
from temp_redirects.models import (
    KillSwitch,
    MaintenanceWindow,
    RedirectRule,
    RulesetVersion,
)
from temp_redirects.models.reading import read_ruleset
from temp_redirects.models.versions import Version
from temp_redirects.snapshots import Mirror, Snapshot, read, write
from temp_redirects.store import Store

pytestmark = pytest.mark.django_db(transaction=True)

GENERATION = uuid.UUID(int=7)


def snapshot(number=1, generation=GENERATION, **parts):
    ruleset = Ruleset(*(parts.get(name, ()) for name in ("records", "windows")))
    return Snapshot(Version(generation, number), ruleset)


def number_in(file):
    return read(file).version.number


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rules.snapshot"


@pytest.fixture
def stored():
    """One of everything that a rule, a window and a switch may hold."""
    schedule = RedirectRule.objects.schedule
    schedule("/a", "/b", ends_at=datetime(2030, 1, 1, 0, 0, 0, 123456, tzinfo=UTC))
    schedule(
        "/blog/<int:year>/",
        "https://partner.example/{year}/?ä={country}",
        match="pattern",
        name="Ünïcode “blog”",
        hosts=["shop.example", "*.shop.example"],
        methods=["POST"],
        conditions=[{"kind": "country", "value": "DE, AT"}],
        unless=[{"kind": "user", "value": "staff"}],
        status=303,
        note="two\nlines",
    )
    schedule(
        "/pricing/",
        [{"target": "/pricing-b/", "percentage": 33.33}, {"target": "/pricing-c/"}],
        goal="/thanks/",
        ends_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    MaintenanceWindow.objects.schedule(
        "nightly",
        ["/shop/", "/café/"],
        starts_at=datetime(2026, 12, 6, 1, tzinfo=UTC),
        ends_at=datetime(2026, 12, 6, 3, tzinfo=UTC),
        repeat="FREQ=WEEKLY;BYDAY=SU",
        message="Back soon",
        pass_addresses=["10.0.0.0/8"],
    )
    ends = datetime.now(UTC) + timedelta(hours=1)
    KillSwitch.objects.pull("host", host="shop.example", ends_at=ends, reason="loop")
    return Snapshot(*read_ruleset("default"))


def test_what_is_written_is_read_again_and_nobody_else_may(file, stored):
    assert write(file, stored)

    found = read(file)
    assert found.version == stored.version
    for part in ("windows", "switches"):
        assert getattr(found.ruleset, part) == getattr(stored.ruleset, part)
        assert getattr(found.ruleset, part)
    assert sorted(found.ruleset.index) == sorted(stored.ruleset.index)
    assert abs(found.written_at - time.time()) < 60
    assert file.stat().st_mode & 0o777 == 0o600


def lines_of(file):
    return file.read_bytes().splitlines(keepends=True)


def test_every_line_is_json(file, stored):
    write(file, stored)

    kinds = [next(iter(json.loads(line))) for line in lines_of(file)]
    assert kinds == ["format", "switch", "window", "rule", "rule", "rule", "lines"]


def changed(file, old, new):
    before = file.read_bytes()
    assert old in before
    file.write_bytes(before.replace(old, new, 1))


def as_pipe(file):
    file.unlink()
    os.mkfifo(file)


BAD = {
    "nothing in it": (lambda file: file.write_bytes(b""), "does not begin"),
    "no JSON": (lambda file: file.write_bytes(b"PK\x03\x04\n\x80"), "does not begin"),
    "JSON of something else": (lambda file: file.write_text("[1]"), "does not begin"),
    "an export": (
        lambda file: file.write_text('{"format": "temp-redirects/1", "rules": []}'),
        "is “temp-redirects/1” and not “temp-redirects-snapshot/1”",
    ),
    "an older form": (
        lambda file: changed(file, b"snapshot/1", b"snapshot/0"),
        "“temp-redirects-snapshot/0”",
    ),
    "cut after a line": (
        lambda file: file.write_bytes(b"".join(lines_of(file)[:-1])),
        "its end is missing",
    ),
    "cut within a line": (
        lambda file: file.write_bytes(file.read_bytes()[:-70]),
        "its end is missing",
    ),
    "a line lost": (
        lambda file: file.write_bytes(
            b"".join(each for each in lines_of(file) if b"pricing" not in each)
        ),
        "its checksum is wrong",
    ),
    "a target that somebody typed": (
        lambda file: changed(file, b"/pricing-b/", b"//evil.test"),
        "its checksum is wrong",
    ),
    "brackets without an end": (
        lambda file: file.write_text("[" * 200_000),
        "it does not begin as a snapshot does",
    ),
    "a pipe": (as_pipe, "it is no file"),
}


@pytest.mark.parametrize(("damage", "reason"), BAD.values(), ids=BAD)
def test_a_file_that_is_not_whole_or_not_ours_is_refused_with_the_reason(
    file, stored, damage, reason
):
    write(file, stored)
    damage(file)

    with pytest.raises(Refused, match=reason):
        read(file)


def test_the_file_of_another_site_is_refused(file, stored, settings):
    write(file, stored)
    settings.SECRET_KEY = "another one"

    with pytest.raises(Refused, match="written with another SECRET_KEY"):
        read(file)


def test_a_key_that_was_replaced_is_still_good(file, stored, settings):
    write(file, stored)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one"

    assert sorted(read(file).ruleset.records()) == sorted(stored.ruleset.records())


def test_a_rule_with_a_field_of_a_later_version_is_not_half_understood(
    file, stored, monkeypatch
):
    write(file, stored)
    fewer = {key: it for key, it in snapshots.DEFAULTS.items() if key != "goal"}
    monkeypatch.setattr(snapshots, "DEFAULTS", fewer)
    monkeypatch.setattr(snapshots, "FIELDS", tuple(fewer))

    with pytest.raises(Refused, match=r"newer version of the app.*goal"):
        read(file)


def test_a_window_that_settings_forbid_since_switches_only_itself_off(
    file, stored, settings
):
    MaintenanceWindow.objects.schedule(
        "away", ["/x/"], target="https://partner.example/"
    )
    write(file, Snapshot(*read_ruleset("default")))
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": []}

    assert [window.name for window in read(file).ruleset.windows.values()] == [
        "nightly"
    ]


def test_the_size_is_bounded_both_ways(file, stored, monkeypatch):
    write(file, stored)
    before = file.read_bytes()
    monkeypatch.setattr(snapshots, "MAX_BYTES", 1_000)

    with pytest.raises(Refused, match="larger than 1000 bytes"):
        read(file)
    with pytest.raises(Refused, match="larger than 1000 bytes"):
        write(file, stored)
    assert file.read_bytes() == before


OTHERS = {
    "a newer one": (snapshot(6), True),
    "an older one": (snapshot(4), False),
    "the same once more": (snapshot(5), False),
    "of another database": (snapshot(1, uuid.UUID(int=8)), True),
    "of a database that was emptied": (Snapshot(None, Ruleset()), True),
}


@pytest.mark.parametrize(("later", "is_taken"), OTHERS.values(), ids=OTHERS)
def test_newer_rules_are_never_replaced_by_older(file, later, is_taken):
    write(file, snapshot(5))
    before = file.read_bytes()

    assert write(file, later) is is_taken

    assert (file.read_bytes() != before) is is_taken


def test_a_restored_backup_replaces_a_file_that_is_not_fresh(file, monkeypatch):
    write(file, snapshot(5))
    monkeypatch.setattr(snapshots, "RACE", 0.0)

    assert write(file, snapshot(4))


def test_a_damaged_file_is_written_anew_by_the_same_version(file):
    write(file, snapshot(5))
    for damaged in (file.read_bytes()[:-10], b"[" * 200_000):
        file.write_bytes(damaged)

        assert write(file, snapshot(5))
    assert number_in(file) == 5


def test_what_a_killed_process_left_is_in_nobodys_way(file):
    file.with_name("rules.snapshot.new").write_bytes(b"half a")

    assert write(file, snapshot())
    assert sorted(each.name for each in file.parent.iterdir()) == [
        "rules.snapshot",
        "rules.snapshot.lock",
    ]


def test_a_disk_in_trouble_is_told_once_and_the_newest_written_when_it_is_well(
    file, caplog
):
    mirror = Mirror()
    missing = file.parent / "later" / file.name
    for number in (1, 2):
        mirror.keep(missing, snapshot(number))
        mirror.wait(5)
    assert caplog.text.count("SNAPSHOT_FILE cannot be written") == 1
    assert "FileNotFoundError" in mirror.problem

    missing.parent.mkdir()
    mirror.keep(missing, snapshot(3))
    mirror.wait(5)

    assert number_in(missing) == 3
    assert mirror.problem == ""


# The store, as in a server.


@pytest.fixture
def served(settings, file, monkeypatch):
    """The settings and the process of a server: no test run."""
    settings.TEMP_REDIRECTS = {"SNAPSHOT_FILE": str(file), "REFRESH_SECONDS": 0.05}
    monkeypatch.delattr(mail, "outbox")


STARTED = []


@pytest.fixture(autouse=True)
def _no_look_is_left():
    """A look that a busy machine ends late would write into the next test's file."""
    yield
    while STARTED:
        settle(STARTED.pop())


def started():
    made = Store()
    made.start()
    STARTED.append(made)
    return made


def settle(store):
    if look := store._look:
        look.done.result(5)
    store.mirror.wait(5)


def redirects(store, path="/a"):
    return store.ruleset().decide(Visit(path), time.time()).location


@pytest.fixture
def away():
    with connection.cursor() as cursor:
        name = RulesetVersion._meta.db_table
        cursor.execute(f"ALTER TABLE {name} RENAME TO away")
        yield
        cursor.execute(f"ALTER TABLE away RENAME TO {name}")


def test_a_server_keeps_what_it_reads_and_the_next_one_starts_from_it(
    served, file, request, caplog
):
    RedirectRule.objects.schedule("/a", "/b")
    first = started()
    assert redirects(first) == "/b"
    settle(first)
    request.getfixturevalue("away")

    second = started()
    assert redirects(second) == "/b"
    settle(second)
    assert redirects(second) == "/b"

    assert second.failures
    assert caplog.text.count("the rules of SNAPSHOT_FILE, written 20") == 1


def test_what_the_database_says_replaces_the_file_and_the_file_follows(served, file):
    RedirectRule.objects.schedule("/a", "/old")
    first = started()
    first.ruleset()
    settle(first)
    RedirectRule.objects.schedule("/x", "/y")
    known = number_in(file)

    second = started()
    assert second.mirrored_at is not None
    second.ruleset()
    settle(second)

    assert second.mirrored_at is None
    assert number_in(file) == known + 1
    assert redirects(second, "/x") == "/y"


def test_a_replica_that_lags_behind_the_file_is_not_believed(served, file):
    RedirectRule.objects.schedule("/a", "/old")
    RedirectRule.objects.schedule("/a", "/b", name="/a → /old")
    first = started()
    first.ruleset()
    settle(first)
    RedirectRule.objects.all().delete()
    RulesetVersion.objects.update(number=0)

    second = started()
    second.ruleset()
    settle(second)

    assert second.live.decide(Visit("/a"), time.time()).location == "/b"


def test_a_file_that_is_refused_is_told_with_the_reason_and_written_anew(
    served, file, caplog
):
    RedirectRule.objects.schedule("/a", "/b")
    file.write_text("no snapshot")

    store = started()
    assert redirects(store) == "/b"
    settle(store)

    assert f"SNAPSHOT_FILE {file} is not used: it does not begin" in caplog.text
    assert read(file).ruleset.size == 1


def test_a_file_that_cannot_be_read_is_told(served, file, caplog):
    file.parent.joinpath("loop").symlink_to(file)
    file.symlink_to(file.parent / "loop")

    assert redirects(started()) == ""

    assert "is not used: OSError" in caplog.text


def test_neither_a_test_run_nor_a_command_reads_or_writes_the_file(
    settings, file, client
):
    settings.TEMP_REDIRECTS = {"SNAPSHOT_FILE": str(file)}
    RedirectRule.objects.schedule("/a", "/b")

    store = started()
    assert redirects(store) == "/b"
    settle(store)
    assert client.get("/a").status_code == 307

    assert not file.exists()
