"""Every text of the admin and of the notice can be translated."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[1] / "temp_redirects" / "templates"
# What stands between the marks, by what it is there for.
MARKED = re.compile(
    r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}|{#.*?#}|{%.*?%}|{{.*?}}", re.S
)
HIDDEN = re.compile(r"<(script|style|code)\b.*?</\1>|<!--.*?-->|<!doctype[^>]*>", re.S)
READ = re.compile(r'\b(?:title|alt|aria-label|placeholder)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")
SAME_EVERYWHERE = {"UTC", "CSV", "JSON", "shop"}


def words(template: str) -> set[str]:
    """Return the words of a template that nobody could translate."""
    plain = HIDDEN.sub(" ", MARKED.sub(" ", template))
    read = [re.sub(r"<[^>]*>", " ", plain), *READ.findall(plain)]
    return {word for text in read for word in WORD.findall(text)} - SAME_EVERYWHERE


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name
)
def test_no_text_of_a_template_stands_there_unmarked(path):
    assert words(path.read_text()) == set()


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello</p>", {"Hello"}),
        ('<p title="Hello">{{ name }}</p>', {"Hello"}),
        ('<p>{% translate "Hello" %} · 3</p>', set()),
        ("<p>{% blocktranslate %}Hello <b>you</b>{% endblocktranslate %}</p>", set()),
        ("{# Hello #}<code>manage.py</code>", set()),
    ],
)
def test_an_unmarked_text_is_found(template, found):
    assert words(template) == found
