"""Make one demo site ready: its tables, users and rules."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo_project import conf
from demo_project.accounts import make_accounts

NO_DEBUG = (
    "The demo creates known passwords, so it runs only where DEBUG is on. Here DEBUG "
    "is off: unset the environment variable DEBUG, or set it to True."
)


def refuse_without_debug() -> None:
    """Raise CommandError where known passwords would be a danger."""
    if not settings.DEBUG:
        raise CommandError(NO_DEBUG)


class Command(BaseCommand):
    """Fill the store of the site whose settings are in use; harmless to repeat."""

    help = "Make the tables, users and rules of one demo site, or freshen them."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then make users and, where the site redirects, rules."""
        refuse_without_debug()
        call_command("migrate", verbosity=0, interactive=False)
        make_accounts()
        rules = self.schedule_rules() if apps.is_installed("temp_redirects") else 0
        name = conf.current().name
        self.stdout.write(f"{name}: store ready, {rules or 'no'} rules.")

    def schedule_rules(self) -> int:
        """Date the rules from now, and replay the experiment; return how many."""
        # The partner's site has no such tables, so nothing above may import them.
        from demo_project.experiments import replay
        from demo_project.rules import schedule_rules

        now = timezone.now().replace(second=0, microsecond=0)
        rules = schedule_rules(now)
        replay(now)
        return rules
