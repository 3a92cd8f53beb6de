"""Figures: what was measured, beside what was aimed at."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured number and its goal, in *unit* (“×” is a ratio).

    ``most`` says whether the goal is an upper bound or a lower one; None is no goal.
    """

    name: str
    value: float
    goal: float | None = None
    unit: str = "×"
    most: bool = True
    note: str = ""

    @property
    def misses_by(self) -> float:
        """How far the goal is missed, as a part of it; 0 where it holds."""
        if self.goal is None or self.holds:
            return 0.0
        if not self.goal:
            return self.value
        over = self.value / self.goal - 1 if self.most else 1 - self.value / self.goal
        return over

    @property
    def holds(self) -> bool:
        """Whether the goal is reached, if there is one."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.most else self.value >= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return the figure as plain data."""
        return asdict(self) | {"misses_by": round(self.misses_by, 3)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Figure":
        """Return the figure of such plain data."""
        return cls(**{key: document[key] for key in document if key != "misses_by"})


def table(figures: list[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| figure | goal | measured | |", "|---|--:|--:|---|"]
    for each in figures:
        value = f"{shown(each.value)} {each.unit}".strip()
        lines.append(f"| {each.name} | {_goal(each)} | {value} | {_verdict(each)} |")
    return "\n".join(lines)


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return "–"
    bound = "≤" if figure.most else "≥"
    return f"{bound} {shown(figure.goal)} {figure.unit}".strip()


def _verdict(figure: Figure) -> str:
    missed = "" if figure.holds else f"misses by {figure.misses_by:.0%}"
    return "; ".join(filter(None, [missed, figure.note]))


def shown(value: float) -> str:
    """Return a number with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    if value == int(value):
        return str(int(value))
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
