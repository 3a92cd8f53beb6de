"""A project's own condition is like a built-in one, wherever conditions are."""

import json
import re
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from temp_redirects.core import descriptions
from temp_redirects.core.conditions import KINDS
from temp_redirects.models import RedirectRule
from temp_redirects.models.querysets import parse_document

pytestmark = pytest.mark.django_db
HIGH = [{"kind": "tide", "value": "high"}]


@pytest.fixture(autouse=True)
def _tides(settings):
    before = dict(KINDS)
    for name in [name for name in sys.modules if name.startswith("tests.tides")]:
        del sys.modules[name]  # so that it is imported as in a fresh process
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.tides"]
    yield
    KINDS.clear()
    KINDS.update(before)


def test_it_decides_and_stands_in_vary(client):
    RedirectRule.objects.schedule("/beach/", "/pier/", conditions=HIGH)

    redirect = client.get("/beach/", HTTP_X_TIDE="high")
    page = client.get("/beach/", HTTP_X_TIDE="low")

    assert (redirect.status_code, redirect["Vary"]) == (307, "X-Tide")
    assert (page.status_code, page["Vary"]) == (200, "X-Tide")


def test_it_is_among_the_choices_of_the_form(admin_client):
    form = admin_client.get("/admin/temp_redirects/redirectrule/add/").content.decode()

    (hint,) = set(re.findall('<option value="tide" data-hint="(.*)">Tide</', form))
    assert hint == KINDS["tide"].hint
    assert f"<dd>{hint}" in form


def test_it_is_in_the_format_and_told_in_words():
    rule = RedirectRule.objects.schedule("/beach/", "/pier/", conditions=HIGH)

    assert rule.to_document()["conditions"] == HIGH
    assert "only for high tide" in descriptions.sentence(
        parse_document(rule.to_document())
    )


def test_it_is_in_the_trace_of_the_command_line(capsys):
    RedirectRule.objects.schedule("/beach/", "/pier/", conditions=HIGH)

    call_command("temp_redirects", "explain", "GET", "/beach/", "--json")

    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert {
        "code": "tide",
        "holds": False,
        "sentence": "tide is unknown, wanted high",
    } in rule["steps"]


def test_what_it_refuses_is_refused_in_its_own_words():
    with pytest.raises(ValidationError, match="“neap” is no tide"):
        RedirectRule.objects.schedule(
            "/beach/", "/pier/", conditions=[{"kind": "tide", "value": "neap"}]
        )


@pytest.mark.parametrize("name", ["conditions", "apps"])
def test_the_documentation_shows_this_very_condition(name):
    here = Path(__file__).parent
    code = (here / "tides" / f"{name}.py").read_text(encoding="utf-8")
    page = (here.parent / "docs" / "conditions.md").read_text(encoding="utf-8")

    assert f"```python\n{code.replace('tests.tides', 'harbour')}```" in page


def test_the_documentation_tells_of_every_condition():
    page = (Path(__file__).parents[1] / "docs" / "conditions.md").read_text("utf-8")
    offered = [kind for kind, each in KINDS.items() if each.is_offered]
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.+?) \|", page, re.M)))

    assert sorted(told) == sorted({*offered} - {"tide"})
