"""Clocks and milliseconds."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from voltgate.infrastructure.clock import ManualClock, SystemClock, from_ms, to_ms


@pytest.mark.parametrize("ms", [0, 1, -1, 999, 1_767_225_600_123, 253_402_300_799_999])
def test_milliseconds_come_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


def test_any_zone_is_understood_and_microseconds_are_cut() -> None:
    moment = datetime(2026, 1, 1, 1, 0, 0, 1999, tzinfo=timezone(timedelta(hours=1)))
    assert from_ms(to_ms(moment)) == datetime(2026, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_ms(datetime(2026, 1, 1))


def test_the_system_clock_tells_utc_in_whole_milliseconds() -> None:
    clock = SystemClock()
    now = clock.now()
    assert (now.tzinfo, now.microsecond % 1000) == (UTC, 0)
    assert abs(now.timestamp() - time.time()) < 60
    assert clock.monotonic() <= clock.monotonic()


def test_the_manual_clock_moves_when_told(clock: ManualClock) -> None:
    start = clock.now()
    clock.advance(1.5)
    assert clock.now() - start == timedelta(seconds=1.5)
    assert clock.monotonic() == 1.5
