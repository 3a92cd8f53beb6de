"""Break each promise in a copy of the code, and see that exactly its tests fail.

``python -m tests.mutations`` takes some minutes. A promise whose tests pass while it is
broken, or with which tests of another one fail, ends it with 1. `SECURITY.md` names the
promises; what only real servers can show is not among them.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Run where they are to fail.
SLOW = (
    *("test_fuzz.py", "test_bounds.py", "test_admin_access.py"),
    *("test_publishing.py", "core/test_processes.py"),
)
TREE = ("temp_redirects", "tests", "demo_project", "templates", "pyproject.toml")
FAILED = re.compile(r"^(?:FAILED|ERROR) ([^\[\s]+)", re.MULTILINE)


class Mutation(NamedTuple):
    """What is broken by writing ``new`` for ``old``, and the tests that must fail."""

    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where the file lies in the tree."""
        return f"temp_redirects/{self.file}"


MIDDLEWARE, STORE = "test_middleware.py::test_", "test_store.py::test_"
TALLIES, SNAPSHOTS = "test_tallies.py::test_", "test_snapshots.py::test_"
FUZZ, BOUNDS = "test_fuzz.py::test_", "test_bounds.py::test_"
HEALTH, READING = "test_health.py::test_", "test_reading.py::test_"
TARGETS, CHANGES = "core/test_targets.py::test_", "core/test_changes.py::test_"
ACCESS, PUBLISHING = "test_admin_access.py::test_", "test_publishing.py::test_"
PROCESSES = "core/test_processes.py::test_"
HOPS = "test_hops.py::test_"
SWITCHES, LOGS = "test_switches.py::test_", "test_logs.py::test_"
PROXIED_HOST = (
    f"{MIDDLEWARE}a_host_that_a_proxy_tells_is_part_of_what_caches_tell_apart"
)

MUTATIONS = [
    Mutation(
        "no error of ours reaches a visitor",
        "middleware.py",
        "            answer = self.answer(store.ruleset(), request)\n"
        "        except Exception:\n            answer = _failed()\n",
        "            answer = self.answer(store.ruleset(), request)\n"
        "        except ZeroDivisionError:\n            answer = _failed()\n",
        (
            f"{MIDDLEWARE}a_failure_of_ours_goes_to_the_log_and_the_request_to_its_view_once",
        ),
    ),
    Mutation(
        "deciding asks no database",
        "store.py",
        "            self._next_look = max(began + refresh, now + pause)\n",
        "            self._next_look = now\n",
        (f"{STORE}between_two_looks_no_query_is_made",),
    ),
    Mutation(
        "a change is live within the refresh time",
        "store.py",
        "            self._next_look = max(began + refresh, now + pause)\n",
        "            self._next_look = now + 3600\n",
        (
            f"{STORE}a_change_of_another_process_is_seen_after_the_refresh_time",
            f"{STORE}after_a_quiet_time_the_first_request_does_not_get_old_rules",
            # They wait for a look, too.
            f"{STORE}a_thread_with_uncommitted_rules_decides_by_them_and_others_do_not",
            f"{STORE}the_last_good_rules_serve_while_the_database_is_away",
            f"{STORE}a_pulled_switch_holds_and_is_over_at_its_time_while_the_database_is_away",
        ),
    ),
    Mutation(
        "the last good rules serve while the database is away",
        "store.py",
        "            self.problem = _one_line(error)\n",
        "            self.problem = _one_line(error)\n            self.live = EMPTY\n",
        (
            f"{STORE}the_last_good_rules_serve_while_the_database_is_away",
            f"{STORE}a_pulled_switch_holds_and_is_over_at_its_time_while_the_database_is_away",
            f"{SNAPSHOTS}a_server_keeps_what_it_reads_and_the_next_one_starts_from_it",
        ),
    ),
    Mutation(
        "who was slow to read never replaces what is newer",
        "store.py",
        "            if began < self._read_at:\n",
        "            if False:\n",
        (f"{STORE}a_reader_that_began_earlier_never_replaces_a_later_one",),
    ),
    Mutation(
        "equal documents decide alike in every process",
        "core/splits.py",
        "    digest = sha256(prefix + visitor).digest()\n",
        "    digest = sha256(str(hash(prefix + visitor)).encode()).digest()\n",
        (f"{PROCESSES}another_process_decides_byte_by_byte_the_same",),
    ),
    Mutation(
        "a lagging replica is not taken for news",
        "store.py",
        "            and version.number < known.number\n",
        "            and version.number < 0\n",
        (
            f"{STORE}a_lower_number_is_a_replica_that_lags_and_is_not_taken",
            f"{SNAPSHOTS}a_replica_that_lags_behind_the_file_is_not_believed",
        ),
    ),
    Mutation(
        "a server starts from the file",
        "store.py",
        "            if self._publish(found.version, found.ruleset, began):\n"
        "                self.mirrored_at",
        "            if False:\n                self.mirrored_at",
        (
            f"{SNAPSHOTS}a_server_keeps_what_it_reads_and_the_next_one_starts_from_it",
            f"{SNAPSHOTS}what_the_database_says_replaces_the_file_and_the_file_follows",
            f"{SNAPSHOTS}a_replica_that_lags_behind_the_file_is_not_believed",
        ),
    ),
    Mutation(
        "newer rules in the file are never replaced by older ones",
        "snapshots.py",
        "    return ours.number > version.number or is_restored\n",
        "    return True\n",
        (f"{SNAPSHOTS}newer_rules_are_never_replaced_by_older",),
    ),
    Mutation(
        "a damaged or foreign file is refused",
        "snapshots.py",
        "        constant_time_compare(told, each.hexdigest()) for each in checksums\n",
        "        told for each in checksums\n",
        (
            f"{SNAPSHOTS}a_file_that_is_not_whole_or_not_ours_is_refused_with_the_reason",
            f"{SNAPSHOTS}the_file_of_another_site_is_refused",
        ),
    ),
    Mutation(
        "the file is its owner's alone",
        "snapshots.py",
        "ONLY_OWNER = 0o600",
        "ONLY_OWNER = 0o644",
        (f"{SNAPSHOTS}what_is_written_is_read_again_and_nobody_else_may",),
    ),
    Mutation(
        "a batch that is written twice counts once",
        "models/counts.py",
        "        if rows.filter(number__lt=number).update(",
        "        if rows.filter(number__lte=number).update(",
        (f"{TALLIES}a_batch_whose_commit_nobody_heard_of_counts_once",),
    ),
    Mutation(
        "hits outlive an outage",
        "tallies.py",
        "            return self._sealed\n",
        "            sealed, self._sealed = self._sealed, None\n"
        "            return sealed\n",
        (f"{TALLIES}hits_are_kept_while_the_database_is_away",),
    ),
    Mutation(
        "a process that ends writes what is left",
        "tallies.py",
        "            thread.join(LAST_WAIT)\n",
        "            thread.join(0)\n",
        (f"{TALLIES}when_the_process_ends_what_is_left_is_written",),
    ),
    Mutation(
        "what is counted apart is bounded",
        "tallies.py",
        "            elif len(self._tallies) < MAX_KEYS:\n",
        "            elif len(self._tallies) < MAX_KEYS * 10_000:\n",
        (f"{TALLIES}memory_is_bounded_and_what_is_left_out_is_told",),
    ),
    Mutation(
        "no request leaves something in memory",
        "middleware.py",
        "            visit.person = people.person(request, needs)\n",
        "            pass\n        _told[request.path * 100] = 0.0\n",
        (f"{BOUNDS}requests_of_which_no_two_are_alike_leave_nothing_in_memory",),
    ),
    Mutation(
        "no request costs more than ten milliseconds",
        "core/targets.py",
        "    _refuse_long(text)  # a search of it would take milliseconds\n",
        '    any(_DOTS.search(f"/{each}/") for each in text.split("/"))\n',
        (f"{BOUNDS}nothing_in_a_request_costs_more_than_ten_milliseconds",),
    ),
    Mutation(
        "no expression takes long on any path",
        "core/patterns/regexes.py",
        "        if len(sent) > self._longest:\n",
        "        if False:\n",
        (  # which takes 10 ms on slow machines only
            "core/patterns/test_regexes.py::"
            "test_the_more_steps_an_expression_takes_the_shorter_is_what_it_matches",
        ),
    ),
    Mutation(
        "no Location leaves the site or the listed hosts",
        "core/targets.py",
        '    if scheme == "https" and host in {',
        '    if scheme == "https" or host in {',
        (
            f"{FUZZ}every_location_stays_on_the_site_or_a_listed_host",
            f"{FUZZ}no_string_of_the_browsers_tests_is_a_target_that_leads_astray",
        ),
    ),
    Mutation(
        "captured text is encoded once",
        "core/targets.py",
        'text = values[name] if name == "host" else _encoded(values[name], done)',
        "text = values[name]",
        (f"{TARGETS}captures_land_in_their_place",),
    ),
    Mutation(
        "windows open and close on time",
        "core/schedules/__init__.py",
        "            and (found.ends is None or now < found.ends)\n",
        "            and (found.ends is None or now <= found.ends)\n",
        (f"{MIDDLEWARE}a_window_opens_and_closes_on_the_second",),
    ),
    Mutation(
        "no reader sees half a change",
        "models/reading.py",
        "    if connection.in_atomic_block:\n",
        "    if True:\n",
        (f"{READING}no_reader_sees_half_of_a_transaction_or_an_older_one",),
    ),
    Mutation(
        "what is rolled back is never live",
        "store.py",
        "                    ruleset = _read_pending(using, key)\n",
        "                    ruleset = self.live = _read_pending(using, key)\n",
        (f"{STORE}a_thread_with_uncommitted_rules_decides_by_them_and_others_do_not",),
    ),
    Mutation(
        "staff can always get in",
        "core/sites.py",
        "        if folder.startswith(self.protected):\n            return True\n",
        "        if folder.startswith(self.protected):\n            return False\n",
        (f"{MIDDLEWARE}protected_paths_pass_whatever_a_rule_covers",),
    ),
    Mutation(
        "one bad row hurts only itself",
        "models/careful.py",
        "            pks = _next_ids(rules.filter(behind))\n",
        "            pks: list[UUID] = []\n",
        (
            f"{READING}what_the_driver_cannot_read_hurts_only_itself",
            f"{READING}what_is_live_lacks_only_what_cannot_be_read",
        ),
    ),
    Mutation(
        "a redirect outlives its window in no cache",
        "responses.py",
        '        return "no-store"\n',
        '        return "max-age=60"\n',
        (f"{MIDDLEWARE}a_covered_path_answers_307_with_its_location",),
    ),
    Mutation(
        "the page names what decided, too",
        "middleware.py",
        "    if page.vary:\n        patch_vary_headers(response, page.vary)\n",
        "",
        (
            f"{MIDDLEWARE}vary_stands_on_the_redirect_and_on_the_page_alike",
            PROXIED_HOST,
        ),
    ),
    Mutation(
        "a redirect that comes back ends with the page",
        "core/hops.py",
        "    if marker == here:\n",
        "    if marker == here == visit:\n",
        (f"{HOPS}a_redirect_that_comes_back_ends_with_the_page",),
    ),
    Mutation(
        "who only asks again does not come back",
        "core/hops.py",
        "visit.marker if trail.count(visit.marker) >= PROBE",
        "here if trail.count(here) >= PROBE",
        (
            f"{HOPS}who_asks_again_is_redirected_each_time_and_nothing_is_told",
            f"{HOPS}a_marker_that_is_none_ends_nothing_and_is_not_kept",
        ),
    ),
    Mutation(
        "what marks a loop is signed",
        "signing.py",
        "        text = signing.Signer(salt=HOP_SALT).unsign(token)\n",
        '        text = token.partition(":")[0]\n',
        (
            f"{HOPS}a_marker_that_is_none_ends_nothing_and_is_not_kept",
            f"{HOPS}no_condition_sees_a_marker_and_no_rule_keeps_it",
        ),
    ),
    Mutation(
        "what marks a loop is for the browser that got it",
        "core/hops.py",
        "if trail.count(visit.marker) >= PROBE else",
        "if visit.marker else",
        (
            f"{HOPS}a_marker_from_somebody_elses_browser_ends_nothing",
            f"{HOPS}a_marker_that_is_none_ends_nothing_and_is_not_kept",
        ),
    ),
    Mutation(
        "nobody talks himself past maintenance",
        "core/hops.py",
        "        or rule.is_window\n",
        "",
        (f"{HOPS}maintenance_that_comes_back_stays_maintenance",),
    ),
    Mutation(
        "no rule sees or keeps what marks a loop",
        "requests.py",
        '_OURS = (f"{ARM}=", f"{HOP}=")',
        '_OURS = (f"{ARM}=",)',
        (
            f"{HOPS}no_condition_sees_a_marker_and_no_rule_keeps_it",
            f"{HOPS}a_marker_from_somebody_elses_browser_ends_nothing",
            f"{HOPS}a_marker_that_is_none_ends_nothing_and_is_not_kept",
        ),
    ),
    Mutation(
        "the body is never read",
        "middleware.py",
        "        answer = redirect(decision, rule, visit.request)\n",
        "        answer = redirect(decision, rule, visit.request)\n"
        "        visit.request.body\n",
        (f"{MIDDLEWARE}the_body_is_never_read",),
    ),
    Mutation(
        "who may only change cannot publish",
        "models/recording.py",
        "        if is_publishing(read_text(before), read_text(after), time()):\n",
        "        if False:\n",
        (
            f"{PUBLISHING}what_visitors_would_notice_is_refused_and_nothing_of_it_stays",
            f"{PUBLISHING}it_stays_refused_inside_another_batch",
        ),
    ),
    Mutation(
        "a time that was taken away comes back by who may publish alone",
        "core/changes.py",
        "    return {day for day in days if date.fromisoformat(day) >= since}\n",
        "    return set()\n",
        (
            f"{CHANGES}of_what_repeats_taking_a_time_away_is_no_publishing",
            f"{CHANGES}a_time_that_is_past_for_a_month_may_be_forgotten",
        ),
    ),
    Mutation(
        "each button of the admin is for who may press it",
        "admin/verbs.py",
        "        if not self.may(request, self.verbs[verb].permission, row):\n",
        "        if False:\n",
        (f"{ACCESS}who_may_all_the_rest_is_refused",),
    ),
    Mutation(
        "nothing is changed by a link",
        "admin/switches.py",
        "require_POST(self.on_view)",
        "self.on_view",
        (f"{ACCESS}nothing_but_a_post_changes_anything",),
    ),
    Mutation(
        "health is told to who may know",
        "views/health.py",
        "        return bool(token) and constant_time_compare(",
        "        return bool(token) or constant_time_compare(",
        (f"{HEALTH}others_learn_nothing",),
    ),
    Mutation(
        "monitors are told of every rule that is off",
        "views/health.py",
        "    _examine(live)\n",
        "",
        (
            f"{HEALTH}it_lists_every_rule_that_is_off_by_an_error_visited_or_not",
            f"{HEALTH}very_many_rules_are_looked_at_some_at_a_time",
        ),
    ),
    Mutation(
        "monitors are told of a clock that is wrong",
        "store.py",
        "(asked + answered) / 2 - told",
        "told - told",
        (f"{HEALTH}it_tells_how_far_this_clock_is_from_the_databases",),
    ),
    Mutation(
        "a host that a proxy tells is in a cache's key",
        "core/rulesets.py",
        "dict.fromkeys([visit.host_header] if visit.host_header else [])",
        "dict[str, None]()",
        (PROXIED_HOST,),
    ),
    Mutation(
        "passwords are sent to no other host",
        "core/documents/rules.py",
        "        if host and not site.owns(host):\n",
        "        if host and False:\n",
        (f"{MIDDLEWARE}passwords_are_sent_to_no_host_but_the_sites_own",),
    ),
    Mutation(
        "what a kill switch stopped goes on with the new rules",
        "store.py",
        "            more = [each for each in switches if each not in known]\n"
        "            if more and",
        "            known, more = (), switches\n            if",
        (f"{SWITCHES}what_was_stopped_goes_on_with_the_new_rules_only",),
    ),
    Mutation(
        "a log has few lines",
        "logs.py",
        "        return count < MOST\n",
        "        return True\n",
        (
            f"{LOGS}of_no_kind_more_than_ten_lines_are_written_in_a_minute",
            f"{LOGS}a_notice_that_cannot_be_shown_is_told_in_few_lines",
        ),
    ),
    Mutation(
        "a query is read once",
        "core/visits.py",
        "    @cached_property\n    def parameters(",
        "    @property\n    def parameters(",
        (f"{BOUNDS}it_is_read_once_for_rules_of_many_conditions",),
    ),
]


def main() -> int:
    """Try every mutation, or those whose promise has the words given."""
    words = " ".join(sys.argv[1:])
    chosen = [each for each in MUTATIONS if words in each.promise]
    tests = sorted({test for each in MUTATIONS for test in each.tests})
    wrong = 0
    with TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        wrong += say("as it is", failing(copy, tests), set())
        for mutation in chosen:
            failed = tried(copy, mutation, concerned(mutation, tests))
            wrong += say(mutation.promise, failed, set(mutation.tests))
    return min(wrong, 1)


def concerned(mutation: Mutation, tests: Iterable[str]) -> list[str]:
    """Return its own tests and those of the other promises, but for slow ones."""
    return [
        test for test in tests if test in mutation.tests or not test.startswith(SLOW)
    ]


def copied(folder: Path) -> Path:
    """Copy the tree, and return where it is."""
    for name in TREE:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copyfile(source, target)
    return folder


def tried(copy: Path, mutation: Mutation, tests: Iterable[str]) -> set[str]:
    """Return the tests that fail while a promise is broken."""
    file = copy / mutation.path
    sound = file.read_text()
    file.write_text(sound.replace(mutation.old, mutation.new, 1))
    try:
        return failing(copy, tests)
    finally:
        file.write_text(sound)


def failing(copy: Path, tests: Iterable[str]) -> set[str]:
    """Run the tests of all promises in the copy; return those that fail."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n0", "-rfE", "--tb=no"),
            *("-m", ""),  # those that start servers too
            *("-p", "no:cacheprovider", *(f"tests/{test}" for test in tests)),
        ],
        cwd=copy,
        capture_output=True,
        text=True,
    )
    if done.returncode > 1:
        raise SystemExit(done.stdout + done.stderr)
    return {name.removeprefix("tests/") for name in FAILED.findall(done.stdout)}


def say(promise: str, failed: set[str], wanted: set[str]) -> bool:
    """Print what failed; say whether it is not what had to fail."""
    is_wrong = failed != wanted
    sys.stdout.write(f"{'WRONG' if is_wrong else 'ok':6} {promise}\n")
    for test in sorted(failed ^ wanted):
        what = "failed too" if test in failed else "did not fail"
        sys.stdout.write(f"         {test} {what}\n")
    sys.stdout.flush()
    return is_wrong


if __name__ == "__main__":
    sys.exit(main())
