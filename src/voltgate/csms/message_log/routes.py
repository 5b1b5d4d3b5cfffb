"""The message log over HTTP."""

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.context import Context
from voltgate.csms.message_log.model import Direction, Kind
from voltgate.csms.message_log.views import Message, MessageFilter, list_messages

Since = Annotated[datetime | None, QueryParameter(name="from", description="Not before.")]
Until = Annotated[datetime | None, QueryParameter(name="to", description="Before.")]


@get("/messages", tags=["messages"])
async def list_all_messages(
    context: TheContext,
    station: FromQuery[str | None] = None,
    action: FromQuery[str | None] = None,
    kind: FromQuery[Kind | None] = None,
    direction: FromQuery[Direction | None] = None,
    search: FromQuery[str | None] = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Message]:
    """Frames of all stations, newest first."""
    wanted = MessageFilter(station=station, action=action, kind=kind, direction=direction, search=search, from_=since, to=until)
    return await _page(context, wanted, cursor, limit)


@get("/stations/{station_id:str}/messages", tags=["messages"])
async def list_station_messages(
    context: TheContext,
    station_id: FromPath[str],
    action: FromQuery[str | None] = None,
    kind: FromQuery[Kind | None] = None,
    direction: FromQuery[Direction | None] = None,
    search: FromQuery[str | None] = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Message]:
    """Frames of one station, newest first."""
    wanted = MessageFilter(station=station_id, action=action, kind=kind, direction=direction, search=search, from_=since, to=until)
    return await _page(context, wanted, cursor, limit)


async def _page(context: Context, wanted: MessageFilter, cursor: str | None, limit: int) -> Page[Message]:
    before = decode_cursor(cursor, int)
    found = await list_messages(context.database, wanted, limit + 1, before=None if before is None else before[0])
    return page_of(found, limit, lambda message: [int(message.id)])


ROUTES = [list_all_messages, list_station_messages]
