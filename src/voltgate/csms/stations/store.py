"""The tables of the hall, and their SQL."""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, bindparam, case, delete, func, select, update

from voltgate.csms.schema import metadata
from voltgate.csms.stations.model import Registration, Station, fold
from voltgate.infrastructure.database import Database, Row, Statement, Value, Work, insert

STATIONS = Table(
    "stations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("folded_id", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("site", Text),
    Column("latitude_micro", Integer),
    Column("longitude_micro", Integer),
    Column("vendor", Text),
    Column("model", Text),
    Column("serial_number", Text),
    Column("firmware_version", Text),
    Column("protocol", Text),
    Column("registration", Text, nullable=False),
    Column("next_boot", Text),
    Column("security_profile", Integer),
    Column("connected", Integer, nullable=False),
    Column("last_seen_ms", Integer),
    Column("booted_ms", Integer),
    Column("created_ms", Integer, nullable=False),
    Index("ix_stations_site", "site"),
)

CONNECTORS = Table(
    "connectors",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("evse_id", Integer, primary_key=True),
    Column("connector_id", Integer, primary_key=True),
    Column("status", Text),
    Column("status_ms", Integer),
    Column("error_code", Text),
    Column("info", Text),
    Column("changed_ms", Integer),
)
"""EVSEs are the distinct `evse_id`s. `status` is None while the station has only reported that the connector exists;
`status_ms` is the time of the last report, `changed_ms` of the first with this status."""

DIALECT_MEMORIES = Table(
    "dialect_memories",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("memory", LargeBinary, nullable=False),
)

_STATION_FIELDS = tuple(field.name for field in fields(Station))

_stations, _connectors, _memories = STATIONS.c, CONNECTORS.c, DIALECT_MEMORIES.c
_this = _stations.id == bindparam("station")

_FIND = Statement(select(STATIONS).where(_stations.folded_id == bindparam("folded")))
_READ = Statement(select(STATIONS).where(_this))
_READ_REGISTRATION = Statement(select(_stations.registration, _stations.next_boot).where(_this))
_REGISTER = Statement(insert(STATIONS).on_conflict_do_nothing())
_DELETE = (
    Statement(delete(CONNECTORS).where(_connectors.station_id == bindparam("station"))),
    Statement(delete(DIALECT_MEMORIES).where(_memories.station_id == bindparam("station"))),
    Statement(delete(STATIONS).where(_this)),
)

_KEEP_BOOT = Statement(
    update(STATIONS)
    .where(_this)
    .values(
        vendor=bindparam("new_vendor"),
        model=bindparam("new_model"),
        serial_number=func.coalesce(bindparam("new_serial_number"), _stations.serial_number),
        firmware_version=func.coalesce(bindparam("new_firmware_version"), _stations.firmware_version),
        registration=bindparam("new_registration"),
        booted_ms=bindparam("at_ms"),
    )
)
_KEEP_REGISTRATION = Statement(
    update(STATIONS).where(_this).values(registration=bindparam("new_registration"), next_boot=bindparam("new_next_boot"))
)
_KEEP_FIRMWARE = Statement(update(STATIONS).where(_this).values(firmware_version=bindparam("new_firmware_version")))
_CONNECTED = Statement(
    update(STATIONS).where(_this).values(connected=1, protocol=bindparam("new_protocol"), last_seen_ms=bindparam("at_ms"))
)
_DISCONNECTED = Statement(update(STATIONS).where(_this).values(connected=0, last_seen_ms=bindparam("at_ms")))
_LAST_SEEN = Statement(update(STATIONS).where(_this).values(last_seen_ms=bindparam("at_ms")))
_ALL_OFFLINE = Statement(update(STATIONS).where(_stations.connected != 0).values(connected=0))

_status = insert(CONNECTORS)
# A status that happened before the one we know is history: it may arrive late, but does not win.
_KEEP_STATUS = Statement(
    _status.on_conflict_do_update(
        index_elements=["station_id", "evse_id", "connector_id"],
        set_={
            "status": _status.excluded.status,
            "status_ms": _status.excluded.status_ms,
            "changed_ms": case((_connectors.status == _status.excluded.status, _connectors.changed_ms), else_=_status.excluded.changed_ms),
        },
        where=(_connectors.status_ms.is_(None)) | (_connectors.status_ms <= _status.excluded.status_ms),
    )
)
_KEEP_PROBLEM = Statement(
    update(CONNECTORS)
    .where(
        _connectors.station_id == bindparam("station"),
        _connectors.evse_id == bindparam("evse"),
        _connectors.connector_id == bindparam("connector"),
    )
    .values(error_code=bindparam("new_error_code"), info=bindparam("new_info"))
)
_CONNECTORS_OF = Statement(
    select(_connectors.evse_id, _connectors.connector_id)
    .where(_connectors.station_id == bindparam("station"), _connectors.evse_id > 0, _connectors.connector_id > 0)
    .order_by(_connectors.evse_id, _connectors.connector_id)
)
_ADD_CONNECTOR = Statement(insert(CONNECTORS).on_conflict_do_nothing())

_memory = insert(DIALECT_MEMORIES)
_KEEP_MEMORY = Statement(_memory.on_conflict_do_update(index_elements=["station_id", "version"], set_={"memory": _memory.excluded.memory}))
_READ_MEMORY = Statement(
    select(_memories.memory).where(_memories.station_id == bindparam("station"), _memories.version == bindparam("version"))
)


def _station(row: Row) -> Station:
    return Station(**{name: row[name] for name in _STATION_FIELDS})


async def find_station(database: Database, identity: str) -> Station | None:
    """The station registered under an identity, compared without regard to case; None if there is none."""
    rows = await database.read(_FIND, folded=fold(identity))
    return _station(rows[0]) if rows else None


async def read_station(database: Database, station_id: str) -> Station | None:
    """The station with exactly this id."""
    rows = await database.read(_READ, station=station_id)
    return _station(rows[0]) if rows else None


async def read_registration(database: Database, station_id: str) -> tuple[Registration, Registration | None] | None:
    """How the last boot of a station was answered, and how the next one is to be; None if it is not registered."""
    rows = await database.read(_READ_REGISTRATION, station=station_id)
    return tuple(rows[0]) if rows else None


def register_station(work: Work, station_id: str, at_ms: int, known: Mapping[str, Value]) -> None:
    """Register a station; no-op if it is registered. Until its first boot is answered it is Pending. `known` are further columns."""
    values: dict[str, Value] = {column.name: None for column in STATIONS.columns}
    values |= {"id": station_id, "folded_id": fold(station_id), "registration": "Pending", "connected": 0, "created_ms": at_ms}
    work.write(_REGISTER, **values | dict(known))


def delete_station(work: Work, station_id: str) -> None:
    """Delete a station and what the hall knows of it; records of other rooms stay."""
    for statement in _DELETE:
        work.write(statement, station=station_id)


def keep_boot(work: Work, station_id: str, boot: dict[str, str | None], registration: Registration, at_ms: int) -> None:
    """What a BootNotification told; `boot` has vendor, model, serial_number and firmware_version."""
    told = {f"new_{name}": value for name, value in boot.items()}
    work.write(_KEEP_BOOT, station=station_id, new_registration=registration, at_ms=at_ms, **told)


def keep_registration(work: Work, station_id: str, registration: Registration, next_boot: Registration | None) -> None:
    """Decide about a station outside of a boot."""
    work.write(_KEEP_REGISTRATION, station=station_id, new_registration=registration, new_next_boot=next_boot)


def keep_firmware_version(work: Work, station_id: str, firmware_version: str) -> None:
    """The station runs this firmware now."""
    work.write(_KEEP_FIRMWARE, station=station_id, new_firmware_version=firmware_version)


def keep_connector_status(work: Work, station_id: str, evse_id: int, connector_id: int, status: str, status_ms: int) -> None:
    """A connector has had `status` since `status_ms`; a status older than the known one is ignored."""
    work.write(
        _KEEP_STATUS,
        station_id=station_id,
        evse_id=evse_id,
        connector_id=connector_id,
        status=status,
        status_ms=status_ms,
        changed_ms=status_ms,
        error_code=None,
        info=None,
    )


def keep_connector_problem(work: Work, station_id: str, evse_id: int, connector_id: int, error_code: str | None, info: str | None) -> None:
    """A connector has this error now; None: it is well."""
    work.write(_KEEP_PROBLEM, station=station_id, evse=evse_id, connector=connector_id, new_error_code=error_code, new_info=info)


def write_topology(work: Work, station_id: str, connectors: Iterable[tuple[int, int]]) -> None:
    """These (EVSE, connector) pairs exist; none is taken away."""
    nothing: dict[str, Value] = {"status": None, "status_ms": None, "error_code": None, "info": None, "changed_ms": None}
    for evse_id, connector_id in connectors:
        work.write(_ADD_CONNECTOR, station_id=station_id, evse_id=evse_id, connector_id=connector_id, **nothing)


def write_connected(work: Work, station_id: str, protocol: str, at_ms: int) -> None:
    """The station is connected."""
    work.write(_CONNECTED, station=station_id, new_protocol=protocol, at_ms=at_ms)


def write_disconnected(work: Work, station_id: str, at_ms: int) -> None:
    """The station is no longer connected; it was last heard at `at_ms`."""
    work.write(_DISCONNECTED, station=station_id, at_ms=at_ms)


def write_last_seen(work: Work, station_id: str, at_ms: int) -> None:
    """The station was heard."""
    work.write(_LAST_SEEN, station=station_id, at_ms=at_ms)


def write_all_offline(work: Work) -> None:
    """Nobody is connected: we have just started."""
    work.write(_ALL_OFFLINE)


async def read_connectors(database: Database, station_id: str) -> list[tuple[int, int]]:
    """The (EVSE, connector) pairs that a station has told of."""
    return [(row["evse_id"], row["connector_id"]) for row in await database.read(_CONNECTORS_OF, station=station_id)]


async def read_memory(database: Database, station_id: str, version: str) -> bytes | None:
    """What the dialect of `version` remembers about a station."""
    rows = await database.read(_READ_MEMORY, station=station_id, version=version)
    return rows[0]["memory"] if rows else None


def write_memory(work: Work, station_id: str, version: str, memory: bytes) -> None:
    """Keep what the dialect of `version` remembers about a station."""
    work.write(_KEEP_MEMORY, station_id=station_id, version=version, memory=memory)
