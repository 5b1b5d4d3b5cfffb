"""How long a station waits before it connects again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.links.backoff import BackOff


def waits(backoff: BackOff, count: int) -> list[float]:
    return [backoff.next() for _ in range(count)]


def test_the_wait_doubles_as_often_as_told_and_then_stays() -> None:
    assert waits(BackOff(10, 0, 3), 7) == [10, 20, 40, 80, 80, 80, 80]


def test_without_repeats_the_first_wait_stays() -> None:
    assert waits(BackOff(10, 0, 0), 3) == [10, 10, 10]


def test_each_doubling_draws_a_new_random_part_which_is_not_doubled_itself() -> None:
    draws = itertools.count(1)
    backoff = BackOff(10, 10, 2, draw=lambda: next(draws) / 10)
    assert waits(backoff, 4) == [11, 22, 43, 43]


def test_success_starts_over() -> None:
    backoff = BackOff(10, 0, 5)
    waits(backoff, 4)
    backoff.reset()
    assert waits(backoff, 2) == [10, 20]


@pytest.mark.requirement("TC_B_57_CS")
@given(st.floats(0, 600), st.floats(0, 600), st.integers(0, 20), st.integers(1, 40))
def test_waits_never_shrink_below_the_rule(minimum: float, spread: float, repeats: int, attempts: int) -> None:
    for number, wait in enumerate(waits(BackOff(minimum, spread, repeats), attempts)):
        least = minimum * 2 ** min(number, repeats)
        assert least <= wait <= least + spread
