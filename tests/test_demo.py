"""The demo as it runs: what its home page says is what a visitor gets."""

import html
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from urllib.parse import urljoin

import httpx
import pytest

from tests.running_demo import Page, demo, read_until, running, taken_port
from tests.serving import free_port

pytestmark = pytest.mark.process

TABLE = "temp_redirects_redirectrule"
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def home(site):
    response = httpx.get(f"{site.shop}/")
    assert response.status_code == 200
    return Page(response.text)


def run(command: str) -> dict[str, str]:
    """Run a curl line and return what came back, and from where."""
    program, *words = shlex.split(command)
    assert program == "curl"
    form = "\n%{http_code}\n%{url_effective}"
    done = subprocess.run(
        [program, *words, "--max-time", "20", "-w", form],
        capture_output=True,
        text=True,
        check=True,
    )
    printed, status, url = done.stdout.replace("\r", "").rsplit("\n", 2)
    head, body = "", printed
    while "i" in words[0] and (not head or body.startswith("HTTP/")):
        head, _, body = body.partition("\n\n")  # of the last answer, where it follows
    fields = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    return {
        "status": status,
        "location": fields.get("Location", ""),
        "url": url,
        "body": html.unescape(body),
    }


def promises(shown: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("data-"): value
        for name, value in shown.items()
        if name.startswith("data-")
    }


def broken(promised: dict[str, str], got: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return what was promised and what came, where the two differ."""
    return {
        name: (value, got[name])
        for name, value in promised.items()
        if (value not in got[name] if name == "body" else value != got[name])
    }


@needs_curl
def test_each_command_of_the_home_page_gets_what_stands_under_it(home):
    assert len(home.tries) >= 8

    wrong = {
        shown["command"]: differs
        for shown in home.tries
        if (differs := broken(promises(shown), run(shown["command"])))
    }

    assert wrong == {}


def test_each_command_promises_a_status_and_where_it_leads(home):
    for shown in home.tries:
        promised = promises(shown)
        assert promised["status"]
        assert promised.keys() & {"location", "url", "body"}


def follow(site, shown: dict[str, str]) -> dict[str, str]:
    """Follow a link as a visitor; one with a promise only as far as that."""
    is_promise = "data-status" in shown
    url = urljoin(f"{site.shop}/", shown["href"])
    response = httpx.get(url, follow_redirects=not is_promise)
    return {
        "status": str(response.status_code),
        "location": response.headers.get("Location", ""),
        "body": html.unescape(response.text),
    }


def test_each_link_of_the_home_page_leads_where_it_says(site, home):
    assert len(home.links) >= 20

    wrong = {
        shown["href"]: differs
        for shown in home.links
        if (differs := broken({"status": "200"} | promises(shown), follow(site, shown)))
    }

    assert wrong == {}


@needs_curl
def test_the_lines_printed_in_the_terminal_are_true_as_well(site):
    lines = [line.strip() for line in site.printed.splitlines()]
    at = next(n for n, line in enumerate(lines) if line.startswith("Try"))
    posted, answer, followed, body = (
        line.removeprefix("Try").strip() for line in lines[at : at + 4]
    )

    got = run(posted)
    assert answer == f"307 Temporary Redirect, Location: {got['location']}"
    assert run(followed)["body"].startswith(body.removesuffix(", …"))


def test_the_users_printed_may_sign_in(site):
    assert set(site.passwords) == {"admin", "editor", "viewer"}

    for name, password in site.passwords.items():
        with httpx.Client(base_url=site.shop, follow_redirects=True) as browser:
            browser.get("/admin/login/")
            form = {
                "username": name,
                "password": password,
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            }
            page = browser.post("/admin/login/?next=/admin/", data=form)
            assert page.status_code == 200
            assert "Temporary redirects" in page.text


def test_every_page_of_both_sites_answers(site):
    """What the home pages link to, two links deep."""
    seen = {f"{site.shop}/", f"{site.partner}/"}
    for _ in range(2):
        for url in sorted(seen):
            links = Page(httpx.get(url, follow_redirects=True).text).links
            seen |= {urljoin(url, link["href"]).partition("#")[0] for link in links}
        elsewhere = (f"{site.shop}/admin", f"{site.shop}/maintenance/")
        seen = {url for url in seen if not url.startswith(elsewhere)}

    statuses = {url: httpx.get(url, follow_redirects=True).status_code for url in seen}

    assert len(seen) > 20
    assert {url: status for url, status in statuses.items() if status != 200} == {}


def test_a_second_demo_takes_other_ports_and_stores_of_its_own(site):
    port = site.shop.rpartition(":")[2]

    with running(site.folder, "--port", port) as second:
        assert f"Port {port} is in use" in second.printed
        assert f"A demo runs on port {port}" in second.printed
        assert not {second.shop, second.partner} & {site.shop, site.partner}
        assert httpx.get(f"{second.shop}/").status_code == 200
        assert "Stopped both servers." in second.stop()


def test_the_next_free_port_is_taken(tmp_path):
    with taken_port() as port:
        done = demo(tmp_path, "--no-run", "--port", str(port))

    assert f"Port {port} is in use; the demo takes " in done.stdout
    assert f"http://127.0.0.1:{port}/" not in done.stdout


def stored(folder, query):
    """Ask the shop's own store, or change it."""
    with closing(sqlite3.connect(folder / "shop.sqlite3")) as store, store:
        return store.execute(query).fetchall()


def users(folder):
    return stored(folder, "SELECT username, password FROM auth_user")


def test_setting_up_is_harmless_to_repeat_and_dates_the_rules_anew(tmp_path):
    port = str(free_port())
    first = demo(tmp_path, "--no-run", "--port", port)
    before = users(tmp_path)
    stored(tmp_path, f"UPDATE {TABLE} SET starts_at = NULL, ends_at = '2020-01-01'")

    second = demo(tmp_path, "--no-run", "--port", port)

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout
    assert users(tmp_path) == before
    ends = [end for (end,) in stored(tmp_path, f"SELECT ends_at FROM {TABLE}")]
    assert len(ends) == 20
    assert min(ends) > "2026"
    assert "Nothing is running yet" in second.stdout


def test_reset_deletes_what_was_stored_and_nothing_else(tmp_path):
    demo(tmp_path, "--no-run")
    (tmp_path / "keep.txt").touch()
    stored(tmp_path, "UPDATE auth_user SET username = username || ' once'")

    done = demo(tmp_path, "--no-run", "--reset")

    assert done.returncode == 0, done.stderr
    assert {name for name, _ in users(tmp_path)} == {"admin", "editor", "viewer"}
    assert (tmp_path / "keep.txt").exists()


def test_reset_leaves_a_store_alone_that_is_elsewhere(tmp_path):
    elsewhere = tmp_path / "precious.sqlite3"
    elsewhere.touch()
    done = demo(
        tmp_path / "demo", "--no-run", "--reset", DATABASE_URL=f"sqlite:///{elsewhere}"
    )

    assert done.returncode == 1
    assert "DATABASE_URL names another store" in done.stderr
    assert elsewhere.exists()


def test_it_refuses_where_debug_is_off_and_makes_nothing(tmp_path):
    done = demo(tmp_path / "demo", "--no-run", DEBUG="False")

    assert done.returncode == 1
    assert "DEBUG is off" in done.stderr
    assert not list(tmp_path.glob("demo/*"))


@pytest.mark.parametrize("port", ["0", "65535", "http"])
def test_a_port_that_cannot_be_is_refused(tmp_path, port):
    done = demo(tmp_path, "--no-run", "--port", port)

    assert done.returncode == 2
    assert "is not a port" in done.stderr


def test_a_demo_that_ends_before_it_runs_is_noticed():
    with (
        subprocess.Popen(["echo", "bye"], stdout=subprocess.PIPE, text=True) as ended,
        pytest.raises(AssertionError, match="bye"),
    ):
        read_until(ended, "Running.")
