"""The device model from outside: variables and reports (B05..B08)."""

from collections.abc import Iterable

from voltgate.ocpp import v21
from voltgate.ocpp.errors import OccurrenceConstraintViolation
from voltgate.station.device_model import AUTHORIZATION_KEY, Key, SetResult, Variable
from voltgate.station.provisioning.reports import matching, send_report
from voltgate.station.provisioning.reset import handle_reset
from voltgate.station.station import Station
from voltgate.station.transactions import schedule_samples

PASSWORDS = ("basicauthpassword", AUTHORIZATION_KEY.lower())


def set_variable(station: Station, key: Key, value: str, attribute: v21.AttributeEnumType | None = None) -> SetResult:
    """Set a variable, and let the station follow."""
    result = station.variables.set(key, value, attribute)
    if result.changed:
        station.save()
        _follow(station, key)
    return result


def handle_set_variables(request: v21.SetVariablesRequest, station: Station) -> v21.SetVariablesResponse:
    """B05: one result for each wish, in order."""
    _check_number(len(request.setVariableData), station, "SetVariables")
    return v21.SetVariablesResponse(setVariableResult=[_set(station, wish) for wish in request.setVariableData])


def handle_get_variables(request: v21.GetVariablesRequest, station: Station) -> v21.GetVariablesResponse:
    """B06: one result for each wish, in order."""
    _check_number(len(request.getVariableData), station, "GetVariables")  # B06.FR.16
    return v21.GetVariablesResponse(getVariableResult=[_get(station, wish) for wish in request.getVariableData])


def handle_get_base_report(request: v21.GetBaseReportRequest, station: Station) -> v21.GetBaseReportResponse:
    """B07."""
    chosen: Iterable[Variable] = station.variables
    if request.reportBase == "ConfigurationInventory":
        chosen = [variable for variable in station.variables if variable.mutability != "ReadOnly"]  # B07.FR.07
    elif request.reportBase == "SummaryInventory":
        chosen = [variable for variable in station.variables if _tells_condition(variable)]
    variables = list(chosen)
    station.later(lambda: send_report(station, request.requestId, variables))
    return v21.GetBaseReportResponse(status="Accepted")


def _tells_condition(variable: Variable) -> bool:
    """Whether a summary has it: every availability, and what has a problem (B07.FR.09)."""
    return variable.name == "AvailabilityState" or (variable.name == "Problem" and variable.actual == "true")


def handle_get_report(request: v21.GetReportRequest, station: Station) -> v21.GetReportResponse:
    """B08."""
    _check_number(len(request.componentVariable or ()), station, "GetReport")  # B08.FR.17
    variables = matching(station.variables, request.componentVariable or [], request.componentCriteria or [])
    if not variables:
        return v21.GetReportResponse(status="EmptyResultSet")  # B08.FR.15
    station.later(lambda: send_report(station, request.requestId, variables))
    return v21.GetReportResponse(status="Accepted")


def _set(station: Station, wish: v21.SetVariableDataType) -> v21.SetVariableResultType:
    result = set_variable(station, Key.of(wish.component, wish.variable), wish.attributeValue, wish.attributeType)
    info = None if result.reason is None else v21.StatusInfoType(reasonCode="InvalidValue", additionalInfo=result.reason[:1024])
    return v21.SetVariableResultType(
        attributeStatus=result.status,
        component=wish.component,
        variable=wish.variable,
        attributeType=wish.attributeType or "Actual",  # B05.FR.12
        attributeStatusInfo=info,
    )


def _get(station: Station, wish: v21.GetVariableDataType) -> v21.GetVariableResultType:
    result = station.variables.get(Key.of(wish.component, wish.variable), wish.attributeType)
    return v21.GetVariableResultType(
        attributeStatus=result.status,
        component=wish.component,
        variable=wish.variable,
        attributeType=wish.attributeType or "Actual",  # B06.FR.11
        attributeValue=result.value,
    )


def _check_number(items: int, station: Station, message: str) -> None:
    most = station.variables.integer("DeviceDataCtrlr", "ItemsPerMessage", message)
    if items > most:
        raise OccurrenceConstraintViolation(f"at most {most} items in one {message}")


def _follow(station: Station, key: Key) -> None:
    """Timers take their new interval at once; a new password counts from the next connection on."""
    if key.variable in PASSWORDS:
        _follow_password(station, key)
        return
    if key.component == "aligneddatactrlr":
        station.next_aligned_ms = station.next_aligned_end_ms = None
    elif key.variable == "heartbeatinterval" and station.next_heartbeat_ms is not None:
        station.next_heartbeat_ms = station.now_ms + station.variables.integer("OCPPCommCtrlr", "HeartbeatInterval") * 1_000
    elif key.component == "sampleddatactrlr" and key.variable.endswith("interval"):
        for evse in station.evses:
            if evse.transaction is not None:
                schedule_samples(station, evse)


def _follow_password(station: Station, key: Key) -> None:
    """However the password is named, it is kept as BasicAuthPassword alone (A01.FR.01)."""
    legacy = station.variables.find(key)
    if key.variable == AUTHORIZATION_KEY.lower() and isinstance(legacy, Variable):
        station.variables.put("SecurityCtrlr", "BasicAuthPassword", legacy.value)
        legacy.value = legacy.default
        station.save()
    station.log("security: the password has been changed")  # A01.FR.11; never what it is: A01.FR.12


HANDLERS = {
    "SetVariables": handle_set_variables,
    "GetVariables": handle_get_variables,
    "GetBaseReport": handle_get_base_report,
    "GetReport": handle_get_report,
    "Reset": handle_reset,
}
