"""Variables and wishes as people and programs see them, side by side."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import bindparam, select

from voltgate.csms.provisioning.model import VariableKey
from voltgate.csms.provisioning.store import VARIABLE_WISHES, VARIABLES, key_of_row
from voltgate.infrastructure.clock import from_ms
from voltgate.infrastructure.database import Database, Row, Statement


class Variable(Struct, frozen=True, kw_only=True):
    """An attribute of a variable of a station's device model, and what an operator wishes it to be.

    `status` is of the wish: waiting for the station, done, or refused; null without a wish. `reason` says more, e.g. RebootRequired.
    """

    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    instance: str | None
    attribute: str
    value: str | None
    desired: str | None
    status: Literal["done", "waiting", "refused"] | None
    reason: str | None
    mutability: str | None
    type: str | None
    unit: str | None
    min_limit: str | None
    max_limit: str | None
    values_list: str | None
    supports_monitoring: bool | None
    reported_at: datetime | None


_VARIABLES = Statement(select(VARIABLES).where(VARIABLES.c.station_id == bindparam("station")))
_WISHES = Statement(select(VARIABLE_WISHES).where(VARIABLE_WISHES.c.station_id == bindparam("station")))


async def list_variables(database: Database, station_id: str) -> list[Variable]:
    """All variables of a station, also those that are only wished for, in the order of their keys."""
    told = {key_of_row(row): row for row in await database.query(_VARIABLES, station=station_id)}
    wished = {key_of_row(row): row for row in await database.query(_WISHES, station=station_id)}
    return [_variable(key, told.get(key), wished.get(key)) for key in sorted(told.keys() | wished.keys())]


def _variable(key: VariableKey, told: Row | None, wish: Row | None) -> Variable:
    return Variable(
        component=key.component,
        component_instance=key.component_instance or None,
        evse_id=key.evse_id or None,
        connector_id=key.connector_id or None,
        variable=key.variable,
        instance=key.instance or None,
        attribute=key.attribute,
        desired=None if wish is None else wish["desired"],
        status=None if wish is None else wish["status"],
        reason=None if wish is None else wish["reason"],
        **_told(told),
    )


def _told(row: Row | None) -> Mapping[str, Any]:
    names = ("value", "mutability", "unit", "min_limit", "max_limit", "values_list")
    if row is None:
        return dict.fromkeys((*names, "type", "supports_monitoring", "reported_at"))
    monitoring = row["supports_monitoring"]
    return {name: row[name] for name in names} | {
        "type": row["data_type"],
        "supports_monitoring": None if monitoring is None else bool(monitoring),
        "reported_at": from_ms(row["at_ms"]),
    }
