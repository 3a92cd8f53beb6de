#!/usr/bin/env python
"""Django's command line for the demo project."""

import os
import sys

SET_UP = (
    'python3 -m venv .venv && .venv/bin/pip install -e ".[demo]" '
    "&& .venv/bin/python manage.py demo"
)


def main() -> None:
    """Run one administrative task."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
    try:
        import environ  # noqa: F401
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as missing:
        sys.exit(
            f"{missing.name} is not installed for this Python. This sets up all that "
            f"the demo needs, and starts it:\n\n    {SET_UP}\n"
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
