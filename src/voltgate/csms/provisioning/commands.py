"""What operators may ask about the device model: the station's answers are kept."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from voltgate.csms import stations
from voltgate.csms.context import Context
from voltgate.csms.provisioning import passwords
from voltgate.csms.provisioning.model import VariableKey, is_secret, spelled, split_to_fit
from voltgate.csms.provisioning.reset import reset
from voltgate.csms.provisioning.store import keep_report, keep_report_status, keep_value, read_variable
from voltgate.csms.provisioning.translating import key_of
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallRefused, InvalidAnswer, OccurrenceConstraintViolation, PeerCannot
from voltgate.ocpp.messages import Call

T = TypeVar("T")
ReportAnswerT = TypeVar("ReportAnswerT", v21.GetBaseReportResponse, v21.GetReportResponse)


async def set_variables(
    context: Context, station_id: str, request: v21.SetVariablesRequest, *, timeout: float | None = None
) -> v21.SetVariablesResponse:
    """B05: set variables; what the station took is kept. As many messages go out as the limits of the station need (B05.FR.11).

    Raises: OccurrenceConstraintViolation when a variable is named twice (B05.FR.13), PropertyConstraintViolation for a poor password.
    """
    wishes = [replace(one, variable=replace(one.variable, name=spelled(one.variable.name))) for one in request.setVariableData]
    _refuse_doubles(wishes)
    passwords.check([one.attributeValue for one in wishes if is_secret(one.variable.name)])
    results: list[v21.SetVariableResultType] = []
    for part in await _fitting(context, station_id, "SetVariables", wishes):
        results += (await _set(context, station_id, replace(request, setVariableData=part), timeout)).setVariableResult
    return v21.SetVariablesResponse(setVariableResult=results)


async def _set(context: Context, station_id: str, question: v21.SetVariablesRequest, timeout: float | None) -> v21.SetVariablesResponse:
    wishes = question.setVariableData
    password = next((one.attributeValue for one in wishes if is_secret(one.variable.name)), None)
    if password is None:
        answer = await context.ask(station_id, question, timeout=timeout)
    else:
        answer = await passwords.tell(context, station_id, password, lambda: context.ask(station_id, question, timeout=timeout))
    wanted = {_key(one).folded(): one.attributeValue for one in wishes}
    work = Work()
    for result in answer.setVariableResult:
        key = _key(result)
        if key.folded() not in wanted:
            continue
        if is_secret(key.variable):
            passwords.settle(work, station_id, result.attributeStatus)
        elif result.attributeStatus in ("Accepted", "RebootRequired"):
            keep_value(work, station_id, key, wanted[key.folded()], to_ms(context.clock.now()))
    await context.database.commit(work)
    return answer


def _refuse_doubles(wishes: list[v21.SetVariableDataType]) -> None:
    keys = [_key(one).folded() for one in wishes]
    if len(set(keys)) < len(keys):
        raise OccurrenceConstraintViolation("each variable can be set once in a message - at `$.setVariableData`")


async def get_variables(
    context: Context, station_id: str, request: v21.GetVariablesRequest, *, timeout: float | None = None
) -> v21.GetVariablesResponse:
    """B06: read variables; what the station told is kept. As many messages go out as the limits of the station need (B06.FR.05)."""
    results: list[v21.GetVariableResultType] = []
    for part in await _fitting(context, station_id, "GetVariables", request.getVariableData):
        question = replace(request, getVariableData=part)
        results += (await context.ask(station_id, question, timeout=timeout)).getVariableResult
    work = Work()
    for result in results:
        if result.attributeStatus == "Accepted" and not is_secret(result.variable.name):
            keep_value(work, station_id, _key(result), result.attributeValue, to_ms(context.clock.now()))
    await context.database.commit(work)
    return v21.GetVariablesResponse(getVariableResult=results)


async def _fitting(context: Context, station_id: str, message: str, items: Sequence[T]) -> list[list[T]]:
    """`items` in parts that the station takes: ItemsPerMessage and BytesPerMessage, as it reported them."""
    most, room = [await _limit(context, station_id, name, message) for name in ("ItemsPerMessage", "BytesPerMessage")]
    return split_to_fit(items, most, room, lambda item: len(msgspec.json.encode(item)))


async def _limit(context: Context, station_id: str, name: str, message: str) -> int | None:
    told = await read_variable(context.database, station_id, "DeviceDataCtrlr", name, message)
    return int(told) if told and told.isdecimal() and int(told) > 0 else None


def _key(one: v21.SetVariableDataType | v21.SetVariableResultType | v21.GetVariableResultType) -> VariableKey:
    return key_of(one.component, one.variable, one.attributeType)


async def get_base_report(
    context: Context, station_id: str, request: v21.GetBaseReportRequest, *, timeout: float | None = None
) -> v21.GetBaseReportResponse:
    """B07: ask for a report; its parts come as NotifyReports."""
    return await _ask_and_end(context, station_id, request, request.requestId, request.reportBase, timeout)


async def get_report(
    context: Context, station_id: str, request: v21.GetReportRequest, *, timeout: float | None = None
) -> v21.GetReportResponse:
    """B08: ask for a part of the device model; it comes as NotifyReports.

    Raises: OccurrenceConstraintViolation for more components than the station takes (B08.FR.06): a report is asked for at once.
    """
    most = await _limit(context, station_id, "ItemsPerMessage", "GetReport")
    if most is not None and len(request.componentVariable or ()) > most:
        raise OccurrenceConstraintViolation(f"the station takes at most {most} - at `$.componentVariable`")
    return await _ask_and_end(context, station_id, request, request.requestId, "Custom", timeout)


async def _ask_and_end(
    context: Context, station_id: str, request: Call[ReportAnswerT], request_id: int, kind: str, timeout: float | None
) -> ReportAnswerT:
    await _ask_for_report(context, station_id, request_id, kind)
    try:
        answer = await context.ask(station_id, request, timeout=timeout)
    except (CallRefused, InvalidAnswer, PeerCannot) as error:  # what was lost on the way is asked for again
        await _end_report(context, station_id, request_id, str(error)[:100])
        raise
    if answer.status != "Accepted":
        await _end_report(context, station_id, request_id, answer.status)
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
    "Reset": reset,
}
