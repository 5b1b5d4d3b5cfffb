"""Simulated drivers: they arrive at random, plug in, show a token, charge what they need, stay a while and leave.

Pure: a queue of what happens when, in simulated milliseconds. Whoever owns it asks what is due and does it.
"""

import heapq
import random
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from voltgate.station.hardware import PowerSpec, Vehicle

Deed = Literal["arrive", "plug_in", "present_token", "stop", "unplug"]

_SECOND = 1_000
_MINUTE = 60_000
_HOUR = 3_600_000


class Place(NamedTuple):
    """Where a driver is: number of the station in its fleet, EVSE and its power."""

    station: int
    evse_id: int
    power: PowerSpec


class Visit(NamedTuple):
    """One driver's visit."""

    token: str
    vehicle: Vehicle
    dwell_ms: int
    cable_first: bool
    called: bool = False
    """The driver came because the EVSE was started for them from afar."""


class Due(NamedTuple):
    """What is to be done now."""

    deed: Deed
    place: Place
    visit: Visit | None


class _Entry(NamedTuple):
    at_ms: int
    number: int
    due: Due


class Drivers:
    """The drivers of a fleet. The same seed gives the same visits."""

    def __init__(self, places: Sequence[Place], tokens: Sequence[str], arrivals_per_hour: float, seed: int = 0) -> None:
        """`arrivals_per_hour` counts for each EVSE while it is free."""
        self._random = random.Random(seed)
        self._tokens = list(tokens)
        self._mean_gap_ms = _HOUR / arrivals_per_hour if arrivals_per_hour > 0 else None
        self._queue: list[_Entry] = []
        self._count = 0
        for place in places:
            self._await_next(place, 0)

    def due(self, now_ms: int) -> Iterator[Due]:
        """Everything due by `now_ms` of simulated time; what follows from it is queued."""
        while self._queue and self._queue[0].at_ms <= now_ms:
            entry = heapq.heappop(self._queue)
            deed, place, visit = entry.due
            if visit is None:
                self._arrive(place, entry.at_ms)
            else:
                yield entry.due
                if deed == "unplug" and not visit.called:
                    self._await_next(place, entry.at_ms)

    def call(self, place: Place, now_ms: int) -> None:
        """A driver comes to an EVSE that has been authorised already; no-op when nobody ever comes."""
        if self._mean_gap_ms is None or not self._tokens:
            return
        visit = self._visit(place)._replace(called=True)
        self._put(now_ms, Due("plug_in", place, visit))
        leaves_at = now_ms + visit.dwell_ms
        self._put(leaves_at, Due("stop", place, visit))
        self._put(leaves_at + self._between(5, 30), Due("unplug", place, visit))

    def _arrive(self, place: Place, at_ms: int) -> None:
        visit = self._visit(place)
        plug_ms, token_ms = at_ms + self._between(5, 20), at_ms + self._between(5, 20)
        first, second = sorted((plug_ms, token_ms))
        plugs_at, shows_at = (first, second) if visit.cable_first else (second, first)
        self._put(plugs_at, Due("plug_in", place, visit))
        self._put(shows_at, Due("present_token", place, visit))
        leaves_at = second + visit.dwell_ms
        self._put(leaves_at, Due("stop", place, visit))
        self._put(leaves_at + self._between(5, 30), Due("unplug", place, visit))

    def _visit(self, place: Place) -> Visit:
        draw = self._random
        dc = place.power.kind == "DC"
        battery_wh = draw.choice((40_000, 52_000, 60_000, 77_000, 82_000, 100_000))
        start_percent = draw.randint(8, 70)
        target_percent = 80 if dc else draw.choice((80, 90, 100))
        vehicle = Vehicle(
            battery_mwh=battery_wh * 1_000,
            stored_mwh=battery_wh * start_percent * 10,
            target_mwh=battery_wh * max(target_percent, start_percent + 5) * 10,
            max_ac_w=draw.choice((3_700, 7_400, 11_000, 11_000, 11_000, 22_000)),
            max_dc_w=draw.choice((50_000, 100_000, 150_000, 250_000)),
            ac_phases=3,
        )
        if vehicle.max_ac_w < 11_000:
            vehicle.ac_phases = 1
        dwell = draw.randint(15, 50) if dc else int(draw.triangular(20, 480, 90))
        return Visit(draw.choice(self._tokens), vehicle, dwell * _MINUTE, draw.random() < 0.6)

    def _await_next(self, place: Place, now_ms: int) -> None:
        if self._mean_gap_ms is not None and self._tokens:
            gap_ms = self._random.expovariate(1.0 / self._mean_gap_ms)
            self._put(now_ms + int(gap_ms), Due("arrive", place, None))

    def _between(self, low_seconds: int, high_seconds: int) -> int:
        return self._random.randint(low_seconds * _SECOND, high_seconds * _SECOND)

    def _put(self, at_ms: int, due: Due) -> None:
        self._count += 1
        heapq.heappush(self._queue, _Entry(at_ms, self._count, due))
