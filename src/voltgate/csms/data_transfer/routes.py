"""Data transfers over HTTP."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import select

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.data_transfer.store import DATA_TRANSFERS
from voltgate.infrastructure.clock import from_ms
from voltgate.infrastructure.database import Row


class DataTransfer(Struct, frozen=True, kw_only=True):
    """What a station (in, P02) or we (out, P01) said outside of the specification, and the answer."""

    id: str
    station_id: str
    at: datetime
    direction: Literal["in", "out"]
    vendor_id: str
    message_id: str | None
    data: Any
    answered: str
    answer_data: Any


@get("/stations/{station_id:str}/data-transfers", tags=["stations"])
async def list_data_transfers(
    context: TheContext, station_id: FromPath[str], cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[DataTransfer]:
    """The DataTransfers of a station, newest first."""
    after = decode_cursor(cursor, int)
    transfers = DATA_TRANSFERS.c
    query = select(DATA_TRANSFERS).where(transfers.station_id == station_id).order_by(transfers.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(transfers.id < after[0])
    found = [_transfer(row) for row in await context.database.query(query)]
    return page_of(found, limit, lambda transfer: [int(transfer.id)])


def _transfer(row: Row) -> DataTransfer:
    return DataTransfer(
        id=str(row["id"]),
        station_id=row["station_id"],
        at=from_ms(row["at_ms"]),
        direction=row["direction"],
        vendor_id=row["vendor_id"],
        message_id=row["message_id"],
        data=_data(row["data"]),
        answered=row["answered"],
        answer_data=_data(row["answer_data"]),
    )


def _data(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


ROUTES = [list_data_transfers]
