"""The table of sites and its SQL. Coordinates are whole millionths of a degree (about 0.1 m)."""

from collections.abc import Sequence

from sqlalchemy import Column, Integer, Table, Text, bindparam, delete, func, or_, select, update

from voltgate.csms.schema import metadata
from voltgate.csms.stations.store import STATIONS
from voltgate.infrastructure.database import Database, Row, Statement, insert

SITES = Table(
    "sites",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("latitude_micro", Integer),
    Column("longitude_micro", Integer),
    Column("address", Text),
    Column("created_ms", Integer, nullable=False),
)

_c = SITES.c
CHANGEABLE = ("name", "latitude_micro", "longitude_micro", "address")

SITE = Statement(select(SITES).where(_c.id == bindparam("id")))
ADD_SITE = Statement(insert(SITES))
CHANGE_SITE = Statement(update(SITES).where(_c.id == bindparam("site")).values({name: bindparam(name) for name in CHANGEABLE}))
REMOVE_SITE = Statement(delete(SITES).where(_c.id == bindparam("id")))
STATIONS_AT = Statement(select(func.count().label("stations")).select_from(STATIONS).where(STATIONS.c.site == bindparam("id")))


async def list_sites(database: Database, *, search: str | None, after: Sequence[str] | None, limit: int) -> Sequence[Row]:
    """Sites by (name, id); `search` is a part of name, address or id."""
    query = select(SITES).order_by(_c.name, _c.id).limit(limit)
    if search is not None:
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in (_c.name, _c.address, _c.id))))
    if after is not None:
        name, site_id = after
        query = query.where((_c.name > name) | ((_c.name == name) & (_c.id > site_id)))
    return await database.query(query)
