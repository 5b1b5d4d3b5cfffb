"""HTTP: sites."""

import secrets
from typing import Annotated, Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import Conflict, NotFound
from voltgate.csms.backoffice.sites import store
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Row, StoreFailed, Value, Work

MICRO = 1_000_000
_ID_BYTES = 6

SiteId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Address = Annotated[str, Meta(max_length=500)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class Site(Struct, frozen=True):
    """A place where stations stand."""

    id: str
    name: str
    latitude: float | None
    longitude: float | None
    address: str | None


class NewSite(Struct, frozen=True, forbid_unknown_fields=True):
    """A site to add; without `id` one is made up."""

    name: Name
    id: SiteId | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    address: Address | None = None


class SiteChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays, null clears."""

    name: Name | UnsetType = UNSET
    latitude: Latitude | None | UnsetType = UNSET
    longitude: Longitude | None | UnsetType = UNSET
    address: Address | None | UnsetType = UNSET


@get("/sites", tags=["sites"], summary="List sites")
async def list_sites(
    context: TheContext, search: FromQuery[str | None] = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[Site]:
    """Sites by name; `search` is a part of name, address or id."""
    rows = await store.list_sites(context.database, search=search, after=decode_cursor(cursor, str, str), limit=limit + 1)
    return page_of([_site(row) for row in rows], limit, lambda site: (site.name, site.id))


@post("/sites", tags=["sites"], summary="Add a site")
async def add_site(context: TheContext, data: JSONBody[NewSite]) -> Site:
    """Adds a place where stations stand."""
    site_id = data.id or secrets.token_hex(_ID_BYTES)
    await _refuse_taken(context, site_id)
    work = Work()
    work.write(
        store.ADD_SITE,
        id=site_id,
        name=data.name,
        latitude_micro=_micro(data.latitude),
        longitude_micro=_micro(data.longitude),
        address=data.address,
        created_ms=to_ms(context.clock.now()),
    )
    try:
        await context.database.commit(work)
    except StoreFailed:
        await _refuse_taken(context, site_id)
        raise
    return _site(await _stored(context, site_id))


async def _refuse_taken(context: Context, site_id: str) -> None:
    if await context.database.read(store.SITE, id=site_id):
        raise Conflict(f"there is a site {site_id!r} already", field="id")


@get("/sites/{site_id:str}", tags=["sites"], summary="Show a site")
async def show_site(context: TheContext, site_id: FromPath[str]) -> Site:
    """One site."""
    return _site(await _stored(context, site_id))


@patch("/sites/{site_id:str}", tags=["sites"], summary="Change a site")
async def change_site(context: TheContext, site_id: FromPath[str], data: JSONBody[SiteChange]) -> Site:
    """Changes what is given."""
    before = await _stored(context, site_id)
    after: dict[str, Value] = {name: before[name] for name in store.CHANGEABLE}
    if data.name is not UNSET:
        after["name"] = data.name
    if data.latitude is not UNSET:
        after["latitude_micro"] = _micro(data.latitude)
    if data.longitude is not UNSET:
        after["longitude_micro"] = _micro(data.longitude)
    if data.address is not UNSET:
        after["address"] = data.address
    work = Work()
    work.write(store.CHANGE_SITE, site=site_id, **after)
    await context.database.commit(work)
    return _site(await _stored(context, site_id))


@delete("/sites/{site_id:str}", tags=["sites"], summary="Remove a site")
async def remove_site(context: TheContext, site_id: FromPath[str]) -> None:
    """Removes a site where no station stands any more."""
    await _stored(context, site_id)
    count = (await context.database.read(store.STATIONS_AT, id=site_id))[0]["stations"]
    if count:
        raise Conflict(f"{count} stations stand there: give them another site first")
    work = Work()
    work.write(store.REMOVE_SITE, id=site_id)
    await context.database.commit(work)


async def _stored(context: Context, site_id: str) -> Row:
    rows = await context.database.read(store.SITE, id=site_id)
    if not rows:
        raise NotFound(f"there is no site {site_id!r}")
    return rows[0]


def _site(row: Row) -> Site:
    return Site(row["id"], row["name"], _degrees(row["latitude_micro"]), _degrees(row["longitude_micro"]), row["address"])


def _micro(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * MICRO)


def _degrees(micro: int | None) -> float | None:
    return None if micro is None else micro / MICRO


ROUTES: list[Any] = [list_sites, add_site, show_site, change_site, remove_site]
