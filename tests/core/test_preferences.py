import pytest

from temp_redirects.core.preferences import MAX_CHOICES, changed, chosen, is_choice


@pytest.mark.parametrize(
    ("cookie", "names"),
    [
        pytest.param(None, set(), id="no cookie"),
        pytest.param("", set(), id="an empty one"),
        pytest.param("region", {"region"}, id="one choice"),
        pytest.param("region.news", {"region", "news"}, id="two"),
        pytest.param("region..<x>.n ews", {"region"}, id="junk beside it"),
        pytest.param("a." * 30_000, {"a"}, id="a long one"),
    ],
)
def test_choices_are_read_from_the_cookie(cookie, names):
    assert chosen(cookie) == names


@pytest.mark.parametrize(
    ("cookie", "stays", "value"),
    [
        pytest.param(None, True, "region", id="the first choice"),
        pytest.param("news", True, "news.region", id="another"),
        pytest.param("region.news", True, "news.region", id="again"),
        pytest.param("region.news", False, "news", id="taken back"),
        pytest.param(None, False, "", id="nothing to take back"),
    ],
)
def test_a_choice_is_made_and_taken_back(cookie, stays, value):
    assert changed(cookie, "region", stays=stays) == value


def test_the_newest_choices_are_kept():
    cookie = ""
    for number in range(MAX_CHOICES + 5):
        cookie = changed(cookie, f"n{number}", stays=True)
    assert len(chosen(cookie)) == MAX_CHOICES
    assert "n24" in chosen(cookie)


@pytest.mark.parametrize(
    ("name", "fits"), [("region", True), ("a.b", False), ("", False), ("x" * 41, False)]
)
def test_a_choice_has_a_short_plain_name(name, fits):
    assert is_choice(name) is fits
