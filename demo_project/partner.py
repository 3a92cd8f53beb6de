"""Settings of the second origin: another site, another store, no redirects of its own.

It stands for a server that takes over a form for a while. The two share nothing but
the code of their pages.
"""

from demo_project.settings import *  # noqa: F403
from demo_project.settings import (
    DEMO,
    DEMO_DIR,
    INSTALLED_APPS,
    MIDDLEWARE,
    database,
    request_log,
)

DEMO = DEMO | {
    "key": "partner",
    "name": "Partner Shop",
    "tagline": "Another server, another store",
    "mark": "demo_project/partner.svg",
}

INSTALLED_APPS = [name for name in INSTALLED_APPS if name != "temp_redirects"]
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("temp_redirects.")]

ROOT_URLCONF = "demo_project.partner_urls"
DATABASES = {"default": database("PARTNER_DATABASE_URL", "partner.sqlite3")}
MEDIA_ROOT = DEMO_DIR / "partner-files"
LOGGING = request_log("Partner Shop")

# Cookies know hosts, not ports: with the same names, signing in here would sign one out
# of the shop.
SESSION_COOKIE_NAME = "partner_sessionid"
CSRF_COOKIE_NAME = "partner_csrftoken"
