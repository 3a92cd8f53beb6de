"""A real browser, from the index of the admin to what the visitor gets, whole ways.

Each test is what one person does: who puts the app into a project, who closes a part of
the site for a night, who moves an API while deploying, who tests a page against another
one, who imports many rules. Why a visitor was or was not
redirected is asked in ``test_workbench``, mistakes are taken back in ``test_mistakes``.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.browser.visiting import LIVE_WITHIN, sign_in
from tests.readme import ROOT, blocks
from tests.running_demo import MANAGE, environment
from tests.serving import free_port, serving, wait_for
from tests.test_readme import source_of
from tests.test_repeats_servers import ask

BERLIN = ZoneInfo("Europe/Berlin")
PASSWORD = "only-for-this-test"


def to_list(page, name) -> None:
    """Go from the index of the admin to one of the app's lists."""
    page.get_by_role("link", name="Temporary redirects").click()
    page.locator("#content-main").get_by_role("link", name=name).click()


@pytest.fixture
def project(tmp_path):
    """A new project that followed the README's section on installing."""
    known = environment(
        tmp_path, PYTHONPATH=str(ROOT), DJANGO_SUPERUSER_PASSWORD=PASSWORD
    )

    def run(*words):
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=known, check=True, capture_output=True, text=True
        )
        return done.stdout

    @contextmanager
    def running():
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--noreload", str(port)],
            cwd=tmp_path,
            env=known,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(port, server)
            yield SimpleNamespace(
                shop=f"http://127.0.0.1:{port}", passwords={"ada": PASSWORD}
            )
        finally:
            server.terminate()
            server.wait(timeout=15)

    run("-m", "django", "startproject", "mysite", ".")
    (diff,) = blocks("Install", "diff")
    install = source_of(ROOT / ".ci" / "install_from_readme.py")
    install.patch(diff.text, tmp_path / "mysite")
    return SimpleNamespace(run=run, running=running)


def test_a_developer_installs_it_and_has_a_first_redirect_that_ends(page, project):
    with project.running() as early:  # before “migrate”
        assert httpx.get(f"{early.shop}/old/").status_code == 404
    project.run("manage.py", "migrate")
    project.run("manage.py", "check", "--fail-level", "WARNING")
    person = ("--username", "ada", "--email", "ada@example.com")
    project.run("manage.py", "createsuperuser", "--noinput", *person)

    with project.running() as site:
        told = project.run(
            *("manage.py", "temp_redirects", "add", "/old/", "/new/"),
            *("--for", "10m", "--name", "moved"),
        )
        assert "created “moved”: it is live" in told
        time.sleep(LIVE_WITHIN)
        answer = httpx.post(f"{site.shop}/old/", data={"name": "Ada"})
        assert (answer.status_code, answer.headers["Location"]) == (307, "/new/")
        assert answer.headers["X-Redirect-By"] == "temp_redirects"
        assert answer.headers["Cache-Control"] == "no-store"

        sign_in(page, site, "ada")
        to_list(page, "Redirect rules")
        row = page.get_by_role("row", name="moved")
        row.get_by_text("Live").wait_for()
        row.get_by_role("link", name="moved", exact=True).click()
        page.get_by_role("button", name="End now").click()
        page.locator(".messagelist .success").wait_for()
        time.sleep(LIVE_WITHIN)
        assert httpx.get(f"{site.shop}/old/").status_code == 404


def typed_moments(page) -> list[float]:
    """Return start and end as the form has them, in seconds since the epoch."""
    values = [
        page.get_by_label(label, exact=True).input_value()
        for label in ("Starts:", "Ends:")
    ]
    walls = [datetime.fromisoformat(each) for each in values]
    return [wall.replace(tzinfo=BERLIN).timestamp() for wall in walls]


def test_staff_close_a_part_of_the_site_for_a_night_and_see_it_through(visit, site):
    staff, visitor = visit(), visit()
    sign_in(staff, site, "admin")
    to_list(staff, "Maintenance windows")
    staff.get_by_role("link", name="Add maintenance window").click()
    staff.get_by_role("link", name="Next Sunday 02:00 to 04:00").click()
    staff.get_by_label("Paths:", exact=True).fill("/news/")
    staff.get_by_label("Title:", exact=True).fill("The news are back at four")
    staff.get_by_label("Message:", exact=True).fill("Ask press@example.com meanwhile.")
    starts, ends = typed_moments(staff)
    staff.get_by_role("button", name="Save and continue editing").click()
    told = staff.locator(".messagelist").inner_text()
    assert "“/news/” and everything under it sees the notice." in told
    assert "Staff still see the pages." in told
    form = staff.url

    staff.locator("#content-main").get_by_role("link", name="Preview").click()
    staff.get_by_role("heading", name="The news are back at four").wait_for()
    staff.get_by_text("press@example.com").wait_for()
    staff.goto(form)
    staff.get_by_role("link", name="Test a URL").click()
    said = staff.locator(".temp-redirects-answer")
    assert said.inner_text().startswith("Passes to the page")
    staff.locator(".temp-redirects-stretches").get_by_role("link").nth(1).click()
    assert said.inner_text().startswith("Redirected (307) to /maintenance/")

    settings = {"DJANGO_SETTINGS_MODULE": "demo_project.settings"}
    with serving(
        "clocked", environment(site.folder, PYTHONPATH=str(ROOT), **settings)
    ) as night:
        moments = (starts - 1, starts, ends - 1, ends)
        found = [ask(night, at, "/news/")[0] for at in moments]
        assert found == [200, 307, 307, 200]

    def gets(told):
        staff.get_by_text(told).wait_for()
        time.sleep(LIVE_WITHIN)
        return visitor.goto(f"{site.shop}/news/")

    assert visitor.goto(f"{site.shop}/news/").status == 200
    staff.goto(form)
    staff.get_by_role("button", name="Start now").click()
    notice = gets("1 window started")
    assert notice.status == 503
    assert int(notice.header_value("Retry-After")) > 0
    assert notice.header_value("Cache-Control") == "no-store"
    visitor.get_by_role("heading", name="The news are back at four").wait_for()
    look = staff.context.new_page()
    assert look.goto(f"{site.shop}/news/").status == 200
    look.get_by_text("because you are staff").wait_for()

    staff.get_by_role("button", name="End now").click()
    assert gets("1 window ended").status == 200
    assert visitor.url == f"{site.shop}/news/"


def order(site) -> dict[str, object]:
    """Send an order to the API as a client does, and follow where it is sent."""
    sent = {"sku": "stoneware-mug", "quantity": 2}
    answer = httpx.post(f"{site.shop}/api/v1/submit", json=sent, follow_redirects=True)
    found = answer.json()
    return {name: found[name] for name in ("version", "method", "size")}


def test_a_deploy_script_moves_an_api_and_colleagues_see_it_in_the_admin(page, site):
    def verb(*words):
        command = [*MANAGE, "temp_redirects", *words, "--json"]
        done = subprocess.run(
            command, env=environment(site.folder), check=True, capture_output=True
        )
        time.sleep(LIVE_WITHIN)
        return json.loads(done.stdout)

    verb("end", "api-moved")  # the demo's own
    before = order(site)
    assert before["version"] == 1

    move = (
        *("add", "/api/v1/submit", "/api/v2/submit", "--method", "POST"),
        *("--for", "3h", "--name", "deploy-v2", "--note", "https://ci.example/7"),
    )
    assert [verb(*move)["result"] for _ in range(2)] == ["created", "updated"]
    assert order(site) == before | {"version": 2}
    assert httpx.get(f"{site.shop}/api/v1/submit").status_code != 307
    verb("extend", "deploy-v2", "--by", "1h")
    assert verb("explain", "POST", "/api/v1/submit")["rule"] == "deploy-v2"

    sign_in(page, site)
    to_list(page, "Redirect rules")
    row = page.get_by_role("row", name="deploy-v2")
    assert "https://ci.example/7" in row.inner_text()
    row.get_by_role("link", name="Test", exact=True).click()
    said = page.locator(".temp-redirects-answer").inner_text()
    assert said == "Redirected (307) to /api/v2/submit by “deploy-v2”."
    page.get_by_role("link", name="Home").click()
    page.get_by_role("link", name="History", exact=True).first.click()
    assert "deploy-v2" in page.locator("#result_list tbody tr").first.inner_text()

    assert verb("end", "deploy-v2")["state"] == "ended"
    assert order(site) == before


def test_a_marketer_splits_a_page_and_gives_it_to_everybody(visit, site):
    staff, visitor = visit(), visit()
    sign_in(staff, site, "admin")
    to_list(staff, "Redirect rules")
    staff.get_by_role("link", name="Add redirect rule").click()
    staff.get_by_label("Name:", exact=True).fill("pricing-test")
    staff.get_by_label("Path:", exact=True).fill("/pricing/")
    staff.get_by_label("Send visitors to:", exact=True).fill("/products/")
    staff.get_by_text("Split visitors, count what they do").click()
    staff.get_by_label("Percentage:", exact=True).fill("50")
    staff.get_by_label("Goal:", exact=True).fill("/orders/")
    staff.get_by_role("button", name="Save and continue editing").click()
    told = staff.locator(".messagelist").inner_text()
    assert "50 % go to “/products/”" in told
    assert "50 % stay on the original page" in told
    form = staff.url

    staff.get_by_role("link", name="Results").click()
    staff.get_by_role("heading", name="Too early to tell").wait_for()
    results = staff.url
    time.sleep(LIVE_WITHIN)
    staff.get_by_role("link", name="See it").last.click()
    staff.wait_for_url("**/products/**")  # as it is forced, and not counted

    staff.goto(form)
    staff.get_by_label("Percentage:", exact=True).fill("70")
    staff.get_by_role("button", name="Save and continue editing").click()
    # Before it is saved.
    staff.get_by_text("Counting starts anew, beside the results so far.").wait_for()

    staff.goto(results)
    until = datetime.now(BERLIN) + timedelta(days=7)
    staff.get_by_label("for everyone until").fill(f"{until:%Y-%m-%dT%H:%M}")
    staff.get_by_role("button", name="Use it").click()
    staff.locator(".messagelist .success").wait_for()
    time.sleep(LIVE_WITHIN)
    visitor.goto(f"{site.shop}/pricing/?utm_source=letter")
    assert visitor.url == f"{site.shop}/products/?utm_source=letter"


def test_an_editor_imports_thousands_of_moves_and_takes_them_back(visit, site):
    staff, visitor = visit(java_script_enabled=False), visit()
    sign_in(staff, site, "admin")
    lines = [f"/moved/{number}/,/products/" for number in range(3_000)]
    lines[117] = "/moved/117/,htps://x"
    file = "\n".join(["path,target", *lines])
    to_list(staff, "Redirect rules")
    staff.get_by_role("link", name="Import", exact=True).click()
    staff.get_by_label("File:", exact=True).set_input_files(
        {"name": "moves.csv", "mimeType": "text/csv", "buffer": file.encode()}
    )
    staff.get_by_role("button", name="Check the file").click()
    while staff.get_by_role("progressbar").count():  # in steps, each of some seconds
        staff.get_by_role("link", name="Go on").click()

    told = staff.locator("#content-main").inner_text()
    assert "2999" in told.replace(",", "")
    assert staff.locator(".temp-redirects-problems tbody th").all_inner_texts() == [
        "119"
    ]
    with staff.expect_download() as download:
        staff.get_by_role("link", name="Download all problems").click()
    assert "htps://x" in download.value.path().read_text()

    def gets(status):
        time.sleep(LIVE_WITHIN)
        assert visitor.goto(f"{site.shop}/moved/2999/").status == status

    gets(404)
    staff.get_by_role("button", name="Apply without").click()
    staff.locator(".messagelist .success").wait_for()
    gets(200)
    assert visitor.url == f"{site.shop}/products/"
    staff.locator(".messagelist").get_by_role("link", name="Undo").click()
    staff.locator("#content-main").get_by_role("button").first.click()
    staff.locator(".messagelist .success").wait_for()
    gets(404)
