"""The README as data: its sections and the blocks of code in them.

Read by tests, and by ``.ci`` on a machine that has nothing but Python.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language and its text."""

    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The lines of a block that is typed into a shell."""
        return self.text.splitlines()


def text() -> str:
    return README.read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    """Return the text under each heading, in order; what is before the first as ""."""
    parts = _HEADING.split(text())
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def blocks(section: str, language: str = "") -> list[Block]:
    """Return the blocks of a section, of one language or of any."""
    found = [Block(*match) for match in _BLOCK.findall(sections()[section])]
    return [block for block in found if not language or block.language == language]


def rows(section: str) -> dict[str, list[str]]:
    """Return the cells beside each key of a section's table."""
    return {
        key: [cell.strip() for cell in cells.split("|")]
        for key, cells in _ROW.findall(sections()[section])
    }


def two_commands() -> tuple[str, str]:
    """Return the command that runs the demo, and the one that runs the tests."""
    demo, tests = (block.commands[0] for block in blocks("Try it", "sh")[:2])
    return demo, tests


if __name__ == "__main__":
    print({"demo": two_commands()[0], "tests": two_commands()[1]}[sys.argv[1]])  # noqa: T201
