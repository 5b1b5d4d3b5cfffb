"""The table of the data transfer room."""

from typing import Any, Literal

import msgspec
from sqlalchemy import Column, Index, Integer, Table, Text

from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Statement, Value, Work, insert
from voltgate.ocpp import v21

Direction = Literal["in", "out"]

DATA_TRANSFERS = Table(
    "data_transfers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station_id", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("direction", Text, nullable=False),
    Column("vendor_id", Text, nullable=False),
    Column("message_id", Text),
    Column("data", Text),
    Column("answered", Text, nullable=False),
    Column("answer_data", Text),
    Index("ix_data_transfers_station_id", "station_id", "id"),
)

"""What was said either way: `direction` is in (the station said it) or out (we did). Data is JSON text."""

_ADD = Statement(insert(DATA_TRANSFERS))


def keep_transfer(
    work: Work, station_id: str, at_ms: int, direction: Direction, request: v21.DataTransferRequest, answer: v21.DataTransferResponse
) -> None:
    """Keep what was said and how it was answered."""
    said: dict[str, Value] = {"vendor_id": request.vendorId, "message_id": request.messageId, "data": _text(request.data)}
    answered: dict[str, Value] = {"answered": answer.status, "answer_data": _text(answer.data)}
    work.write(_ADD, station_id=station_id, at_ms=at_ms, direction=direction, **said, **answered)


def _text(data: Any) -> str | None:
    return None if data is None else msgspec.json.encode(data).decode()
