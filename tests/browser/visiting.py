"""What the browser tests share: how staff sign in, and code run in the demo."""

import subprocess

from tests.running_demo import MANAGE, environment

LIVE_WITHIN = 2.0  # seconds until a change is answered by every process
PHONE = {"width": 390, "height": 844}


def sign_in(page, site, person="editor") -> None:
    """Sign in by the admin's own page."""
    page.goto(f"{site.shop}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(site.passwords[person])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{site.shop}/admin/")


def manage(site, code: str) -> None:
    """Run some lines in another process of the demo."""
    subprocess.run(
        [*MANAGE, "shell", "-c", code],
        env=environment(site.folder),
        check=True,
        capture_output=True,
    )
