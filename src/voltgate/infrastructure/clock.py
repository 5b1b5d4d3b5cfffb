"""The clock, so that nobody else asks the machine for the time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time of day in UTC, whole milliseconds (all that OCPP and the database keep)."""
        ...

    def monotonic(self) -> float:
        """Seconds since some point in the past; never goes back. For deadlines and durations."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return from_ms(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock for tests: stands still until it is told to move."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = self._now = from_ms(to_ms(now))

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._now = from_ms(to_ms(self._now) + round(seconds * 1000))


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down; `moment` must know its zone.

    Raises: TypeError if it does not.
    """
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The moment `ms` milliseconds after the epoch, in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)
