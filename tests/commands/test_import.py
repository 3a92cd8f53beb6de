"""``import``: all or nothing, each mistake with its place, and nobody's arm moves."""

import json
import threading
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from temp_redirects.models import (
    Condition,
    Destination,
    KillSwitch,
    RedirectRule,
    imports,
)
from temp_redirects.models.history import Revision, text_of
from temp_redirects.models.versions import writing
from tests.commands.files import document, failed, rule
from tests.commands.running import COMMAND, read, refused, told

pytestmark = pytest.mark.django_db


def everything():
    """Return what is stored, keys and ids included."""
    return [
        [row.to_document(), [each.pk for each in row.destinations.all()]]
        for row in RedirectRule.objects.order_by("name_key")
    ]


def test_a_copy_in_another_database_gives_everybody_the_same_arm(tmp_path):
    def arms():
        split = RedirectRule.objects.get().compile().split
        return [split.arm(f"{visitor}") for visitor in range(300)]

    hosts = [{"target": f"/{name}/"} for name in ("one", "two", "three")]
    RedirectRule.objects.schedule("/load/", hosts, name="load")
    before, file = arms(), str(tmp_path / "rules.json")
    told("export", "--to", file)
    RedirectRule.objects.all().delete()
    told("import", file)
    assert arms() == before
    assert len(set(before)) == 3


def test_a_file_of_documents_is_stored_as_written(write):
    whole = rule(
        "sale",
        id="0d3e2f60-0000-4000-8000-000000000001",
        match="prefix",
        methods=["POST"],
        conditions=[{"kind": "scheme", "value": "http"}],
        unless=[{"kind": "scheme", "value": "https"}],
        priority=4,
    )
    whole["destinations"][0] |= {"id": "b", "label": "New", "percentage": 12.5}

    assert told("import", write("rules.json", document(whole))) == (
        "1 created, 0 updated, 0 unchanged, 0 deleted, 0 skipped\n"
        "1 of them has no end: it redirects until somebody switches it off.\n"
    )
    stored = RedirectRule.objects.get().to_document()
    assert {key: stored[key] for key in whole} == whole


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_round_trip_changes_nothing(write, tmp_path, kind):
    told("import", write("some.json", document(rule("b", "/1"), rule("A", "/2"))))
    RedirectRule.objects.schedule(
        "/=x", "/y", name="=cmd", note="-1", enabled=False, hosts=["shop.example"]
    )
    before = everything()
    name = str(tmp_path / f"out.{kind}")
    assert told("export", "--to", name) == ""

    counts = read("import", name, "--replace")

    assert (counts["unchanged"], counts["updated"], counts["deleted"]) == (3, 0, 0)
    assert everything() == before


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_was_exported_makes_the_same_rules_elsewhere(tmp_path, kind):
    RedirectRule.objects.schedule("/1", "/y", name="one", methods=["PUT"])
    before = [RedirectRule.objects.get().to_document()]
    name = str(tmp_path / f"out.{kind}")
    told("export", "--to", name)
    RedirectRule.objects.all().delete()

    told("import", name)

    assert [RedirectRule.objects.get().to_document()] == before


def test_a_name_that_is_stored_in_any_case_is_replaced_and_keeps_its_ids(write):
    row = RedirectRule.objects.schedule(
        "/a/", "/b/", name="Sale", conditions=[{"kind": "scheme", "value": "http"}]
    )
    key, pk = row.destinations.values_list("key", "pk").get()

    counts = read("import", write("x.json", document(rule("SALE", target="/c/"))))

    assert counts["updated"] == 1
    (((stored, pks),)) = everything()
    assert (stored["id"], stored["name"]) == (str(row.pk), "SALE")
    assert stored["destinations"] == [
        {"id": key, "label": "", "target": "/c/", "percentage": None}
    ]
    assert pks == [pk]
    assert stored["conditions"] == []
    assert Condition.objects.count() == 0


def test_a_new_name_with_a_stored_id_is_that_rule_renamed(write):
    row = RedirectRule.objects.schedule("/a/", "/b/", name="before")

    counts = read("import", write("x.json", document(rule("after", id=str(row.pk)))))

    assert counts["updated"] == 1
    assert [row.name for row in RedirectRule.objects.all()] == ["after"]


def test_an_id_of_a_rule_that_is_here_under_its_own_name_is_refused(write):
    row = RedirectRule.objects.schedule("/a/", "/b/", name="one")
    both = document(rule("one"), rule("two", "/2", id=str(row.pk)))

    code, lines, _ = failed("import", write("x.json", both))

    assert code == 1
    assert lines == [
        f"rule 2, id ('{row.pk}'): “{row.pk}” is the id of “one”, which is here too."
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"id": "b", "label": "Other"}, "b"),
        ({"label": "New"}, "b"),
        ({"id": "x", "label": "New"}, "b"),
        ({"id": "x", "label": "Other"}, "x"),
    ],
    ids=["by its id", "by its label", "by its label though an id is given", "neither"],
)
def test_a_destination_keeps_its_id_by_id_or_else_by_label(write, given, kept):
    first = rule("r")
    first["destinations"][0] |= {"id": "b", "label": "New"}
    told("import", write("x.json", document(first)))
    first["destinations"] = [{"target": "/c/", **given}]

    told("import", write("x.json", document(first)))

    assert [row.key for row in Destination.objects.all()] == [kept]


def test_a_destination_that_is_another_one_gets_an_id_of_its_own(write):
    first = rule("r")
    first["destinations"][0] |= {"id": "b", "label": "New"}
    told("import", write("x.json", document(first)))
    first["destinations"] = [{"target": "/c/", "label": "Other"}]

    told("import", write("x.json", document(first)))

    assert Destination.objects.get().key not in {"", "b"}


def test_replace_deletes_what_the_file_does_not_name(write):
    for name in ("kept", "gone"):
        RedirectRule.objects.schedule(f"/{name}", "/b/", name=name)

    counts = read("import", write("x.json", document(rule("kept"))), "--replace")

    assert counts["deleted"] == 1
    assert [row.name for row in RedirectRule.objects.all()] == ["kept"]


def test_a_dry_run_says_it_and_changes_nothing(write):
    RedirectRule.objects.schedule("/a/", "/b/", name="gone")
    before = everything()
    name = write("x.json", document(rule("new")))

    assert told("import", name, "--replace", "--dry-run").splitlines() == [
        "Dry run, nothing is changed. Without --dry-run:",
        "1 created, 0 updated, 0 unchanged, 1 deleted, 0 skipped",
        "1 of them has no end: it redirects until somebody switches it off.",
    ]
    assert read("import", name, "--dry-run")["dry_run"] is True
    assert everything() == before


def test_a_rule_that_is_stored_and_cannot_be_read_is_replaced(write):
    RedirectRule.objects.schedule("/a/", "/b/", name="r")
    RedirectRule.objects.update(timezone="Mars/Base", starts_at="2026-01-01T00:00Z")

    assert read("import", write("x.json", document(rule("r"))))["updated"] == 1


def table(count, bad=()):
    """Return a table with that many rules, some lines of it bad."""
    lines = ["path,target,ends_at"]
    for line in range(2, count + 2):
        target = "htps://x" if line in bad else f"/new/{line}/"
        lines.append(f"/old/{line}/,{target},2027-01-31T00:00")
    return "\n".join(lines)


@pytest.mark.long
def test_twenty_thousand_lines_are_stored(write):
    name = write("moves.csv", table(20_000))

    assert told("import", name).startswith("20,000 created, ")
    assert RedirectRule.objects.count() == 20_000


MANY_SHAPES = [
    rule("plain"),
    rule(
        "split",
        "/split/",
        sticky="user",
        goal="/thanks/",
        planned_visitors=20_000,
        destinations=[
            {"label": "A", "target": "/a/", "percentage": 33.33},
            {"target": "/c/", "percentage": 0},
            {"target": "/d/"},
        ],
    ),
    rule(
        "repeats",
        "/weekly/",
        schedule={
            "starts_at": "2026-12-07T02:00",
            "ends_at": "2026-12-07T04:00",
            "timezone": "Europe/Berlin",
            "repeat": "FREQ=WEEKLY;BYDAY=MO",
            "until": "2027-02-01",
            "except": ["2026-12-21"],
        },
    ),
    rule("off", "/off/", enabled=False, cache_seconds=60, status=303, query="drop"),
    rule("Ünïcode", "/straße/", except_paths=["/straße/x\u2028y/", "/straße/a,b/"]),
    rule("hosts", "/hosts/", hosts=["shop.example", "*.bücher.example"]),
    rule(
        "whole",
        "/whole/<int:n>/",
        match="pattern",
        methods=["get", "post"],
        conditions=[{"kind": "header", "value": "X-Beta:  yes,on "}],
        unless=[{"kind": "scheme", "value": "https"}],
        note="one\r\ntwo ",
        schedule={
            "starts_at": "2026-10-25T02:30:00.000001+01:00",
            "ends_at": "2027-01-01T00:00",
            "timezone": "Europe/Berlin",
        },
    ),
]


def test_the_history_of_an_import_says_what_is_stored(write):
    told("import", write("some.json", document(*MANY_SHAPES)))
    told("import", write("more.json", document(rule("PLAIN", "/other/"))))

    newest = {each.object_id: each for each in Revision.objects.order_by("pk")}

    stored = RedirectRule.documents("default", list(newest))
    assert {pk: each.after for pk, each in newest.items()} == {
        pk: text_of(document) for pk, document in stored.items()
    }
    assert {each.name for each in newest.values()} == {
        "PLAIN",
        *(each["name"] for each in MANY_SHAPES[1:]),
    }


def test_what_is_written_once_more_in_one_go_is_recorded_as_it_is_in_the_end(write):
    with writing("default"):
        told("import", write("x.json", document(rule("r"))))
        RedirectRule.objects.update(note="later")

    [revision] = Revision.objects.all()
    assert revision.became["note"] == "later"


@pytest.mark.long
def test_of_twenty_thousand_lines_exactly_the_bad_ones_are_told(write):
    name = write("moves.csv", table(20_000, bad=(118, 204, 900)))

    code, lines, text = failed("import", name)

    why = "“htps://x” does not begin with “https://”; did you mean “https://x”?"
    assert [line[: line.index(why)] for line in lines] == [
        f"line {line}, target ('htps://x'): " for line in (118, 204, 900)
    ]
    assert (code, text) == (1, "3 bad lines. Nothing is stored.")
    assert RedirectRule.objects.count() == 0


def test_a_script_reads_every_problem_with_its_place(write):
    out = StringIO()
    with pytest.raises(Exception, match="1 bad line"):
        call_command(
            COMMAND,
            *("import", write("x.csv", "path,target\n/a/,b\n"), "--json"),
            stdout=out,
            stderr=StringIO(),
        )

    assert json.loads(out.getvalue()) == {
        "dry_run": False,
        "problems": [
            {
                "line": 2,
                "column": "target",
                "value": "b",
                "reason": "“b” is neither a path nor an address. Examples: “/news/”, "
                "“https://www.example.com/news/”.",
            }
        ],
    }


def test_skip_bad_leaves_them_out_and_stores_the_others(write):
    name = write("x.csv", table(5, bad=(3, 4)) + "\n/x/,/y/,soon,1\n")
    out, err = StringIO(), StringIO()

    call_command(COMMAND, "import", name, "--skip-bad", stdout=out, stderr=err)

    assert out.getvalue().startswith("3 created, 0 updated, 0 unchanged, 0 deleted, 3")
    assert err.getvalue().count("\nline ") == 2
    assert RedirectRule.objects.count() == 3


def test_very_many_problems_are_not_all_told_to_people(write):
    _, lines, text = failed(
        "import", write("x.csv", "path,target\n" + "/a,b\n" * 1_200)
    )

    assert len(lines) == 1_001
    assert lines[-1] == "… 200 more; --json has all."
    assert text == "1,200 bad lines. Nothing is stored."


def test_a_name_and_an_id_stand_in_a_file_once(write):
    own = "0d3e2f60-0000-4000-8000-000000000001"
    rules = document(rule("Sale", id=own), rule("sale", "/2"), rule("x", "/3", id=own))

    _, lines, text = failed("import", write("x.json", rules))

    assert lines == [
        "rule 2, name ('sale'): “sale” is the name of rule 1 too; case is ignored.",
        f"rule 3, id ('{own}'): “{own}” is the id of rule 1 too.",
    ]
    assert text == "2 bad rules. Nothing is stored."


def test_rules_without_a_name_in_a_table_are_named_after_their_way(write):
    told("import", write("x.csv", "path,target,name\n/a/,/b/,\n/c/,/d/,mine\n"))

    names = RedirectRule.objects.order_by("path").values_list("name", flat=True)
    assert [*names] == ["/a/ → /b/", "mine"]


def test_a_loop_through_the_file_is_found_and_told(write):
    _, lines, text = failed(
        "import", write("x.csv", "path,target\n/a/,/b/\n/b/,/c/\n/c/,/a/\n/d/,/e/\n")
    )

    assert [line.partition(":")[0] for line in lines] == [
        "line 2, target ('/b/')",
        "line 3, target ('/c/')",
        "line 4, target ('/a/')",
    ]
    assert "round and round" in lines[0]
    assert text == "3 bad lines. Nothing is stored."


def test_a_loop_through_what_is_stored_is_found_unless_that_is_replaced(write):
    RedirectRule.objects.schedule("/b/", "/a/", name="back")
    name = write("x.csv", "path,target\n/a/,/b/\n")

    assert failed("import", name)[0] == 1
    assert read("import", name, "--replace")["created"] == 1


def test_a_way_over_two_rules_is_no_loop(write):
    name = write("x.csv", "path,target\n/a/,/b/\n/b/,/c/\n")

    assert read("import", name)["created"] == 2


def test_a_cell_that_cannot_be_read_is_told_with_its_line(write):
    name = write("x.csv", "path,target,priority\n/a/,/b/,high\n")

    assert failed("import", name)[1] == [
        "line 2, priority ('high'): “high” is not a whole number."
    ]


def test_switched_off_rules_make_no_loop(write):
    name = write("x.csv", "path,target,enabled\n/a/,/b/,no\n/b/,/a/,yes\n")

    assert read("import", name)["created"] == 2


def test_a_target_with_a_capture_is_followed_too(write):
    text = "path,target,match\n/a/,/b/{rest},prefix\n/b/,/a/{rest},prefix\n"

    assert failed("import", write("x.csv", text))[0] == 1


WRONG_FILES = {
    "no JSON": ("x.json", "{", "The file is no JSON, line 1, sign 2: "),
    "a list": ("x.json", "[]", "must be “temp-redirects/1”"),
    "another format": ("x.json", '{"format": "x/2"}', "must be “temp-redirects/1”"),
    "an unknown key": ("x.json", document(rulez=[]), "“rulez” is not a key"),
    "rules that are no list": (
        "x.json",
        '{"format": "temp-redirects/1", "rules": {}}',
        "“rules” must be a list.",
    ),
    "windows that are no list": (
        "x.json",
        document(maintenance_windows={}),
        "“maintenance_windows” must be a list.",
    ),
    "another encoding": (
        "x.csv",
        "path,target\n/caf\xe9,/b\n".encode("latin-1"),
        "is not UTF-8 (line 2)",
    ),
}


@pytest.mark.parametrize("case", WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_file_that_is_none_is_refused_as_a_whole(write, case):
    name, text, part = case

    code, sentence = refused("import", write(name, text))

    assert code == 1
    assert part in sentence


def test_a_file_that_is_not_there_is_refused():
    assert refused("import", "/nowhere.csv") == (
        1,
        "“/nowhere.csv” cannot be read: No such file or directory.",
    )


def test_entries_that_are_no_rules_are_told_by_number(write):
    _, lines, _ = failed("import", write("x.json", document("x", rule("r", color=1))))

    assert lines == [
        "rule 1, document: must be an object with keys",
        "rule 2, color (1): unknown key.",
    ]


def test_a_value_deep_in_an_entry_is_shown(write):
    wrong = rule("r", hosts=["a b"], schedule={"ends_at": "soon"})
    wrong["destinations"] = []

    _, lines, _ = failed("import", write("x.json", document(wrong)))

    assert [line.partition(":")[0] for line in lines] == [
        "rule 1, destinations ([])",
        "rule 1, schedule.ends_at ('soon')",
        "rule 1, hosts (['a b'])",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(document(rule("r")), "json"), ("path;target\n/a/;/b/\n", "csv")],
    ids=["json", "csv"],
)
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_stdin_is_read_and_its_format_seen(monkeypatch, text, kind, bom):
    sent = TextIOWrapper(BytesIO(f"{bom}{text}".encode()))
    monkeypatch.setattr("sys.stdin", sent)

    assert read("import", "-")["created"] == 1
    sent.seek(0)
    assert read("import", "-", "--format", kind)["unchanged"] == 1


class Terminal(StringIO):
    def isatty(self):
        return True


def test_somebody_at_a_terminal_sees_how_far_it_is(write):
    err = Terminal()
    name = write("x.csv", table(1_500))

    call_command(COMMAND, "import", name, stdout=StringIO(), stderr=err)

    assert "read 500 of 1,500" in err.getvalue()
    assert "write 1,000 of 1,500" in err.getvalue()
    assert err.getvalue().endswith("\r\x1b[K")


def test_a_short_file_shows_no_progress(write):
    err = Terminal()

    call_command(
        COMMAND, "import", write("x.csv", table(2)), stdout=StringIO(), stderr=err
    )

    assert "of" not in err.getvalue()


USAGES = {
    "nothing to read": [],
    "a file and the table": ["x.csv", "--from-contrib"],
    "the table without a window": ["--from-contrib"],
    "a window for a file": ["x.csv", "--for", "3h"],
    "a start for a file": ["x.csv", "--from", "+3h"],
}


@pytest.mark.parametrize("words", USAGES.values(), ids=USAGES)
def test_a_call_that_says_too_little_or_too_much_is_not_understood(words):
    assert refused("import", *words)[0] == 2


def test_without_the_app_its_table_cannot_be_read():
    code, sentence = refused("import", "--from-contrib", "--until-switched-off")

    assert code == 1
    assert "django.contrib.redirects is not among INSTALLED_APPS" in sentence


@pytest.fixture
def contrib(peers):
    """Rows of django.contrib.redirects, made by path and target."""
    from django.contrib.redirects.models import Redirect
    from django.contrib.sites.models import Site

    def make(old, new, host=None):
        site = (
            Site.objects.get_or_create(domain=host)[0] if host else Site.objects.get()
        )
        return Redirect.objects.create(site=site, old_path=old, new_path=new)

    return make


@pytest.mark.django_db(transaction=True)
def test_redirects_of_django_become_temporary_until_a_moment(contrib):
    contrib("/old/", "/new/")

    counts = read("import", "--from-contrib", "--until", "2099-01-31", "--from", "+1h")

    assert counts["created"] == 1
    stored = RedirectRule.objects.get().to_document()
    assert (stored["name"], stored["hosts"]) == ("/old/ → /new/", [])
    assert stored["schedule"]["ends_at"] == "2099-01-31T00:00:00+01:00"
    assert stored["schedule"]["starts_at"] is not None
    assert read("import", "--from-contrib", "--until-switched-off")["updated"] == 1


@pytest.mark.django_db(transaction=True)
def test_with_several_sites_each_rule_is_for_its_host(contrib):
    contrib("/old/", "/new/")
    contrib("/old/", "/new/", host="shop.example")

    read("import", "--from-contrib", "--until-switched-off")

    rows = RedirectRule.objects.order_by("name")
    assert [(row.name, row.hosts) for row in rows] == [
        ("example.com/old/ → /new/", "example.com"),
        ("shop.example/old/ → /new/", "shop.example"),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_a_temporary_redirect_is_told_by_its_number(contrib):
    made = [
        contrib("/old/?page=2", "/new/"),
        contrib("/gone/", ""),
        contrib("/away/", "https://elsewhere.example/"),
        contrib("/fine/", "/new/"),
    ]

    _, lines, text = failed("import", "--from-contrib", "--for", "90d")

    assert [line.partition(":")[0] for line in lines] == [
        f"redirect {made[0].pk}, path ('/old/?page=2')",
        f"redirect {made[1].pk}, target",
        f"redirect {made[2].pk}, target ('https",
    ]
    assert text == "3 bad redirects. Nothing is stored."


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("contrib")
def test_a_window_that_is_none_is_told_by_its_option():
    code, sentence = refused("import", "--from-contrib", "--until", "soon")

    assert code == 1
    assert "--until: “soon”" in sentence


DEEP = "[" * 200_000
DOUBLED = ", ".join(f'"k{number}": 0' for number in [*range(100_000), 99_999])


def text_of_rules(keys):
    """Return a document with one rule, its keys as they are typed."""
    rule = '"name": "a", "path": "/a", "destinations": [{"target": "/b"}]'
    return f'{{"format": "temp-redirects/1", "rules": [\n{{{rule}, {keys}}}]}}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(DEEP, "too many brackets", id="deep from the start"),
        pytest.param(text_of_rules(f'"note": {DEEP}'), "too many brackets", id="deep"),
        pytest.param(
            text_of_rules(f'"note": {"[" * 30}{"]" * 30}'),
            "too many brackets",
            id="deeper than any rule",
        ),
        pytest.param(
            '{"format": "temp-redirects/1", "rules": [], "rules": []}',
            "“rules” stands twice in the file.",
            id="a key of the file twice",
        ),
        pytest.param(
            text_of_rules('"note": "x" "y"'), "line 2, sign ", id="a sign is missing"
        ),
        pytest.param("", "line 1, sign 1", id="nothing at all"),
        pytest.param(
            text_of_rules(r'"note": "half: \ud83d."'),
            "half a character in it, after “",
            id="half a character",
        ),
        pytest.param(
            f'{{"format": "temp-redirects/1", {DOUBLED}}}',
            "“k0” is not a key of the file",
            id="very many keys, one of them twice",
        ),
    ],
)
def test_a_file_that_is_no_document_is_refused_in_words(write, text, why):
    assert why in refused("import", write("x.json", text))[1]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('"path": "/b"', "rule 1, path ('/b'): stands twice"),
        (
            '"schedule": {"ends_at": null, "ends_at": null}',
            "rule 1, schedule.ends_at: stands twice",
        ),
        (
            '"conditions": [{"kind": "a", "kind": "b", "value": "c"}]',
            "rule 1, conditions[0].kind ('b'): stands twice",
        ),
        ('"priority": NaN', "rule 1, priority (nan): must be a whole number, not nan"),
        ('"priority": -Infinity', "rule 1, priority (-inf): must be a whole number"),
        (f'"priority": {"9" * 5_000}', "rule 1, priority (inf): must be a whole"),
        ('"note": "a\\u0000b"', "rule 1, note ('a\\x00b'): has a character that"),
    ],
)
def test_what_stands_twice_or_is_no_value_is_told_with_its_place(write, keys, told):
    _, [line], _ = failed("import", write("x.json", text_of_rules(keys)))

    assert line.startswith(told)


def test_what_does_not_fit_a_line_is_told_shortened(write):
    text = (
        f"path,target,note\n/a,/b,{'x' * 100_000}\n{'/y' * 9_000},htps:{'/' * 9_000},"
    )

    _, lines, _ = failed("import", write("x.csv", text))

    assert max(map(len, lines)) < 700
    assert lines[0].startswith("line 2, note ('xxx")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_another_encoding_is_refused(tmp_path, encoding):
    file = tmp_path / "x.csv"
    file.write_bytes("path,target\n/a,/b\n".encode(encoding))

    assert "is not UTF-8 (line 1)" in refused("import", str(file))[1]


def test_a_folder_is_refused(tmp_path):
    assert "cannot be read: Is a directory" in refused("import", str(tmp_path))[1]


@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["import", "dry run"])
def test_rules_that_would_redirect_without_an_end_are_counted(write, more):
    table = write(
        "moves.csv",
        "path,target,ends_at,enabled\n/a/,/x/,,\n/b/,/x/,,\n/c/,/x/,,no\n"
        "/d/,/x/,2099-12-01 08:00,\n",
    )

    assert told("import", table, *more).endswith(
        "2 of them have no end: they redirect until somebody switches them off.\n"
    )


def test_rules_that_are_over_are_counted(write):
    table = write("moves.csv", "path,target,ends_at\n/a/,/x/,2020-12-01 08:00\n")

    assert read("import", table, "--dry-run")["over"] == 1
    assert "1 of them is over already" in told("import", table)


def test_a_script_reads_how_many_have_no_end(write):
    table = write("moves.csv", "path,target\n/a/,/x/\n")

    assert read("import", table)["endless"] == 1
    assert read("import", table)["endless"] == 0  # it is so already


def test_a_time_that_is_none_is_told_with_one_to_type(write):
    table = write("moves.csv", "path,target,ends_at\n/a/,/x/,01.12.2026\n")
    err = StringIO()

    with pytest.raises(CommandError):
        call_command(COMMAND, "import", table, stderr=err)

    assert "Example: “2026-12-01 08:00”." in err.getvalue()


def test_nobody_waits_for_ever_for_where_many_rules_lead(write, monkeypatch, capsys):
    monkeypatch.setattr(imports, "FOLLOWED", -1.0)
    file = write("x.csv", "path,target\n/a/,/b/\n/b/,/c/\n")

    code, _ = refused("import", file)

    lines = capsys.readouterr().err.splitlines()
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith("line 2, target ('/b/'): It takes too long to see")


@pytest.mark.django_db(transaction=True)
def test_what_only_looks_keeps_nobody_from_writing(write, monkeypatch):
    written = []

    def follow(*args):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
        return True

    def other():
        KillSwitch.objects.pull(reason="loop")
        written.append("pulled")
        connections.close_all()

    monkeypatch.setattr(imports, "leads_on", follow)

    read("import", write("x.csv", "path,target\n/a/,/b/\n"), "--dry-run")

    assert written == ["pulled"]
