"""The benchmarks run, and what they print is what they measured."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from benchmarks import published
from benchmarks.figures import Figure, table
from tests import readme

PARTS = ("splits", "recurrences", "counted")


@pytest.mark.parametrize(
    ("value", "goal", "most", "misses_by"),
    [
        pytest.param(0.5, 1.0, True, 0, id="within an upper bound"),
        pytest.param(1.0, 1.0, True, 0, id="at it"),
        pytest.param(1.5, 1.0, True, 0.5, id="above it"),
        pytest.param(9.0, 10.0, False, 0.1, id="below a lower bound"),
        pytest.param(11.0, 10.0, False, 0, id="above a lower bound"),
        pytest.param(2.0, 0.0, True, 2.0, id="something where nothing may be"),
        pytest.param(5.0, None, True, 0, id="no goal"),
    ],
)
def test_a_figure_says_by_how_much_it_misses_its_goal(value, goal, most, misses_by):
    figure = Figure("f", value, goal, most=most)

    assert figure.misses_by == pytest.approx(misses_by)
    assert figure.holds is (misses_by == 0)
    assert Figure.from_json(json.loads(json.dumps(figure.as_json()))) == figure


def test_the_table_has_a_line_for_each_figure():
    figures = [
        Figure("a hit", 1.234, 0.75),
        Figure("queries", 0, 0, ""),
        Figure("rate", 1_234.5, 1_000, "/s", most=False, note="as told"),
        Figure("limit", 30.1),
    ]

    assert table(figures).splitlines()[2:] == [
        "| a hit | ≤ 0.75 × | 1.23 × | misses by 65% |",
        "| queries | ≤ 0 | 0 |  |",
        "| rate | ≥ 1,000 /s | 1,234 /s | as told |",
        "| limit | – | 30.10 × |  |",
    ]


def test_the_table_is_written_between_the_marks_of_the_readme(tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text(readme.text(), "utf-8")

    for value in (1.0, 2.0):
        published.write([Figure("a hit", value)], copy)

    before, _, rest = copy.read_text("utf-8").partition(published.BEGINS)
    written, _, after = rest.partition(published.ENDS)
    assert "| a hit | – | 2 × |" in written
    assert "1 ×" not in written
    assert before == readme.text().partition(published.BEGINS)[0]
    assert after == readme.text().partition(published.ENDS)[2] != ""


@pytest.mark.process
@pytest.mark.skipif(not find_spec("environ"), reason="needs the extra demo")
def test_parts_that_need_no_peer_measure_something(tmp_path):
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", ",".join(PARTS)]

    done = subprocess.run(
        [*command, "--json", str(file)],
        cwd=readme.ROOT,
        env={**os.environ, "BENCHMARK_PEERS": "no"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    figures = [
        Figure.from_json(each) for each in json.loads(file.read_text())["figures"]
    ]
    assert done.stdout.rstrip() == table(figures)
    counted = [each for each in figures if each.goal == 0]
    assert len(figures) >= len(counted) + len(PARTS)
    assert [each.value for each in counted] == [0, 0, 0, 0]
