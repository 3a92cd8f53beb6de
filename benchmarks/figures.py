"""Figures: what was measured, beside what was aimed at."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured number and its goal, in *unit* (“×” is a ratio).

    ``most`` says whether the goal is an upper bound or a lower one.
    """

    name: str
    value: float
    goal: float
    unit: str = "×"
    most: bool = True
    note: str = ""

    @property
    def misses_by(self) -> float:
        """How far the goal is missed, as a part of it; 0 where it holds."""
        over = self.value / self.goal - 1 if self.most else 1 - self.value / self.goal
        return max(0.0, over)

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
        bound = "≤" if each.most else "≥"
        missed = f"misses by {each.misses_by:.0%}" if each.misses_by else "holds"
        note = f"{missed}; {each.note}" if each.note else missed
        lines.append(
            f"| {each.name} | {bound} {shown(each.goal)} {each.unit} "
            f"| {shown(each.value)} {each.unit} | {note} |"
        )
    return "\n".join(lines)


def shown(value: float) -> str:
    """Return a number with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.3g}"
