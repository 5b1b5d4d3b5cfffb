"""What only the SQLite database promises."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from tests.infrastructure.database.notes import COUNT, METADATA, NOTES, note
from voltgate.infrastructure.database import CannotOpen, Event, Statement, StoreFailed, Work, insert, sqlite
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.infrastructure.database.writer import Unit, Writer

_SECOND_PROCESS = """
import asyncio, sys
from tests.infrastructure.database.notes import METADATA
from voltgate.infrastructure.database import CannotOpen
from voltgate.infrastructure.database.sqlite import SqliteDatabase

try:
    asyncio.run(SqliteDatabase.open(sys.argv[1], METADATA))
except CannotOpen as error:
    print(error)
"""


async def test_commits_are_synchronous_and_the_log_is_ahead(database: SqliteDatabase) -> None:
    writer = database._connections[0]
    assert [writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 2]


async def test_a_second_process_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[3]
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'src'}")
    database = await SqliteDatabase.open(tmp_path / "one.db", METADATA)
    command = [sys.executable, "-c", _SECOND_PROCESS, str(tmp_path / "one.db")]
    answer = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    assert "one.db is in use by another voltgate process" in answer.stdout
    await database.close()
    await (await SqliteDatabase.open(tmp_path / "one.db", METADATA)).close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to be read as the head of one. " * 20)
    for _ in range(2):
        with pytest.raises(CannotOpen, match="not a database"):
            await SqliteDatabase.open(tmp_path / "text.db", METADATA)


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotOpen, match="file"):
        await SqliteDatabase.open(tmp_path / "file" / "one.db", METADATA)


async def test_a_full_disk_fails_units_and_the_database_recovers(database: SqliteDatabase) -> None:
    pages = database._connections[0].execute("PRAGMA page_count").fetchone()[0]
    database._connections[0].execute(f"PRAGMA max_page_count={pages + 2}")
    large = [asyncio.ensure_future(database.commit(note(str(place) * 100_000))) for place in range(5)]
    results = await asyncio.gather(*large, return_exceptions=True)
    assert {type(result) for result in results} == {StoreFailed}
    assert "full" in str(results[0])
    database._connections[0].execute("PRAGMA max_page_count=1000000")
    await database.commit(note("small"))
    assert (await database.read(COUNT))[0]["count"] == 1


async def test_after_closing_one_file_holds_everything(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "one.db", METADATA)
    await database.commit(note("one"))
    await database.close()
    await database.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.db", "one.db.lock"]


async def test_a_failing_callback_is_reported_and_disturbs_nobody(database: SqliteDatabase) -> None:
    reports: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reports.append(context["message"]))
    work, called = note("one"), []
    work.when_committed(lambda: 1 // 0)  # type: ignore[arg-type, return-value]  # fails before it returns
    work.when_committed(lambda: called.append(1))
    await database.commit(work)
    assert (called, len(reports)) == ([1], 1)


async def test_opening_again_adds_only_what_is_missing(tmp_path: Path) -> None:
    for _ in range(2):
        database = await SqliteDatabase.open(tmp_path / "one.db", METADATA)
        await database.commit(note(f"{_}"))
        await database.close()
    with sqlite3.connect(tmp_path / "one.db") as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (2,)
    connection.close()


class Disk:
    """A connection whose commits fail while `broken`; sqlite3's own cannot be patched."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.broken = False

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def cursor(self) -> "Disk":
        return self

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if self.broken and sql == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return self.connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterator[tuple[object, ...]]) -> sqlite3.Cursor:
        return self.connection.executemany(sql, rows)


def test_a_commit_that_fails_fails_all_and_the_next_one_goes_on(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "disk.db")
    disk.connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms, topic, station_id, data)")
    done, batches = threading.Semaphore(0), []

    def finished(units: list[Unit]) -> None:
        batches.append(units)
        done.release()

    writer = Writer(disk, finished, lambda _units, _seconds: None)  # type: ignore[arg-type]  # a stand-in for a connection
    for broken in (True, False):
        disk.broken = broken
        writer.put(Unit([], [(1, "note.written", None, "{}")], None))
        assert done.acquire(timeout=5)
    writer.stop()
    assert [(str(unit.error), unit.first_seq) for (unit,) in batches] == [("disk I/O error", 1), ("None", 1)]
    assert disk.connection.execute("SELECT seq FROM events").fetchall() == [(1,)]
    disk.connection.close()


async def test_events_and_rows_of_many_units_keep_their_order(database: SqliteDatabase) -> None:
    for place in range(50):
        work = Work()
        work.tell(Event("note.written", place, None, {}))
        work.tell(Event("note.read", place, None, {}))
        last = database.commit(work)
    await last
    rows = await database.query(METADATA.tables["events"].select().order_by(METADATA.tables["events"].c.seq))
    assert [(row["at_ms"], row["topic"]) for row in rows] == [(n, t) for n in range(50) for t in ("note.written", "note.read")]
    assert NOTES.name == "notes"


async def test_a_program_without_events_needs_no_log(tmp_path: Path) -> None:
    metadata = MetaData()
    table = Table("birds", metadata, Column("name", Text))
    database = await SqliteDatabase.open(tmp_path / "birds.db", metadata)
    work = Work()
    work.write(Statement(insert(table)), name="crow")
    await database.commit(work)
    assert [row["name"] for row in await database.query(table.select())] == ["crow"]
    await database.close()


async def test_a_broken_meter_does_not_end_the_writing(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "one.db", METADATA, observe=lambda units, _seconds: 1 // (units - units))
    await database.commit(note("one"))
    await database.commit(note("two"))
    await database.close()


async def test_a_large_log_is_folded_into_the_file(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sqlite, "_LARGE_LOG_BYTES", 0)
    await database.commit(note("one" * 10_000))
    database._checkpointer._run_once()
    assert (tmp_path / "notes.db-wal").stat().st_size == 0
