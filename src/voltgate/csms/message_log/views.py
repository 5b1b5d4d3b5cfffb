"""The message log as people and programs see it."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select

from voltgate.csms.message_log.model import IDS_PER_MS, Direction, Kind
from voltgate.csms.message_log.store import FRAMES
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Database, Row

_frames = FRAMES.c


class Message(Struct, frozen=True, kw_only=True):
    """One frame. `raw` is the text on the wire without secrets; `canonical` says it in 2.1 where that differs."""

    id: str
    station_id: str
    at: datetime
    direction: Direction
    version: str
    kind: Kind
    action: str | None
    message_id: str | None
    raw: str
    canonical: Any
    note: str | None


class MessageFilter(Struct, frozen=True, kw_only=True):
    """Which frames; None does not filter. `search` looks into the raw text."""

    station: str | None = None
    action: str | None = None
    kind: Kind | None = None
    direction: Direction | None = None
    search: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


async def list_messages(
    database: Database, wanted: MessageFilter, limit: int, *, before: int | None = None, after: int | None = None
) -> list[Message]:
    """At most `limit` frames, newest first, older than the id `before`; with `after`, oldest first and newer than it."""
    query = select(FRAMES).where(*_conditions(wanted)).limit(limit)
    query = query.order_by(_frames.id.desc() if after is None else _frames.id)
    if after is not None:
        query = query.where(_frames.id > after)
    if before is not None:
        query = query.where(_frames.id < before)
    return [_message(row) for row in await database.query(query)]


def _conditions(wanted: MessageFilter) -> list[Any]:
    exact = ((_frames.station_id, wanted.station), (_frames.action, wanted.action), (_frames.kind, wanted.kind))
    conditions: list[Any] = [column == value for column, value in (*exact, (_frames.direction, wanted.direction)) if value is not None]
    if wanted.search:
        conditions.append(_frames.raw.icontains(wanted.search, autoescape=True))
    if wanted.from_ is not None:
        conditions.append(_frames.id >= to_ms(wanted.from_) * IDS_PER_MS)
    if wanted.to is not None:
        conditions.append(_frames.id < to_ms(wanted.to) * IDS_PER_MS)
    return conditions


def _message(row: Row) -> Message:
    same = ("station_id", "direction", "version", "kind", "action", "message_id", "raw", "note")
    canonical = None if row["canonical"] is None else _json(row["canonical"])
    return Message(id=str(row["id"]), at=from_ms(row["at_ms"]), canonical=canonical, **{name: row[name] for name in same})


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # it was cut because of its length
        return text
