"""The table of frames."""

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, delete, func, select

from voltgate.csms.message_log.model import IDS_PER_MS, Frame, presentable
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Statement, Work, insert

FRAMES = Table(
    "frames",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("station_id", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("direction", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("action", Text),
    Column("message_id", Text),
    Column("raw", Text, nullable=False),
    Column("canonical", Text),
    Column("note", Text),
    Index("ix_frames_station_id", "station_id", "id"),
)

_PRUNE_AT_ONCE = 2000

_KEEP = Statement(insert(FRAMES))
_LAST = Statement(select(func.max(FRAMES.c.id).label("last")))
_FIRST = Statement(select(FRAMES.c.id).where(FRAMES.c.id < bindparam("before")).order_by(FRAMES.c.id).limit(1).offset(_PRUNE_AT_ONCE))
_DELETE = Statement(delete(FRAMES).where(FRAMES.c.id < bindparam("before")))


def keep_frame(work: Work, frame: Frame) -> None:
    """Store a frame with the unit of work it belongs to, and show it to whoever looks."""
    raw = presentable(frame.raw)
    canonical = None if frame.canonical is None else presentable(frame.canonical)
    work.write(
        _KEEP,
        id=frame.id,
        station_id=frame.station_id,
        at_ms=frame.at_ms,
        direction=frame.direction,
        version=frame.version,
        kind=frame.kind,
        action=frame.action,
        message_id=frame.message_id,
        raw=raw,
        canonical=canonical,
        note=frame.note,
    )
    work.show(
        "message",
        {
            "id": str(frame.id),
            "station_id": frame.station_id,
            "at_ms": frame.at_ms,
            "direction": frame.direction,
            "version": frame.version,
            "kind": frame.kind,
            "action": frame.action,
            "message_id": frame.message_id,
            "raw": raw,
            "note": frame.note,
        },
    )


async def last_frame_id(database: Database) -> int:
    """The newest frame's id; 0 when there is none."""
    rows = await database.read(_LAST)
    return rows[0]["last"] or 0


async def prune_frames(database: Database, before_ms: int) -> None:
    """Delete frames from before `before_ms`, in small steps between other commits."""
    end = before_ms * IDS_PER_MS
    while True:
        rows = await database.query(_FIRST, before=end)
        work = Work()
        work.write(_DELETE, before=rows[0]["id"] if rows else end)
        await database.commit(work)
        if not rows:
            return
