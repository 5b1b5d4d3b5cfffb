"""A small table to test databases with."""

from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, func, select

from voltgate.infrastructure.database import Statement, Work, insert
from voltgate.infrastructure.database.tables import attach_infrastructure

METADATA = MetaData()
attach_infrastructure(METADATA)
NOTES = Table(
    "notes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("text", Text, unique=True),
    Column("size", Integer, server_default="7"),
)

WRITE = Statement(insert(NOTES))
BY_TEXT = Statement(select(NOTES).where(NOTES.c.text == bindparam("text")))
COUNT = Statement(select(func.count().label("count")).select_from(NOTES))


def note(text: str) -> Work:
    """A unit of work that writes one row."""
    work = Work()
    work.write(WRITE, text=text)
    return work
