"""Somebody's own project and its own tests, with nothing configured for this app."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from temp_redirects.store import store

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = """
SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
STATIC_URL = "/static/"
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "temp_redirects",
]
MIDDLEWARE = ["temp_redirects.middleware.TempRedirectMiddleware"]
"""

URLS = """
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.urls import include, path


def page(request, rest=""):
    return HttpResponse(f"original {request.path}")


def counted(request):
    return HttpResponse(str(ContentType.objects.count()))


async def asynchronous(request):
    return HttpResponse("original, asynchronous")


urlpatterns = [
    path("counted/", counted),
    path("asynchronous/", asynchronous),
    path("maintenance/", include("temp_redirects.urls")),
    path("<path:rest>", page),
]
"""

IMPORTS = """
import urllib.error
import urllib.request

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction
from django.test import LiveServerTestCase, SimpleTestCase, TestCase
from django.test import TransactionTestCase, override_settings
from django.test.utils import CaptureQueriesContext

from temp_redirects.models import RedirectRule

add = RedirectRule.objects.schedule
"""

# Each is a whole module of somebody's tests. Django runs the methods of a class in
# the order of their names: "a" before "b".
MODULES = {
    "a rule made in a test redirects the next request and is gone in the next test": """
class Tests(TestCase):
    def test_a(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
        add("/old/", "/new/")
        response = self.client.post("/old/", {"name": "Ada"})
        self.assertEqual((response.status_code, response["Location"]), (307, "/new/"))

    def test_b(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
""",
    "a rule changed or deleted in a test is seen changed": """
class Tests(TestCase):
    def test_a(self):
        rule = add("/old/", "/new/")
        self.assertEqual(self.client.get("/old/").status_code, 307)
        rule.enabled = False
        rule.save()
        self.assertEqual(self.client.get("/old/").status_code, 200)
        RedirectRule.objects.resume()
        self.assertEqual(self.client.get("/old/").status_code, 307)
        rule.delete()
        self.assertEqual(self.client.get("/old/").status_code, 200)
""",
    "a rule of setUpTestData is there in each test of the class and in no other": """
class Tests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.rule = add("/old/", "/new/")

    def test_a(self):
        self.assertEqual(self.client.get("/old/").status_code, 307)
        self.rule.delete()
        self.assertEqual(self.client.get("/old/").status_code, 200)

    def test_b(self):
        self.assertEqual(self.client.get("/old/").status_code, 307)
        add("/older/", "/old/two/")
        self.assertEqual(self.client.get("/older/").status_code, 307)

    def test_c(self):
        self.assertEqual(self.client.get("/old/").status_code, 307)
        self.assertEqual(self.client.get("/older/").status_code, 200)


class ZLater(TestCase):
    def test_a(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
""",
    "the asynchronous client is redirected too": """
class Tests(TestCase):
    async def test_a(self):
        await RedirectRule.objects.acount()
        self.assertEqual((await self.async_client.get("/old/")).status_code, 200)

    async def test_b(self):
        await sync_to_async(add)("/asynchronous/", "/new/")
        response = await self.async_client.get("/asynchronous/")
        self.assertEqual((response.status_code, response["Location"]), (307, "/new/"))

    def test_c(self):
        add("/old/", "/new/")
        response = async_to_sync(self.async_client.get)("/old/")
        self.assertEqual(response.status_code, 307)

    async def test_d(self):
        response = await self.async_client.get("/asynchronous/")
        self.assertEqual(response.status_code, 200)
""",
    "the client follows the redirect with method and body": """
class Tests(TestCase):
    def test_a(self):
        add("/old/", "/new/")
        response = self.client.post("/old/", {"name": "Ada"}, follow=True)
        self.assertRedirects(response, "/new/", status_code=307)
        self.assertEqual(response.request["REQUEST_METHOD"], "POST")
        self.assertEqual(response.wsgi_request.POST["name"], "Ada")
        self.assertEqual(response.content, b"original /new/")
""",
    "not one query is added where no rule was made, on the first request neither": """
class Tests(TestCase):
    def test_a(self):
        with self.assertNumQueries(1):
            self.client.get("/counted/")

    def test_b(self):
        with self.assertNumQueries(0):
            self.client.get("/old/")

    def test_c(self):
        with self.assertNumQueries(0):
            async_to_sync(self.async_client.get)("/asynchronous/")

    @override_settings(DEBUG=True)
    def test_d(self):
        with self.assertNumQueries(0):
            self.client.get("/old/")

    def test_e(self):
        add("/old/", "/new/")
        self.client.get("/old/")
        with self.assertNumQueries(1):
            self.client.get("/counted/")
""",
    "on the first request of a transaction test neither": """
class Tests(TransactionTestCase):
    def test_a(self):
        with self.assertNumQueries(1):
            self.client.get("/counted/")
""",
    "the first query of a test is still the first that it captures": """
class Tests(TestCase):
    def test_a(self):
        with CaptureQueriesContext(connection) as captured:
            add("/old/", "/new/")
            self.client.get("/counted/")
        self.assertIn("content_type", captured[-1]["sql"])
""",
    "rules that are committed are live at once and flushed after the test": """
class Tests(TransactionTestCase):
    def test_a(self):
        add("/old/", "/new/")
        self.assertEqual(self.client.get("/old/").status_code, 307)
        RedirectRule.objects.end()
        self.assertEqual(self.client.get("/old/").status_code, 200)

    def test_b(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
        with transaction.atomic():
            add("/old/", "/new/")
            self.assertEqual(self.client.get("/old/").status_code, 307)
            transaction.set_rollback(True)
        self.assertEqual(self.client.get("/old/").status_code, 200)
        add("/older/", "/old/")

    def test_c(self):
        self.assertEqual(self.client.get("/older/").status_code, 200)
""",
    "a transaction test after an ordinary one, and the other way round": """
class ATests(TestCase):
    def test_a(self):
        add("/old/", "/new/")
        self.assertEqual(self.client.get("/old/").status_code, 307)


class BTests(TransactionTestCase):
    def test_a(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
        add("/old/", "/new/b/")
        self.assertEqual(self.client.get("/old/")["Location"], "/new/b/")
""",
    "commit hooks that a test captures and runs": """
class Tests(TestCase):
    def test_a(self):
        with self.captureOnCommitCallbacks(execute=True):
            add("/old/", "/new/")
        self.assertEqual(self.client.get("/old/").status_code, 307)
        self.assertEqual(self.client.get("/old/").status_code, 307)

    def test_b(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
""",
    "a live server sees the rules of its test, until they end": """
class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


class Tests(LiveServerTestCase):
    def status(self, path):
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(self.live_server_url + path) as response:
                return response.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def test_a(self):
        self.assertEqual(self.status("/old/"), 200)
        add("/old/", "/new/")
        self.assertEqual(self.status("/old/"), 307)
        RedirectRule.objects.end()
        self.assertEqual(self.status("/old/"), 200)
        add("/old/", "/new/", name="again")
        self.assertEqual(self.status("/old/"), 307)

    def test_b(self):
        self.assertEqual(self.status("/old/"), 200)
""",
    "where no database is allowed the page is served": """
class Tests(SimpleTestCase):
    def test_a(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)

    async def test_b(self):
        self.assertEqual((await self.async_client.get("/old/")).status_code, 200)


class ZLater(TestCase):
    def test_a(self):
        add("/old/", "/new/")
        self.assertEqual(self.client.get("/old/").status_code, 307)
""",
}

# Not beside others: Django restores content types then, and they are there already.
ALONE = {
    "a flush without the signal that usually follows it leaves no rule behind": """
class Tests(TransactionTestCase):
    serialized_rollback = True

    def test_a(self):
        add("/old/", "/new/")
        self.assertEqual(self.client.get("/old/").status_code, 307)

    def test_b(self):
        self.assertEqual(self.client.get("/old/").status_code, 200)
        add("/old/", "/new/b/")
        self.assertEqual(self.client.get("/old/")["Location"], "/new/b/")
""",
}

# The same on a database in a file: a live server has connections of its own there.
DATABASES = {
    "in memory": "",
    "in a file": 'DATABASES["default"]["TEST"] = {"NAME": "test.sqlite3"}',
}


@pytest.mark.parametrize("database", DATABASES.values(), ids=DATABASES)
def test_somebodys_own_tests_pass_with_nothing_configured(tmp_path, database):
    modules = {
        f"test_{number:02}": IMPORTS + tests
        for number, tests in enumerate(MODULES.values())
    }
    own_project(tmp_path, database, **modules)

    done = django_test(tmp_path)

    assert done.returncode == 0, failures(done.stderr)
    assert ran(done.stderr) == "".join(MODULES.values()).count("def test_")


@pytest.mark.parametrize(
    "tests", [*MODULES.values(), *ALONE.values()], ids=[*MODULES, *ALONE]
)
def test_each_module_passes_alone(tmp_path, tests):
    own_project(tmp_path, test_own=IMPORTS + tests)

    done = django_test(tmp_path)

    assert done.returncode == 0, failures(done.stderr)


@pytest.mark.django_db
def test_where_rules_cannot_be_read_a_test_does_not_try_on_each_request(
    client, monkeypatch
):
    tried = []
    monkeypatch.setattr(store, "_refresh", lambda using: tried.append(using) or 1 / 0)

    statuses = [client.get("/old/").status_code for _ in range(3)]

    assert statuses == [200] * 3
    assert len(tried) == 1


def test_a_failure_is_told_under_its_claim():
    told = failures("FAIL: test_a (test_00.Tests.test_a)")

    assert told == f"FAIL: test_a ([{next(iter(MODULES))}] Tests.test_a)"


def own_project(folder: Path, settings: str = "", **modules: str) -> None:
    """Write a project of somebody's own, with modules of tests."""
    (folder / "settings.py").write_text(f"{SETTINGS}{settings}\n")
    (folder / "urls.py").write_text(URLS)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)


def django_test(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "test", "--noinput"],
        cwd=folder,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            "PYTHONDEVMODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def ran(output: str) -> int:
    """Return how many tests ran: one that nobody collects would show here."""
    return int(re.findall(r"Ran (\d+) tests?", output)[0])


def failures(output: str) -> str:
    """Return what went wrong, each under the claim of the module it stands in."""
    for number, claim in enumerate(MODULES):
        output = output.replace(f"test_{number:02}.", f"[{claim}] ")
    return output
