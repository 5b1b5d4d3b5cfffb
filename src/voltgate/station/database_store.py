"""Stations in one database file."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, bindparam, delete, select

from voltgate.infrastructure.database import CannotOpen, Database, Statement, Work, insert
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.station.outbox import Change
from voltgate.station.store import CannotKeep, Kept

metadata = MetaData()

DOCUMENTS = Table(
    "station_documents",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

EVENTS = Table(
    "station_events",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("transaction_id", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
)

_DOCUMENTS_OF = Statement(select(DOCUMENTS.c.name, DOCUMENTS.c.body).where(DOCUMENTS.c.station_id == bindparam("station_id")))
_EVENTS_OF = Statement(
    select(EVENTS.c.place, EVENTS.c.payload, EVENTS.c.attempts)
    .where(EVENTS.c.station_id == bindparam("station_id"))
    .order_by(EVENTS.c.place)
)
_put_document = insert(DOCUMENTS).values(station_id=bindparam("station_id"), name=bindparam("name"), body=bindparam("body"))
_PUT_DOCUMENT = Statement(
    _put_document.on_conflict_do_update(index_elements=["station_id", "name"], set_={"body": _put_document.excluded.body})
)
_put_event = insert(EVENTS).values(
    station_id=bindparam("station_id"),
    place=bindparam("place"),
    transaction_id=bindparam("transaction_id"),
    payload=bindparam("payload"),
    attempts=bindparam("attempts"),
)
_PUT_EVENT = Statement(
    _put_event.on_conflict_do_update(
        index_elements=["station_id", "place"],
        set_={"payload": _put_event.excluded.payload, "attempts": _put_event.excluded.attempts},
    )
)
_DROP_EVENT = Statement(delete(EVENTS).where(EVENTS.c.station_id == bindparam("station"), EVENTS.c.place == bindparam("at_place")))


class DatabaseStore:
    """Stations in one database; commits of many stations share their trips to the disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, station_id: str) -> Kept:
        """Point look-ups, at start only."""
        documents = await self._database.read(_DOCUMENTS_OF, station_id=station_id)
        events = await self._database.read(_EVENTS_OF, station_id=station_id)
        return Kept({row[0]: row[1] for row in documents}, [(row[0], row[1], row[2]) for row in events])

    def commit(self, station_id: str, documents: Mapping[str, bytes], changes: Iterable[Change]) -> Awaitable[None]:
        """One unit of work."""
        work = Work()
        for name, body in documents.items():
            work.write(_PUT_DOCUMENT, station_id=station_id, name=name, body=body)
        for change in changes:
            if change.payload is None:
                work.write(_DROP_EVENT, station=station_id, at_place=change.place)
                continue
            work.write(
                _PUT_EVENT,
                station_id=station_id,
                place=change.place,
                transaction_id=change.transaction_id,
                payload=change.payload,
                attempts=change.attempts,
            )
        return self._database.commit(work)


async def open_database(path: Path) -> tuple[DatabaseStore, Callable[[], Awaitable[None]]]:
    """Open or create the file; the second value closes it. Raises CannotKeep."""
    try:
        database = await SqliteDatabase.open(path, metadata)
    except CannotOpen as error:
        raise CannotKeep(str(error)) from error
    return DatabaseStore(database), database.close
