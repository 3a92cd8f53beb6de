"""A site where much is otherwise: rules in a second database, naive times, own users.

``SECOND_DATABASE_URL`` names the second database.
"""

import os
import tempfile

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, env

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "elsewhere.sqlite3",
        "TEST": {
            "NAME": f"{tempfile.gettempdir()}/elsewhere-{os.getpid()}.sqlite3",
        },
    },
    "rules": env.db("SECOND_DATABASE_URL", default="sqlite:///rules.sqlite3"),
}
if DATABASES["rules"]["ENGINE"].endswith("sqlite3"):
    DATABASES["rules"]["TEST"] = {
        "NAME": f"{tempfile.gettempdir()}/elsewhere-rules-{os.getpid()}.sqlite3"
    }
DATABASE_ROUTERS = ["tests.elsewhere.routers.RulesElsewhere"]
USE_TZ = False
AUTH_USER_MODEL = "elsewhere.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    *(name for name in INSTALLED_APPS if name != "demo_project"),
    "tests.elsewhere",
]
# The others' migrations come after a user that has none.
MIGRATION_MODULES = dict.fromkeys(
    ["admin", "auth", "contenttypes", "messages", "sessions", "elsewhere"]
)
