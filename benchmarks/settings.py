"""Settings of a site with this app and its peers, as `DATABASE_URL` says."""

import os
from pathlib import Path

import environ

FOLDER = Path(os.environ.get("BENCHMARK_DIR", "/tmp"))  # noqa: S108
SECRET_KEY = "benchmark"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
ROOT_URLCONF = "benchmarks.urls"
STATIC_URL = "static/"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
SITE_ID = 1
DATABASES = {
    "default": environ.Env().db("DATABASE_URL", f"sqlite:///{FOLDER}/benchmark.db")
}
DATABASES["default"]["CONN_MAX_AGE"] = None  # peers pay for no new connections
PEERS = [
    "benchmarks.apps.ContribRedirects",
    "redirects",
    "wagtail.contrib.redirects",
    "wagtail.images",
    "wagtail.documents",
    "wagtail.users",
    "wagtail.admin",
    "wagtail",
    "taggit",
    "maintenance_mode",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "temp_redirects",
    *(PEERS if os.environ.get("BENCHMARK_PEERS", "yes") == "yes" else []),
]
# Each handler says its own; of a server the environment does.
MIDDLEWARE = list(filter(None, os.environ.get("BENCHMARK_MIDDLEWARE", "").split(",")))
WAGTAIL_SITE_NAME = "benchmark"
WAGTAILADMIN_BASE_URL = "http://testserver"
MAINTENANCE_MODE_STATE_BACKEND = "maintenance_mode.backends.LocalFileBackend"
MAINTENANCE_MODE_STATE_FILE_PATH = str(FOLDER / "maintenance_mode_state.txt")
# Tables without any migration: only their content is measured.
MIGRATION_MODULES = dict.fromkeys(
    [
        "auth",
        "contenttypes",
        "contrib_redirects",
        "redirects",
        "sessions",
        "sites",
        "taggit",
        "wagtailadmin",
        "wagtailcore",
        "wagtaildocs",
        "wagtailimages",
        "wagtailredirects",
        "wagtailsearch",
        "wagtailusers",
    ]
)
TEMP_REDIRECTS = {
    "ALLOWED_TARGET_HOSTS": ["b.test", "c.test"],
    "COUNTRY_HEADER": "CF-IPCountry",
    "REFRESH_SECONDS": float(os.environ.get("REFRESH_SECONDS", "1")),
    "TRUSTED_PROXIES": ["127.0.0.1"],
}
CACHES = {"default": {"BACKEND": "benchmarks.counted.Cache"}}
LOGGING_CONFIG = None
