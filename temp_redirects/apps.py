"""The app, as Django starts it."""

from django.apps import AppConfig
from django.utils import translation
from django.utils.translation import gettext_lazy as _


class TempRedirectsConfig(AppConfig):
    """Scheduled temporary redirects."""

    name = "temp_redirects"
    verbose_name = _("Temporary redirects")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks, and let what the app has hear of what it needs."""
        from temp_redirects import (
            announcements,
            checks,
            figures,
            logs,
            people,
            scheduling,
            store,
            tallies,
        )
        from temp_redirects.core import sentences

        sentences.speech = translation
        sentences.figures = figures.figure
        checks.register()
        logs.listen()
        people.listen()
        store.listen()
        tallies.listen()
        announcements.listen()
        scheduling.listen()
