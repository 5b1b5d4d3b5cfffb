"""Group commit on SQLite: one thread writes, and takes everything that waits as soon as its last commit has ended.

There is no timer. Under load the commits grow, because more waits; at rest a unit is written at once.

A batch is written optimistically, all units in a row. If anything fails it is rolled back and written again with a savepoint around
each unit, so that a bad unit fails alone. If the commit itself fails (disk full, I/O error) all units of the batch fail, and the next
batch tries again.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

MOST_UNITS = 4096
"""Units in one commit; bounds its memory and its time."""

_INSERT_EVENT = "INSERT INTO events (seq, at_ms, topic, station_id, data) VALUES (?, ?, ?, ?, ?)"


@dataclass(slots=True, eq=False)
class Unit:
    """The driver's view of one unit of work."""

    writes: list[tuple[str, tuple[Any, ...]]]
    events: list[tuple[Any, ...]]
    """`at_ms`, `topic`, `station_id` and JSON of each event."""
    told: Any
    """Whatever the caller needs when the unit is done."""
    first_seq: int = 0
    error: Exception | None = None


class Writer:
    """The writer thread. `done` is called in that thread once per batch; each unit then has its `error` or its `first_seq`."""

    def __init__(self, connection: sqlite3.Connection, done: Callable[[list[Unit]], None], observe: Callable[[int, float], None]) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._done = done
        self._observe = observe
        self._waiting: SimpleQueue[Unit | None] = SimpleQueue()
        self._seq = _last_seq(connection) + 1
        self._thread = Thread(target=self._run, name="voltgate-writer", daemon=True)
        self._thread.start()
        self.put = self._waiting.put

    def stop(self) -> None:
        """Write what waits and end the thread; blocks until it has."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        units: list[Unit] = []
        while self._take(units):
            started = time.perf_counter()
            self._commit(units)
            self._done(units)
            with suppress(Exception):  # a meter that breaks must not end the writing
                self._observe(len(units), time.perf_counter() - started)
            units = []

    def _take(self, units: list[Unit]) -> bool:
        """Wait for a unit, then take all that wait with it; False when it is time to stop."""
        unit = self._waiting.get()
        try:
            while unit is not None:
                units.append(unit)
                if len(units) == MOST_UNITS:
                    return True
                unit = self._waiting.get_nowait()
        except Empty:
            return True
        if units:
            self._waiting.put(None)  # write these first, then stop
        return bool(units)

    def _commit(self, units: list[Unit]) -> None:
        try:
            self._transaction(units, self._write)
        except Exception:  # whatever it was, the second try finds out whose fault it is
            self._redo(units)

    def _redo(self, units: list[Unit]) -> None:
        try:
            self._transaction(units, self._write_apart)
        except Exception as error:
            for unit in units:
                unit.error = unit.error or error

    def _transaction(self, units: list[Unit], write: Callable[[list[Unit], int], int]) -> None:
        execute = self._cursor.execute
        try:
            execute("BEGIN IMMEDIATE")
            seq = write(units, self._seq)
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        self._seq = seq

    def _write(self, units: list[Unit], seq: int) -> int:
        execute = self._cursor.execute
        events: list[tuple[Any, ...]] = []
        for unit in units:
            for sql, values in unit.writes:
                execute(sql, values)
            if unit.events:
                unit.first_seq = seq + len(events)
                events += unit.events
        if events:
            self._cursor.executemany(_INSERT_EVENT, ((seq + place, *event) for place, event in enumerate(events)))
        return seq + len(events)

    def _write_apart(self, units: list[Unit], seq: int) -> int:
        execute = self._cursor.execute
        for unit in units:
            execute("SAVEPOINT unit")
            try:
                seq = self._write([unit], seq)
            except Exception as error:
                unit.error = error
                if not self._connection.in_transaction:  # SQLite itself gave up the whole transaction
                    raise
                execute("ROLLBACK TO unit")
            execute("RELEASE unit")
        return seq


def _last_seq(connection: sqlite3.Connection) -> int:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return 0  # a program that tells no events
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(row[0]) if row else 0
