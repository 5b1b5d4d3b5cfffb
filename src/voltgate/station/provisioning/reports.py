"""Reports on the device model, in parts (B07, B08)."""

from collections.abc import Iterable, Sequence

from voltgate.ocpp import v21
from voltgate.station.device_model import Variable
from voltgate.station.station import Station

ITEMS_PER_PART = 25


def send_report(station: Station, request_id: int, variables: Sequence[Variable]) -> None:
    """Send NotifyReport in parts; seqNo counts from 0, `tbc` says that more follow (B07.FR.10, B08.FR.14)."""
    parts = [variables[i : i + ITEMS_PER_PART] for i in range(0, len(variables), ITEMS_PER_PART)] or [variables]
    for number, part in enumerate(parts):
        request = v21.NotifyReportRequest(
            requestId=request_id,
            generatedAt=station.now,
            seqNo=number,
            tbc=number < len(parts) - 1,
            reportData=[_data(variable) for variable in part] or None,
        )
        station.outbox.tell(request, solicited=True)  # B02.FR.02: allowed while pending


def matching(
    variables: Iterable[Variable], wanted: Sequence[v21.ComponentVariableType], criteria: Sequence[v21.ComponentCriterionEnumType]
) -> list[Variable]:
    """The variables that are asked for; criteria are joined by or (B08.FR.13), the two kinds by and (B08.FR.05)."""
    everything = list(variables)
    chosen = [variable for variable in everything if not wanted or any(_is_wanted(variable, wish) for wish in wanted)]
    return [variable for variable in chosen if not criteria or any(_meets(variable, everything, criterion) for criterion in criteria)]


def _is_wanted(variable: Variable, wish: v21.ComponentVariableType) -> bool:
    component = wish.component
    if component.name.lower() != variable.component.lower():
        return False
    if component.instance and component.instance.lower() != (variable.component_instance or "").lower():  # B08.FR.24
        return False
    if component.evse is not None and component.evse.id != variable.evse_id:  # B08.FR.23: absent means all
        return False
    if component.evse is not None and component.evse.connectorId not in (None, variable.connector_id):  # B08.FR.22
        return False
    if wish.variable is None:  # B08.FR.20
        return True
    if wish.variable.name.lower() != variable.name.lower():
        return False
    return wish.variable.instance is None or wish.variable.instance.lower() == (variable.instance or "").lower()  # B08.FR.21


def _meets(variable: Variable, everything: Iterable[Variable], criterion: v21.ComponentCriterionEnumType) -> bool:
    """B08.FR.07..10: a component without the variable counts, except for Problem."""
    place = variable.key[:4]
    values = [other.actual.lower() for other in everything if other.key[:4] == place and other.name == criterion]
    return "true" in values or (not values and criterion != "Problem")


def _data(variable: Variable) -> v21.ReportDataType:
    shown = None if variable.mutability == "WriteOnly" else variable.actual  # B07.FR.03
    return v21.ReportDataType(
        component=variable.component_type,
        variable=variable.variable_type,
        variableAttribute=[
            v21.VariableAttributeType(
                type="Actual",
                value=shown,
                mutability=variable.mutability,
                persistent=variable.mutability != "ReadOnly",
                constant=variable.read is None and variable.mutability == "ReadOnly",
            )
        ],
        variableCharacteristics=v21.VariableCharacteristicsType(
            dataType=variable.kind,
            supportsMonitoring=False,
            unit=variable.unit,
            minLimit=variable.low,
            maxLimit=variable.high,
            valuesList=",".join(variable.choices) or None,
        ),
    )
