"""What operators change about stations, as writes of one unit of work."""

from contextlib import suppress
from typing import Any, Protocol

from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, update

from voltgate.csms import security
from voltgate.csms.context import Context
from voltgate.csms.stations.model import Registration
from voltgate.csms.stations.store import STATIONS, register_station
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Statement, Value, Work
from voltgate.ocpp import v21
from voltgate.ocpp.errors import OcppError

INVITATION_SECONDS = 5.0

REGISTRATIONS: dict[str, Registration] = {"accepted": "Accepted", "pending": "Pending", "rejected": "Rejected"}

_COLUMNS = ("name", "site", "latitude_micro", "longitude_micro", "security_profile", "next_boot")
_CHANGE = {
    name: Statement(update(STATIONS).where(STATIONS.c.id == bindparam("station")).values({name: bindparam("new")})) for name in _COLUMNS
}


class Change(Protocol):
    """The members of `routes.StationChange`."""

    @property
    def name(self) -> Any: ...
    @property
    def site(self) -> Any: ...
    @property
    def latitude(self) -> Any: ...
    @property
    def longitude(self) -> Any: ...
    @property
    def security_profile(self) -> Any: ...
    @property
    def next_boot(self) -> Any: ...
    @property
    def password(self) -> Any: ...


def register(work: Work, context: Context, station_id: str, wanted: Change, generated_password: str | None) -> None:
    """Register a station as an operator wants it."""
    register_station(work, station_id, to_ms(context.clock.now()), _columns(wanted))
    password = generated_password if wanted.password is UNSET else wanted.password
    security.keep_password(work, station_id, password, context.station_key)


def change(work: Work, context: Context, station_id: str, wanted: Change) -> None:
    """Change what is set in `wanted`."""
    for name, value in _columns(wanted).items():
        work.write(_CHANGE[name], station=station_id, new=value)
    if wanted.password is not UNSET:
        security.keep_password(work, station_id, wanted.password, context.station_key)


async def invite_to_boot(context: Context, station_id: str) -> None:
    """Ask a station that waits for acceptance to boot now (B02); if it will not, it does so after its retry interval."""
    with suppress(OcppError):
        await context.ask(station_id, v21.TriggerMessageRequest(requestedMessage="BootNotification"), timeout=INVITATION_SECONDS)


def _columns(wanted: Change) -> dict[str, Value]:
    columns: dict[str, Any] = {
        "name": wanted.name,
        "site": wanted.site,
        "latitude_micro": _micro(wanted.latitude),
        "longitude_micro": _micro(wanted.longitude),
        "security_profile": wanted.security_profile,
        "next_boot": REGISTRATIONS.get(wanted.next_boot, wanted.next_boot),
    }
    return {name: value for name, value in columns.items() if not isinstance(value, UnsetType)}


def _micro(degrees: Any) -> Any:
    return round(degrees * 1_000_000) if isinstance(degrees, float) else degrees
