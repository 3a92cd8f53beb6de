"""The chart of rates: lines and bands inside the picture, grids that people read."""

import pytest

from temp_redirects.admin.results.charts import HEIGHT, WIDTH, chart
from temp_redirects.core.splits import ORIGINAL
from temp_redirects.results import results
from tests.experimenting import NOW, count, experiment

pytestmark = pytest.mark.django_db


def drawn(days, arms=None):
    row = experiment()
    for day in range(days):
        count(row, arms or {ORIGINAL: (1_000, 50), "b": (1_000, 80)}, hour=24 * day)
    return chart(results(row, now=NOW))


def corners(text):
    return [tuple(map(float, pair.split(","))) for pair in text.split()]


def test_one_day_is_no_chart():
    assert drawn(0) is None
    assert drawn(1) is None


def test_each_arm_has_a_line_within_its_band():
    found = drawn(8)

    assert [each.name for each in found.curves] == ["the original page", "New page"]
    for curve in found.curves:
        line, band = corners(curve.line), corners(curve.band)
        upper, lower = band[:8], band[8:][::-1]
        assert [x for x, _ in line] == [x for x, _ in upper] == [x for x, _ in lower]
        assert (line[0][0], line[-1][0]) == (0, WIDTH)
        for (_, top), (_, middle), (_, bottom) in zip(upper, line, lower, strict=True):
            assert top < middle < bottom  # in a picture, down is more


def test_later_days_fit_into_the_picture():
    for curve in drawn(9).curves:
        for x, y in corners(curve.band):
            assert x < WIDTH / 3 or 0 <= y <= HEIGHT


@pytest.mark.parametrize(
    ("arms", "rates"),
    [
        pytest.param(
            {ORIGINAL: (10_000, 500), "b": (10_000, 800)},
            ["9.0 %", "8.0 %", "7.0 %", "6.0 %", "5.0 %", "4.0 %"],
            id="not from 0 where nothing is there",
        ),
        pytest.param(
            {ORIGINAL: (10_000, 0), "b": (10_000, 1)},
            ["0.10 %", "0.08 %", "0.06 %", "0.04 %", "0.02 %", "0.0 %"],
            id="small ones too",
        ),
        pytest.param(
            {ORIGINAL: (5, 0), "b": (5, 5)},
            ["100.0 %", "80.0 %", "60.0 %", "40.0 %", "20.0 %", "0.0 %"],
            id="never beyond all visitors",
        ),
    ],
)
def test_the_grid_has_round_numbers(arms, rates):
    found = drawn(2, arms)

    assert [rate.replace("\u00a0", " ") for rate in found.rates] == rates
    assert (found.grid[0], found.grid[-1]) == (0, HEIGHT)
    assert len(found.grid) == len(rates)


@pytest.mark.parametrize(("days", "dates"), [(2, 2), (3, 3), (5, 5), (8, 2), (9, 5)])
def test_dates_stand_at_even_distances(days, dates):
    found = drawn(days)

    assert len(found.dates) == dates
    gaps = {
        (after - before).days
        for before, after in zip(found.dates, found.dates[1:], strict=False)
    }
    assert len(gaps) == 1


def test_an_arm_that_nobody_has_met_has_no_line():
    found = drawn(2, {ORIGINAL: (10, 1)})

    assert [bool(each.line) for each in found.curves] == [True, False]
