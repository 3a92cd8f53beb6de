"""The pages of the admin ask the database as often for many rules as for few.

The dashboard judges some of them itself, and of more a thread does, whose findings it
shows: ``test_dashboard`` says that it asks no more then.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from temp_redirects.models import Destination, RedirectRule
from tests.factories import DestinationFactory, RedirectRuleFactory

pytestmark = pytest.mark.django_db

APP = "/admin/temp_redirects/"
RULES = f"{APP}redirectrule/"
FEW, MANY = 10, 200


def make(number):
    """Store rules at once, past what records them."""
    rules = RedirectRuleFactory.build_batch(number)
    for rule in rules:
        rule.name_key = rule.name
    RedirectRule.objects.bulk_create(rules)
    Destination.objects.bulk_create(
        [DestinationFactory.build(rule=rule) for rule in rules]
    )


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(RULES, id="list"),
        pytest.param(f"{RULES}?state=live", id="list, narrowed"),
        pytest.param(f"{RULES}?q=rule", id="list, searched"),
        pytest.param(f"{RULES}?q=rule&state=live&o=-1", id="list, sorted too"),
        pytest.param(f"{RULES}add/", id="new"),
        pytest.param(f"{RULES}{{pk}}/change/", id="form"),
        pytest.param(f"{RULES}test/?url=/old/&method=GET", id="test"),
        pytest.param(f"{RULES}calendar/", id="calendar"),
        pytest.param(f"{RULES}calendar/?show=month&path=/old", id="calendar of a path"),
        pytest.param(f"{RULES}{{pk}}/results/", id="results"),
        pytest.param(f"{RULES}{{pk}}/delete/", id="deletion"),
        pytest.param(f"{RULES}{{pk}}/history/", id="history of a rule"),
        pytest.param(f"{RULES}import/", id="import"),
        pytest.param(f"{APP}maintenancewindow/", id="windows"),
        pytest.param(f"{APP}maintenancewindow/add/", id="new window"),
        pytest.param(f"{APP}batch/", id="history"),
        pytest.param(f"{APP}batch/back/", id="back to a moment"),
        pytest.param(f"{APP}killswitch/", id="kill switch"),
    ],
)
@pytest.mark.long
def test_a_page_takes_as_many_queries_for_many_rules_as_for_few(admin_client, page):
    rule = RedirectRule.objects.schedule(
        "/old/", "/new/", name="first", goal="/thanks/"
    )
    url = page.format(pk=rule.pk)

    def number_of_queries():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(url).status_code == 200
        return len(queries)

    def number_once_all_is_known(made):
        make(made)
        number_of_queries()  # what is looked for once after a change
        return number_of_queries()

    few = number_once_all_is_known(FEW - 1)

    assert number_once_all_is_known(MANY - FEW) <= few
