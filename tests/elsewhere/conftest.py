"""These tests need the settings beside them: ``--ds=tests.elsewhere.settings``."""

from django.conf import settings

collect_ignore_glob = [] if "rules" in settings.DATABASES else ["test_*.py"]
