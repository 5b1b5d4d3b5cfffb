"""Availability over HTTP; changing it is the call ChangeAvailability."""

from datetime import datetime
from typing import Literal

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from voltgate.csms import stations
from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.problems import NotFound
from voltgate.csms.availability.store import list_wishes
from voltgate.infrastructure.clock import from_ms


class AvailabilityWish(Struct, frozen=True, kw_only=True):
    """What was wanted last of a place, and how the station answered. Without `evse_id` it is the station, without `connector_id` the EVSE.

    Scheduled: the station does it when the transaction that runs there has ended.
    """

    evse_id: int | None
    connector_id: int | None
    wanted: Literal["Operative", "Inoperative"]
    answered: Literal["Accepted", "Rejected", "Scheduled"]
    reason: str | None
    at: datetime


@get("/stations/{station_id:str}/availability", tags=["stations"])
async def list_availability(context: TheContext, station_id: FromPath[str]) -> list[AvailabilityWish]:
    """What was wanted of the station, its EVSEs and connectors: the last change of each."""
    station = await stations.find_station(context.database, station_id)
    if station is None:
        raise NotFound(f"there is no station {station_id!r}")
    return [
        AvailabilityWish(
            evse_id=row["evse_id"] or None,
            connector_id=row["connector_id"] or None,
            wanted=row["wanted"],
            answered=row["answered"],
            reason=row["reason"],
            at=from_ms(row["at_ms"]),
        )
        for row in await list_wishes(context.database, station.id)
    ]


ROUTES = [list_availability]
