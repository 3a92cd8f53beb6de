"""What the pages under ``docs`` show is so: every block of code on them is run."""

import json
import re
import shlex
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.template import engines

from temp_redirects import checks, conf
from temp_redirects.files import read
from temp_redirects.models import Batch, KillSwitch, MaintenanceWindow, RedirectRule
from temp_redirects.models.imports import Import
from tests.serving import ROOT

pytestmark = pytest.mark.django_db

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOSTS = ["https://eu1.example.com", "https://eu2.example.com"]

# Who runs what: a block of a page that is not here would be in no test.
SHOWN = {
    "beforehand": ["django", "json"],
    "checks": ["console"],
    "conditions": ["python", "python"],  # by test_own_conditions
    "cookbook": ["console", "python"] * 7,
    "experiments": ["console", "python", "html"],
    "history": ["python", "python", "console"],
    "import": ["console", "csv"],
    "outages": ["python"],
    "peers": ["python"],
    "precedence": ["console"],
    "privacy": ["python", "python", "console"],
    "recurrence": ["console", "json"],
    "settings": ["python"] * 6,
    "testing": ["python"],  # by test_testing
    "theming": ["django", "css"],
    "upgrade": ["console"],
    "workbench": ["console"],
}


def blocks(page, language=""):
    found = BLOCK.findall((DOCS / f"{page}.md").read_text("utf-8"))
    return [text for each, text in found if language in {"", each}]


def run(page):
    for text in blocks(page, "console"):
        type_in(text)


def type_in(text):
    for line in text.splitlines():
        python, script, *words = shlex.split(line)
        assert (python, script) == ("python", "manage.py")
        call_command(*words)


def execute(text, **names):
    """Run a block of Python, and return what it names."""
    exec(text, names)  # noqa: S102 (it is ours)
    return names


@pytest.fixture(autouse=True)
def _site(settings):
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": HOSTS}
    with time_machine.travel(datetime(2026, 11, 21, 13, 5, tzinfo=UTC), tick=False):
        yield


def test_every_block_of_every_page_is_known_here():
    found = {
        page.stem: [each for each, _ in BLOCK.findall(page.read_text("utf-8"))]
        for page in sorted(DOCS.glob("*.md"))
    }

    assert {page: shown for page, shown in found.items() if shown} == SHOWN


LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_links_lead_to_pages_and_headings(page):
    for link in LINK.findall(page.read_text("utf-8")):
        if link.startswith("https://"):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


def test_the_index_names_every_page():
    linked = LINK.findall((DOCS / "README.md").read_text("utf-8"))
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}

    assert pages <= {link.partition("#")[0] for link in linked}
    assert "](docs/README.md)" in (ROOT / "README.md").read_text("utf-8")


# The cookbook

JOBS = dict(
    re.findall(
        r"^## (.+?)$(.*?)(?=^## |\Z)",
        (DOCS / "cookbook.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)
NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
# What a visitor asks for, and where that leads; None is the page itself.
VISITS = {
    "Close a part of the site for a night": [("GET", "/shop/cart/", {}, None)],
    "Send a form or an API elsewhere for a while": [
        ("POST", "/api/v1/submit", {}, "/api/v2/submit"),
        ("GET", "/api/v1/submit", {}, None),
    ],
    "Try out another page": [("POST", "/pricing/", {}, None)],
    "Spread the load over several hosts": [("GET", "/a/", {}, None)],
    "Content that moved for a while": [
        ("GET", "/blog/2026/ants/?page=2", {}, "/news/2026/ants/?page=2")
    ],
    "Visitors by country or language": [
        ("GET", "/shop/", {"Accept-Language": "de-AT, en"}, "/de/shop/"),
        ("GET", "/shop/", {"Accept-Language": "en, de"}, None),
    ],
    "From http to https without losing a form": [
        ("POST", "/account/?a=1", {}, "https://testserver/account/?a=1")
    ],
}


def made():
    """Return what is stored, without what is made up each time."""
    rows = [*RedirectRule.objects.all(), *MaintenanceWindow.objects.all()]
    found = []
    for document in (row.to_document() for row in rows):
        parts = [{**each, "id": ""} for each in document.get("destinations", ())]
        ends = document["schedule"]["ends_at"]
        whole = {**document, "id": "", "destinations": parts, "schedule": ends}
        found.append(whole)
    return found


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_the_same_on_the_command_line_and_in_python(client, job, capsys):
    console, python = (text for _, text in BLOCK.findall(JOBS[job]))

    type_in(console)
    typed = made()
    for method, url, headers, location in VISITS[job]:
        response = client.generic(method, url, headers=headers)
        assert response.headers.get("Location") == location
    RedirectRule.objects.all().delete()
    MaintenanceWindow.objects.all().delete()
    execute(python)

    assert made() == typed
    assert len(typed) == 1


def test_a_closed_part_of_the_site_says_when_to_come_back(client, capsys):
    run("cookbook")

    with time_machine.travel(NIGHT, tick=False):
        notice = client.get("/shop/cart/", follow=True)

    assert notice.status_code == 503
    assert "Orders are open again at four." in notice.content.decode()


def test_the_verbs_that_the_cookbook_ends_with(capsys):
    run("cookbook")

    later = datetime(2026, 11, 21, 13, 10, tzinfo=UTC)
    with time_machine.travel(later, tick=True):  # the last is told by its time
        call_command("temp_redirects", "extend", "deploy", "--by", "1h")
        call_command("temp_redirects", "end", "deploy")
        call_command("temp_redirects", "undo", "--last")

    assert RedirectRule.objects.named("deploy").state() == "live"


# The other commands


def test_half_of_the_visitors_and_two_hosts(capsys):
    run("experiments")

    test, load = (row.compile() for row in RedirectRule.objects.order_by("-goal"))
    assert (test.name, test.goal) == ("pricing-test", "/thanks/")
    assert [share for _, share in test.split.shares] == [50, 50]
    assert [share for _, share in load.split.shares] == [50, 50, 0]
    targets = [each.target.typed for each in load.destinations]
    assert targets == [f"{host}{{path}}" for host in HOSTS]


def test_a_window_that_comes_again_and_is_skipped_once(capsys):
    run("recurrence")

    skipped = MaintenanceWindow.objects.get().to_document()["schedule"]["except"]
    assert len(skipped) == 2
    assert "2027-04-04" in skipped


def test_the_narrower_rule_decides(capsys):
    run("precedence")

    answer = "Redirected (307) to /boots/ by “narrow”. [match]"
    assert answer in capsys.readouterr().out


def test_what_is_exported_comes_back_unchanged(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    run("import")

    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("0 created, 0 updated, 1 unchanged, 0 deleted")


def test_the_table_shown_is_imported():
    (table,) = blocks("import", "csv")

    outcome = Import("default").run(read("csv", table).entries)

    assert (outcome.created, outcome.problems) == (2, [])


def test_everything_is_switched_off_in_three_ways_and_on_again(settings, capsys):
    settings.ALLOWED_HOSTS = ["shop.example"]

    run("history")

    assert not KillSwitch.objects.exists()
    assert Batch.objects.count() == 4


@pytest.mark.parametrize("page", ["checks", "privacy", "upgrade", "workbench"])
def test_what_looks_and_clears_away_runs(page, capsys):
    run(page)

    assert capsys.readouterr().out


# Settings, code and templates


@pytest.mark.parametrize("page", ["outages", "privacy", "settings"])
def test_settings_that_are_shown_are_right(settings, page):
    for text in blocks(page, "python"):
        shown = {name: value for name, value in execute(text).items() if name.isupper()}
        for name, value in shown.items():
            setattr(settings, name, value)
        assert (conf.problems(), conf.unknown()) == ([], [])


def test_the_middleware_shown_stands_right_after_authentication():
    (text,) = blocks("peers", "python")
    names = execute(text)["MIDDLEWARE"]

    place = names.index(checks.MIDDLEWARE)
    assert names[place - 1] == checks.AUTHENTICATION


def test_every_setting_is_shown():
    shown = "".join(blocks("settings", "python"))

    missing = [each.name for each in fields(conf.Conf) if f'"{each.name}"' not in shown]
    assert missing == []


def test_what_to_do_stands_beside_every_check():
    page = (DOCS / "checks.md").read_text("utf-8")
    written = Path(checks.__file__).read_text()

    assert re.findall(r"^\| `(\S+)` \|", page, re.MULTILINE) == sorted(
        set(re.findall(r"temp_redirects\.[EW]\d{3}", written))
    )


@pytest.mark.parametrize(("cookie", "may"), [("yes", True), ("no", False)])
def test_the_consent_shown_asks_a_cookie(rf, cookie, may):
    given = execute(blocks("privacy", "python")[0])["given"]
    request = rf.get("/")
    request.COOKIES["consent"] = cookie

    assert given(request) is may


def test_editors_get_the_permission_and_code_acts_for_somebody(admin_user):
    group = Group.objects.create(name="Editors")
    permission, acting = blocks("history", "python")

    execute(permission)
    execute(acting, user=admin_user)

    assert [each.codename for each in group.permissions.all()] == ["publish"]


def test_the_conversion_shown_is_recorded(rf):
    (text,) = blocks("experiments", "python")
    request = rf.get("/order/")

    execute(text)["order"](request)

    assert "pricing-test" in str(request.META)


def test_the_documents_shown_are_json():
    (status,) = blocks("beforehand", "json")
    (schedule,) = blocks("recurrence", "json")

    assert set(json.loads(status)) == {"is_on", "on", "next"}
    assert json.loads(f"{{{schedule}}}")["schedule"]["repeat"]


def test_the_page_of_an_arm_names_the_original():
    assert blocks("experiments", "html")[0].startswith('<link rel="canonical"')


def test_the_banner_shown_is_drawn(rf):
    (text,) = blocks("beforehand", "django")
    starts = datetime(2026, 11, 21, 14, tzinfo=UTC)
    MaintenanceWindow.objects.schedule("w", ["/w/"], starts_at=starts, title="Soon")

    assert "Soon" in engines["django"].from_string(text).render({}, rf.get("/"))


def test_the_notice_shown_has_its_own_looks(client, settings, tmp_path):
    (template,) = blocks("theming", "django")
    folder = tmp_path / "temp_redirects"
    folder.mkdir()
    (folder / "notice.html").write_text(template, encoding="utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    MaintenanceWindow.objects.schedule("w", ["/w/"], title="Back soon")

    page = client.get("/w/", follow=True).content.decode()

    assert "<title>Back soon · Juniper</title>" in page
    assert '<a href="tel:+4930123456">' in page
    assert "shop/notice.css" in page
    assert "temp_redirects/notice.css" in page


def test_the_colours_shown_are_those_of_the_notice():
    (css,) = blocks("theming", "css")
    own = (ROOT / "temp_redirects/static/temp_redirects/notice.css").read_text()

    names = set(re.findall(r"--tr-\w+", css))
    assert names
    assert all(f"{name}:" in own for name in names)


def test_the_blocks_of_the_notice_are_all_there_are():
    page = (DOCS / "theming.md").read_text("utf-8")
    listed = " ".join(re.findall(r"^\| (`.+?) \|", page, re.MULTILINE))
    template = ROOT / "temp_redirects/templates/temp_redirects/notice.html"

    names = re.findall(r"{% block (\w+) %}", template.read_text("utf-8"))
    assert set(re.findall(r"`(\w+)`", listed)) == set(names)
