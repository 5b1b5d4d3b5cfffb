"""What operators may ask about the device model: the station's answers are kept."""

from collections.abc import Mapping

from voltgate.csms import security, stations
from voltgate.csms.context import Context
from voltgate.csms.provisioning.model import SECRET_VARIABLES
from voltgate.csms.provisioning.store import keep_report, keep_report_status, keep_value
from voltgate.csms.provisioning.translating import key_of
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallRefused, InvalidAnswer


async def set_variables(
    context: Context, station_id: str, request: v21.SetVariablesRequest, *, timeout: float | None = None
) -> v21.SetVariablesResponse:
    """B05: set variables; what the station took is kept. A new password of the station is ours from then on (A01.FR.03)."""
    answer = await context.ask(station_id, request, timeout=timeout)
    wanted = {key_of(data.component, data.variable, data.attributeType): data.attributeValue for data in request.setVariableData}
    work = Work()
    for result in answer.setVariableResult:
        key = key_of(result.component, result.variable, result.attributeType)
        if key not in wanted or result.attributeStatus not in ("Accepted", "RebootRequired"):
            continue
        if key.variable in SECRET_VARIABLES:
            security.keep_password(work, station_id, wanted[key], context.station_key)
        else:
            keep_value(work, station_id, key, wanted[key], to_ms(context.clock.now()))
    await context.database.commit(work)
    return answer


async def get_variables(
    context: Context, station_id: str, request: v21.GetVariablesRequest, *, timeout: float | None = None
) -> v21.GetVariablesResponse:
    """B06: read variables; what the station told is kept."""
    answer = await context.ask(station_id, request, timeout=timeout)
    work = Work()
    for result in answer.getVariableResult:
        key = key_of(result.component, result.variable, result.attributeType)
        if result.attributeStatus == "Accepted" and key.variable not in SECRET_VARIABLES:
            keep_value(work, station_id, key, result.attributeValue, to_ms(context.clock.now()))
    await context.database.commit(work)
    return answer


async def get_base_report(
    context: Context, station_id: str, request: v21.GetBaseReportRequest, *, timeout: float | None = None
) -> v21.GetBaseReportResponse:
    """B07: ask for a report; its parts come as NotifyReports."""
    await _ask_for_report(context, station_id, request.requestId, request.reportBase)
    try:
        answer = await context.ask(station_id, request, timeout=timeout)
    except (CallRefused, InvalidAnswer) as error:  # what was lost on the way is asked for again
        await _end_report(context, station_id, request.requestId, str(error)[:100])
        raise
    if answer.status != "Accepted":
        await _end_report(context, station_id, request.requestId, answer.status)
    return answer


async def get_report(
    context: Context, station_id: str, request: v21.GetReportRequest, *, timeout: float | None = None
) -> v21.GetReportResponse:
    """B08: ask for a part of the device model; it comes as NotifyReports."""
    await _ask_for_report(context, station_id, request.requestId, "Custom")
    answer = await context.ask(station_id, request, timeout=timeout)
    if answer.status != "Accepted":
        await _end_report(context, station_id, request.requestId, answer.status)
    return answer


async def request_full_inventory(context: Context, station_id: str) -> v21.GetBaseReportResponse:
    """Ask for everything a station has to tell about itself."""
    request = v21.GetBaseReportRequest(requestId=await context.numbers.take("report"), reportBase="FullInventory")
    return await get_base_report(context, station_id, request)


async def _ask_for_report(context: Context, station_id: str, request_id: int, kind: str) -> None:
    # Kept first: the first part may come before the answer is here.
    station = await stations.read_station(context.database, station_id)
    work = Work()
    firmware = None if station is None else station.firmware_version
    keep_report(work, station_id, request_id, kind, firmware, to_ms(context.clock.now()))
    await context.database.commit(work)


async def _end_report(context: Context, station_id: str, request_id: int, status: str) -> None:
    work = Work()
    keep_report_status(work, station_id, request_id, status)
    await context.database.commit(work)


COMMANDS: Mapping[str, object] = {
    "SetVariables": set_variables,
    "GetVariables": get_variables,
    "GetBaseReport": get_base_report,
    "GetReport": get_report,
}
