"""What is written to the log: nothing that is secret, in few lines."""

import logging
import random

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from temp_redirects import middleware
from temp_redirects.core import documents
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import RedirectRule
from temp_redirects.sites import current_site
from tests.fuzzing import STRINGS, ask

pytestmark = pytest.mark.django_db
SECRET = "hunter2"
MANY = 50

JOINED = {  # parts that are safe each by itself, and what they make together
    "a dot": ("/x{rest}", "/y/.{rest}", "prefix"),
    "two slashes": ("/x/", "/{rest}", "prefix"),
    "a host": ("/x/", "https://{host}/.{rest}", "prefix"),
    "a segment": ("/x/*/*", "/{1}{2}", "pattern"),
}


@pytest.mark.parametrize(("path", "target", "match"), JOINED.values(), ids=JOINED)
def test_a_redirect_that_is_refused_tells_no_value_of_the_query(
    caplog, path, target, match
):
    told = {
        "id": "00000000-0000-0000-0000-000000000001",
        "name": "rule",
        "match": match,
        "path": path.replace("{rest}", "/"),
        "destinations": [{"target": target}],
    }
    ruleset = Ruleset([documents.record_of(documents.parse(told, current_site()))])
    chance = random.Random(7)  # noqa: S311

    for text in ["", ".", "/", "//", "\\", *chance.choices(STRINGS, k=300)]:
        middleware._told.clear()  # a minute later
        ask(ruleset, f"/x/{text}", f"token={SECRET}", "shop.example", True)

    assert SECRET not in caplog.text
    assert all(len(each.getMessage().splitlines()) == 1 for each in caplog.records)


def test_of_a_failure_that_every_request_meets_few_lines_are_written(
    caplog, monkeypatch
):
    RedirectRule.objects.schedule("/a", "/b")
    app = TempRedirectMiddleware(lambda request: HttpResponse("page"))
    monkeypatch.setattr(Ruleset, "decide", None)  # a bug of ours

    for _ in range(MANY):
        request = RequestFactory().get(
            f"/a?token={SECRET}",
            headers={"Cookie": f"sessionid={SECRET}", "Authorization": SECRET},
        )
        assert app(request).status_code == 200

    assert 1 <= len(caplog.records) <= 10
    assert caplog.records[0].levelno == logging.ERROR
    assert SECRET not in caplog.text
