"""What is written to the log: nothing that is secret, in few lines."""

import logging
import random
from collections import Counter

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from temp_redirects import logs, middleware
from temp_redirects.core import documents
from temp_redirects.core.rulesets import Ruleset
from temp_redirects.middleware import TempRedirectMiddleware
from temp_redirects.models import MaintenanceWindow, RedirectRule
from temp_redirects.sites import current_site
from temp_redirects.views import pages
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


def test_of_no_kind_more_than_ten_lines_are_written_in_a_minute(caplog, monkeypatch):
    now = 0.0
    monkeypatch.setattr(logs, "monotonic", lambda: now)
    logger = logging.getLogger("temp_redirects")

    for number in range(MANY):
        logger.warning("The row %s cannot be read.", number)
        logger.info("The other kind.")
    assert Counter(each.levelno for each in caplog.records) == {logging.WARNING: 10}

    now = 59.0
    logger.warning("The row %s cannot be read.", MANY)
    assert len(caplog.records) == 10

    now = 60.0
    logger.warning("The row %s cannot be read.", MANY)
    assert len(caplog.records) == 11


def test_a_notice_that_cannot_be_shown_is_told_in_few_lines(
    client, caplog, monkeypatch
):
    MaintenanceWindow.objects.schedule("closed", ["/shop/"])
    notice = client.get("/shop/").headers["Location"]
    monkeypatch.setattr(pages, "render_to_string", None)  # as a broken template does

    for _ in range(MANY):
        assert client.get(notice).status_code == 503

    told = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(told) == 10
