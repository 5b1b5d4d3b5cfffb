"""The variables of EVSEs and connectors; most are read live."""

from collections.abc import Callable

from voltgate.station.device_model import Variable
from voltgate.station.evses.evse import Evse

StationOperative = Callable[[], bool]


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
        Variable("EVSE", "AvailabilityState", kind="OptionList", read=state, evse_id=number),
        Variable("EVSE", "ActiveTransactionId", read=transaction, evse_id=number),
        Variable("EVSE", "ChargingState", kind="OptionList", read=lambda: evse.row.charging_state, evse_id=number),
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

    plug = "cCCS2" if power.kind == "DC" else "sType2"
    return [
        Variable("Connector", "Available", "true", kind="boolean", evse_id=number, connector_id=connector),
        Variable("Connector", "AvailabilityState", kind="OptionList", read=state, evse_id=number, connector_id=connector),
        Variable("Connector", "ConnectorType", plug, evse_id=number, connector_id=connector),
        Variable("Connector", "SupplyPhases", str(power.phases), kind="integer", evse_id=number, connector_id=connector),
    ]
