"""Plans: how many visitors, and how many days."""

import pytest

from temp_redirects.core.experiments import days_left, visitors_per_arm
from tests.core.experiments import REFERENCE


@pytest.mark.parametrize("row", REFERENCE["sample_sizes"], ids=str)
def test_sample_sizes(row):
    found = visitors_per_arm(row["baseline"], row["abs_delta"])

    assert found == row["miller_form"]


@pytest.mark.parametrize(
    ("baseline", "effect"), [(0, 0.1), (1, -0.1), (0.5, 0), (0.9, 0.2), (0.1, -0.2)]
)
def test_there_is_no_plan_for_rates_that_cannot_be(baseline, effect):
    with pytest.raises(ValueError, match="no rate goes from"):
        visitors_per_arm(baseline, effect)


@pytest.mark.parametrize(
    ("visitors", "days", "left"),
    [
        pytest.param(0, 3.0, None, id="nobody came"),
        pytest.param(10, 0.0, None, id="no time passed"),
        pytest.param(250, 2.5, 8, id="a hundred a day"),
        pytest.param(999, 9.0, 1, id="rounded up"),
        pytest.param(1_000, 9.0, 0, id="reached"),
        pytest.param(1_200, 9.0, 0, id="passed"),
    ],
)
def test_days_left(visitors, days, left):
    assert days_left(1_000, visitors, days) == left
