"""The demo's own app: the pages, orders and submissions of both sites."""

from django.apps import AppConfig


class DemoProjectConfig(AppConfig):
    """Wire the demo shop into Django."""

    name = "demo_project"
    verbose_name = "Demo shop"
