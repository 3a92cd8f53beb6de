"""The verbs of ``manage.py temp_redirects``; a file each, found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from temp_redirects.management.actions import VERBS

__all__ = ["VERBS"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
