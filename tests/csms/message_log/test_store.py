from datetime import UTC, datetime

from voltgate.csms.message_log import Frame, FrameIds, MessageFilter, keep_frame, last_frame_id, list_messages, prune_frames
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase

DAY_MS = 86_400_000
START = to_ms(datetime(2026, 1, 1, tzinfo=UTC))


async def keep(database: SqliteDatabase, *days: int) -> None:
    ids = FrameIds(await last_frame_id(database))
    for day in days:
        at_ms = START + day * DAY_MS
        work = Work()
        frame = Frame(
            id=ids.next(at_ms),
            station_id=f"CS-{day % 2}",
            at_ms=at_ms,
            direction="in",
            version="2.1",
            kind="CALL",
            action="Heartbeat",
            message_id=str(day),
            raw=f'[2,"{day}","Heartbeat",{{}}]',
        )
        keep_frame(work, frame, shown=False)
        await database.commit(work)


async def test_frames_are_found_newest_first_by_what_they_are(database: SqliteDatabase) -> None:
    await keep(database, 0, 1, 2, 3)
    found = await list_messages(database, MessageFilter(), 10)
    assert [message.message_id for message in found] == ["3", "2", "1", "0"]
    assert [message.message_id for message in await list_messages(database, MessageFilter(station="CS-1"), 10)] == ["3", "1"]
    assert [message.message_id for message in await list_messages(database, MessageFilter(search='"2"'), 10)] == ["2"]
    since = MessageFilter(from_=datetime(2026, 1, 2, tzinfo=UTC), to=datetime(2026, 1, 4, tzinfo=UTC))
    assert [message.message_id for message in await list_messages(database, since, 10)] == ["2", "1"]
    older = await list_messages(database, MessageFilter(), 10, before=int(found[1].id))
    assert [message.message_id for message in older] == ["1", "0"]
    assert [message.message_id for message in await list_messages(database, MessageFilter(), 10, after=int(found[2].id))] == ["2", "3"]


async def test_old_frames_go(database: SqliteDatabase) -> None:
    await keep(database, 0, 1, 2, 3)
    await prune_frames(database, START + 2 * DAY_MS)
    assert [message.message_id for message in await list_messages(database, MessageFilter(), 10)] == ["3", "2"]
    await prune_frames(database, START)
