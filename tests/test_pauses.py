"""While a verb runs the garbage collector rests, and afterwards it is as it was."""

import gc

import pytest

from temp_redirects.pauses import without_collector


@pytest.fixture
def collector():
    yield
    gc.enable()


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_rests_and_is_then_as_it_was(collector, is_on):
    (gc.enable if is_on else gc.disable)()

    with without_collector():
        assert not gc.isenabled()

    assert gc.isenabled() is is_on


def test_it_works_again_after_an_error(collector):
    with pytest.raises(ZeroDivisionError), without_collector():
        1 / 0  # noqa: B018

    assert gc.isenabled()
