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
SITE_ID = 1
DATABASES = {
    "default": environ.Env().db("DATABASE_URL", f"sqlite:///{FOLDER}/benchmark.db")
}
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
    *(PEERS if os.environ.get("BENCHMARK_PEERS") else []),
]
MIDDLEWARE: list[str] = []  # each handler says its own
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
TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": ["b.test", "c.test"]}
LOGGING_CONFIG = None
