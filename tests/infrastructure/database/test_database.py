"""The contract of the database port; runs over every implementation."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, select

from tests.infrastructure.database.conftest import Open
from tests.infrastructure.database.notes import BY_TEXT, COUNT, METADATA, NOTES, WRITE, note
from voltgate.infrastructure.bus import LocalBus, Message
from voltgate.infrastructure.database import Event, ReadFailed, Statement, StoredEvent, StoreFailed, Work, WrongParameters, insert
from voltgate.infrastructure.database.sqlite import SqliteDatabase


async def count(database: SqliteDatabase) -> int:
    return int((await database.read(COUNT))[0]["count"])


async def test_what_was_committed_can_be_read(database: SqliteDatabase) -> None:
    await database.commit(note("one"))
    (row,) = await database.read(BY_TEXT, text="one")
    assert (row["text"], row["size"], list(row.keys())) == ("one", 7, ["id", "text", "size"])
    assert [tuple(row) for row in await database.query(BY_TEXT, text="one")] == [(1, "one", 7)]


async def test_a_read_never_suspends(database: SqliteDatabase) -> None:
    reading = database.read(COUNT)
    with pytest.raises(StopIteration):
        reading.send(None)


async def test_a_read_sees_a_commit_as_soon_as_it_returned(database: SqliteDatabase) -> None:
    for place in range(1, 20):
        assert await count(database) == place - 1  # begins a snapshot
        await database.commit(note(str(place)))
        assert await count(database) == place


async def test_a_row_is_the_values_in_the_order_of_the_names(database: SqliteDatabase) -> None:
    literal, single = Statement(insert(NOTES).values(size=7, text=bindparam("said")), names=("said",)), NOTES.c.text == bindparam("said")
    both = Statement(insert(NOTES), names=("size", "text"))
    work = Work()
    work.write_row(both, (3, "both"))
    work.write_row(literal, ("one",))
    work.write_row(Statement(delete(NOTES).where(single), names=("said",)), ("nobody",))
    await database.commit(work)
    assert [tuple(row)[1:] for row in await database.query(select(NOTES).order_by(NOTES.c.id))] == [("both", 3), ("one", 7)]


async def test_a_row_for_unknown_names_is_refused(database: SqliteDatabase) -> None:
    work = Work()
    work.write_row(Statement(insert(NOTES).values(size=7, text=bindparam("said")), names=("other",)), ("one",))
    with pytest.raises(WrongParameters):
        database.commit(work)


async def test_a_bare_clause_can_be_queried_with_lists_and_limits(database: SqliteDatabase) -> None:
    for text in ("a", "b", "c"):
        await database.commit(note(text))
    clause = select(NOTES.c.text).where(NOTES.c.text.in_(["a", "b", "x"])).order_by(NOTES.c.id.desc()).limit(1)
    assert [row[0] for row in await database.query(clause)] == ["b"]


async def test_a_unit_is_stored_whole_or_not_at_all(database: SqliteDatabase) -> None:
    await database.commit(note("taken"))
    work = note("free")
    work.write(WRITE, text="taken")
    work.tell(Event("note.written", 1, None, {}))
    with pytest.raises(StoreFailed):
        await database.commit(work)
    assert await count(database) == 1


async def test_a_bad_unit_fails_alone(database: SqliteDatabase) -> None:
    answers = [asyncio.ensure_future(database.commit(note("same" if place in (3, 7) else str(place)))) for place in range(20)]
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert [place for place, result in enumerate(results) if isinstance(result, StoreFailed)] == [7]
    assert await count(database) == 19


@pytest.mark.parametrize("value", [2**70, "\ud800"], ids=["integer too large", "lone surrogate"])
async def test_a_value_the_database_cannot_hold_fails_only_its_unit(database: SqliteDatabase, value: object) -> None:
    bad = Work()
    bad.write(WRITE, text=value)  # type: ignore[arg-type]  # the point of the test
    results = await asyncio.gather(
        database.commit(note("before")), database.commit(bad), database.commit(note("after")), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), StoreFailed, type(None)]
    assert await count(database) == 2


async def test_units_are_written_in_the_order_of_their_commits(database: SqliteDatabase) -> None:
    await asyncio.gather(*(database.commit(note(str(place))) for place in range(500)))
    rows = await database.query(select(NOTES.c.text).order_by(NOTES.c.id))
    assert [row[0] for row in rows] == [str(place) for place in range(500)]


async def test_many_writers_share_commits(tmp_path: Path) -> None:
    batches: list[int] = []
    database = await SqliteDatabase.open(tmp_path / "shared.db", METADATA, observe=lambda units, _seconds: batches.append(units))
    await asyncio.gather(*(database.commit(note(str(place))) for place in range(5000)))
    assert (sum(batches), await count(database)) == (5000, 5000)
    assert len(batches) < 500
    await database.close()


async def test_wrong_parameters_are_named(database: SqliteDatabase) -> None:
    with pytest.raises(WrongParameters, match=r"missing: text; unknown: txet"):
        await database.read(BY_TEXT, txet="a")
    work = Work()
    work.write(WRITE, colour="red")
    with pytest.raises(WrongParameters, match="unknown: colour"):
        await database.commit(work)


async def test_reads_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(ReadFailed):
        await database.read(Statement(insert(NOTES).values(text="sneaked in")))
    with pytest.raises(ReadFailed):
        await database.query(insert(NOTES).values(text="sneaked in"))


async def test_after_the_commit_callbacks_run_before_anything_is_published(database: SqliteDatabase, bus: LocalBus) -> None:
    order: list[str] = []
    with bus.subscribe("note") as heard:
        work = note("one")
        work.tell(Event("note.written", 5, "CS1", {"text": "one"}))
        work.show("note.shown", {"text": "one"})
        work.when_committed(lambda: order.append(f"callback, {heard_so_far()} heard"))
        heard_so_far = lambda: len(heard._waiting)  # type: ignore[attr-defined]  # noqa: E731 -- looks without taking
        await database.commit(work)
        assert order == ["callback, 0 heard"]
        assert await anext(heard) == Message("note.shown", {"text": "one"})
        assert await anext(heard) == Message("note.written", StoredEvent(1, "note.written", 5, "CS1", {"text": "one"}))


async def test_empty_work_commits_at_once(database: SqliteDatabase, bus: LocalBus) -> None:
    work = Work()
    work.show("note.shown", {})
    with bus.subscribe() as heard:
        assert database.commit(work).done()
        assert (await anext(heard)).topic == "note.shown"


async def test_a_failed_unit_tells_nothing(database: SqliteDatabase, bus: LocalBus) -> None:
    await database.commit(note("taken"))
    called: list[int] = []
    with bus.subscribe() as heard:
        work = note("taken")
        work.tell(Event("note.written", 1, None, {}))
        work.show("note.shown", {})
        work.when_committed(lambda: called.append(1))
        with pytest.raises(StoreFailed):
            await database.commit(work)
        last = Work()
        last.show("note.last", {})
        await database.commit(last)
        assert ((await anext(heard)).topic, called) == ("note.last", [])


async def test_cancelling_the_wait_does_not_undo_the_work(database: SqliteDatabase) -> None:
    answer = database.commit(note("one"))
    answer.cancel()
    await database.commit(note("two"))
    assert await count(database) == 2


async def test_closing_writes_and_answers_what_waits(opened: Open) -> None:
    database = await opened()
    answers = [database.commit(note(str(place))) for place in range(100)]
    await database.close()
    assert all(answer.done() and answer.exception() is None for answer in answers)
    with pytest.raises(StoreFailed):
        await database.commit(note("late"))
    assert await count(await opened()) == 100


async def test_numbers_of_events_grow_across_restarts(opened: Open) -> None:
    seqs = []
    for _ in range(2):
        database = await opened()
        work = Work()
        work.tell(Event("note.written", 1, None, {}))
        work.tell(Event("note.written", 1, None, {}))
        with LocalBus().subscribe():
            await database.commit(work)
        seqs.append([row["seq"] for row in await database.query(select(METADATA.tables["events"]))])
    assert seqs == [[1, 2], [1, 2, 3, 4]]


_ENDLESS_WRITER = """
import asyncio, sys
from tests.infrastructure.database.notes import METADATA, note
from voltgate.infrastructure.database.sqlite import SqliteDatabase

async def main():
    database = await SqliteDatabase.open(sys.argv[1], METADATA)
    async def write(name):
        for number in range(1_000_000):
            await database.commit(note(f"{name}-{number}"))
            sys.stdout.write(f"{name}-{number}\\n")
            sys.stdout.flush()
    await asyncio.gather(*(write(name) for name in range(20)))

asyncio.run(main())
"""


async def test_everything_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}"}
    writer = subprocess.Popen([sys.executable, "-c", _ENDLESS_WRITER, str(path)], stdout=subprocess.PIPE, env=environment, text=True)
    assert writer.stdout is not None
    acknowledged = {writer.stdout.readline().strip() for _ in range(2000)}
    writer.send_signal(signal.SIGKILL)
    acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}
    writer.wait()
    writer.stdout.close()
    database = await SqliteDatabase.open(path, METADATA)
    stored = {row["text"] for row in await database.query(select(NOTES.c.text))}
    await database.close()
    assert len(acknowledged) >= 2000
    assert acknowledged <= stored
