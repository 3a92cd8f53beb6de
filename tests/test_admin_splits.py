"""The form of a rule with several destinations, and what it says before it saves."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from temp_redirects.models import RedirectRule

pytestmark = pytest.mark.django_db

ADD = "admin:temp_redirects_redirectrule_add"


@pytest.fixture
def staff(admin_client):
    return admin_client


def typed(**fields):
    """Return what a browser sends for a rule that is split in halves."""
    return {
        "name": "pricing-test",
        "enabled": "on",
        "match": "exact",
        "path": "/pricing/",
        "target": "/pricing-b/",
        "percentage": "50",
        "destination_label": "New",
        "status": "307",
        "query": "keep",
        "priority": "0",
        "cache_seconds": "0",
        "until_switched_off": "on",
        "timezone": "UTC",
        "sticky": "visitor",
        "goal": "/thanks/",
        "goal_days": "14",
        "planned_visitors": "5000",
        **fields,
    }


def stored():
    return RedirectRule.objects.get().to_document()


def change(staff, **fields):
    row = RedirectRule.objects.get()
    url = reverse("admin:temp_redirects_redirectrule_change", args=[row.pk])
    return staff.post(url, typed(**fields))


def problems(answer):
    return answer.context["adminform"].form.errors


@pytest.mark.parametrize("percentage", ["50", "50%", "50 %", "50\xa0%", "50,0 %"])
def test_a_percentage_may_have_its_sign(staff, percentage):
    staff.post(reverse(ADD), typed(percentage=percentage))
    assert stored()["destinations"][0]["percentage"] == 50


def test_a_split_is_made_on_one_form(staff):
    answer = staff.post(
        reverse(ADD),
        typed(
            percentage="33,33",
            **{
                "others-0-target": "/pricing-c/",
                "others-0-percentage": "20",
                "others-0-label": "Third",
                "others-3-target": "/pricing-d/",
            },
        ),
    )
    assert answer.status_code == 302
    document = stored()
    shown = [
        (each["target"], each["label"], each["percentage"])
        for each in document["destinations"]
    ]
    assert shown == [
        ("/pricing-b/", "New", 33.33),
        ("/pricing-c/", "Third", 20),
        ("/pricing-d/", "", None),
    ]
    assert len({each["id"] for each in document["destinations"]} | {""}) == 4
    keys = ("sticky", "goal", "goal_days", "planned_visitors")
    assert [document[key] for key in keys] == ["visitor", "/thanks/", 14, 5_000]


def test_the_form_shows_what_is_stored_with_the_share_of_each(staff):
    staff.post(reverse(ADD), typed(**{"others-0-target": "/c/"}))
    row = RedirectRule.objects.get()
    page = staff.get(
        reverse("admin:temp_redirects_redirectrule_change", args=[row.pk])
    ).content.decode()
    assert 'name="percentage" value="50"' in page
    assert 'name="others-0-target" value="/c/"' in page
    assert "50 % go to “/pricing-b/” (New), 50 % go to “/c/”" in page


THIRDS = {
    "percentage": "",
    "others-0-target": "/c/",
    "others-1-target": "/d/",
    "others-1-percentage": "33,33",
}


def shares(page):
    """Return what stands beside the destinations and the original page."""
    return re.findall(r">That is ([^<]*)</b>", page)


def test_beside_each_destination_and_the_original_page_stands_its_share(staff):
    staff.post(reverse(ADD), typed(**THIRDS))
    row = RedirectRule.objects.get()
    url = reverse("admin:temp_redirects_redirectrule_change", args=[row.pk])

    page = staff.get(url).content.decode()

    first = "33.34 %, and 0 % on the original page."
    assert shares(page) == [first, "33.34 %", "33.33 %"]


def test_beside_what_is_typed_stands_the_share_that_it_would_be(staff):
    staff.post(reverse(ADD), typed())
    page = change(staff, percentage="12,5", **{"others-4-target": "/c/"})
    assert shares(page.content.decode()) == [
        "12.5 %, and 0 % on the original page.",
        "87.5 %",
    ]
    page = change(staff, percentage="half").content.decode()
    assert shares(page) == []


def test_where_everybody_goes_to_one_place_no_share_is_told(staff):
    RedirectRule.objects.schedule("/plain/", "/x/")
    row = RedirectRule.objects.get()
    url = reverse("admin:temp_redirects_redirectrule_change", args=[row.pk])
    assert shares(staff.get(url).content.decode()) == []


def test_two_rules_whose_arms_lead_to_each_other_are_refused(staff):
    back = [
        {"target": "/pricing/", "percentage": 1},
        {"target": "/elsewhere/", "percentage": 1},
    ]
    RedirectRule.objects.schedule("/pricing-c/", back, name="back")
    split = {"others-0-target": "/pricing-c/", "others-0-percentage": "1"}

    answer = staff.post(reverse(ADD), typed(**split))

    assert "round and round" in str(problems(answer))
    assert [row.name for row in RedirectRule.objects.all()] == ["back"]
    with pytest.raises(ValidationError, match="round and round"):
        RedirectRule.objects.schedule("/pricing/", [{"target": "/pricing-c/"}])


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"percentage": "101"}, "percentage", "from 0 to 100"),
        ({"percentage": "half"}, "percentage", "must be a number"),
        (
            {"others-0-target": "/c/", "others-0-percentage": "60"},
            "target",
            "are 110 together",
        ),
        ({"others-0-target": "c"}, "others", "Destination 2: “c” is neither"),
        ({"goal": "/pricing/"}, "goal", "the page that is tested"),
        ({"sticky": "address"}, "sticky", "A goal needs visitors"),
    ],
)
def test_what_is_wrong_stands_at_its_field(staff, fields, field, words):
    answer = staff.post(reverse(ADD), typed(**fields))
    assert list(problems(answer)) == [field]
    assert words in str(problems(answer)[field])
    assert not RedirectRule.objects.exists()


def test_before_it_moves_anybody_the_form_says_how_many_and_where(staff):
    staff.post(reverse(ADD), typed(goal="", percentage="20"))
    before = stored()

    answer = change(staff, goal="", percentage="30")

    (told,) = problems(answer)["percentage"]
    assert "Of 10,000 visitors this moves" in told
    assert "from the original page to “New”" in told
    assert "to the original page" not in told
    assert stored() == before
    seen = answer.context["adminform"].form["seen_split"].value()
    assert change(staff, goal="", percentage="30", seen_split=seen).status_code == 302
    assert stored()["destinations"][0]["percentage"] == 30


def test_what_was_told_is_what_is_saved(staff):
    """A new destination has its id before the second click, for ids decide."""
    staff.post(reverse(ADD), typed(goal=""))
    new = {"others-5-target": "/c/", "others-5-percentage": "10"}
    answer = change(staff, goal="", **new)
    form = answer.context["adminform"].form
    (row,) = form["others"].value()

    answer = change(
        staff,
        goal="",
        seen_split=form["seen_split"].value(),
        **{"others-0-target": "/c/", "others-0-percentage": "10"},
        **{"others-0-id": row["id"]},
    )

    assert answer.status_code == 302
    assert stored()["destinations"][1]["id"] == row["id"]


def test_in_an_experiment_nobody_moves_unless_an_arm_is_closed(staff):
    staff.post(reverse(ADD), typed(percentage="20"))
    (told,) = problems(change(staff, percentage="30"))["percentage"]
    assert "this moves nobody. Counting starts anew" in told
    (told,) = problems(change(staff, percentage="0"))["percentage"]
    assert "from “New” to the original page" in told


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"destination_label": "Newest"}, id="its name"),
        pytest.param({"target": "/pricing-x/"}, id="its address"),
        pytest.param({"enabled": ""}, id="switching it off"),
    ],
)
def test_what_moves_nobody_is_saved_at_once(staff, fields):
    staff.post(reverse(ADD), typed())
    assert change(staff, **fields).status_code == 302


def test_of_a_rule_that_is_off_nobody_moves(staff):
    staff.post(reverse(ADD), typed(enabled=""))
    assert change(staff, enabled="", percentage="70").status_code == 302


def test_a_rule_that_an_error_switched_off_can_be_mended(staff):
    RedirectRule.objects.schedule("/pricing/", "/x/", name="pricing-test")
    RedirectRule.objects.get().destinations.update(target="//broken")
    assert change(staff).status_code == 302


def test_a_destination_is_taken_away_by_clearing_its_address(staff):
    staff.post(
        reverse(ADD),
        typed(goal="", **{"others-0-target": "/c/"}),
    )
    RedirectRule.objects.update(enabled=False)
    (key,) = RedirectRule.objects.get().destinations.values_list("key")[1]
    change(staff, goal="", enabled="", **{"others-0-target": " ", "others-0-id": key})
    assert [each["target"] for each in stored()["destinations"]] == ["/pricing-b/"]


def is_folded(answer) -> bool:
    """Say whether what is about splits is folded away on a form."""
    (folded,) = re.findall(
        r"<fieldset[^>]*>\s*(<details>)?\s*(?:<summary>)?\s*<h2[^>]*>\s*Split visitors",
        answer.content.decode(),
    )
    return bool(folded)


def test_what_splits_is_folded_only_where_there_is_neither_a_split_nor_a_mistake(staff):
    assert is_folded(staff.get(reverse(ADD)))

    assert not is_folded(staff.post(reverse(ADD), typed(percentage="200")))

    RedirectRule.objects.schedule("/old/", "/new/", name="plain")
    url = reverse(
        "admin:temp_redirects_redirectrule_change",
        args=[RedirectRule.objects.get().pk],
    )
    assert is_folded(staff.get(url))
    half = [{"target": "/new/", "percentage": 50}]
    RedirectRule.objects.schedule("/old/", half, name="plain")
    assert not is_folded(staff.get(url))
