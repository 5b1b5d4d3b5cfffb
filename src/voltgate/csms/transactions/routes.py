"""HTTP: transactions, their events and values, and closing one whose end was lost."""

from datetime import datetime
from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, QueryParameter
from litestar.status_codes import HTTP_200_OK

from voltgate.csms.api.injected import TheContext, Who
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import NotFound
from voltgate.csms.authorization import key_of
from voltgate.csms.context import Context
from voltgate.csms.meter_values import MeterValue, Series, list_values, read_series, span
from voltgate.csms.transactions.commands import close_transaction
from voltgate.csms.transactions.store import read_events
from voltgate.csms.transactions.views import Transaction, TransactionEventView, find_transaction, find_transactions, view, view_event
from voltgate.infrastructure.database import Row

StationFilter = Annotated[str | None, QueryParameter(name="station", description="Only of this station.")]
IdFilter = Annotated[str | None, QueryParameter(name="transaction", description="Only with this transaction id.")]
TokenFilter = Annotated[str | None, QueryParameter(name="token", description="Only with this token; upper and lower case do not matter.")]
OpenFilter = Annotated[bool | None, QueryParameter(name="open", description="Only those that go on (true) or have ended (false).")]
EvseFilter = Annotated[int | None, QueryParameter(name="evse", description="Only of this EVSE.")]
FromFilter = Annotated[datetime | None, QueryParameter(name="from", description="Not started before this moment.")]
ToFilter = Annotated[datetime | None, QueryParameter(name="to", description="Started before this moment.")]
MeasurandFilter = Annotated[str | None, QueryParameter(description="Only this measurand.")]
Points = Annotated[int, QueryParameter(ge=2, le=2000, description="At most so many points per series.")]


@get("/transactions", tags=["transactions"])
async def list_transactions(
    context: TheContext,
    station: StationFilter = None,
    transaction: IdFilter = None,
    token: TokenFilter = None,
    is_open: OpenFilter = None,
    evse: EvseFilter = None,
    since: FromFilter = None,
    until: ToFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Transaction]:
    """All transactions, newest first."""
    key = token and key_of(token)
    filters = {"station_id": station, "transaction_id": transaction, "id_token_key": key, "open": is_open, "evse_id": evse}
    return await _page(context, filters | span(since, until), cursor, limit)


@get("/stations/{station_id:str}/transactions", tags=["transactions"])
async def list_station_transactions(
    context: TheContext, station_id: FromPath[str], is_open: OpenFilter = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[Transaction]:
    """The transactions of a station, newest first."""
    return await _page(context, {"station_id": station_id, "open": is_open}, cursor, limit)


@get("/transactions/{station_id:str}/{transaction_id:str}", tags=["transactions"])
async def show_transaction(context: TheContext, station_id: FromPath[str], transaction_id: FromPath[str]) -> Transaction:
    """One transaction."""
    return view(await _find(context, station_id, transaction_id))


@get("/transactions/{station_id:str}/{transaction_id:str}/events", tags=["transactions"])
async def list_events(context: TheContext, station_id: FromPath[str], transaction_id: FromPath[str]) -> list[TransactionEventView]:
    """All events of a transaction, in the order in which they happened."""
    await _find(context, station_id, transaction_id)
    return [view_event(event) for event in await read_events(context.database, station_id, transaction_id)]


@get("/transactions/{station_id:str}/{transaction_id:str}/meter-values", tags=["transactions", "meter values"])
async def list_transaction_values(
    context: TheContext,
    station_id: FromPath[str],
    transaction_id: FromPath[str],
    measurand: MeasurandFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MeterValue]:
    """All values measured in a transaction, newest first."""
    row = await _find(context, station_id, transaction_id)
    return await list_values(context, _values_of(row) | {"measurand": measurand}, cursor, limit)


@get("/transactions/{station_id:str}/{transaction_id:str}/meter-values/series", tags=["transactions", "meter values"])
async def transaction_series(
    context: TheContext, station_id: FromPath[str], transaction_id: FromPath[str], measurand: MeasurandFilter = None, points: Points = 300
) -> list[Series]:
    """The values of a transaction for charts."""
    row = await _find(context, station_id, transaction_id)
    return await read_series(context, _values_of(row) | {"measurand": measurand}, points)


@post("/transactions/{station_id:str}/{transaction_id:str}/close", tags=["transactions"], status_code=HTTP_200_OK)
async def close(context: TheContext, operator: Who, station_id: FromPath[str], transaction_id: FromPath[str]) -> Transaction:
    """Give up waiting for the end of an open transaction; no-op when it has ended. An end that still arrives counts."""
    if not await close_transaction(context, station_id, transaction_id, operator.name):
        raise _unknown(station_id, transaction_id)
    return view(await _find(context, station_id, transaction_id))


async def _page(context: Context, filters: dict[str, Any], cursor: str | None, limit: int) -> Page[Transaction]:
    after = decode_cursor(cursor, int, str, str)
    rows = await find_transactions(context.database, filters, after, limit + 1)
    page = page_of(rows, limit, lambda row: (row["started_ms"], row["station_id"], row["transaction_id"]))
    return Page([view(row) for row in page.items], page.next_cursor)


async def _find(context: Context, station_id: str, transaction_id: str) -> Row:
    row = await find_transaction(context.database, station_id, transaction_id)
    if row is None:
        raise _unknown(station_id, transaction_id)
    return row


def _values_of(row: Row) -> dict[str, Any]:
    # The span of the values keeps the read inside the part of the table where they are; an empty span when there are none.
    last = row["samples_to_ms"]
    return {
        "station_id": row["station_id"],
        "transaction_id": row["transaction_id"],
        "from_ms": row["samples_from_ms"] or 0,
        "to_ms": 0 if last is None else last + 1,
    }


def _unknown(station_id: str, transaction_id: str) -> NotFound:
    return NotFound(f"station {station_id!r} has no transaction {transaction_id!r}")


ROUTES = [
    list_transactions,
    list_station_transactions,
    show_transaction,
    list_events,
    list_transaction_values,
    transaction_series,
    close,
]
