"""Sequence numbers that were seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.csms.transactions.numbers import MOST_RANGES, Range, Ranges, add, contains, missing, spell


def seen(*numbers: int) -> Ranges:
    ranges: Ranges = ()
    for number in numbers:
        ranges = add(ranges, number)
    return ranges


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [
        ([], ""),
        ([0], ""),
        ([0, 1, 2], ""),
        ([2, 0, 1], ""),
        ([0, 1, 2, 6], "3-5"),
        ([0, 2, 6], "1, 3-5"),
        ([100, 101], ""),
        ([6, 6, 6], ""),
    ],
)
def test_gaps_lie_between_what_was_seen(numbers: list[int], gaps: str) -> None:
    assert spell(missing(seen(*numbers))) == gaps


@given(st.lists(st.integers(0, 40), max_size=30).flatmap(lambda numbers: st.tuples(st.just(numbers), st.permutations(numbers))))
def test_the_order_does_not_matter(orders: tuple[list[int], list[int]]) -> None:
    there, back = (seen(*numbers) for numbers in orders)
    assert there == back
    assert all(contains(there, number) == (number in orders[0]) for number in range(41))


def test_the_memory_stays_small() -> None:
    ranges = seen(*range(0, 10_000, 2))
    assert len(ranges) == MOST_RANGES
    assert ranges[-1] == Range(9998, 9998)
