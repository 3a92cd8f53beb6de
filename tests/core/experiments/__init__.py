"""The statistics, beside the values of SciPy and statsmodels."""

import json
from pathlib import Path

import pytest
from hypothesis import strategies as st

from temp_redirects.core.experiments import Counts

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "data" / "experiments.json").read_text()
)
ROWS = [pytest.param(row, id=row["name"]) for row in REFERENCE["statistics"]]
NOBODY = Counts()

counts = st.builds(
    lambda visitors, share: Counts(visitors, round(visitors * share)),
    st.integers(1, 10**7),
    st.floats(0, 1),
)


def exactly(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def pair(row):
    """Return the two arms of a reference row."""
    return [Counts(row[arm]["exposures"], row[arm]["conversions"]) for arm in "ab"]
