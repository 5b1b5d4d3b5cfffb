"""Stations over HTTP."""

from typing import Annotated, Literal

from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from voltgate.csms import security
from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import Conflict, Invalid, NotFound
from voltgate.csms.context import Context
from voltgate.csms.stations import changes
from voltgate.csms.stations.model import check_identity
from voltgate.csms.stations.store import delete_station, find_station
from voltgate.csms.stations.views import Evse, State, StationFilter, StationView, list_stations, view_station
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event, Work

Password = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[^\x00]*$")]
"""Shorter than A00.FR.205 wants, so that a station of the field can be taken over with the password it has."""
Name = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
SiteId = Annotated[str, Meta(max_length=64)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
NextBoot = Literal["accepted", "pending", "rejected"]
WantedState = Annotated[State | None, QueryParameter(name="state", description="Stations with an EVSE in this state.")]
Profile = Annotated[int, Meta(ge=0, le=3)]


class StationChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may set; what is left out stays. `next_boot` is how BootNotifications are answered from now on; null accepts."""

    name: Name | None | UnsetType = UNSET
    site: SiteId | None | UnsetType = UNSET
    latitude: Latitude | None | UnsetType = UNSET
    longitude: Longitude | None | UnsetType = UNSET
    security_profile: Profile | None | UnsetType = UNSET
    next_boot: NextBoot | None | UnsetType = UNSET
    password: Password | None | UnsetType = UNSET


class NewStation(StationChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A station to register. Without `password` one is generated; null means that it needs none (security profile 0)."""

    id: str


class RegisteredStation(StationView, frozen=True, kw_only=True, omit_defaults=True):
    """The new station; with its password if it was generated, which is shown this once."""

    password: str | None = None


@get("/stations", tags=["stations"])
async def list_all_stations(
    context: TheContext,
    site: FromQuery[str | None] = None,
    connected: FromQuery[bool | None] = None,
    wanted_state: WantedState = None,
    search: FromQuery[str | None] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[StationView]:
    """Stations in the order of their ids."""
    after = decode_cursor(cursor, str)
    wanted = StationFilter(site=site, state=wanted_state, connected=connected, search=search)
    found = await list_stations(context.database, wanted, None if after is None else after[0], limit + 1)
    return page_of(found, limit, lambda station: [station.id])


@post("/stations", tags=["stations"])
async def add_station(context: TheContext, data: JSONBody[NewStation]) -> RegisteredStation:
    """Register a station. Its identity is compared without regard to case."""
    problem = check_identity(data.id)
    if problem is not None:
        raise Invalid(problem, field="id")
    if await find_station(context.database, data.id) is not None:
        raise Conflict(f"a station {data.id!r} is registered already", field="id")
    generated = security.new_password() if data.password is UNSET and data.security_profile != 0 else None
    work = Work()
    changes.register(work, context, data.id, data, generated)
    await context.database.commit(work)
    return RegisteredStation(**structs.asdict(await _view(context, data.id)), password=generated)


@get("/stations/{station_id:str}", tags=["stations"])
async def get_station(context: TheContext, station_id: FromPath[str]) -> StationView:
    """One station with its EVSEs."""
    return await _view(context, station_id)


@patch("/stations/{station_id:str}", tags=["stations"])
async def change_station(context: TheContext, station_id: FromPath[str], data: JSONBody[StationChange]) -> StationView:
    """Change what an operator decides about a station."""
    station = await _view(context, station_id)
    work = Work()
    changes.change(work, context, station.id, data)
    await context.database.commit(work)
    if station.connected and station.registration != "accepted" and data.next_boot in ("accepted", None):
        await changes.invite_to_boot(context, station.id)
    return await _view(context, station.id)


@delete("/stations/{station_id:str}", tags=["stations"])
async def remove_station(context: TheContext, station_id: FromPath[str]) -> None:
    """Forget a station. Its transactions and messages stay."""
    station = await _view(context, station_id)
    work = Work()
    delete_station(work, station.id)
    security.forget_station(work, station.id)
    work.tell(Event("station.deleted", to_ms(context.clock.now()), station.id, {}))
    await context.database.commit(work)
    await context.hang_up(station.id, "the station was deleted")


@get("/stations/{station_id:str}/evses", tags=["stations"])
async def list_evses(context: TheContext, station_id: FromPath[str]) -> list[Evse]:
    """The EVSEs of a station."""
    return (await _view(context, station_id)).evses


@post("/stations/{station_id:str}/disconnect", tags=["stations"], status_code=204)
async def disconnect(context: TheContext, station_id: FromPath[str]) -> None:
    """Close the station's connection; it comes back when it likes. No-op when it is not connected."""
    station = await _view(context, station_id)
    await context.hang_up(station.id, "an operator closed the connection")


async def _view(context: Context, station_id: str) -> StationView:
    known = await find_station(context.database, station_id)
    found = None if known is None else await view_station(context.database, known.id)
    if found is None:
        raise NotFound(f"there is no station {station_id!r}")
    return found


ROUTES = [list_all_stations, add_station, get_station, change_station, remove_station, list_evses, disconnect]
