"""Settings of the demo shop; the environment is read here and nowhere else."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import environ

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_DIR = Path(env.str("DEMO_DIR", default=str(BASE_DIR / ".demo")))


def database(variable: str, file_name: str) -> dict[str, Any]:
    """Return the database that *variable* names, else an SQLite file of the demo."""
    if url := env.str(variable, default=""):
        return dict(env.db_url_config(url))
    with suppress(OSError):  # a read-only checkout still runs what needs no store
        DEMO_DIR.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DEMO_DIR / file_name,
        # Several threads write: take the lock at the start and wait for it.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }


def request_log(name: str) -> dict[str, Any]:
    """Return the logging that puts the site's *name* before each request it answers."""
    line = f"{name:<12} {{server_time}}  {{message}}"
    formatter = {"()": "django.utils.log.ServerFormatter", "format": line, "style": "{"}
    handler = {"class": "logging.StreamHandler", "formatter": "requests"}
    logger = {"handlers": ["requests"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"requests": formatter},
        "handlers": {"requests": handler},
        "loggers": {"django.server": logger},
    }


DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str(
    "SECRET_KEY", default="django-insecure-for-the-demo-on-this-machine"
)
PASSWORD_HASHERS = ["demo_project.hashers.PrintedPasswordHasher"]
# Literal names: a rule's target may say {host} only where every host is known.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

SHOP_ORIGIN = env.str("SHOP_ORIGIN", default="http://127.0.0.1:8000")
PARTNER_ORIGIN = env.str("PARTNER_ORIGIN", default="http://127.0.0.1:8001")
DEMO = {
    "name": "Juniper",
    "shop_origin": SHOP_ORIGIN,
    "partner_origin": PARTNER_ORIGIN,
    "folder": DEMO_DIR,
}

TEMP_REDIRECTS = {
    "ALLOWED_TARGET_HOSTS": [PARTNER_ORIGIN],
    # So that curl can say where a visitor comes from. Elsewhere, list your proxies.
    "TRUSTED_PROXIES": ["127.0.0.1", "::1"],
    "COUNTRY_HEADER": "CF-IPCountry",
}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "temp_redirects",
    "demo_project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "temp_redirects.middleware.TempRedirectMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# The demo listens on this machine only. Elsewhere, this header may be believed only
# behind a proxy that always sets it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

ROOT_URLCONF = "demo_project.urls"
WSGI_APPLICATION = "demo_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "demo_project.context_processors.demo",
            ],
        },
    },
]

DATABASES = {"default": database("DATABASE_URL", "shop.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Berlin"

STATIC_URL = "static/"
MEDIA_URL = "media/"  # a path of its own, and no view: attached files are never served
MEDIA_ROOT = DEMO_DIR / "shop-files"

LOGGING = request_log("Juniper")
