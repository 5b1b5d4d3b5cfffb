"""Data transfers over HTTP."""

from datetime import datetime
from typing import Any

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
    """What a vendor's station said outside of the specification (P02)."""

    id: str
    station_id: str
    at: datetime
    vendor_id: str
    message_id: str | None
    data: Any
    answered: str


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
        vendor_id=row["vendor_id"],
        message_id=row["message_id"],
        data=None if row["data"] is None else msgspec.json.decode(row["data"]),
        answered=row["answered"],
    )


ROUTES = [list_data_transfers]
