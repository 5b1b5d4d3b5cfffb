"""The table of alarms and its SQL."""

from collections.abc import Sequence

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, bindparam, func, select, update

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Row, Statement, insert

ALARMS = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # Empty for an alarm of the installation itself: NULLs would not meet in the unique index.
    Column("station_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", Text, nullable=False),
    # 1 or NULL, and NULLs never meet: of one kind at one station any number may be closed and one is open.
    Column("open", Integer),
    Column("count", Integer, nullable=False),
    Column("first_ms", Integer, nullable=False),
    Column("last_ms", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_ms", Integer),
    Column("cleared_by", Text),
    Column("cleared_ms", Integer),
    UniqueConstraint("station_id", "kind", "open"),
    Index("ix_alarms_last_ms", "last_ms", "id"),
    sqlite_autoincrement=True,
)

_c = ALARMS.c
_raise = insert(ALARMS)
# An event that was counted before (`last_seq`) is not counted again: the log gives each at least once.
RAISE = Statement(
    _raise.on_conflict_do_update(
        index_elements=["station_id", "kind", "open"],
        set_={
            "count": _c.count + 1,
            "text": _raise.excluded.text,
            "data": _raise.excluded.data,
            "last_ms": _raise.excluded.last_ms,
            "last_seq": _raise.excluded.last_seq,
        },
        where=_c.last_seq < _raise.excluded.last_seq,
    )
)
SEEN = Statement(
    select(func.max(_c.last_seq).label("last_seq")).where(_c.station_id == bindparam("station_id"), _c.kind == bindparam("kind"))
)
OPEN = Statement(select(ALARMS).where(_c.station_id == bindparam("station_id"), _c.kind == bindparam("kind"), _c.open == 1))
ALARM = Statement(select(ALARMS).where(_c.id == bindparam("id")))
ACKNOWLEDGE = Statement(
    update(ALARMS)
    .where(_c.id == bindparam("alarm"), _c.acknowledged_by.is_(None))
    .values(acknowledged_by=bindparam("who"), acknowledged_ms=bindparam("at_ms"))
)
CLEAR = Statement(
    update(ALARMS)
    .where(_c.id == bindparam("alarm"), _c.open == 1)
    .values(open=None, cleared_by=bindparam("who"), cleared_ms=bindparam("at_ms"))
)


async def list_alarms(
    database: Database, *, station: str | None, kind: str | None, is_open: bool | None, after: Sequence[int] | None, limit: int
) -> Sequence[Row]:
    """Alarms, the last raised first, by (last_ms, id)."""
    query = select(ALARMS).order_by(_c.last_ms.desc(), _c.id.desc()).limit(limit)
    if station is not None:
        query = query.where(_c.station_id == station)
    if kind is not None:
        query = query.where(_c.kind == kind)
    if is_open is not None:
        query = query.where(_c.open == 1 if is_open else _c.open.is_(None))
    if after is not None:
        at_ms, alarm_id = after
        query = query.where((_c.last_ms < at_ms) | ((_c.last_ms == at_ms) & (_c.id < alarm_id)))
    return await database.query(query)
