"""Maintenance windows in a file: written whole, and stored beside the rules or not."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from temp_redirects.core.documents import WINDOW_KEYS
from temp_redirects.models import MaintenanceWindow, RedirectRule
from tests.commands.files import document, failed, rule, window
from tests.commands.running import COMMAND, read, refused, told
from tests.core.making import ONCE

pytestmark = pytest.mark.django_db

OWN = "0d3e2f60-0000-4000-8000-000000000001"
WHOLE = window(
    "Shop update",
    "/shop/",
    "/café/",
    id=OWN,
    enabled=False,
    title="The shop is being updated",
    message="Two lines.\nNothing is lost.",
    schedule={
        "starts_at": "2026-10-25T02:30:00+01:00",
        "ends_at": "2026-12-01T04:00:00+01:00",
        "timezone": "Europe/Berlin",
        **ONCE,
    },
    except_paths=["/shop/status/"],
    hosts=["*.shop.example"],
    target="https://www.shop.example/standby{path}",
    staff_pass=False,
    pass_addresses=["10.0.0.0/8", "2001:db8::/32"],
    api="503",
    priority=-3,
)


@pytest.fixture(autouse=True)
def _own_host(settings):
    settings.ALLOWED_HOSTS = ["testserver", "www.shop.example"]


def windows(*some, **more):
    return document(maintenance_windows=some, **more)


def stored():
    rows = MaintenanceWindow.objects.order_by("name_key")
    return [[row.to_document(), row.pass_key] for row in rows]


def test_every_key_of_a_window_is_stored_and_written(write):
    counts = read("import", write("x.json", windows(WHOLE)))

    assert counts["created"] == 1
    (written,) = json.loads(told("export"))["maintenance_windows"]
    assert {key: written[key] for key in WHOLE} == WHOLE
    assert set(WINDOW_KEYS) <= set(written)


def test_a_round_trip_changes_no_window_and_no_pass_link(tmp_path):
    MaintenanceWindow.objects.save_document(WHOLE)
    MaintenanceWindow.objects.schedule("b", ["/"])
    RedirectRule.objects.schedule("/a/", "/b/")
    before = stored()
    name = str(tmp_path / "out.json")
    told("export", "--to", name)

    counts = read("import", name, "--replace")

    assert (counts["unchanged"], counts["updated"], counts["deleted"]) == (3, 0, 0)
    assert stored() == before


def test_what_was_exported_makes_the_same_windows_elsewhere(tmp_path):
    MaintenanceWindow.objects.save_document(WHOLE)
    (before, _), *_ = stored()
    name = str(tmp_path / "out.json")
    told("export", "--to", name)
    MaintenanceWindow.objects.all().delete()

    told("import", name)

    assert [each for each, _ in stored()] == [before]


def test_a_window_of_that_name_is_replaced_as_a_whole_and_keeps_its_pass_links(write):
    MaintenanceWindow.objects.save_document(WHOLE)
    ((_, pass_key),) = stored()

    counts = read("import", write("x.json", windows(window("SHOP UPDATE", "/x/"))))

    assert counts["updated"] == 1
    (((after, kept),)) = stored()
    assert kept == pass_key
    assert (after["id"], after["name"], after["paths"]) == (OWN, "SHOP UPDATE", ["/x/"])
    assert (after["title"], after["staff_pass"], after["priority"]) == ("", True, 1_000)


def test_a_new_name_with_the_id_of_a_window_is_that_window_renamed(write):
    MaintenanceWindow.objects.save_document(WHOLE)

    told("import", write("x.json", windows({**WHOLE, "name": "after"})))

    assert [row.name for row in MaintenanceWindow.objects.all()] == ["after"]


def test_rules_and_windows_share_their_names_in_a_file_and_with_what_is_stored(write):
    RedirectRule.objects.schedule("/a/", "/b/", name="Taken")
    MaintenanceWindow.objects.schedule("Closed", ["/shop/"])
    whole = document(
        rule("Both"),
        rule("closed", "/2"),
        maintenance_windows=[window("BOTH"), window("taken")],
    )

    code, lines, text = failed("import", write("x.json", whole))

    assert lines == [
        "rule 2, name ('closed'): A maintenance window has this name already; use "
        "another.",
        "maintenance window 1, name ('BOTH'): “BOTH” is the name of rule 1 too; case "
        "is ignored.",
        "maintenance window 2, name ('taken'): A redirect rule has this name already; "
        "use another.",
    ]
    assert text == "1 bad rule, 2 bad maintenance windows. Nothing is stored."
    assert code == 1


def test_a_name_is_free_where_the_file_renames_or_replaces_what_has_it(write):
    renamed = RedirectRule.objects.schedule("/a/", "/b/", name="first")
    RedirectRule.objects.schedule("/c/", "/d/", name="second")
    whole = document(
        rule("third", id=str(renamed.pk)),
        maintenance_windows=[window("first"), window("second", "/x/")],
    )

    assert read("import", write("x.json", whole), "--replace")["deleted"] == 1
    assert [row.name for row in RedirectRule.objects.all()] == ["third"]
    assert MaintenanceWindow.objects.count() == 2


def test_wrong_keys_of_a_window_are_named_with_their_place(write):
    wrong = window("w", "shop", colour=1, staff_pass="no", schedule={"ends": "now"})

    _, lines, _ = failed("import", write("x.json", windows(wrong, "x", {"name": "y"})))

    assert [line.partition(": ")[0] for line in lines] == [
        "maintenance window 1, colour (1)",
        "maintenance window 1, staff_pass ('no')",
        "maintenance window 1, schedule.ends ('now')",
        "maintenance window 1, paths[0] ('shop')",
        "maintenance window 2, document",
        "maintenance window 3, paths",
    ]


def test_a_script_reads_which_window_has_a_problem(write):
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(
            COMMAND,
            *("import", write("x.json", windows(window("w", api="gone"))), "--json"),
            stdout=out,
            stderr=StringIO(),
        )

    (problem,) = json.loads(out.getvalue())["problems"]
    assert (problem["maintenance_window"], problem["column"]) == (1, "api")


def test_nothing_is_stored_where_a_window_has_a_problem(write):
    whole = document(rule("fine"), maintenance_windows=[window("w", api="gone")])
    name = write("x.json", whole)

    assert failed("import", name)[0] == 1
    assert RedirectRule.objects.count() == 0
    err = StringIO()
    call_command(COMMAND, "import", name, "--skip-bad", stdout=StringIO(), stderr=err)
    assert RedirectRule.objects.count() == 1


def test_a_dry_run_stores_no_window(write):
    MaintenanceWindow.objects.schedule("gone", ["/shop/"])
    name = write("x.json", windows(WHOLE))

    counts = read("import", name, "--replace", "--dry-run")

    assert (counts["created"], counts["deleted"]) == (1, 1)
    assert [row.name for row in MaintenanceWindow.objects.all()] == ["gone"]


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("x.json", document(rule("new"), maintenance_windows=[]), [False, False]),
        ("x.json", document(rule("new")), [False, True]),
        ("x.csv", "path,target\n/a/,/b/\n", [False, True]),
        (
            "x.json",
            json.dumps({"format": "temp-redirects/1", "maintenance_windows": []}),
            [True, False],
        ),
    ],
    ids=["both lists", "rules alone", "a table", "windows alone"],
)
def test_replace_deletes_only_of_what_the_file_can_tell(write, name, text, kept):
    RedirectRule.objects.schedule("/old/", "/b/", name="rule")
    MaintenanceWindow.objects.schedule("window", ["/shop/"])

    told("import", write(name, text), "--replace")

    assert [
        RedirectRule.objects.named("rule") is not None,
        MaintenanceWindow.objects.named("window") is not None,
    ] == kept


def test_a_window_whose_target_leads_back_is_a_loop(write):
    looping = window("w", "/shop/", target="/news/")
    whole = document(rule("back", "/news/", "/shop/"), maintenance_windows=[looping])

    _, lines, _ = failed("import", write("x.json", whole))

    assert [line.partition(":")[0] for line in lines] == [
        "rule 1, destinations[0].target ('/shop/')",
        "maintenance window 1, target ('/news/')",
    ]
    assert "round and round" in lines[1]


def test_a_loop_through_a_stored_window_is_found_unless_that_is_replaced(write):
    MaintenanceWindow.objects.schedule("w", ["/shop/"], target="/news/")
    back = rule("back", "/news/", "/shop/")

    assert failed("import", write("x.json", document(back)))[0] == 1
    name = write("x.json", document(back, maintenance_windows=[window("w")]))
    assert read("import", name)["created"] == 1


def test_a_rule_into_closed_paths_is_no_loop(write):
    MaintenanceWindow.objects.schedule("w", ["/shop/"])

    told("import", write("x.json", document(rule("in", "/a/", "/shop/"))))


def test_where_the_notice_has_no_address_a_window_is_refused_with_the_line(
    write, settings
):
    settings.ROOT_URLCONF = "tests.urls_without_app"

    _, lines, _ = failed("import", write("x.json", windows(window("w"))))

    assert lines[0].startswith("maintenance window 1, target: The notice has no addr")


@pytest.mark.parametrize("name", ["b", "W"])
def test_only_the_rules_and_windows_that_are_named(name):
    RedirectRule.objects.schedule("/b/", "/c/", name="b")
    MaintenanceWindow.objects.schedule("w", ["/shop/"])

    whole = json.loads(told("export", name))

    every = [*whole["rules"], *whole["maintenance_windows"]]
    assert [each["name"] for each in every] == [name.lower()]
    assert refused("export", "c")[0] == 3


def test_a_table_leaves_windows_out_and_says_so():
    RedirectRule.objects.schedule("/b/", "/c/", name="b")
    MaintenanceWindow.objects.schedule("w", ["/shop/"])
    out, err = StringIO(), StringIO()

    call_command(COMMAND, "export", "--format=csv", stdout=out, stderr=err)

    sentence = "“w” is a maintenance window; export it as JSON."
    assert err.getvalue() == f"{sentence}\n"
    assert len(out.getvalue().splitlines()) == 2
    with pytest.raises(CommandError, match=sentence):
        call_command(COMMAND, "export", "w", "--format=csv", stdout=StringIO())


def test_a_window_that_cannot_be_read_is_named_and_the_others_are_written():
    MaintenanceWindow.objects.schedule("a", ["/shop/"])
    MaintenanceWindow.objects.schedule("b", ["/x/"])
    MaintenanceWindow.objects.filter(name="a").update(timezone="Mars/Base")
    out = StringIO()

    with pytest.raises(CommandError, match="“a” cannot be written: ") as error:
        call_command(COMMAND, "export", stdout=out)

    assert error.value.returncode == 1
    written = json.loads(out.getvalue())["maintenance_windows"]
    assert [each["name"] for each in written] == ["b"]


def test_a_window_that_is_stored_and_cannot_be_read_is_replaced(write):
    MaintenanceWindow.objects.schedule("w", ["/shop/"])
    MaintenanceWindow.objects.update(timezone="Mars/Base")

    assert read("import", write("x.json", windows(window("w"))))["updated"] == 1
