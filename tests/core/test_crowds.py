import pytest
from hypothesis import given
from hypothesis import strategies as st

from temp_redirects.core.crowds import Crowd, spot_of
from temp_redirects.core.patterns import parse_source
from tests.core.making import make_record
from tests.core.shapes import met


@pytest.mark.parametrize(
    ("match", "path", "spot"),
    [
        pytest.param(
            "pattern", "/<x>/shop/", (4, 2, None, "shop"), id="behind the first"
        ),
        pytest.param(
            "pattern", "/a/<x>/b/*/c", (6, 3, None, "b"), id="the first behind it"
        ),
        pytest.param("pattern", "/*/caf%C3%A9", (3, 2, None, "café"), id="decoded"),
        pytest.param("pattern", "/*/a-*/b", (4, 3, None, "b"), id="rather a whole one"),
        pytest.param("pattern", "/*/a-*/", (4, 2, 2, "a-"), id="or how one begins"),
        pytest.param("pattern", "/a-*", (2, 1, 2, "a-"), id="the first, too"),
        pytest.param("pattern", "/a/<x>/", None, id="none behind it"),
        pytest.param("pattern", "/a/b/", None, id="no placeholder"),
        pytest.param("pattern", "/<path:x>/a", None, id="of any length"),
        pytest.param("pattern", "/*/a%2Fb", None, id="a slash in a segment"),
        pytest.param("prefix", "/*/a", None, id="no pattern"),
    ],
)
def test_most_patterns_say_what_one_segment_is(match, path, spot):
    assert spot_of(make_record(path, match=match)) == spot


@given(st.lists(met, min_size=1, max_size=8))
def test_a_crowd_never_hides_a_record_from_its_path(each):
    records = [
        make_record(text, match=kind, id=str(at))
        for at, ((kind, text), _) in enumerate(each)
    ]
    crowd = Crowd(records)
    for record, (choice, path) in zip(records, each, strict=True):
        if parse_source(*choice).match(path) is not None:
            assert record in crowd.met_by(path)


def test_a_path_meets_few_of_many():
    records = [
        make_record(f"/<x>/item{n}/", match="pattern", id=str(n)) for n in range(9)
    ]
    everywhere = make_record("/", match="prefix", id="all")
    crowd = Crowd([*records, everywhere])
    assert list(crowd.met_by("/a/item7/")) == [everywhere, records[7]]
    assert list(crowd.met_by("/a/item7/b/")) == [everywhere]
    assert list(crowd.met_by("/a/other/")) == [everywhere]
