"""The database: port, group commit on SQLite, migrations."""

from voltgate.infrastructure.database.port import (
    CannotOpen,
    Database,
    Event,
    ReadFailed,
    Row,
    Statement,
    StoredEvent,
    StoreFailed,
    Value,
    Work,
    WrongParameters,
    insert,
)

__all__ = [
    "CannotOpen",
    "Database",
    "Event",
    "ReadFailed",
    "Row",
    "Statement",
    "StoreFailed",
    "StoredEvent",
    "Value",
    "Work",
    "WrongParameters",
    "insert",
]
