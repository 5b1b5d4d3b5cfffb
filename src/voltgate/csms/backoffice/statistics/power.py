"""Power of the installation over time: what the transactions measured, summed over all EVSEs.

A stretch of the chart counts, for each transaction, the mean of its own samples, for the part of the stretch that it lasted. Stations
measure at their own pace, so a stretch without a sample goes on with the last one, until the transaction ends or nothing was heard for
`HOLD`. Of one moment the value without a phase counts before the phases, and the meter of the outlet before the others (the rules of
`meter_values.model`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import and_, bindparam, func, or_, select

from voltgate.csms.meter_values.store import METER_VALUES
from voltgate.csms.transactions.store import TRANSACTIONS
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Database, Row, Statement

HOLD = timedelta(minutes=15)
"""How long a measured power is believed: the longest usual pace of samples."""
_HOLD_MS = int(HOLD.total_seconds() * 1000)
_LONGEST_MS = 7 * 24 * 3_600_000
"""How far back ended transactions are looked for by their start; an open one is found whenever it started."""
_LOCATIONS = ("Outlet", "Cable", "Inlet", "EV", "Body")

_m, _t = METER_VALUES.c, TRANSACTIONS.c
_bucket = (_m.at_ms - bindparam("from_ms")) // bindparam("width_ms")
# Each transaction reads only its own stretch of its station's part of the table.
_POWER = Statement(
    select(
        _t.station_id,
        _t.transaction_id,
        func.max(_t.started_ms).label("started_ms"),
        func.max(_t.ended_ms).label("ended_ms"),
        _m.phase,
        _m.location,
        _bucket.label("bucket"),
        func.max(_m.at_ms).label("at_ms"),
        func.avg(_m.value_milli).label("mean_milli"),
    )
    .select_from(TRANSACTIONS.join(METER_VALUES, and_(_m.station_id == _t.station_id, _m.transaction_id == _t.transaction_id)))
    .where(
        _t.superseded == 0,
        _t.samples_to_ms >= bindparam("from_ms"),
        or_(_t.open == 1, and_(_t.started_ms >= bindparam("from_ms") - _LONGEST_MS, _t.ended_ms >= bindparam("from_ms"))),
        _m.at_ms >= bindparam("from_ms"),
        _m.at_ms < bindparam("to_ms"),
        _m.measurand == "Power.Active.Import",
        _m.value_milli.is_not(None),
        _m.location.in_(_LOCATIONS),
    )
    .group_by(_t.station_id, _t.transaction_id, _m.phase, _m.location, _bucket)
)


class PowerPoint(Struct, frozen=True):
    """The mean power of all EVSEs in one stretch of time, which ends at `at`."""

    at: datetime
    power_w: float


class _Sample(NamedTuple):
    """What one transaction drew in one stretch: mW, when it was last measured, and when the transaction began and ended."""

    milli: float
    at_ms: int
    started_ms: int
    ended_ms: int | None


async def power_over_time(database: Database, now: datetime, minutes: int, points: int) -> list[PowerPoint]:
    """`points` stretches of equal length up to `now`, oldest first."""
    to = to_ms(now)
    width = -(-minutes * 60_000 // points)
    lead = -(-_HOLD_MS // width)
    start = to - (points + lead) * width
    rows = await database.query(_POWER, from_ms=start, to_ms=to, width_ms=width)
    sums = [0.0] * (points + lead)
    for samples in _by_transaction(rows).values():
        _add(sums, samples, start, width)
    return [PowerPoint(from_ms(start + (place + 1) * width), round(sums[place]) / 1000) for place in range(lead, len(sums))]


def _by_transaction(rows: Iterable[Row]) -> dict[tuple[str, str], dict[int, _Sample]]:
    """For each transaction one sample per stretch."""
    groups: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["station_id"], row["transaction_id"], row["bucket"]), []).append(row)
    found: dict[tuple[str, str], dict[int, _Sample]] = {}
    for (station, transaction, bucket), group in groups.items():
        found.setdefault((station, transaction), {})[bucket] = _one(group)
    return found


def _one(group: list[Row]) -> _Sample:
    best = min(_LOCATIONS.index(row["location"]) for row in group)
    here = [row for row in group if row["location"] == _LOCATIONS[best]]
    whole = [row for row in here if row["phase"] is None]
    counted = whole or [row for row in here if row["phase"] in ("L1", "L2", "L3")] or here
    return _Sample(
        sum(row["mean_milli"] for row in counted), max(row["at_ms"] for row in counted), counted[0]["started_ms"], counted[0]["ended_ms"]
    )


def _add(sums: list[float], samples: Mapping[int, _Sample], start: int, width: int) -> None:
    """Add the course of one transaction to `sums`."""
    last: _Sample | None = None
    for place in range(min(samples), len(sums)):
        last = samples.get(place, last)
        assert last is not None
        begins, ends = start + place * width, start + (place + 1) * width
        if last.ended_ms is not None and last.ended_ms <= begins:
            return
        if begins - last.at_ms <= _HOLD_MS:
            lasted = min(ends, last.ended_ms or ends) - max(begins, last.started_ms)
            sums[place] += last.milli * max(0, lasted) / width
