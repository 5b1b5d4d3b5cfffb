"""HTTP: alarms."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from voltgate.csms.api.injected import TheContext, Who
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import NotFound
from voltgate.csms.backoffice.alarms import store
from voltgate.csms.backoffice.alarms.keeper import Alarms
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Row

OpenFilter = Annotated[bool | None, QueryParameter(name="open", description="Only those that are open, or only those that are not.")]


class Alarm(Struct, frozen=True, kw_only=True):
    """Something to look at; `count` says how often it was raised while it was open, `at` when last."""

    id: str
    station_id: str | None
    at: datetime
    first_at: datetime
    kind: str
    text: str
    open: bool
    count: int
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    cleared_by: str | None
    cleared_at: datetime | None
    data: dict[str, Any]


@get("/alarms", tags=["alarms"], summary="List alarms")
async def list_alarms(
    context: TheContext,
    station: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    is_open: OpenFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Alarm]:
    """The last raised first."""
    after = decode_cursor(cursor, int, int)
    rows = await store.list_alarms(context.database, station=station, kind=kind, is_open=is_open, after=after, limit=limit + 1)
    return page_of([_alarm(row) for row in rows], limit, lambda alarm: (to_ms(alarm.at), int(alarm.id)))


@get("/alarms/{alarm_id:str}", tags=["alarms"], summary="Show an alarm")
async def show_alarm(context: TheContext, alarm_id: FromPath[str]) -> Alarm:
    """One alarm."""
    return await _stored(context, alarm_id)


@post("/alarms/{alarm_id:str}/acknowledge", tags=["alarms"], status_code=200, summary="Acknowledge an alarm")
async def acknowledge_alarm(context: TheContext, operator: Who, alarm_id: FromPath[str]) -> Alarm:
    """Somebody has seen it. It stays open and goes on counting."""
    alarm = await _stored(context, alarm_id)
    await Alarms(context).acknowledge(int(alarm.id), operator.name)
    return await _stored(context, alarm_id)


@post("/alarms/{alarm_id:str}/clear", tags=["alarms"], status_code=200, summary="Clear an alarm")
async def clear_alarm(context: TheContext, operator: Who, alarm_id: FromPath[str]) -> Alarm:
    """It is over; if it comes back, it is a new alarm."""
    alarm = await _stored(context, alarm_id)
    await Alarms(context).clear(int(alarm.id), operator.name)
    return await _stored(context, alarm_id)


async def _stored(context: Context, alarm_id: str) -> Alarm:
    number = int(alarm_id) if alarm_id.isascii() and alarm_id.isdigit() and len(alarm_id) <= 18 else -1
    rows = await context.database.read(store.ALARM, id=number)
    if not rows:
        raise NotFound(f"there is no alarm {alarm_id!r}")
    return _alarm(rows[0])


def _alarm(row: Row) -> Alarm:
    return Alarm(
        id=str(row["id"]),
        station_id=row["station_id"] or None,
        at=from_ms(row["last_ms"]),
        first_at=from_ms(row["first_ms"]),
        kind=row["kind"],
        text=row["text"],
        open=bool(row["open"]),
        count=row["count"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=_moment(row["acknowledged_ms"]),
        cleared_by=row["cleared_by"],
        cleared_at=_moment(row["cleared_ms"]),
        data=msgspec.json.decode(row["data"]),
    )


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


ROUTES: list[Any] = [list_alarms, show_alarm, acknowledge_alarm, clear_alarm]
