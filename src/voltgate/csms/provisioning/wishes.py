"""Wishes for variables: stored, sent when the station is there, and never forgotten without an answer to show."""

from collections.abc import Sequence

from voltgate.csms import stations
from voltgate.csms.context import Context
from voltgate.csms.provisioning.commands import set_variables
from voltgate.csms.provisioning.model import VariableKey, is_hopeless, outcome, split
from voltgate.csms.provisioning.store import key_of_row, read_variable, settle_wish, waiting_wishes
from voltgate.csms.provisioning.translating import attribute_of, component_of, key_of, variable_of
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event, Row, Work
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallFailed, LinkLost, NotConnected, PeerCannot


async def fulfil_wishes(context: Context, station_id: str) -> None:
    """Send a station the wishes that wait for it, in messages as long as it takes (B05.FR.11 of ItemsPerMessage)."""
    wishes = await waiting_wishes(context.database, station_id)
    if not wishes or await _is_rejected(context, station_id):
        return
    limit = await read_variable(context.database, station_id, "DeviceDataCtrlr", "ItemsPerMessage", "SetVariables")
    for part in split(wishes, int(limit) if limit and limit.isdecimal() else None):
        try:
            await _send(context, station_id, part)
        except (NotConnected, LinkLost):
            return  # it goes on when the station is back
        except (CallFailed, PeerCannot) as error:
            await _failed(context, station_id, part, str(error), for_ever=isinstance(error, PeerCannot))


async def _is_rejected(context: Context, station_id: str) -> bool:
    """Whether nothing may be said to the station now (B03.FR.03)."""
    station = await stations.read_station(context.database, station_id)
    return station is not None and station.registration == "Rejected"


async def _send(context: Context, station_id: str, wishes: Sequence[Row]) -> None:
    sent = {key.folded(): (key, wish["desired"]) for wish in wishes for key in (key_of_row(wish),)}
    data = [_data(key, desired) for key, desired in sent.values()]
    answer = await set_variables(context, station_id, v21.SetVariablesRequest(setVariableData=data))
    work = Work()
    for result in answer.setVariableResult:
        answered = key_of(result.component, result.variable, result.attributeType).folded()
        if answered in sent:
            _settle(context, work, station_id, *sent.pop(answered), result.attributeStatus)
    for key, desired in sent.values():
        _settle(context, work, station_id, key, desired, "the station did not answer for this variable")
    await context.database.commit(work)


def _settle(context: Context, work: Work, station_id: str, key: VariableKey, desired: str, status: str) -> None:
    now_ms = to_ms(context.clock.now())
    result, reason = outcome(status)
    settle_wish(work, station_id, key, desired, result, reason, now_ms)
    work.tell(Event("intent.done", now_ms, station_id, {"kind": "variable", "key": str(key), "result": status}))


async def _failed(context: Context, station_id: str, wishes: Sequence[Row], reason: str, *, for_ever: bool) -> None:
    """There was no usable answer: try again next time, but not for ever."""
    work = Work()
    now_ms = to_ms(context.clock.now())
    for wish in wishes:
        given_up = for_ever or is_hopeless(wish["tries"] + 1)
        settle_wish(work, station_id, key_of_row(wish), wish["desired"], "refused" if given_up else "waiting", reason, now_ms)
    await context.database.commit(work)


def _data(key: VariableKey, desired: str) -> v21.SetVariableDataType:
    return v21.SetVariableDataType(
        attributeValue=desired, component=component_of(key), variable=variable_of(key), attributeType=attribute_of(key)
    )
