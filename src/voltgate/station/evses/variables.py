"""The variables of EVSEs and connectors; most are read live."""

from collections.abc import Callable
from typing import Any, get_args

from voltgate.ocpp import v21
from voltgate.station.device_model import DataKind, Variable
from voltgate.station.evses.evse import Evse
from voltgate.station.evses.model import component_of_fault

StationOperative = Callable[[], bool]

STATUSES = get_args(v21.ConnectorStatusEnumType)
CHARGING_STATES = get_args(v21.ChargingStateEnumType)


def evse_variables(evse: Evse, station_operative: StationOperative) -> list[Variable]:
    """The variables of one EVSE and of its connectors."""
    power, number = evse.spec.power, evse.id

    def state() -> str:
        statuses = [evse.status(station_operative(), connector) for connector in evse.connectors]
        return next((status for status in ("Faulted", "Occupied", "Available") if status in statuses), "Unavailable")

    def transaction() -> str:
        return "" if evse.transaction is None else evse.transaction.id

    variables = [
        Variable("EVSE", "Available", "true", kind="boolean", evse_id=number),
        Variable("EVSE", "AllowReset", "true", kind="boolean", evse_id=number),
        Variable("EVSE", "AvailabilityState", kind="OptionList", choices=STATUSES, read=state, evse_id=number),
        Variable("EVSE", "ActiveTransactionId", read=transaction, evse_id=number),
        Variable("EVSE", "ChargingState", kind="OptionList", choices=CHARGING_STATES, read=lambda: evse.row.charging_state, evse_id=number),
        Variable("EVSE", "Power", str(power.max_power_w), kind="decimal", unit="W", high=power.max_power_w, evse_id=number),
        Variable("EVSE", "SupplyPhases", str(power.phases), kind="integer", evse_id=number),
    ]
    for connector in evse.connectors:
        variables += _connector_variables(evse, connector, station_operative)
    return variables


def _connector_variables(evse: Evse, connector: int, station_operative: StationOperative) -> list[Variable]:
    power, number = evse.spec.power, evse.id

    def state() -> str:
        return evse.status(station_operative(), connector)

    def problem_of(component: str) -> Callable[[], str]:
        return lambda: str(evse.fault is not None and component_of_fault(evse.fault) == component).lower()

    def variable(component: str, name: str, value: str = "", kind: DataKind = "string", **more: Any) -> Variable:
        return Variable(component, name, value, kind=kind, evse_id=number, connector_id=connector, **more)

    lock = "ConnectorPlugRetentionLock"
    return [
        variable("Connector", "Available", "true", "boolean"),
        variable("Connector", "AvailabilityState", kind="OptionList", choices=STATUSES, read=state),
        variable("Connector", "ConnectorType", "cCCS2" if power.kind == "DC" else "sType2"),
        variable("Connector", "SupplyPhases", str(power.phases), "integer"),
        variable("Connector", "Problem", kind="boolean", read=problem_of("Connector")),
        variable(lock, "Problem", kind="boolean", read=problem_of(lock)),
    ]
