"""The app imports its condition when the site starts, as the documentation says."""

from django.apps import AppConfig


class TidesConfig(AppConfig):
    name = "tests.tides"

    def ready(self):
        from tests.tides import conditions  # noqa: F401 (importing it registers it)
