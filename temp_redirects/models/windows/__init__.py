"""Maintenance windows: what staff schedule, compiled to rules while it is stored."""

from temp_redirects.models.windows.compiling import (
    WINDOW_COLUMNS,
    compile_window,
    make_window,
    parse_window,
)
from temp_redirects.models.windows.events import MaintenanceEvent
from temp_redirects.models.windows.querysets import MaintenanceWindowQuerySet
from temp_redirects.models.windows.rows import (
    MaintenanceWindow,
    api_choices,
    new_pass_key,
)

__all__ = [
    "WINDOW_COLUMNS",
    "MaintenanceEvent",
    "MaintenanceWindow",
    "MaintenanceWindowQuerySet",
    "api_choices",
    "compile_window",
    "make_window",
    "new_pass_key",
    "parse_window",
]
