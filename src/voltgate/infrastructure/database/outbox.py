"""The outbox: side effects leave after the commit, at least once and in order.

Events are rows of the log, written in the same commit as what they tell about. A consumer has a name and a cursor in the database; it gets
every event after its cursor, and the cursor moves when its handler has returned. After a crash it may see the last events again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import msgspec
import structlog
from sqlalchemy import bindparam, delete, func, select

from voltgate.infrastructure.bus import Bus
from voltgate.infrastructure.database.port import GROWN, Database, Row, Statement, StoredEvent, Work, insert
from voltgate.infrastructure.database.tables import EVENTS, OUTBOX_CURSORS

Handler = Callable[[StoredEvent], Awaitable[None]]
Pause = Callable[[int], float]

_AT_ONCE = 100
_PRUNED_AT_ONCE = 1000
_LONGEST_PAUSE_SECONDS = 60.0

_upsert = insert(OUTBOX_CURSORS)
_SAVE = Statement(_upsert.on_conflict_do_update(index_elements=["consumer"], set_={"seq": _upsert.excluded.seq}))
_FORGET = Statement(delete(OUTBOX_CURSORS).where(OUTBOX_CURSORS.c.consumer == bindparam("consumer")))
_CURSOR = Statement(select(OUTBOX_CURSORS.c.seq).where(OUTBOX_CURSORS.c.consumer == bindparam("consumer")))
_CURSORS = Statement(select(OUTBOX_CURSORS))
_SINCE = Statement(select(EVENTS).where(EVENTS.c.seq > bindparam("after")).order_by(EVENTS.c.seq).limit(bindparam("limit")))
_ENDS = Statement(select(func.min(EVENTS.c.seq).label("first"), func.max(EVENTS.c.seq).label("last")))
_OLD = Statement(select(func.max(EVENTS.c.seq).label("last")).where(EVENTS.c.at_ms < bindparam("before_ms")))
_DELETE = Statement(delete(EVENTS).where(EVENTS.c.seq <= bindparam("seq"), EVENTS.c.at_ms < bindparam("before_ms")))

_log = structlog.get_logger("voltgate.outbox")


def growing_pause(failures: int) -> float:
    """Seconds to wait after this many failures in a row: 1, 2, 4 ... 60."""
    return min(2.0 ** min(failures - 1, 10), _LONGEST_PAUSE_SECONDS)


class Consumer:
    """A named consumer at work; its place in the log is in the database."""

    def __init__(self, name: str, handler: Handler, topics: tuple[str, ...]) -> None:
        self.name = name
        self.seq = 0
        """The last event that was handled."""
        self.failures = 0
        """Failures in a row; 0 while all is well."""
        self.resumed = False
        """Whether `seq` was read from the database."""
        self.task: asyncio.Task[None] | None = None
        self._handler = handler
        self._topics = topics

    async def handle(self, event: StoredEvent) -> None:
        """Let the handler have `event` if it is on one of the consumer's topics."""
        if not self._topics or any(event.topic == topic or event.topic.startswith(topic + ".") for topic in self._topics):
            await self._handler(event)

    async def close(self) -> None:
        """Stop; the consumer goes on from here when it is started again."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


class Outbox:
    """The event log of an installation."""

    def __init__(self, database: Database, bus: Bus, *, pause: Pause = growing_pause) -> None:
        """`pause` gives the seconds to wait after a number of failures in a row."""
        self._database = database
        self._bus = bus
        self._pause = pause
        self._consumers: dict[str, Consumer] = {}

    async def since(self, seq: int, limit: int = _AT_ONCE) -> list[StoredEvent]:
        """At most `limit` events after `seq`, oldest first; events that were pruned are missing."""
        return [_event(row) for row in await self._database.query(_SINCE, after=seq, limit=limit)]

    async def last_seq(self) -> int:
        """The place of the newest event; 0 when there is none."""
        rows = await self._database.query(_ENDS)
        return rows[0]["last"] or 0

    async def lag(self) -> dict[str, int]:
        """How many events each consumer is behind, running or not."""
        last = await self.last_seq()
        saved = {row["consumer"]: row["seq"] for row in await self._database.query(_CURSORS)}
        saved.update({name: consumer.seq for name, consumer in self._consumers.items()})
        return {name: max(0, last - seq) for name, seq in saved.items()}

    def consume(self, name: str, handler: Handler, *topics: str, start: Literal["first", "now"] = "first") -> Consumer:
        """Start the consumer `name`: `handler` gets each event on `topics` (none: on all) in order, at least once.

        A handler that fails gets the same event again after a pause, for as long as it takes. A name that was never seen before starts
        with the first event kept, or with the next one if `start` is ``"now"``.
        """
        if name in self._consumers:
            raise ValueError(f"the consumer {name!r} is already running")
        consumer = self._consumers[name] = Consumer(name, handler, topics)
        consumer.task = asyncio.create_task(self._run(consumer, start), name=f"outbox-{name}")
        consumer.task.add_done_callback(lambda _task: self._consumers.pop(name, None))
        return consumer

    async def forget(self, name: str) -> None:
        """Stop the consumer and drop its cursor, so that it no longer holds back pruning."""
        if name in self._consumers:
            await self._consumers[name].close()
        work = Work()
        work.write(_FORGET, consumer=name)
        await self._database.commit(work)

    async def prune(self, before_ms: int) -> None:
        """Delete events from before `before_ms` which every consumer has handled; in small steps, between other commits."""
        old = (await self._database.query(_OLD, before_ms=before_ms))[0]["last"] or 0
        handled = [row["seq"] for row in await self._database.query(_CURSORS)]
        last = min([old, *handled])
        seq = (await self._database.query(_ENDS))[0]["first"] or 0
        while 0 < seq <= last:
            seq += _PRUNED_AT_ONCE
            work = Work()
            work.write(_DELETE, seq=min(seq, last), before_ms=before_ms)
            await self._database.commit(work)

    async def close(self) -> None:
        """Stop all consumers."""
        for consumer in list(self._consumers.values()):
            await consumer.close()

    async def _run(self, consumer: Consumer, start: Literal["first", "now"]) -> None:
        with self._bus.subscribe(GROWN, limit=1) as grown:
            while True:
                try:
                    await self._resume(consumer, start)
                    while await self._step(consumer) or await anext(grown, None) is not None:
                        pass
                    return  # the bus is closed
                except Exception as error:  # a consumer never gives up: its events may not be lost
                    consumer.failures += 1
                    seconds = self._pause(consumer.failures)
                    _log.warning("consumer failed", consumer=consumer.name, after=consumer.seq, pause=seconds, error=repr(error))
                    await asyncio.sleep(seconds)

    async def _resume(self, consumer: Consumer, start: Literal["first", "now"]) -> None:
        if consumer.resumed:
            return
        rows = await self._database.query(_CURSOR, consumer=consumer.name)
        if rows:
            consumer.seq = rows[0]["seq"]
        else:
            consumer.seq = await self.last_seq() if start == "now" else 0
            await self._save(consumer)
        consumer.resumed = True

    async def _step(self, consumer: Consumer) -> bool:
        """Handle the next few events; False when there are none."""
        events = await self.since(consumer.seq)
        if not events:
            return False
        try:
            for event in events:
                await consumer.handle(event)
                consumer.seq = event.seq
                consumer.failures = 0
        finally:
            await self._save(consumer)
        return True

    async def _save(self, consumer: Consumer) -> None:
        work = Work()
        work.write(_SAVE, consumer=consumer.name, seq=consumer.seq)
        await self._database.commit(work)


def _event(row: Row) -> StoredEvent:
    return StoredEvent(row["seq"], row["topic"], row["at_ms"], row["station_id"], msgspec.json.decode(row["data"]))
