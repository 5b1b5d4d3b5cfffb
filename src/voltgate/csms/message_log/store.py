"""The table of frames."""

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, delete, func, select

from voltgate.csms.message_log.model import IDS_PER_MS, Frame, presentable
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Statement, Value, Work, insert

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

TOPIC = "message"
"""Where frames are shown as they pass."""

_PRUNE_AT_ONCE = 2000

_SHARED = ("station_id", "at_ms", "version", "message_id")
_OWN = tuple(column.name for column in FRAMES.columns if column.name not in _SHARED)
_KEEP = Statement(insert(FRAMES))
_KEEP_BOTH = Statement(
    insert(FRAMES).values(
        [{**{name: bindparam(name) for name in _SHARED}, **{name: bindparam(f"{name}_{row}") for name in _OWN}} for row in (1, 2)]
    ),
    names=(*_SHARED, *(f"{name}_{row}" for row in (1, 2) for name in _OWN)),
)
_LAST = Statement(select(func.max(FRAMES.c.id).label("last")))
_FIRST = Statement(select(FRAMES.c.id).where(FRAMES.c.id < bindparam("before")).order_by(FRAMES.c.id).limit(1).offset(_PRUNE_AT_ONCE))
_DELETE = Statement(delete(FRAMES).where(FRAMES.c.id < bindparam("before")))


def keep_frame(work: Work, frame: Frame, *, shown: bool) -> None:
    """Store a frame with the unit of work it belongs to; with `shown`, publish it too."""
    frame.raw = presentable(frame.raw)
    work.writes.append((_KEEP, _columns(frame)))
    if shown:
        _show(work, frame)


def keep_exchange(work: Work, heard: Frame, said: Frame, *, shown: bool) -> None:
    """Store a CALL and its answer in one statement: this happens for every message. Both have the same station, time, version and id."""
    heard.raw, said.raw = presentable(heard.raw), presentable(said.raw)
    if heard.canonical is not None:
        heard.canonical = presentable(heard.canonical)
    shared = (heard.station_id, heard.at_ms, heard.version, heard.message_id)
    work.write_row(_KEEP_BOTH, (*shared, *_own(heard), *_own(said)))
    if shown:
        _show(work, heard)
        _show(work, said)


def _columns(frame: Frame) -> dict[str, Value]:
    return {
        "id": frame.id,
        "station_id": frame.station_id,
        "at_ms": frame.at_ms,
        "direction": frame.direction,
        "version": frame.version,
        "kind": frame.kind,
        "action": frame.action,
        "message_id": frame.message_id,
        "raw": frame.raw,
        "canonical": frame.canonical,
        "note": frame.note,
    }


def _own(frame: Frame) -> tuple[Value, ...]:
    """The values of `_OWN`."""
    return frame.id, frame.direction, frame.kind, frame.action, frame.raw, frame.canonical, frame.note


def _show(work: Work, frame: Frame) -> None:
    shown = _columns(frame) | {"id": str(frame.id)}
    del shown["canonical"]
    work.show(TOPIC, shown)


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
