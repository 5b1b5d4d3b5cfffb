"""Wishes for variables wait, are sent, and end with an answer to show."""

from typing import Any

import pytest

from tests.csms.builders import STATION, StandInContext, a_context
from voltgate.csms.provisioning import fulfil_wishes, request_inventory
from voltgate.csms.provisioning.model import MOST_TRIES, VariableKey, is_hopeless, outcome, split
from voltgate.csms.provisioning.store import keep_value, keep_wish, last_full_report
from voltgate.csms.provisioning.views import Variable, list_variables
from voltgate.csms.stations import keep_boot, register_station
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallRefused, CallTimedOut, NotConnected, PeerCannot

BEAT = VariableKey("OCPPCommCtrlr", "HeartbeatInterval")
LIGHT = VariableKey("EVSE", "Light", evse_id=2, instance="Left", attribute="Target")


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


async def wish(context: StandInContext, *keys: VariableKey, value: str = "60") -> None:
    work = Work()
    for key in keys:
        keep_wish(work, STATION, key, value, 1)
    await context.database.commit(work)


def result(key: VariableKey, status: str) -> v21.SetVariableResultType:
    evse = v21.EVSEType(id=key.evse_id) if key.evse_id else None
    return v21.SetVariableResultType(
        attributeStatus=status,  # type: ignore[arg-type]  # parametrised
        component=v21.ComponentType(name=key.component, evse=evse),
        variable=v21.VariableType(name=key.variable, instance=key.instance or None),
        attributeType=None if key.attribute == "Actual" else key.attribute,  # type: ignore[arg-type]  # parametrised
    )


def answer(*results: v21.SetVariableResultType) -> v21.SetVariablesResponse:
    return v21.SetVariablesResponse(setVariableResult=list(results))


async def only(context: StandInContext) -> Variable:
    return (await list_variables(context.database, STATION))[0]


@pytest.mark.requirement("B05.FR.01")
@pytest.mark.action("2.1:SetVariables")
@pytest.mark.parametrize(
    ("status", "stands", "reason", "value"),
    [
        ("Accepted", "done", None, "60"),
        ("RebootRequired", "done", "RebootRequired", "60"),
        ("Rejected", "refused", "Rejected", None),
        ("UnknownVariable", "refused", "UnknownVariable", None),
    ],
)
async def test_the_answer_of_the_station_settles_a_wish(
    context: StandInContext, status: str, stands: str, reason: str | None, value: str | None
) -> None:
    await wish(context, BEAT)
    context.answers = [answer(result(BEAT, status))]
    await fulfil_wishes(context, STATION)
    shown = await only(context)
    assert (shown.desired, shown.status, shown.reason, shown.value) == ("60", stands, reason, value)
    await fulfil_wishes(context, STATION)
    assert len(context.asked) == 1


async def test_every_part_of_the_key_goes_out(context: StandInContext) -> None:
    await wish(context, LIGHT, value="on")
    context.answers = [answer(result(LIGHT, "Accepted"))]
    await fulfil_wishes(context, STATION)
    sent: Any = context.asked[0][1]
    said = sent.setVariableData[0]
    assert (said.component.name, said.component.evse.id, said.variable.instance, said.attributeType, said.attributeValue) == (
        "EVSE",
        2,
        "Left",
        "Target",
        "on",
    )
    assert (await only(context)).status == "done"


async def test_messages_are_as_long_as_the_station_takes(context: StandInContext) -> None:
    keys = [VariableKey("C", f"V{number}") for number in range(5)]
    work = Work()
    keep_value(work, STATION, VariableKey("DeviceDataCtrlr", "ItemsPerMessage", instance="SetVariables"), "2", 1)
    await context.database.commit(work)
    await wish(context, *keys)
    context.answers = [answer(*(result(key, "Accepted") for key in keys[start : start + 2])) for start in (0, 2, 4)]
    await fulfil_wishes(context, STATION)
    assert [len(request.setVariableData) for _, request in context.asked] == [2, 2, 1]  # type: ignore[attr-defined]


async def test_an_absent_station_is_waited_for(context: StandInContext) -> None:
    await wish(context, BEAT)
    context.answers = [NotConnected("away")]
    await fulfil_wishes(context, STATION)
    assert (await only(context)).status == "waiting"


async def test_no_usable_answer_is_tried_again_but_not_for_ever(context: StandInContext) -> None:
    await wish(context, BEAT)
    for number in range(MOST_TRIES):
        assert (await only(context)).status == "waiting", number
        context.answers = [CallTimedOut("no answer")]
        await fulfil_wishes(context, STATION)
    shown = await only(context)
    assert (shown.status, shown.reason) == ("refused", "no answer")


async def test_what_the_version_cannot_say_is_refused_at_once(context: StandInContext) -> None:
    await wish(context, BEAT)
    context.answers = [PeerCannot("SetVariables", "no such key")]
    await fulfil_wishes(context, STATION)
    assert (await only(context)).status == "refused"


async def test_a_newer_wish_is_not_settled_by_the_answer_to_the_older(context: StandInContext) -> None:
    await wish(context, BEAT)
    real = context.ask

    async def ask(station_id: str, request: Any, *, timeout: float | None = None) -> Any:
        await wish(context, BEAT, value="90")
        return await real(station_id, request, timeout=timeout)

    context.ask = ask  # type: ignore[method-assign]
    context.answers = [answer(result(BEAT, "Accepted"))]
    await fulfil_wishes(context, STATION)
    shown = await only(context)
    assert (shown.desired, shown.status) == ("90", "waiting")


def test_rules() -> None:
    assert split([1, 2, 3], 2) == [[1, 2], [3]]
    assert split([1], None) == [[1]]
    assert split([1, 2], 0) == [[1, 2]]
    assert outcome("Accepted") == ("done", None)
    assert is_hopeless(MOST_TRIES)
    assert not is_hopeless(MOST_TRIES - 1)
    assert str(LIGHT) == "EVSE[2].Light(Left) Target"


async def booted(context: StandInContext, firmware: str) -> None:
    work = Work()
    register_station(work, STATION, 0, {})
    await context.database.commit(work)
    work = Work()
    told = {"vendor": "Acme", "model": "Wall", "serial_number": None, "firmware_version": firmware}
    keep_boot(work, STATION, told, "Accepted", 1)
    await context.database.commit(work)


@pytest.mark.requirement("B07.FR.01")
@pytest.mark.action("2.1:GetBaseReport")
async def test_the_inventory_is_asked_for_once_per_firmware(context: StandInContext) -> None:
    await booted(context, "1.0")
    context.answers = [v21.GetBaseReportResponse(status="NotSupported")]
    await request_inventory(context, STATION)
    await request_inventory(context, STATION)
    assert len(context.asked) == 1
    last = await last_full_report(context.database, STATION)
    assert last is not None
    assert last["status"] == "NotSupported"
    await booted(context, "2.0")
    context.answers = [CallRefused("NotImplemented")]
    with pytest.raises(CallRefused):
        await request_inventory(context, STATION)
    await request_inventory(context, STATION)
    assert len(context.asked) == 2
