"""HTTP: measured values of a station as a list and as series for charts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.context import Context
from voltgate.csms.meter_values.handlers import from_milli
from voltgate.csms.meter_values.store import series_query, values_query
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Row

MOST_POINTS = 2000

EvseFilter = Annotated[int | None, QueryParameter(name="evse", ge=0, description="Only of this EVSE; 0 is the main meter.")]
MeasurandFilter = Annotated[str | None, QueryParameter(description="Only this measurand.")]
FromFilter = Annotated[datetime | None, QueryParameter(name="from", description="Not before this moment.")]
ToFilter = Annotated[datetime | None, QueryParameter(name="to", description="Before this moment.")]
Points = Annotated[int, QueryParameter(ge=2, le=MOST_POINTS, description="At most so many points per series.")]


class SignedValue(Struct, frozen=True):
    """A signed meter value as the station gave it."""

    signed_meter_data: str
    encoding_method: str
    signing_method: str | None = None
    public_key: str | None = None


class MeterValue(Struct, frozen=True):
    """One measured value, in its base unit and as it was said."""

    at: datetime
    evse_id: int
    transaction_id: str | None
    measurand: str
    phase: str | None
    location: str
    context: str
    value: float | None
    unit: str
    original_value: str
    original_unit: str
    multiplier: int
    signed: SignedValue | None


class Series(Struct, frozen=True):
    """The course of one measurand at one phase and location, thinned out on the server."""

    measurand: str
    phase: str | None
    location: str
    unit: str
    points: list[tuple[int, float]]
    """Milliseconds since the epoch, value. Registers: the last of a stretch; everything else: the mean."""


@get("/stations/{station_id:str}/meter-values", tags=["meter values"])
async def list_station_values(
    context: TheContext,
    station_id: FromPath[str],
    evse: EvseFilter = None,
    measurand: MeasurandFilter = None,
    since: FromFilter = None,
    until: ToFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MeterValue]:
    """All values of a station, newest first."""
    return await list_values(
        context, span(since, until) | {"station_id": station_id, "evse_id": evse, "measurand": measurand}, cursor, limit
    )


@get("/stations/{station_id:str}/meter-values/series", tags=["meter values"])
async def station_series(
    context: TheContext,
    station_id: FromPath[str],
    since: FromFilter,
    until: ToFilter = None,
    evse: EvseFilter = None,
    measurand: MeasurandFilter = None,
    points: Points = 300,
) -> list[Series]:
    """Values of a station for charts."""
    filters = span(since, until or context.clock.now()) | {"station_id": station_id, "evse_id": evse, "measurand": measurand}
    return await read_series(context, filters, points)


async def list_values(context: Context, filters: Mapping[str, Any], cursor: str | None, limit: int) -> Page[MeterValue]:
    """A page of the values that pass `filters` (``station_id`` is one of them), newest first."""
    after = decode_cursor(cursor, int, int, int)
    rows = await context.database.query(values_query(filters, after, limit + 1))
    page = page_of(rows, limit, lambda row: (row["at_ms"], row["message_key"], row["position"]))
    return Page([_value(row) for row in page.items], page.next_cursor)


async def read_series(context: Context, filters: Mapping[str, Any], points: int) -> list[Series]:
    """The series of the values that pass `filters`, which must name ``station_id``, ``from_ms`` and ``to_ms``."""
    start, end = filters.get("from_ms"), filters.get("to_ms")
    if start is None or end is None or end <= start:
        return []
    found: dict[tuple[str, str | None, str, str], Series] = {}
    for row in await context.database.query(series_query(filters, start, -(-(end - start) // points))):
        key = (row["measurand"], row["phase"], row["location"], row["unit"])
        milli = row["largest"] if row["measurand"].endswith("Register") else row["mean"]
        found.setdefault(key, Series(*key, points=[])).points.append((row["at_ms"], round(milli) / 1000))
    return list(found.values())


def span(since: datetime | None, until: datetime | None) -> dict[str, int | None]:
    """The filters of a span of time; a moment without an offset is UTC."""
    return {"from_ms": _ms(since), "to_ms": _ms(until)}


def _ms(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _value(row: Row) -> MeterValue:
    return MeterValue(
        at=from_ms(row["at_ms"]),
        evse_id=row["evse_id"],
        transaction_id=row["transaction_id"],
        measurand=row["measurand"],
        phase=row["phase"],
        location=row["location"],
        context=row["context"],
        value=from_milli(row["value_milli"]),
        unit=row["unit"],
        original_value=row["original_value"],
        original_unit=row["original_unit"],
        multiplier=row["multiplier"],
        signed=_signed(row["signed"]),
    )


def _signed(text: str | None) -> SignedValue | None:
    if text is None:
        return None
    said = msgspec.json.decode(text)
    return SignedValue(said["signedMeterData"], said["encodingMethod"], said.get("signingMethod"), said.get("publicKey"))


ROUTES = [list_station_values, station_series]
