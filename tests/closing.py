"""Maintenance windows for tests, by the call a developer would write."""

from datetime import UTC, datetime, timedelta

from temp_redirects.models import MaintenanceWindow

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 02:00 in Berlin
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def close(path="/shop/", name="shop", **fields):
    """Close a path from now on, for everybody."""
    fields = {"staff_pass": False} | fields
    return MaintenanceWindow.objects.schedule(name, [path], **fields)
