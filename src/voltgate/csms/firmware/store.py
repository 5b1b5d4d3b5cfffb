"""The table of the firmware room."""

from sqlalchemy import Column, Index, Integer, Table, Text

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Statement, Work, insert

FIRMWARE_STATUSES = Table(
    "firmware_statuses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station_id", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("request_id", Integer),
    Column("status", Text, nullable=False),
    Column("info", Text),
    Index("ix_firmware_statuses_station_id", "station_id", "id"),
)

_ADD = Statement(insert(FIRMWARE_STATUSES))


def keep_status(work: Work, station_id: str, at_ms: int, request_id: int | None, status: str, info: str | None) -> None:
    """Keep one step of an update."""
    work.write(_ADD, station_id=station_id, at_ms=at_ms, request_id=request_id, status=status, info=info)
