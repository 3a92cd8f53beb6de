"""Chunks: many items, some at a time, as a statement can hold them."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Each = TypeVar("Each")


def chunks(items: Sequence[Each], size: int) -> Iterator[Sequence[Each]]:
    """Yield the items in portions of *size*; `itertools.batched` is of Python 3.12."""
    for at in range(0, len(items), size):
        yield items[at : at + size]
