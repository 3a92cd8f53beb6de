import pytest

from temp_redirects.core.conditions.busy import Busy
from temp_redirects.core.sentences import Refused
from temp_redirects.core.visits import Visit


@pytest.mark.parametrize(
    ("text", "on", "off"),
    [
        pytest.param("200, 150", 200, 150, id="on and off"),
        pytest.param("200", 200, 160, id="off at four fifths"),
        pytest.param("0.5, 0.25", 0.5, 0.25, id="less than one"),
        pytest.param("200, 200", 200, 200, id="both the same"),
    ],
)
def test_it_has_a_rate_to_begin_and_one_to_end(text, on, off):
    assert Busy.parse(text) == Busy(on, off)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is no traffic", id="nothing"),
        pytest.param("many", "is no traffic", id="a word"),
        pytest.param("3, 2, 1", "is no traffic", id="three of them"),
        pytest.param("1e9", "is no traffic", id="an exponent"),
        pytest.param("-5", "is no traffic", id="less than nothing"),
        pytest.param("0", "do not fit", id="always"),
        pytest.param("150, 200", "150 and 200 do not fit", id="the wrong way round"),
        pytest.param("9999999", "do not fit", id="more than there is"),
    ],
)
def test_what_is_no_traffic_is_refused(text, words):
    with pytest.raises(Refused, match=words):
        Busy.parse(text)


@pytest.mark.parametrize(
    ("rate", "holds"), [(200.0, True), (199.9, False), (None, False)]
)
def test_it_holds_where_traffic_is_known_to_be_high(rate, holds):
    assert Busy.parse("200, 150").holds(Visit("/", rate=rate)) is holds


def test_it_is_told_in_words():
    busy = Busy.parse("200")
    assert str(busy) == "200, 160"
    assert str(busy.explain(Visit("/", rate=12.34))) == (
        "traffic is 12.3 requests per second, wanted 200, until below 160"
    )
    assert "unknown" in str(busy.explain(Visit("/")))
    assert str(busy.describe()) == (
        "times of 200 requests per second and more, until below 160"
    )


def test_a_door_has_to_count_for_it():
    assert Busy.counts_requests


def test_its_kind_is_stored_and_never_renamed():
    assert Busy.kind == "busy"
