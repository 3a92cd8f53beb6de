"""An export of the demo, imported into an empty site, answers as the demo does."""

from datetime import UTC, datetime
from itertools import product

import pytest
import time_machine
from django.test import Client

from demo_project.rules import schedule_rules
from temp_redirects.core.patterns import sample_path
from temp_redirects.models import MaintenanceWindow as Windows
from temp_redirects.models import RedirectRule
from tests.commands.running import read, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
COUNT = 200

METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS")
ENDINGS = ("", "?utm_source=mail&a=1&a=", "deeper/%C3%A9?q=%20x")


def requests():
    """Return the recorded list: every rule's paths, beside, below and with queries."""
    paths = [sample_path(row.compile().source) for row in RedirectRule.objects.all()]
    paths += [path for row in Windows.objects.all() for path in row.compile().paths]
    asked = product(sorted({*paths, "/nowhere/"}), ENDINGS, METHODS, (True, False))
    return [(f"{path}{end}", *how) for path, end, *how in asked][:COUNT]


def answers(asked):
    """Return each answer whole: its status, its fields, its content."""
    found = []
    for path, method, secure in asked:
        response = Client().generic(method, path, secure=secure)
        fields = sorted(response.headers.items())
        found.append((response.status_code, fields, response.content))
    return found


def test_two_hundred_requests_are_answered_byte_for_byte(tmp_path, settings):
    settings.TEMP_REDIRECTS = {"ALLOWED_TARGET_HOSTS": ["http://127.0.0.1:8001"]}
    with time_machine.travel(NOW, tick=False):
        schedule_rules(NOW)
        # How busy this process is depends on the requests before.
        RedirectRule.objects.filter(conditions__kind="busy").delete()
        asked = requests()
        before = answers(asked)
        name = str(tmp_path / "demo.json")
        told("export", "--to", name)
        RedirectRule.objects.all().delete()
        Windows.objects.all().delete()
        assert answers(asked) != before

        read("import", name)

        assert answers(asked) == before
    assert len(before) == COUNT
    assert sum(status == 307 for status, _, _ in before) > COUNT / 10
