"""Counting queries over stations, transactions and alarms; each walks one index or one small table."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Integer, bindparam, case, cast, func, select

from voltgate.csms.backoffice.alarms import ALARMS
from voltgate.csms.stations import evse_states
from voltgate.csms.stations.store import STATIONS
from voltgate.csms.transactions.store import TRANSACTIONS
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Database, Row, Statement

DAY = timedelta(days=1)
_DAY_MS = int(DAY.total_seconds() * 1000)

_s, _t = STATIONS.c, TRANSACTIONS.c
_running = (_t.open == 1) & (_t.superseded == 0)

_STATIONS = Statement(select(func.count().label("stations"), func.sum(_s.connected).label("connected")).select_from(STATIONS))
_NOW = Statement(
    select(func.sum(case((_t.charging_state == "Charging", 1), else_=0)).label("charging"), func.sum(_t.power_milli).label("power_milli"))
    .select_from(TRANSACTIONS.join(STATIONS, _t.station_id == _s.id))
    .where(_running, _s.connected == 1)
)
_TODAY = Statement(
    select(func.count().label("sessions"), func.sum(_t.energy_milli).label("energy_milli"))
    .select_from(TRANSACTIONS)
    .where(_t.started_ms >= bindparam("since_ms"))
)
_ALARMS = Statement(select(func.count().label("alarms")).select_from(ALARMS).where(ALARMS.c.open == 1))
_by_day = cast((_t.started_ms - bindparam("since_ms", type_=Integer)) // _DAY_MS, Integer)
_DAYS = Statement(
    select(_by_day.label("day"), func.count().label("sessions"), func.sum(_t.energy_milli).label("energy_milli"))
    .where(_t.started_ms >= bindparam("since_ms"), _t.started_ms < bindparam("until_ms"))
    .group_by(_by_day)
)
_states = evse_states().subquery()
_EVSES = Statement(select(_states.c.state, func.count().label("evses")).group_by(_states.c.state).order_by(_states.c.state))


class Overview(Struct, frozen=True, kw_only=True):
    """The installation in numbers. Energy and sessions of today are those of transactions that started since midnight."""

    stations: int
    connected: int
    charging: int
    power_w: float
    sessions_today: int
    energy_today_wh: float
    alarms_open: int


class Day(Struct, frozen=True):
    """Transactions that started on one day; `start` is its midnight."""

    start: datetime
    sessions: int
    energy_wh: float


async def count_overview(database: Database, midnight: datetime) -> Overview:
    """Count everything; `midnight` is when today began."""
    stations = (await database.query(_STATIONS))[0]
    now = (await database.query(_NOW))[0]
    today = (await database.query(_TODAY, since_ms=to_ms(midnight)))[0]
    return Overview(
        stations=stations["stations"],
        connected=stations["connected"] or 0,
        charging=now["charging"] or 0,
        power_w=(now["power_milli"] or 0) / 1000,
        sessions_today=today["sessions"],
        energy_today_wh=(today["energy_milli"] or 0) / 1000,
        alarms_open=(await database.query(_ALARMS))[0]["alarms"],
    )


async def count_evses(database: Database) -> dict[str, int]:
    """How many EVSEs are in each state."""
    return {row["state"]: row["evses"] for row in await database.query(_EVSES)}


async def energy_by_day(database: Database, midnight: datetime, days: int) -> list[Day]:
    """The last `days` days up to and including the one that began at `midnight`, oldest first, empty ones too."""
    first = midnight - DAY * (days - 1)
    rows = await database.query(_DAYS, since_ms=to_ms(first), until_ms=to_ms(midnight + DAY))
    found = {row["day"]: row for row in rows}
    return [_day(from_ms(to_ms(first) + number * _DAY_MS), found.get(number)) for number in range(days)]


def _day(start: datetime, row: Row | None) -> Day:
    if row is None:
        return Day(start, 0, 0.0)
    return Day(start, row["sessions"], (row["energy_milli"] or 0) / 1000)
