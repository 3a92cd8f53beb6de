"""Settings of the test suite: a small site; ``DATABASE_URL`` names the database."""

import os
import tempfile

import environ

env = environ.Env()

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "shop.example", "localhost", "127.0.0.1"]
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
LANGUAGE_CODE = "en-us"
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"
DATABASES = {"default": env.db("DATABASE_URL", default="sqlite:///tests.sqlite3")}
# A file, because threads have connections of their own.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {
        "NAME": f"{tempfile.gettempdir()}/temp-redirects-{os.getpid()}.sqlite3"
    }
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
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
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
TEMP_REDIRECTS = {
    "ALLOWED_TARGET_HOSTS": [
        "partner.example",
        "http://localhost:8001",
        *env.list("MORE_TARGET_HOSTS", default=[]),
    ],
    "FLUSH_SECONDS": env.float("FLUSH_SECONDS", default=10.0),
    "SNAPSHOT_FILE": env("SNAPSHOT_FILE", default=None),
}
GEOIP_PATH = env("GEOIP_PATH", default=None)
