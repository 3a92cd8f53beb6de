"""A real Chromium, the system's, at the running demo.

A page that complains in its console, of a script or of the content security policy,
fails its test. Skipped where Playwright (the extra ``e2e``) or Chromium is missing.
"""

import os
from pathlib import Path

import pytest

from tests.running_demo import running

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
OPTIONS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright (the extra e2e)"
    )
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}")
    # Chromium's own sandbox does not start for root.
    root = ["--no-sandbox"] if os.name == "posix" and os.getuid() == 0 else []
    with playwright.sync_playwright() as driver:
        # Coverage loses track here and there: greenlets have just been switched.
        browser = driver.chromium.launch(  # pragma: no cover
            executable_path=str(CHROMIUM), args=OPTIONS + root
        )
        yield browser  # pragma: no cover
        browser.close()  # pragma: no cover


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The demo, running; one for each module of tests."""
    with running(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def visit(chromium):
    """Open pages, each of a visitor of their own."""
    contexts, complaints = [], []

    def complained(text):
        if "Content Security Policy" in text:
            complaints.append(text)

    def open_page(**options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complained(said.text))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(visit):
    """A page of one visitor."""
    return visit()


@pytest.fixture
def picture(tmp_path):
    """Take pictures for the README; ``IMAGES`` names the folder they go to."""
    folder = Path(os.environ.get("IMAGES", tmp_path))

    def take(page, name, **options):
        page.screenshot(path=folder / f"{name}.png", **{"full_page": True, **options})

    return take
