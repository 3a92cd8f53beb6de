"""For a project's own tests: maintenance while a block or a test runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from temp_redirects.models import MaintenanceWindow
from temp_redirects.models.versions import writing

NAME = "override-window"


@contextmanager
def override_window(*paths: str, **fields: Any) -> Iterator[MaintenanceWindow | None]:
    """Close these paths and no others while the block runs; also a decorator.

    Every window that is on else, and was left on by a fixture for example, is off
    meanwhile; without *paths* nothing is closed. *fields* are those of
    `MaintenanceWindow.objects.schedule`.
    """
    windows = MaintenanceWindow.objects.filter(enabled=True)
    others = list(windows.values_list("pk", flat=True))
    made: MaintenanceWindow | None = None
    with writing(windows.db):
        windows.update(enabled=False)
        if paths:
            made = MaintenanceWindow.objects.schedule(
                fields.pop("name", NAME), paths, **fields
            )
    try:
        yield made
    finally:
        with writing(windows.db):
            if made is not None:
                made.delete()
            MaintenanceWindow.objects.filter(pk__in=others).update(enabled=True)
