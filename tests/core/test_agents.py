"""Agents are what their labels say, as the conditions see them."""

import pytest

from temp_redirects.core.agents import AGENTS
from temp_redirects.core.conditions.device import Device
from temp_redirects.core.visits import Visit

DEVICES = {
    "windows": "desktop",
    "mac": "desktop",
    "iphone": "mobile",
    "android": "mobile",
    "android-tablet": "tablet",
}


@pytest.mark.parametrize("name", AGENTS)
def test_a_browser_is_on_its_device_and_a_program_on_none(name):
    visit = Visit("/", headers=AGENTS[name].headers)

    found = [each for each in Device.examples[:3] if Device.parse(each).holds(visit)]

    assert found == ([DEVICES[name]] if name in DEVICES else [])
    assert visit.is_navigation is (name not in {"gptbot", "curl"})
