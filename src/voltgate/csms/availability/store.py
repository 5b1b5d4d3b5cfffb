"""The table of the availability room."""

from collections.abc import Sequence

from sqlalchemy import Column, Integer, Table, Text, bindparam, select

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Row, Statement, Work, insert

AVAILABILITY_WISHES = Table(
    "availability_wishes",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("evse_id", Integer, primary_key=True),
    Column("connector_id", Integer, primary_key=True),
    Column("wanted", Text, nullable=False),
    Column("answered", Text, nullable=False),
    Column("reason", Text),
    Column("at_ms", Integer, nullable=False),
)
"""What was wanted of a station (EVSE 0), an EVSE (connector 0) or a connector last, and how the station answered."""

_WISHES = AVAILABILITY_WISHES.c
_upsert = insert(AVAILABILITY_WISHES)
_KEEP = Statement(
    _upsert.on_conflict_do_update(
        index_elements=["station_id", "evse_id", "connector_id"],
        set_={name: _upsert.excluded[name] for name in ("wanted", "answered", "reason", "at_ms")},
    )
)
_LIST = Statement(
    select(AVAILABILITY_WISHES).where(_WISHES.station_id == bindparam("station")).order_by(_WISHES.evse_id, _WISHES.connector_id)
)


def keep_wish(work: Work, station_id: str, place: tuple[int, int], wanted: str, answered: str, reason: str | None, at_ms: int) -> None:
    """Keep what was wanted of `place` (EVSE, connector) and how the station answered."""
    evse_id, connector_id = place
    known = {"wanted": wanted, "answered": answered, "reason": reason}
    work.write(_KEEP, station_id=station_id, evse_id=evse_id, connector_id=connector_id, at_ms=at_ms, **known)


async def list_wishes(database: Database, station_id: str) -> Sequence[Row]:
    """All wishes for a station, in the order of their places."""
    return await database.query(_LIST, station=station_id)
