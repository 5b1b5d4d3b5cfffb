"""The sequence numbers that were seen, as ranges: what is missing between them is what got lost."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

MOST_RANGES = 64


class Range(NamedTuple):
    """All numbers from `first` to `last`, both included."""

    first: int
    last: int


Ranges = tuple[Range, ...]
"""In order, and never touching each other."""


def contains(ranges: Ranges, number: int) -> bool:
    """Whether `number` was seen."""
    return any(first <= number <= last for first, last in ranges)


def add(ranges: Ranges, number: int) -> Ranges:
    """`ranges` with one number more. Beyond `MOST_RANGES` the oldest gap counts as filled, so that the memory stays small."""
    if ranges and number == ranges[-1].last + 1:
        return (*ranges[:-1], Range(ranges[-1].first, number))
    joined = _joined(sorted((*ranges, Range(number, number))))
    if len(joined) > MOST_RANGES:
        joined[:2] = [Range(joined[0].first, joined[1].last)]
    return tuple(joined)


def missing(ranges: Ranges) -> list[Range]:
    """The gaps between what was seen."""
    return [Range(before.last + 1, after.first - 1) for before, after in pairwise(ranges)]


def spell(gaps: Iterable[Range]) -> str:
    """Ranges for a person, like ``3-5, 8``."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in gaps)


def _joined(ranges: list[Range]) -> list[Range]:
    joined = ranges[:1]
    for following in ranges[1:]:
        last = joined[-1]
        if following.first <= last.last + 1:
            joined[-1] = Range(last.first, max(last.last, following.last))
        else:
            joined.append(following)
    return joined
