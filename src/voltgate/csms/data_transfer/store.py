"""The table of the data transfer room."""

from sqlalchemy import Column, Index, Integer, Table, Text

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Statement, Work, insert

DATA_TRANSFERS = Table(
    "data_transfers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station_id", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("vendor_id", Text, nullable=False),
    Column("message_id", Text),
    Column("data", Text),
    Column("answered", Text, nullable=False),
    Index("ix_data_transfers_station_id", "station_id", "id"),
)

_ADD = Statement(insert(DATA_TRANSFERS))


def keep_transfer(work: Work, station_id: str, at_ms: int, vendor_id: str, message_id: str | None, data: str | None, answered: str) -> None:
    """Keep what a vendor said; `data` is JSON text."""
    work.write(_ADD, station_id=station_id, at_ms=at_ms, vendor_id=vendor_id, message_id=message_id, data=data, answered=answered)
