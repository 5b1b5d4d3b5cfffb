"""The database: port, group commit on SQLite, migrations."""

from voltgate.infrastructure.database.port import Database, Event, Row, Statement, StoreFailed, Value, Work, insert

__all__ = ["Database", "Event", "Row", "Statement", "StoreFailed", "Value", "Work", "insert"]
