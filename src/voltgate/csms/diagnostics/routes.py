"""Events of stations over HTTP."""

from datetime import datetime

from litestar import get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import select

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.diagnostics.store import STATION_EVENTS
from voltgate.infrastructure.clock import from_ms
from voltgate.infrastructure.database import Row


class StationEvent(Struct, frozen=True, kw_only=True):
    """Something a station noticed (N07)."""

    id: str
    station_id: str
    at: datetime
    trigger: str
    component: str
    evse_id: int | None
    connector_id: int | None
    variable: str
    value: str
    tech_code: str | None
    tech_info: str | None
    cleared: bool
    severity: int | None
    transaction_id: str | None


@get("/stations/{station_id:str}/station-events", tags=["stations"])
async def list_station_events(
    context: TheContext, station_id: FromPath[str], cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[StationEvent]:
    """What a station noticed, newest first."""
    after = decode_cursor(cursor, int)
    events = STATION_EVENTS.c
    query = select(STATION_EVENTS).where(events.station_id == station_id).order_by(events.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(events.id < after[0])
    found = [_event(row) for row in await context.database.query(query)]
    return page_of(found, limit, lambda event: [int(event.id)])


def _event(row: Row) -> StationEvent:
    same = ("station_id", "trigger", "component", "evse_id", "connector_id", "variable", "value", "tech_code", "tech_info")
    return StationEvent(
        id=str(row["id"]),
        at=from_ms(row["at_ms"]),
        cleared=bool(row["cleared"]),
        severity=row["severity"],
        transaction_id=row["transaction_id"],
        **{name: row[name] for name in same},
    )


ROUTES = [list_station_events]
