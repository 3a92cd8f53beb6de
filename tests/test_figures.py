"""Numbers as the language of the reader writes them."""

import pytest
from django.utils.translation import deactivate_all, override

from temp_redirects.admin.displays import target
from temp_redirects.advice import told_imported
from temp_redirects.core.descriptions import sentence
from temp_redirects.core.sentences import Figure
from temp_redirects.figures import figure
from temp_redirects.models import RedirectRule


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "4,351.50"), ("de", "4.351,50")]
)
def test_separators_are_those_of_the_language(language, shown):
    with override(language):
        assert figure("4351.50") == str(Figure("4351.50")) == shown


def test_without_a_language_numbers_are_english():
    with override("de"):
        deactivate_all()
        assert figure(4_351) == "4,351"


def test_what_an_import_would_do_is_told_so():
    with override("de"):
        endless, over = told_imported(1_200, 3_400)
        assert endless.startswith("1.200 ")
        assert over.startswith("3.400 ")


@pytest.mark.django_db
def test_how_many_entries_a_file_may_have_is_told_so(admin_client, settings):
    settings.LANGUAGE_CODE = "de"

    page = admin_client.get("/admin/temp_redirects/redirectrule/import/")

    assert page.context["entries"].endswith(".000")


@pytest.mark.django_db
def test_percentages_of_a_split_are_told_so():
    shares = [{"target": "/b/", "percentage": 12.5}, {"target": "/c/"}]
    rule = RedirectRule.objects.schedule("/a/", shares)

    with override("de"):
        assert "(12,5 %)" in target(rule)
        told = str(sentence(rule.compile()))
        assert "12,5 %" in told
        assert "87,5 %" in told
