"""The tables of the diagnostics room."""

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, delete, func, select

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Statement, Value, Work, insert

STATION_EVENTS = Table(
    "station_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station_id", Text, nullable=False),
    Column("event_id", Integer, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("received_ms", Integer, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("component", Text, nullable=False),
    Column("component_instance", Text),
    Column("evse_id", Integer),
    Column("connector_id", Integer),
    Column("variable", Text, nullable=False),
    Column("variable_instance", Text),
    Column("value", Text, nullable=False),
    Column("cause", Integer),
    Column("tech_code", Text),
    Column("tech_info", Text),
    Column("cleared", Integer, nullable=False),
    Column("severity", Integer),
    Column("monitoring_id", Integer),
    Column("transaction_id", Text),
    Index("ix_station_events_station_id", "station_id", "id"),
    # The same event sent again is kept once; event ids may start again after a reboot, times do not.
    Index("ux_station_events_event", "station_id", "at_ms", "event_id", "component", "variable", unique=True),
)

LOG_STATUSES = Table(
    "log_statuses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station_id", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("request_id", Integer),
    Column("status", Text, nullable=False),
    Column("info", Text),
    Index("ix_log_statuses_station_id", "station_id", "id"),
)

_ADD_EVENT = Statement(insert(STATION_EVENTS).on_conflict_do_nothing())
_ADD_LOG_STATUS = Statement(insert(LOG_STATUSES))
_FIRST = Statement(select(func.min(STATION_EVENTS.c.id).label("first")).where(STATION_EVENTS.c.received_ms >= bindparam("before_ms")))
_PRUNE = Statement(delete(STATION_EVENTS).where(STATION_EVENTS.c.id < bindparam("first")))


def keep_event(work: Work, **event: Value) -> None:
    """Keep one event; `event` has a value for every column but `id`."""
    work.write(_ADD_EVENT, **event)


def keep_log_status(work: Work, station_id: str, at_ms: int, request_id: int | None, status: str, info: str | None) -> None:
    """Keep one step of an upload."""
    work.write(_ADD_LOG_STATUS, station_id=station_id, at_ms=at_ms, request_id=request_id, status=status, info=info)


async def prune_events(database: Database, before_ms: int) -> None:
    """Delete events that came before `before_ms`."""
    first = (await database.query(_FIRST, before_ms=before_ms))[0]["first"]
    if first is not None:
        work = Work()
        work.write(_PRUNE, first=first)
        await database.commit(work)
