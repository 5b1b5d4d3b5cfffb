"""The table of the audit log; there is no statement that changes or removes a row."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Column, Index, Integer, Table, Text, select

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Row, Statement, Work, insert

AUDIT = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_ms", Integer, nullable=False),
    Column("operator", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Index("ix_audit_operator", "operator", "id"),
    # A number is never used twice, so a missing one shows that somebody edited the file.
    sqlite_autoincrement=True,
)

_ADD = Statement(insert(AUDIT))


class Entry(Struct, frozen=True):
    """One request: who (name, role, address), what (method, path), when, and the status it was answered with."""

    at_ms: int
    operator: str
    role: str
    address: str
    method: str
    path: str
    status: int


async def record(database: Database, entry: Entry) -> None:
    """Append an entry; returns when it is on the disk. Raises: StoreFailed."""
    work = Work()
    work.write(
        _ADD,
        at_ms=entry.at_ms,
        operator=entry.operator,
        role=entry.role,
        address=entry.address,
        method=entry.method,
        path=entry.path,
        status=entry.status,
    )
    await database.commit(work)


async def list_entries(database: Database, *, operator: str | None, path: str | None, before: int | None, limit: int) -> Sequence[Row]:
    """Entries, newest first; `path` is a part of the path."""
    query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
    if operator is not None:
        query = query.where(AUDIT.c.operator == operator)
    if path is not None:
        query = query.where(AUDIT.c.path.contains(path, autoescape=True))
    if before is not None:
        query = query.where(AUDIT.c.id < before)
    return await database.query(query)
