"""The database in one SQLite file: write-ahead log, every commit on the disk before it is answered.

Four kinds of connection: the writer (its thread), one reader on the event loop for point look-ups, a few readers in threads for screens,
and the checkpointer, which moves the log into the file beside the traffic so that no commit has to.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Protocol, Self

import msgspec
from sqlalchemy import ClauseElement, MetaData
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from voltgate.infrastructure.bus import Bus
from voltgate.infrastructure.database.compiling import Prepared, compile_clause, prepare
from voltgate.infrastructure.database.lock import FileLock
from voltgate.infrastructure.database.port import GROWN, CannotOpen, ReadFailed, Row, Statement, StoredEvent, StoreFailed, Value, Work
from voltgate.infrastructure.database.writer import Unit, Writer

_READERS = 2
_CHECKPOINT_SECONDS = 1.0
_LARGE_LOG_BYTES = 64 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


class Schema(Protocol):
    """Brings a database file to the tables the program expects; see `migrations.Migrations`."""

    def prepare(self, path: Path) -> None:
        """Raises: CannotOpen if the file holds something else."""
        ...


class SqliteDatabase:
    """The `Database` port on one SQLite file; belongs to the event loop it was opened in."""

    def __init__(self, path: Path, lock: FileLock, bus: Bus | None, observe: Callable[[int, float], None]) -> None:
        """Use `open`."""
        self._loop = asyncio.get_running_loop()
        self._bus = bus
        self._lock = lock
        self._closed = False
        # Foreign keys stay off: what a station said is stored even when we do not know what it talks about.
        connection = _connect(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0"):
            connection.execute(f"PRAGMA {pragma}")
        self._connections = [connection]
        self._reader = self._open_reader(path)
        self._snapshot = False
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for _ in range(_READERS):
            self._readers.put(self._open_reader(path))
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="voltgate-reader")
        self._checkpointer = _Checkpointer(path)
        self._writer = Writer(connection, self._written, observe)

    @classmethod
    async def open(
        cls,
        path: Path | str,
        schema: MetaData | Schema,
        *,
        bus: Bus | None = None,
        observe: Callable[[int, float], None] = lambda _units, _seconds: None,
    ) -> Self:
        """Open or create the file `path` with the tables of `schema`.

        What units show and tell is published on `bus` after their commit; `observe` is called from the writer thread with the number of
        units and the seconds of each commit. Raises: CannotOpen.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotOpen(f"the data directory {path.parent} cannot be made: {error.strerror}") from error
        lock = FileLock(path)
        try:
            if isinstance(schema, MetaData):
                create_tables(path, schema)
            else:
                await asyncio.to_thread(schema.prepare, path)
            return cls(path, lock, bus, observe)
        except sqlite3.Error as error:
            lock.release()
            raise CannotOpen(f"{path}: {error}") from error
        except BaseException:
            lock.release()
            raise

    async def read(self, statement: Statement, /, **parameters: Value) -> Sequence[Row]:
        """Runs at once on the loop's own connection and never suspends."""
        prepared = prepare(statement, parameters)
        try:
            if not self._snapshot:
                self._begin_snapshot()
            return self._reader.execute(prepared.sql, prepared.order(parameters)).fetchall()
        except sqlite3.Error as error:
            raise ReadFailed(str(error)) from error

    def _begin_snapshot(self) -> None:
        """All reads until a commit returns or the loop goes on share one snapshot: a new one empties SQLite's cache of pages."""
        self._reader.execute("BEGIN")
        self._snapshot = True
        self._loop.call_soon(self._end_snapshot)

    def _end_snapshot(self) -> None:
        if self._snapshot:
            self._snapshot = False
            self._reader.execute("COMMIT")

    async def query(self, statement: Statement | ClauseElement, /, **parameters: Value) -> Sequence[Row]:
        """Runs in a thread on a snapshot of its own."""
        prepared = prepare(statement, parameters) if isinstance(statement, Statement) else compile_clause(statement, parameters)
        if self._closed:
            raise ReadFailed("the database is closed")
        return await self._loop.run_in_executor(self._threads, self._query, prepared, prepared.order(parameters))

    def commit(self, work: Work) -> asyncio.Future[None]:
        """Hand `work` to the writer; the order of calls is the order of writing. Cancelling the waiting does not undo the work."""
        answer: asyncio.Future[None] = self._loop.create_future()
        if not work.writes and not work.events:
            self._publish(work, 0)
            answer.set_result(None)
            return answer
        if self._closed:
            answer.set_exception(StoreFailed("the database is closed"))
            return answer
        writes = []
        for statement, parameters in work.writes:
            prepared = prepare(statement, parameters)
            writes.append((prepared.sql, prepared.order(parameters)))
        events = [(event.at_ms, event.topic, event.station_id, _encode(event.data).decode()) for event in work.events]
        self._writer.put(Unit(writes, events, (work, answer)))
        return answer

    async def close(self) -> None:
        """Write what waits, answer it, fold the log into the file and let go of it; no-op the second time."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._writer.stop)
        await asyncio.sleep(0)  # the last answers have been scheduled: let them go first
        self._threads.shutdown()
        await asyncio.to_thread(self._checkpointer.stop)
        for connection in self._connections:
            connection.close()
        self._lock.release()

    def _open_reader(self, path: Path) -> sqlite3.Connection:
        connection = _connect(path)
        connection.execute("PRAGMA query_only=ON")
        connection.row_factory = sqlite3.Row
        self._connections.append(connection)
        return connection

    def _query(self, prepared: Prepared, values: tuple[Value, ...]) -> Sequence[Row]:
        connection = self._readers.get()
        try:
            return connection.execute(prepared.sql, values).fetchall()
        except sqlite3.Error as error:
            raise ReadFailed(str(error)) from error
        finally:
            self._readers.put(connection)

    def _written(self, units: list[Unit]) -> None:
        """Called in the writer thread: one wake-up of the loop for the whole batch."""
        self._checkpointer.due = True
        try:
            self._loop.call_soon_threadsafe(self._answer, units)
        except RuntimeError:
            pass  # the loop was closed without closing the database: nobody waits any more

    def _answer(self, units: Iterable[Unit]) -> None:
        self._end_snapshot()
        for unit in units:
            work, answer = unit.told
            if unit.error is None:
                self._publish(work, unit.first_seq)
                if not answer.done():
                    answer.set_result(None)
            elif not answer.done():
                failure = StoreFailed(str(unit.error))
                failure.__cause__ = unit.error
                answer.set_exception(failure)

    def _publish(self, work: Work, seq: int) -> None:
        for callback in work.committed:
            try:
                callback()
            except Exception as error:
                self._loop.call_exception_handler({"message": "a callback after a commit failed", "exception": error})
        if self._bus is None:
            return
        for topic, data in work.shown:
            self._bus.publish(topic, data)
        for place, event in enumerate(work.events, seq):
            self._bus.publish(event.topic, StoredEvent(place, event.topic, event.at_ms, event.station_id, event.data))
        if work.events:
            self._bus.publish(GROWN, seq + len(work.events) - 1)


class _Checkpointer:
    """Moves the write-ahead log into the database file once a second while there is something to move."""

    def __init__(self, path: Path) -> None:
        self.due = False
        self._log = path.with_name(path.name + "-wal")
        self._connection = _connect(path)
        self._stopping = Flag()
        self._thread = Thread(target=self._run, name="voltgate-checkpoint", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and fold the log into the file."""
        self._stopping.set()
        self._thread.join()
        self._checkpoint("TRUNCATE")
        self._connection.close()

    def _run(self) -> None:
        while not self._stopping.wait(_CHECKPOINT_SECONDS):
            self._run_once()

    def _run_once(self) -> None:
        if self.due:
            self.due = False
            # PASSIVE never makes a commit wait, but under steady traffic it never lets the log start again from the front.
            self._checkpoint("TRUNCATE" if self._log_bytes() > _LARGE_LOG_BYTES else "PASSIVE")

    def _log_bytes(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _checkpoint(self, mode: str) -> None:
        try:
            self._connection.execute(f"PRAGMA wal_checkpoint({mode})")
        except sqlite3.Error:
            self.due = True  # a full disk or a long reader: the log keeps everything, the next second tries again


def create_tables(path: Path, metadata: MetaData) -> None:
    """Create the tables and indexes of `metadata` which the file does not have."""
    connection = _connect(path)
    dialect = sqlite_dialect()
    try:
        connection.execute("BEGIN IMMEDIATE")
        for table in metadata.sorted_tables:
            connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=1024)
    try:
        connection.execute("PRAGMA cache_size=-16384")
        connection.execute("PRAGMA temp_store=MEMORY")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
