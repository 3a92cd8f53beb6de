"""A stored maintenance window as the command line shows it, to people and scripts."""

from dataclasses import dataclass, replace
from typing import Any

from temp_redirects.core.patterns import typed_path
from temp_redirects.core.sentences import Refused, listed
from temp_redirects.core.windows import MaintenanceWindow as Window
from temp_redirects.management.repeats import times_json, times_lines
from temp_redirects.management.reports import both_windows
from temp_redirects.models import MaintenanceWindow


@dataclass(frozen=True)
class WindowReport:
    """What is known of a window; one that cannot be read has its problem instead."""

    name: str
    state: str
    problem: str = ""
    document: dict[str, Any] | None = None
    window: Window | None = None

    @classmethod
    def of(cls, row: MaintenanceWindow) -> "WindowReport":
        """Return the report of a stored window as it is now."""
        problem = row.problem()
        report = cls(row.name, row.state(problem=problem), problem)
        try:
            window = row.compile()
        except Refused:
            return report
        return replace(report, document=row.to_document(), window=window)

    @property
    def sentence(self) -> str:
        """What visitors get, in one sentence; empty where it cannot be read."""
        if self.window is None:
            return ""
        paths = listed([typed_path(each) for each in self.window.paths], "and")
        hosts = f" on {listed(self.window.hosts)}" if self.window.hosts else ""
        target = self.window.target
        what = f"is sent to “{target}”" if target else "sees the notice"
        staff = " Staff still see the pages." if self.window.staff_pass else ""
        return f"Every visitor of {paths} and everything under it{hosts} {what}.{staff}"

    def as_json(self) -> dict[str, Any]:
        """Return the report for a script to read."""
        return {
            "name": self.name,
            "state": self.state,
            "sentence": self.sentence,
            "problem": self.problem,
            "window": self.document,
            "next": times_json(self.window.schedule) if self.window else [],
        }

    def lines(self) -> list[str]:
        """Return the sentence and the times, or why there are none."""
        if self.window is None or self.problem:
            return [f"Switched off by an error. {self.problem}"]
        told = [] if self.state == "ended" else [self.sentence]
        schedule = self.window.schedule
        return [*told, f"Window: {both_windows(schedule)}", *times_lines(schedule)]

    def row(self) -> str:
        """Return what is closed and when, in one line."""
        if self.window is None or self.problem:
            return self.problem
        paths = ", ".join(map(typed_path, self.window.paths))
        return f"{paths} · {both_windows(self.window.schedule)}"
