"""The device model over HTTP."""

from typing import Annotated, Literal

from litestar import get, patch
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from voltgate.csms import stations
from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import Invalid, NotFound
from voltgate.csms.context import Context
from voltgate.csms.provisioning.model import NO_EVSE, VariableKey, is_secret
from voltgate.csms.provisioning.store import keep_wish
from voltgate.csms.provisioning.views import Variable, list_variables
from voltgate.csms.provisioning.wishes import fulfil_wishes
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work

Name = Annotated[str, Meta(min_length=1, max_length=50)]
Instance = Annotated[str, Meta(max_length=50)]
Number = Annotated[int, Meta(ge=1)]


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that a variable shall have: set now if the station is connected, else as soon as it is."""

    component: Name
    variable: Name
    value: Annotated[str, Meta(max_length=2500)]
    evse_id: Number | None = None
    connector_id: Number | None = None
    component_instance: Instance | None = None
    instance: Instance | None = None
    attribute: Literal["Actual", "Target", "MinSet", "MaxSet"] = "Actual"

    def key(self) -> VariableKey:
        """Which variable."""
        return VariableKey(
            component=self.component,
            variable=self.variable,
            evse_id=self.evse_id or NO_EVSE,
            connector_id=self.connector_id or NO_EVSE,
            component_instance=self.component_instance or "",
            instance=self.instance or "",
            attribute=self.attribute,
        )


@get("/stations/{station_id:str}/variables", tags=["stations"])
async def list_all_variables(
    context: TheContext,
    station_id: FromPath[str],
    component: FromQuery[str | None] = None,
    search: FromQuery[str | None] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Variable]:
    """The variables of a station's device model with the wishes for them. `search` looks into the names."""
    station = await _station(context, station_id)
    after = decode_cursor(cursor, int)
    start = 0 if after is None else int(after[0])
    variables = [variable for variable in await list_variables(context.database, station) if _fits(variable, component, search)]
    numbered = list(enumerate(variables))[start : start + limit + 1]
    page = page_of(numbered, limit, lambda item: [item[0] + 1])
    return Page([variable for _, variable in page.items], page.next_cursor)


@patch("/stations/{station_id:str}/variables", tags=["stations"])
async def wish_for_variables(context: TheContext, station_id: FromPath[str], data: JSONBody[list[Wish]]) -> list[Variable]:
    """Wish for values; the answer shows how each wish stands. A connected station is asked before this answers."""
    station = await _station(context, station_id)
    work = Work()
    for place, wish in enumerate(data):
        if is_secret(wish.variable):
            raise Invalid("a password is not kept as a wish: use the action SetVariables", field=f"$[{place}].variable")
        keep_wish(work, station, wish.key(), wish.value, to_ms(context.clock.now()))
    await context.database.commit(work)
    if context.traits(station) is not None:
        await fulfil_wishes(context, station)
    wished = {wish.key() for wish in data}
    return [variable for variable in await list_variables(context.database, station) if _key(variable) in wished]


def _fits(variable: Variable, component: str | None, search: str | None) -> bool:
    if component is not None and variable.component != component:
        return False
    return not search or search.casefold() in f"{variable.component}.{variable.variable}.{variable.instance or ''}".casefold()


def _key(variable: Variable) -> VariableKey:
    return VariableKey(
        component=variable.component,
        variable=variable.variable,
        evse_id=variable.evse_id or NO_EVSE,
        connector_id=variable.connector_id or NO_EVSE,
        component_instance=variable.component_instance or "",
        instance=variable.instance or "",
        attribute=variable.attribute,
    )


async def _station(context: Context, station_id: str) -> str:
    station = await stations.find_station(context.database, station_id)
    if station is None:
        raise NotFound(f"there is no station {station_id!r}")
    return station.id


ROUTES = [list_all_variables, wish_for_variables]
