"""Stations and EVSEs as people and programs see them; reads join the open transactions.

The state of an EVSE is decided here, in SQL, and nowhere else, so that lists can be filtered by it and stay fast.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, and_, bindparam, case, column, exists, func, or_, select, table

from voltgate.csms.stations.store import CONNECTORS, STATIONS
from voltgate.infrastructure.clock import from_ms
from voltgate.infrastructure.database import Database, Row, Statement

State = Literal["Available", "Preparing", "Charging", "Suspended", "Finishing", "Reserved", "Unavailable", "Faulted", "Offline"]

# The transactions room owns this table; a screen may read it (rule 5 of the house).
_transactions = table(
    "transactions",
    column("station_id"),
    column("transaction_id"),
    column("evse_id"),
    column("open"),
    column("superseded"),
    column("charging_state"),
    column("id_token"),
    column("started_ms"),
    column("ended_ms"),
    column("energy_milli"),
    column("power_milli"),
)
_stations, _connectors, _t = STATIONS.c, CONNECTORS.c, _transactions.c


class Connector(Struct, frozen=True, kw_only=True):
    """One socket or cable. `status` is the connector's own word, null while it has not reported one."""

    connector_id: int
    status: str | None
    error_code: str | None
    info: str | None
    changed_at: datetime | None


class OpenTransaction(Struct, frozen=True, kw_only=True):
    """What is going on at an EVSE."""

    transaction_id: str
    id_token: str | None
    started_at: datetime | None
    energy_wh: float | None
    charging_state: str | None


class Evse(Struct, frozen=True, kw_only=True):
    """A place where one EV charges at a time. `state` is the one-word summary of status, transaction and connection."""

    evse_id: int
    state: State
    power_w: float | None
    connectors: list[Connector]
    transaction: OpenTransaction | None


class StationView(Struct, frozen=True, kw_only=True):
    """A charging station."""

    id: str
    name: str | None
    site: str | None
    latitude: float | None
    longitude: float | None
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    protocol: str | None
    registration: Literal["accepted", "pending", "rejected"]
    next_boot: Literal["accepted", "pending", "rejected"] | None
    connected: bool
    last_seen: datetime | None
    security_profile: int | None
    power_w: float | None
    open_transactions: int
    evses: list[Evse]


class StationFilter(Struct, frozen=True, kw_only=True):
    """Which stations; None does not filter. `search` looks into id, name, vendor, model and serial number."""

    site: str | None = None
    state: State | None = None
    connected: bool | None = None
    search: str | None = None


def _some(condition: Any) -> Any:
    return func.max(case((condition, 1), else_=0)) == 1


_charging = _some(_t.charging_state == "Charging")
_suspended = _some(_t.charging_state.in_(["SuspendedEV", "SuspendedEVSE"]))
_idle = _some(_t.charging_state == "Idle")
_ended = _transactions.alias("ended")
_still_plugged_in = exists().where(
    _ended.c.station_id == _connectors.station_id, _ended.c.evse_id == _connectors.evse_id, _ended.c.ended_ms >= _connectors.changed_ms
)
_state = case(
    (_stations.connected == 0, "Offline"),
    (_some(_connectors.status == "Faulted"), "Faulted"),
    (_charging, "Charging"),
    (_suspended, "Suspended"),
    (_idle, "Finishing"),
    (func.count(_t.transaction_id) > 0, "Preparing"),
    (_some(and_(_connectors.status == "Occupied", _still_plugged_in)), "Finishing"),
    (_some(_connectors.status == "Occupied"), "Preparing"),
    (_some(_connectors.status == "Reserved"), "Reserved"),
    (func.count(_connectors.status) == 0, "Unavailable"),
    (func.min(case((_connectors.status == "Unavailable", 1), else_=0)) == 1, "Unavailable"),
    else_="Available",
)


def evse_states() -> Select[Any]:
    """All EVSEs with their `state` and open transaction; the caller adds which stations."""
    # Of two open transactions on one EVSE the older one is superseded: its end was lost.
    goes_on = and_(_t.open == 1, _t.superseded == 0)
    at_this_evse = and_(_t.station_id == _connectors.station_id, _t.evse_id == _connectors.evse_id, goes_on)
    return (
        select(
            _connectors.station_id,
            _connectors.evse_id,
            _state.label("state"),
            func.max(_t.transaction_id).label("transaction_id"),
            func.max(_t.id_token).label("id_token"),
            func.max(_t.started_ms).label("started_ms"),
            func.max(_t.energy_milli).label("energy_milli"),
            func.max(_t.power_milli).label("power_milli"),
            func.max(_t.charging_state).label("charging_state"),
        )
        .select_from(CONNECTORS.join(STATIONS, _stations.id == _connectors.station_id).outerjoin(_transactions, at_this_evse))
        .group_by(_connectors.station_id, _connectors.evse_id)
    )


_ONE = Statement(select(STATIONS).where(_stations.id == bindparam("station")))


async def list_stations(database: Database, wanted: StationFilter, after: str | None, limit: int) -> list[StationView]:
    """At most `limit` stations after the id `after`, in the order of their ids."""
    query = select(STATIONS).where(*_conditions(wanted)).order_by(_stations.id).limit(limit)
    if after is not None:
        query = query.where(_stations.id > after)
    return await _with_evses(database, await database.query(query))


async def view_station(database: Database, station_id: str) -> StationView | None:
    """One station; None if there is none with this id."""
    views = await _with_evses(database, await database.query(_ONE, station=station_id))
    return views[0] if views else None


def _conditions(wanted: StationFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.site is not None:
        conditions.append(_stations.site == wanted.site)
    if wanted.connected is not None:
        conditions.append(_stations.connected == int(wanted.connected))
    if wanted.search:
        places = (_stations.id, _stations.name, _stations.vendor, _stations.model, _stations.serial_number)
        conditions.append(or_(*(place.icontains(wanted.search, autoescape=True) for place in places)))
    if wanted.state is not None:
        having = evse_states().having(_state == wanted.state).subquery()
        conditions.append(_stations.id.in_(select(having.c.station_id)))
    return conditions


async def _with_evses(database: Database, rows: Sequence[Row]) -> list[StationView]:
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    connectors: dict[tuple[str, int], list[Connector]] = defaultdict(list)
    for row in await database.query(select(CONNECTORS).where(_connectors.station_id.in_(ids)).order_by(*CONNECTORS.primary_key)):
        connectors[row["station_id"], row["evse_id"]].append(_connector(row))
    evses: dict[str, list[Evse]] = defaultdict(list)
    for row in await database.query(evse_states().where(_connectors.station_id.in_(ids)).order_by(_connectors.evse_id)):
        evses[row["station_id"]].append(_evse(row, connectors[row["station_id"], row["evse_id"]]))
    return [_station(row, evses[row["id"]]) for row in rows]


def _connector(row: Row) -> Connector:
    return Connector(
        connector_id=row["connector_id"],
        status=row["status"],
        error_code=row["error_code"],
        info=row["info"],
        changed_at=_moment(row["changed_ms"]),
    )


def _evse(row: Row, connectors: list[Connector]) -> Evse:
    transaction = None
    if row["transaction_id"] is not None:
        transaction = OpenTransaction(
            transaction_id=row["transaction_id"],
            id_token=row["id_token"],
            started_at=_moment(row["started_ms"]),
            energy_wh=_units(row["energy_milli"]),
            charging_state=row["charging_state"],
        )
    power_w = _units(row["power_milli"])
    return Evse(evse_id=row["evse_id"], state=row["state"], power_w=power_w, connectors=connectors, transaction=transaction)


def _station(row: Row, evses: list[Evse]) -> StationView:
    same = ("id", "name", "site", "vendor", "model", "serial_number", "firmware_version", "protocol", "security_profile")
    powers = [evse.power_w for evse in evses if evse.power_w is not None]
    return StationView(
        **{name: row[name] for name in same},
        latitude=_degrees(row["latitude_micro"]),
        longitude=_degrees(row["longitude_micro"]),
        registration=row["registration"].lower(),
        next_boot=row["next_boot"] and row["next_boot"].lower(),
        connected=bool(row["connected"]),
        last_seen=_moment(row["last_seen_ms"]),
        power_w=sum(powers) if powers else None,
        open_transactions=sum(evse.transaction is not None for evse in evses),
        evses=evses,
    )


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _units(milli: int | None) -> float | None:
    return None if milli is None else milli / 1000


def _degrees(micro: int | None) -> float | None:
    return None if micro is None else micro / 1_000_000
