"""Security events over HTTP."""

from datetime import datetime

from litestar import get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import select

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.security.store import SECURITY_EVENTS
from voltgate.infrastructure.clock import from_ms


class SecurityEvent(Struct, frozen=True, kw_only=True):
    """Something a station reported about its security (A04)."""

    id: str
    station_id: str
    type: str
    at: datetime
    tech_info: str | None


@get("/stations/{station_id:str}/security-events", tags=["stations"])
async def list_security_events(
    context: TheContext, station_id: FromPath[str], cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[SecurityEvent]:
    """The security events of a station, newest first."""
    after = decode_cursor(cursor, int)
    events = SECURITY_EVENTS.c
    query = select(SECURITY_EVENTS).where(events.station_id == station_id).order_by(events.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(events.id < after[0])
    found = [
        SecurityEvent(
            id=str(row["id"]), station_id=row["station_id"], type=row["type"], at=from_ms(row["at_ms"]), tech_info=row["tech_info"]
        )
        for row in await context.database.query(query)
    ]
    return page_of(found, limit, lambda event: [int(event.id)])


ROUTES = [list_security_events]
