"""Scheduled temporary redirects for Django, made in the admin, answered with 307."""

__version__ = "0.1.0"
