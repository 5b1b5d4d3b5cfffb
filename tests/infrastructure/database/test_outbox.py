"""The outbox: every event to every consumer, in order, at least once."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.infrastructure.database.conftest import Open
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.database import Event, StoredEvent, Work
from voltgate.infrastructure.database.outbox import Outbox, growing_pause
from voltgate.infrastructure.database.sqlite import SqliteDatabase


@pytest.fixture
async def outbox(database: SqliteDatabase, bus: LocalBus) -> AsyncIterator[Outbox]:
    outbox = Outbox(database, bus, pause=lambda _failures: 0)
    yield outbox
    await outbox.close()


async def tell(database: SqliteDatabase, *texts: str, topic: str = "note.written", at_ms: int = 1) -> None:
    work = Work()
    for text in texts:
        work.tell(Event(topic, at_ms, "CS1", {"text": text}))
    await database.commit(work)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.001)


class Listener:
    """A handler that remembers, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.texts: list[str] = []
        self.failures = failures

    async def __call__(self, event: StoredEvent) -> None:
        if self.failures and event.data["text"] == "b":
            self.failures -= 1
            raise ConnectionError("the other side is away")
        self.texts.append(event.data["text"])


async def test_a_consumer_gets_what_was_there_and_what_comes(database: SqliteDatabase, outbox: Outbox) -> None:
    await tell(database, "a", "b")
    listener = Listener()
    outbox.consume("listener", listener)
    await until(lambda: listener.texts == ["a", "b"])
    await tell(database, "c")
    await until(lambda: listener.texts == ["a", "b", "c"])


async def test_a_failing_handler_gets_the_same_event_again_and_nothing_overtakes(database: SqliteDatabase, outbox: Outbox) -> None:
    listener = Listener(failures=3)
    consumer = outbox.consume("listener", listener)
    await tell(database, "a", "b", "c")
    await until(lambda: len(listener.texts) == 3)
    assert (listener.texts, consumer.failures) == (["a", "b", "c"], 0)


async def test_a_consumer_goes_on_after_a_restart(opened: Open, bus: LocalBus) -> None:
    database = await opened()
    outbox = Outbox(database, bus)
    await tell(database, "a")
    first = Listener()
    outbox.consume("listener", first)
    await until(lambda: first.texts == ["a"])
    await outbox.close()
    await tell(database, "b")
    database = await opened()
    outbox = Outbox(database, bus)
    second = Listener()
    outbox.consume("listener", second)
    await until(lambda: bool(second.texts))
    await outbox.close()
    assert second.texts == ["b"]


async def test_a_new_consumer_may_start_now(database: SqliteDatabase, outbox: Outbox) -> None:
    await tell(database, "old")
    listener = Listener()
    consumer = outbox.consume("listener", listener, start="now")
    await until(lambda: consumer.resumed)
    await tell(database, "new")
    await until(lambda: bool(listener.texts))
    assert listener.texts == ["new"]


async def test_a_consumer_hears_only_its_topics(database: SqliteDatabase, outbox: Outbox) -> None:
    listener = Listener()
    consumer = outbox.consume("listener", listener, "note")
    await tell(database, "no", topic="notes.written")
    await tell(database, "yes", topic="note.written")
    await until(lambda: consumer.seq == 2)
    assert listener.texts == ["yes"]


async def test_a_name_runs_once(outbox: Outbox) -> None:
    outbox.consume("listener", Listener())
    with pytest.raises(ValueError, match="already running"):
        outbox.consume("listener", Listener())


async def test_since_pages_through_the_log(database: SqliteDatabase, outbox: Outbox) -> None:
    await tell(database, "a", "b", "c")
    assert [event.data["text"] for event in await outbox.since(1, 1)] == ["b"]
    assert [event.seq for event in await outbox.since(1)] == [2, 3]
    assert (await outbox.since(0, 1))[0] == StoredEvent(1, "note.written", 1, "CS1", {"text": "a"})
    assert await outbox.last_seq() == 3


async def test_pruning_keeps_what_a_consumer_has_not_handled(database: SqliteDatabase, outbox: Outbox) -> None:
    listener = Listener(failures=10**9)
    consumer = outbox.consume("listener", listener)
    await tell(database, *("a" for _ in range(1500)), at_ms=1)
    await tell(database, "b", at_ms=2)
    await until(lambda: consumer.seq == 1500)
    while await outbox.lag() != {"listener": 1}:  # its place is saved a moment later
        await asyncio.sleep(0)
    await consumer.close()
    await outbox.prune(before_ms=10)
    assert [event.seq for event in await outbox.since(0)] == [1501]
    await outbox.forget("listener")
    await outbox.prune(before_ms=10)
    assert (await outbox.since(0), await outbox.lag()) == ([], {})
    await tell(database, "c")
    assert [event.seq for event in await outbox.since(0)] == [1502]


async def test_pruning_keeps_young_events(database: SqliteDatabase, outbox: Outbox) -> None:
    await tell(database, "a", at_ms=1)
    await tell(database, "b", at_ms=2)
    await outbox.prune(before_ms=2)
    assert [event.seq for event in await outbox.since(0)] == [2]


def test_pauses_grow_to_a_minute() -> None:
    assert [growing_pause(failures) for failures in (1, 2, 3, 7, 99)] == [1, 2, 4, 60, 60]
