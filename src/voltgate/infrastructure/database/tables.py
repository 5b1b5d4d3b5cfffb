"""The tables of the infrastructure itself: the event log, the cursors of its consumers and the number sequences."""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

_own = MetaData()

EVENTS = Table(
    "events",
    _own,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at_ms", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("station_id", Text),
    Column("data", Text, nullable=False),
    Index("ix_events_at_ms", "at_ms"),
    # Pruned numbers must not come back: a client may resume after them.
    sqlite_autoincrement=True,
)

OUTBOX_CURSORS = Table(
    "outbox_cursors",
    _own,
    Column("consumer", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
)

SEQUENCES = Table(
    "sequences",
    _own,
    Column("name", Text, primary_key=True),
    Column("next", Integer, nullable=False),
)


def attach_infrastructure(metadata: MetaData) -> None:
    """Put the infrastructure's tables on a program's metadata, so that they are created and migrated with its own."""
    for table in _own.sorted_tables:
        table.to_metadata(metadata)
