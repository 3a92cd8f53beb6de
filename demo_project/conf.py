"""Which of the demo's two sites this process is, and where the other one is."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """``settings.DEMO``; left out, a key has the shop's value."""

    key: str = "shop"  # or "partner": chooses colours and menu
    name: str = "Juniper"
    tagline: str = "Things for a warm kitchen"
    mark: str = "demo_project/juniper.svg"
    shop_origin: str = "http://127.0.0.1:8000"
    partner_origin: str = "http://127.0.0.1:8001"
    folder: Path = BASE_DIR / ".demo"  # the stores of both sites


def current() -> Demo:
    """Return the site that the settings in use describe."""
    return Demo(**getattr(settings, "DEMO", {}))
