"""The port to the database: statements, units of work, and the promise that what was committed is on the disk.

Rules
- A room writes its SQL as `Statement`s in SQLAlchemy Core; each is compiled once per database and then runs through the driver.
- A unit of work (`Work`) collects writes and events while a handler decides. `Database.commit` makes them durable together with whatever
  else is waiting (group commit) and returns when they are on the disk. A unit does not read its own writes.
- `read` is for point look-ups on the path of a message; `query` is for screens and may be slow: it never delays a message.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import ClauseElement, Table
from sqlalchemy.dialects.sqlite import insert as _insert
from sqlalchemy.dialects.sqlite.dml import Insert

Value = str | int | bytes | None

GROWN = "outbox.grown"
"""The topic on which a database says the number of its newest event, after each unit that told some; for those who read the log."""


class Row(Protocol):
    """A result row: values by column name or position."""

    def __getitem__(self, key: str | int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Sequence[str]: ...


def insert(table: Table) -> Insert:
    """An INSERT that may say ``on_conflict_do_nothing`` or ``on_conflict_do_update``; both databases speak it."""
    return _insert(table)


class Statement:
    """One SQL statement with named parameters, compiled once by the database that runs it."""

    __slots__ = ("clause", "compiled", "names")

    def __init__(self, clause: ClauseElement, names: Sequence[str] = ()) -> None:
        """`names` are the parameters in the order in which `Work.write_row` gives their values."""
        self.clause = clause
        self.names = tuple(names)
        self.compiled: Any = None  # filled by the database at first use


@dataclass(slots=True, frozen=True)
class Event:
    """Something that happened and must reach everyone who cares, at least once.

    `topic` is dotted, most general word first (``transaction.started``); `data` is JSON-able, snake_case.
    """

    topic: str
    at_ms: int
    station_id: str | None
    data: Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class StoredEvent:
    """An event with its place in the log; places grow, may have gaps and are never used twice."""

    seq: int
    topic: str
    at_ms: int
    station_id: str | None
    data: Mapping[str, Any]


class Work(Struct):
    """What one unit of work writes, tells and shows; empty work commits at once."""

    writes: list[tuple[Statement, Mapping[str, Value] | tuple[Value, ...]]] = []
    """Values by name, or in the order of the statement's names."""
    events: list[Event] = []
    shown: list[tuple[str, Mapping[str, Any]]] = []
    committed: list[Callable[[], None]] = []

    def write(self, statement: Statement, /, **parameters: Value) -> None:
        """Run `statement` when the unit commits."""
        self.writes.append((statement, parameters))

    def write_row(self, statement: Statement, values: tuple[Value, ...], /) -> None:
        """As `write`, with the values in the order of the statement's names; for what is written with every message."""
        self.writes.append((statement, values))

    def tell(self, event: Event) -> None:
        """Record `event` in the outbox, in the same commit; subscribers get it at least once."""
        self.events.append(event)

    def show(self, topic: str, data: Mapping[str, Any]) -> None:
        """Publish on the bus after the commit, for whoever looks right now; not kept."""
        self.shown.append((topic, data))

    def when_committed(self, callback: Callable[[], None]) -> None:
        """Call `callback` on the event loop after the commit and before anything is published."""
        self.committed.append(callback)


class Database(Protocol):
    """A durable store. Implementations: SQLite (one writer thread) and, later, PostgreSQL."""

    def read(self, statement: Statement, /, **parameters: Value) -> Awaitable[Sequence[Row]]:
        """Point look-up on the path of a message; sees every commit that has returned."""
        ...

    def query(self, statement: Statement | ClauseElement, /, **parameters: Value) -> Awaitable[Sequence[Row]]:
        """A read for a screen; may scan. A bare clause is compiled each time (filters chosen at run time)."""
        ...

    def commit(self, work: Work) -> Awaitable[None]:
        """Make `work` durable. Raises `StoreFailed` if it could not be stored; nothing of it is then stored."""
        ...


class StoreFailed(Exception):
    """The database could not store a unit of work: nothing of it was kept."""


class ReadFailed(Exception):
    """The database could not answer a `read` or a `query`."""


class CannotOpen(Exception):
    """The database cannot be used by this program; the text says why and what to do."""


class WrongParameters(TypeError):
    """A statement was given other parameters than it names: a mistake in the program."""
