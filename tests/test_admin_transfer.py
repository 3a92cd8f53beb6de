"""Import and export in the admin: checked first, then applied at once and undone."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from temp_redirects.admin.imports import checking, forms
from temp_redirects.core.documents import Rejected
from temp_redirects.files import read, read_part
from temp_redirects.models import (
    Batch,
    MaintenanceWindow,
    RedirectRule,
    Upload,
)
from temp_redirects.models.uploads import UploadPart

LIST = "/admin/temp_redirects/redirectrule/"
WINDOWS = "/admin/temp_redirects/maintenancewindow/"
IMPORT = f"{LIST}import/"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def staff(client, django_user_model):
    """Return a function that signs somebody with these permissions in."""

    def sign_in(*codes, name="mia"):
        user, _ = django_user_model.objects.get_or_create(username=name, is_staff=True)
        rules = [f"{code}_redirectrule" for code in codes]
        found = Permission.objects.filter(codename__in=[*rules, *codes])
        user.user_permissions.set(found)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def editor(staff):
    return staff("view", "add", "change", "delete", "publish")


def text_of(response):
    """Return what a person reads on a page, blanks made one."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def send(client, text, name="moves.csv", **fields):
    """Choose a file, and return the page that its check ends with."""
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    page = client.post(IMPORT, {"file": file, **fields})
    if page.status_code != 302:
        return page
    return client.get(page["Location"])


def press(client, page, what="apply", **fields):
    return client.post(page.context["here"][what], fields, follow=True)


def counts(page):
    return [number for number, _ in page.context["counts"]]


def lines(*rows, header="name,path,target,enabled"):
    return "\n".join([header, *rows, ""])


def document(**lists):
    return json.dumps({"format": "temp-redirects/1", **lists})


def rule(name="shop", path="/shop/", target="/news/", **fields):
    return RedirectRule.objects.schedule(path, target, name=name, **fields)


def names():
    return list(
        RedirectRule.objects.order_by("name_key").values_list("name", flat=True)
    )


# Checked


def test_the_check_tells_what_would_happen_and_nothing_does(editor):
    rule("same", "/same/", "/b/")
    rule("moved", "/moved/", "/b/")
    same = RedirectRule.objects.named("same").to_document()
    moved = RedirectRule.objects.named("moved").to_document() | {"priority": 7}
    new = {"name": "new", "path": "/n/", "destinations": [{"target": "/b/"}]}
    before = Batch.objects.count()

    page = send(editor, document(rules=[same, moved, new]), "rules.json")

    assert counts(page) == [1, 1, 1, 0]
    text = text_of(page)
    assert "Make 1 new" in text
    assert "Change 1 moved · from now until" in text
    assert "switches it off priority: before: 0 → after: 7" in text
    assert names() == ["moved", "same"]
    assert RedirectRule.objects.named("moved").priority == 0
    assert Batch.objects.count() == before


def test_the_check_says_how_many_would_redirect_without_an_end(editor):
    page = send(
        editor,
        "name,path,target,starts_at,ends_at\na,/a/,/x/,,\n"
        "b,/b/,/x/,2026-12-01 08:00,2026-12-02 08:00\n",
    )

    text = text_of(page)
    assert "1 of them has no end: it redirects until somebody switches it off." in text
    assert "a · from now until somebody switches it off" in text
    assert "b · from 2026-12-01 08:00 until 2026-12-02 08:00" in text


def test_the_check_says_that_a_rule_repeats(editor):
    page = send(
        editor,
        "name,path,target,starts_at,ends_at,repeat\n"
        "a,/a/,/x/,2026-12-01 08:00,2026-12-01 09:00,FREQ=DAILY\n",
    )

    text = "first from 2026-12-01 08:00 until 2026-12-01 09:00, repeated"
    assert text in text_of(page)
    assert "no end" not in text_of(page)


def test_a_mistake_is_told_with_its_line_its_column_what_stands_there_and_why(editor):
    page = send(editor, lines("a,/a/,/b/,", "b,/b/,htps://c,", "a,/c/,/d/,"))

    assert list(page.context["problems"]) == [
        ("3", "target", "htps://c", page.context["problems"][0][3]),
        ("4", "name", "a", "“a” is the name of line 2 too; case is ignored."),
    ]
    assert "htps" in page.context["problems"][0][3]
    assert page.context["good"] == 1
    assert "2 with a problem" in text_of(page)


def test_all_mistakes_are_in_a_file_that_no_spreadsheet_runs(editor):
    bad = [f"r{n},/r{n}/,=HYPERLINK({n})," for n in range(150)]
    page = send(editor, lines(*bad))

    assert len(page.context["problems"]) == 100
    assert "and 50 more" in text_of(page)
    answer = editor.get(page.context["here"]["problems"])
    head, first, *others = csv.reader(StringIO(answer.content.decode()))
    assert answer["Content-Disposition"] == 'attachment; filename="problems.csv"'
    assert head == ["line", "column", "value", "reason"]
    assert first[:3] == ["2", "target", "'=HYPERLINK(0)"]
    assert len(others) == 149


def test_in_a_document_the_entries_are_counted_of_each_kind(staff):
    client = staff(
        *("view", "add", "change", "publish"),
        *("add_maintenancewindow", "change_maintenancewindow"),
    )
    page = send(
        client,
        document(rules=[{"name": 1}], maintenance_windows=[{"name": "w"}]),
        "rules.json",
    )

    where = {row[0] for row in page.context["problems"]}
    assert where == {"rule 1", "maintenance window 1"}


@pytest.mark.parametrize(
    ("name", "sent", "said"),
    [
        pytest.param("a.csv", "path;target\n/ü".encode("latin-1"), "UTF-8", id="bytes"),
        pytest.param("a.json", b"{", "The file is no JSON", id="no JSON"),
        pytest.param("a.json", b'{"format": "x"}', "no document of rules", id="other"),
        pytest.param("a.csv", b"", "empty", id="empty"),
        pytest.param(
            "a.json",
            b'{"format": "temp-redirects/1"}',
            "Nothing in the file",
            id="lists nothing",
        ),
    ],
)
def test_what_is_no_file_of_rules_is_said_beside_the_field(editor, name, sent, said):
    page = send(editor, sent, name)

    assert said in " ".join(page.context["form"].errors["file"])
    assert not Upload.objects.exists()


def test_a_wrong_header_is_told_like_any_mistake(editor):
    page = send(editor, "from,target\n/a/,/b/\n")

    assert [row[:2] for row in page.context["problems"]] == [
        ("1", "from"),
        ("1", "path"),
    ]
    assert "Apply" not in text_of(page)


def test_more_than_fits_is_refused_before_it_is_read(editor, monkeypatch):
    monkeypatch.setattr(forms, "MAX_BYTES", 10)
    page = send(editor, lines("a,/a/,/b/,"))
    assert "The file is larger than" in " ".join(page.context["form"].errors["file"])

    monkeypatch.undo()
    monkeypatch.setattr(forms, "MAX_ENTRIES", 1)
    page = send(editor, lines("a,/a/,/b/,", "b,/b/,/c/,"))
    assert "has more than 1 entries" in " ".join(page.context["form"].errors["file"])


def test_the_table_to_begin_with_is_a_good_file(editor):
    page = editor.get(IMPORT)
    table = editor.get(page.context["urls"]["template"])
    assert table["Content-Type"].startswith("text/csv")

    press(editor, send(editor, table.content))

    assert names() == ["moved", "sale"]
    assert RedirectRule.objects.named("sale").ends_at.year == 2027


def test_what_is_over_already_is_told_before_it_is_applied(editor):
    page = send(
        editor,
        lines(
            "a,/a/,/x/,2026-11-21 10:00,",
            "b,/b/,/x/,2026-11-21 10:00,no",
            "c,/c/,/x/,2026-11-22 10:00,",
            header="name,path,target,ends_at,enabled",
        ),
    )
    assert "1 of them is over already" in text_of(page)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_of_a_file_that_is_too_long_no_more_is_read_than_shows_it(kind):
    rules = [{"name": f"{number}"} for number in range(9)]
    text = {"csv": lines(*"abcdefghi"), "json": document(rules=rules)}[kind]

    assert len([*read(kind, text, 2)]) == 3
    assert len([*read(kind, text)]) == 9


@pytest.fixture
def hurried(monkeypatch):
    """Let a request do no more than it must: one entry, or one that leads on."""
    monkeypatch.setattr(checking, "SECONDS", 0)
    monkeypatch.setattr(checking, "PART", 2)


def begin(client, text, name="moves.csv", **fields):
    """Choose a file, and return where its check is."""
    file = SimpleUploadedFile(name, text.encode())
    return client.post(IMPORT, {"file": file, **fields})["Location"]


def through(client, address):
    """Go on as a browser does, and return what each page says, and the last one."""
    said = []
    while True:
        page = client.get(address)
        said.append(text_of(page))
        if "Refresh" not in page:
            return said, page
        assert page["Refresh"] == f"0; url={address}"


@pytest.mark.usefixtures("hurried")
def test_a_big_file_is_checked_in_stretches_that_tell_how_far_they_are(editor):
    address = begin(editor, lines("bad,,,", "b,/b/,/x/,", "c,/c/,/x/,"))

    first = editor.get(address)
    assert "1 of 3 are read." in text_of(first)
    assert {row[0] for row in first.context["problems"]} == {"2"}
    assert "Apply" not in text_of(first)
    again = editor.get(IMPORT)
    assert "You have begun with “moves.csv”. Go on with it" in text_of(again)

    said, last = through(editor, address)
    assert "2 of 3 are read." in said[0]
    assert "All 3 are read. Now they are compared" in said[1]
    assert len(said) == 3
    assert counts(last) == [2, 0, 0, 0]
    assert {row[0] for row in last.context["problems"]} == {"2"}
    press(editor, last, skip="1")
    assert names() == ["b", "c"]


@pytest.mark.usefixtures("hurried")
def test_where_they_lead_is_followed_in_stretches_too(editor):
    ways = ["a,/a/,/b/,", "b,/b/,/a/,", "c,/c/,/d/,", "d,/d/,/c/,", "e,/e/,/x/,"]

    said, last = through(editor, begin(editor, lines(*ways)))

    assert any("All 5 are read. 2 of them are followed" in each for each in said)
    assert [row[0] for row in last.context["problems"]] == ["2", "3", "4", "5"]
    assert counts(last) == [1, 0, 0, 0]


@pytest.mark.usefixtures("hurried")
def test_where_somebody_changes_rules_they_are_followed_from_the_beginning(editor):
    address = begin(editor, lines("a,/a/,/b/,", "b,/b/,/c/,", "d,/d/,/a/,"))
    while "2 of them are followed" not in text_of(editor.get(address)):
        pass
    rule("back", "/c/", "/a/")

    _, last = through(editor, address)

    assert [row[0] for row in last.context["problems"]] == ["2", "3", "4"]


@pytest.mark.usefixtures("hurried")
def test_what_another_tab_has_done_meanwhile_is_not_done_twice(editor):
    address = begin(editor, lines("bad,,,", "b,/b/,/x/,", "c,/c/,/x/,"))
    mine, other = Upload.objects.get(), Upload.objects.get()

    checking.check(mine)
    checking.check(mine)
    checking.check(other)

    assert Upload.objects.get().judged == 2
    _, last = through(editor, address)
    assert len(last.context["problems"]) == 2  # the path and the target of one line
    assert counts(last) == [2, 0, 0, 0]


def test_what_is_cancelled_while_it_is_checked_does_not_come_back(editor):
    page = send(editor, lines("a,/a/,/b/,"))
    upload = Upload.objects.get()
    press(editor, page, "cancel")

    assert not upload.go_on(upload)
    assert not checking.apply(upload)

    assert names() == []
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()


SHAPES = {
    "csv": 'name,path,target,priority\n,/a/,/b/,\nb,,/c/,high\nc,/c/,"x\n',
    "json": document(
        rules=[
            {"name": "a", "path": "/a/", "destinations": [{"target": "/b/"}]},
            7,
            {"name": "nan", "priority": float("nan")},
        ],
        maintenance_windows=[{"name": "n", "paths": ["/n/"]}],
    ).replace('"name": "n"', '"name": "n", "name": "m"'),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_a_file_taken_to_parts_is_the_same_file(kind):
    whole = read(kind, SHAPES[kind])
    parts = json.loads(json.dumps(list(whole.parts(2))))

    again = [each for part in parts for each in read_part(kind, part)]

    def told(entries):
        return [
            (plan, at, getattr(entry, "problems", None) or repr(entry))
            for plan, at, entry in entries
        ]

    assert [len(part) for part in parts][:-1] == [2] * (len(parts) - 1)
    assert told(again) == told(whole)
    assert any(isinstance(entry, Rejected) for _, _, entry in again)


# Applied


def test_it_is_applied_as_one_batch_and_undone_as_one(editor):
    rule("old", "/old/", "/b/")
    page = send(editor, lines("a,/a/,/b/,", "b,/b/,/c/,"), replaces="on")
    assert counts(page) == [2, 0, 0, 1]
    assert "It will delete 1 that is not in the file." in text_of(page)

    page = press(editor, page)

    assert page.redirect_chain[-1][0] == LIST
    assert "Imported: 2 new, 0 changed, 1 deleted, 0 as they were." in text_of(page)
    assert names() == ["a", "b"]
    assert not Upload.objects.exists()
    batch = Batch.objects.get(source="import")
    assert (batch.who, batch.what) == ("mia", "moves.csv")
    texts = " ".join(str(each) for each in page.context["messages"])
    undo = re.search(r'href="([^"]*/undo/)"', texts)[1]
    mark = editor.get(undo).context["mark"]
    editor.post(undo, {"seen": mark})
    assert names() == ["old"]


def test_visitors_are_redirected_at_once(editor):
    assert editor.get("/a/").status_code == 200

    press(editor, send(editor, lines("a,/a/,/b/,")))

    assert editor.get("/a/").status_code == 307


def test_what_has_a_problem_is_left_out_only_where_that_is_said(editor):
    page = send(editor, lines("a,/a/,/b/,", "b,/b/,htps://c,"))

    refused = press(editor, page)
    assert "Nothing is applied, because entries have a problem." in text_of(refused)
    assert names() == []

    press(editor, page, skip="1")
    assert names() == ["a"]


def test_beside_a_bad_entry_nothing_is_deleted(editor):
    rule("old", "/old/", "/b/")

    page = send(editor, lines("a,/a/,/b/,", "b,/b/,htps://c,"), replaces="on")

    assert counts(page) == [1, 0, 0, 0]
    assert "nothing is deleted" in text_of(page)
    press(editor, page, skip="1")
    assert names() == ["a", "old"]


def test_where_somebody_changed_rules_meanwhile_it_is_compared_again(editor):
    page = send(editor, lines("a,/a/,/b/,"), replaces="on")
    rule("newer", "/newer/", "/b/")

    again = press(editor, page)

    assert "Somebody changed rules meanwhile" in text_of(again)
    assert names() == ["newer"]
    assert counts(again) == [1, 0, 0, 1]
    press(editor, again)
    assert names() == ["a"]


def test_nothing_is_applied_before_it_is_checked(editor):
    address = begin(editor, lines("a,/a/,/b/,"))

    answer = editor.post(f"{address}apply/", follow=True)

    assert "Nothing is applied yet" in text_of(answer)
    assert names() == []


def test_a_file_is_applied_once(editor):
    send(editor, lines("a,/a/,/b/,"))
    first, second = Upload.objects.get(), Upload.objects.get()

    assert checking.apply(first)
    before = Batch.objects.count()
    assert not checking.apply(second)
    assert not checking.compare_again(second)
    assert (names(), Batch.objects.count()) == (["a"], before)


# Stored is the way from /b/ back to /a/, and the file says nothing of it.
WAYS_BACK = {
    "a line that cannot be read": ["bad,,,"],
    "lines that go round and round": ["x,/x/,/y/,", "y,/y/,/x/,"],
    "two of one name": ["x,/x/,/z/,", "x,/y/,/z/,"],
}


@pytest.mark.parametrize("bad", WAYS_BACK.values(), ids=WAYS_BACK)
def test_what_is_not_deleted_beside_a_bad_entry_may_lead_round_and_round(editor, bad):
    rule("back", "/b/", "/a/")
    address = begin(editor, lines("a,/a/,/b/,", *bad), replaces="on")

    _, page = through(editor, address)

    assert ("2", "target") in [row[:2] for row in page.context["problems"]]
    press(editor, page, skip="1")
    assert "a" not in names()
    assert "back" in names()


def test_what_is_so_already_offers_nothing(editor):
    text = lines("a,/a/,/b/,")
    press(editor, send(editor, text))

    page = send(editor, text)

    assert counts(page) == [0, 0, 1, 0]
    assert "Nothing to do: all of it is so already." in text_of(page)
    assert "Apply" not in text_of(page)


def test_a_stored_rule_that_cannot_be_read_is_replaced(editor):
    rule("a", "/a/", "/b/", starts_at=NOON)
    RedirectRule.objects.update(timezone="Mars/Base")

    page = press(editor, send(editor, lines("a,/a/,/c/,")))

    assert "1 changed" in text_of(page)
    assert (
        RedirectRule.objects.get().to_document()["destinations"][0]["target"] == "/c/"
    )


def test_windows_come_along_in_a_document(staff):
    client = staff(
        *("view", "add", "change", "publish", "delete"),
        *("add_maintenancewindow", "change_maintenancewindow"),
    )
    text = document(maintenance_windows=[{"name": "night", "paths": ["/n/"]}])

    press(client, send(client, text, "w.json"))

    assert MaintenanceWindow.objects.get().name == "night"
    page = send(client, text, "w.json", replaces="on")
    said = " ".join(page.context["form"].errors["replaces"])
    assert said == "You may not delete what is a maintenance window."


def test_how_many_are_applied_does_not_change_how_often_the_check_asks(editor):
    def asked(many):
        file = SimpleUploadedFile(
            "a.csv", lines(*(f"r{n},/r{n}/,/x/," for n in range(many))).encode()
        )
        address = editor.post(IMPORT, {"file": file})["Location"]
        with CaptureQueriesContext(connection) as captured:
            editor.get(address)
        return len(captured)

    assert asked(3) == asked(60)


# Who may


@pytest.mark.parametrize("codes", [["view"], ["view", "add"], ["view", "change"]])
def test_to_import_one_must_be_allowed_to_add_and_to_change(staff, codes):
    client = staff(*codes)

    assert client.get(IMPORT).status_code == 403
    assert "import/" not in client.get(LIST).content.decode()


def test_who_may_not_publish_imports_what_is_off(staff):
    client = staff("view", "add", "change")
    page = send(client, lines("on,/a/,/b/,", "off,/c/,/d/,false"))

    assert [row[:2] for row in page.context["problems"]] == [("2", "enabled")]
    assert "You may not switch on" in page.context["problems"][0][3]
    press(client, page, skip="1")
    assert names() == ["off"]


def test_who_may_no_longer_publish_is_told_before_anything_is_applied(staff):
    page = send(
        staff("view", "add", "change", "publish"),
        lines("on,/a/,/b/,", "off,/c/,/d/,no"),
    )
    client = staff("view", "add", "change")

    again = press(client, page)

    assert "Nothing is applied yet" in text_of(again)
    assert names() == []
    assert [row[:2] for row in again.context["problems"]] == [("2", "enabled")]
    press(client, again, skip="1")
    assert names() == ["off"]


def test_who_may_not_delete_does_not_replace(staff):
    page = send(
        staff("view", "add", "change", "publish"), lines("a,/a/,/b/,"), replaces="on"
    )

    said = " ".join(page.context["form"].errors["replaces"])
    assert said == "You may not delete what is a redirect rule."
    assert not Upload.objects.exists()


def test_windows_take_their_own_permissions(editor):
    text = document(rules=[], maintenance_windows=[{"name": "n", "paths": ["/n/"]}])

    page = send(editor, text, "w.json")

    said = " ".join(page.context["form"].errors["file"])
    assert said == "You may not make and change what is a maintenance window."


def test_a_permission_that_is_gone_meanwhile_is_missed(staff):
    client = staff("view", "add", "change", "publish", "delete")
    page = send(client, lines("a,/a/,/b/,"), replaces="on")
    staff("view", "add", "change", "publish")

    assert press(client, page).status_code == 403
    assert names() == []


def test_nobody_sees_or_applies_the_file_of_somebody_else(staff):
    codes = ("view", "add", "change", "publish")
    page = send(staff(*codes), lines("a,/a/,/b/,"))
    other = staff(*codes, name="bob")

    for answer in (
        other.get(page.context["here"]["upload"], follow=True),
        other.get(page.context["here"]["problems"], follow=True),
        press(other, page),
    ):
        assert answer.redirect_chain == [(IMPORT, 302)]
        assert "This file is not here any more" in text_of(answer)
    press(other, page, "cancel")
    assert Upload.objects.count() == 1
    assert names() == []


def test_a_link_alone_applies_nothing(editor):
    page = send(editor, lines("a,/a/,/b/,"))

    for what in ("apply", "cancel"):
        assert editor.get(page.context["here"][what]).status_code == 405
    assert Upload.objects.count() == 1


# Kept for a while


def test_a_file_is_kept_for_some_hours_and_the_newest_of_a_person_alone(editor):
    first = send(editor, lines("a,/a/,/b/,"))
    second = send(editor, lines("b,/b/,/c/,"))
    assert editor.get(first.context["here"]["upload"])["Location"] == IMPORT
    assert Upload.objects.count() == 1

    with time_machine.travel(NOON + 6 * HOUR, tick=False):
        editor.get(IMPORT)

    assert not Upload.objects.exists()
    assert "not here any more" in text_of(press(editor, second))


def test_a_file_is_forgotten_when_it_is_cancelled(editor):
    page = press(editor, send(editor, lines("a,/a/,/b/,")), "cancel")

    assert "The file is gone. Nothing was changed." in text_of(page)
    assert not Upload.objects.exists()


def test_an_upload_is_called_as_its_file(editor):
    send(editor, lines("a,/a/,/b/,"), "C:\\fakepath\\moves.csv")

    assert str(Upload.objects.get()).endswith("moves.csv")


# Exported


def act(client, action, *rows, **fields):
    return client.post(
        fields.pop("to", LIST),
        {"action": action, "_selected_action": [row.pk for row in rows], **fields},
    )


def test_what_is_selected_is_exported(staff):
    first, _other = rule("a", "/a/"), rule("b", "/b/")
    client = staff("view")

    told = json.loads(act(client, "export_json", first).content)
    table = act(client, "export_csv", first)

    assert told == {"format": "temp-redirects/1", "rules": [first.to_document()]}
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert table["Content-Disposition"] == 'attachment; filename="rules.csv"'
    assert [row[0] for row in csv.reader(StringIO(table.content.decode()))] == [
        "name",
        "a",
    ]


def test_selected_windows_are_exported(staff):
    night = MaintenanceWindow.objects.schedule("night", ["/n/"])

    answer = act(staff("view_maintenancewindow"), "export_json", night, to=WINDOWS)

    assert json.loads(answer.content) == {
        "format": "temp-redirects/1",
        "maintenance_windows": [night.to_document()],
    }
    name = 'attachment; filename="maintenance-windows.json"'
    assert answer["Content-Disposition"] == name


def test_what_the_list_shows_is_exported_with_all_its_pages(editor):
    for number in range(120):
        rule(f"shop {number:03}", f"/shop/{number}")
    rule("other", "/other/", "/x/")

    page = editor.get(f"{LIST}?q=shop&p=2")
    links = dict(page.context["exports"])
    told = json.loads(editor.get(links["JSON"]).content)["rules"]
    table = editor.get(links["CSV"]).content.decode().splitlines()

    assert [each["name"] for each in told] == [f"shop {n:03}" for n in range(120)]
    assert len(table) == 121


def test_everything_has_the_windows_where_they_may_be_seen(staff):
    rule("a")
    MaintenanceWindow.objects.schedule("night", ["/n/"])

    url = f"{LIST}export.json"
    assert [*json.loads(staff("view").get(url).content)] == ["format", "rules"]
    whole = json.loads(staff("view", "view_maintenancewindow").get(url).content)
    assert [each["name"] for each in whole["maintenance_windows"]] == ["night"]


@pytest.mark.parametrize("what", ["export.json", "export.csv"])
def test_an_export_takes_the_permission_to_see_and_a_filter_that_exists(staff, what):
    assert staff("view").get(f"{LIST}{what}?enabled__x=1").status_code in {302, 400}
    assert staff("view").get(f"{LIST}{what}?id=x")["Location"] == LIST
    assert staff("view_batch").get(f"{LIST}{what}").status_code == 403


def test_what_a_table_cannot_hold_is_said_before_it_is_left_out(editor):
    rule("plain", "/plain/")
    split = [{"target": "/x/"}, {"target": "/y/"}]
    RedirectRule.objects.save_document(
        {"name": "split", "path": "/split/", "destinations": split}
    )

    page = editor.get(f"{LIST}export.csv?q=pl")
    assert "“split” needs more than a line of CSV; export it as JSON." in text_of(page)
    some = editor.get(page.context["some_url"]).content.decode().splitlines()
    assert [line.partition(",")[0] for line in some] == ["name", "plain"]
    selected = act(editor, "export_csv", RedirectRule.objects.named("split"))
    assert "Write the others" not in text_of(selected)


def test_a_rule_that_cannot_be_read_is_not_left_out_of_a_document_unseen(editor):
    rule("a", starts_at=NOON)
    RedirectRule.objects.update(timezone="Mars/Base")

    page = editor.get(f"{LIST}export.json")

    assert "“a” cannot be written:" in text_of(page)


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t=", "\r=", "'", "'="])
def test_an_export_comes_back_as_it_was_and_runs_in_no_spreadsheet(editor, kind, first):
    rule(f"{first.strip()}1+1", "/a/", note=f"{first}SUM(A1)", ends_at=NOON + HOUR)
    before = [row.to_document() for row in RedirectRule.objects.all()]

    text = editor.get(f"{LIST}export.{kind}").content.decode()
    cells = next(csv.reader(StringIO(text.partition("\n")[2], newline="")))
    page = send(editor, text.encode(), f"rules.{kind}", replaces="on")

    assert counts(page) == [0, 0, 1, 0]
    if kind == "csv":
        assert not [cell for cell in cells if cell[:1] in {*"=+-@\t\r"} - {""}]
    RedirectRule.objects.all().delete()
    press(editor, send(editor, text.encode(), f"rules.{kind}"))
    assert [row.to_document() for row in RedirectRule.objects.all()] == before
