"""What we may say about the device model: limits of the station, no variable twice, resets (B05, B06, B08, B11, B12)."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from tests.csms.builders import STATION, StandInContext, a_context
from voltgate.csms.provisioning import COMMANDS
from voltgate.csms.provisioning.model import ENVELOPE_BYTES, VariableKey, split_to_fit
from voltgate.csms.provisioning.store import keep_value, read_report
from voltgate.csms.provisioning.views import list_variables
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallRefused, OccurrenceConstraintViolation, PeerCannot


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


async def limit(context: StandInContext, name: str, message: str, value: int) -> None:
    work = Work()
    keep_value(work, STATION, VariableKey("DeviceDataCtrlr", name, instance=message), str(value), 1)
    await context.database.commit(work)


async def command(context: StandInContext, request: Any) -> Any:
    run: Any = COMMANDS[request.action]
    return await run(context, STATION, request)


def wish(name: str, value: str = "1", attribute: v21.AttributeEnumType | None = None) -> v21.SetVariableDataType:
    place = v21.ComponentType(name="Ctrlr")
    return v21.SetVariableDataType(attributeValue=value, component=place, variable=v21.VariableType(name=name), attributeType=attribute)


def taken(*wishes: v21.SetVariableDataType, status: v21.SetVariableStatusEnumType = "Accepted") -> v21.SetVariablesResponse:
    return v21.SetVariablesResponse(
        setVariableResult=[
            v21.SetVariableResultType(
                attributeStatus=status, component=one.component, variable=one.variable, attributeType=one.attributeType
            )
            for one in wishes
        ]
    )


def sizes(context: StandInContext) -> list[int]:
    fields = {"SetVariables": "setVariableData", "GetVariables": "getVariableData"}
    return [len(getattr(request, fields[request.action])) for _, request in context.asked]


@pytest.mark.requirement("B05.FR.11", "B05.FR.01")
@pytest.mark.action("2.1:SetVariables")
async def test_more_wishes_than_the_station_takes_go_out_in_parts(context: StandInContext) -> None:
    await limit(context, "ItemsPerMessage", "SetVariables", 2)
    wishes = [wish(f"V{number}") for number in range(5)]
    context.answers = [taken(*wishes[:2]), taken(*wishes[2:4], status="Rejected"), taken(*wishes[4:], status="RebootRequired")]
    answer = await command(context, v21.SetVariablesRequest(setVariableData=wishes))
    assert sizes(context) == [2, 2, 1]
    assert [one.variable.name for one in answer.setVariableResult] == [f"V{number}" for number in range(5)]
    kept = {one.variable for one in await list_variables(context.database, STATION)} - {"ItemsPerMessage"}
    assert kept == {"V0", "V1", "V4"}


@pytest.mark.requirement("B05.FR.11")
async def test_bytes_count_too(context: StandInContext) -> None:
    one = len(msgspec.json.encode(wish("V0"))) + 1
    await limit(context, "BytesPerMessage", "SetVariables", ENVELOPE_BYTES + 2 * one)
    wishes = [wish(f"V{number}") for number in range(3)]
    context.answers = [taken(*wishes[:2]), taken(*wishes[2:])]
    await command(context, v21.SetVariablesRequest(setVariableData=wishes))
    assert sizes(context) == [2, 1]


def test_messages_are_never_empty() -> None:
    assert split_to_fit([1, 2, 3], None, None, lambda _: 1) == [[1, 2, 3]]
    assert split_to_fit([1, 2, 3], 0, None, lambda _: 1) == [[1], [2], [3]]
    assert split_to_fit([1, 2], None, 1, lambda _: 10_000) == [[1], [2]]
    assert split_to_fit([], 1, 1, lambda _: 1) == []


@pytest.mark.requirement("B06.FR.05", "TC_B_08_CSMS")
@pytest.mark.action("2.1:GetVariables")
async def test_more_questions_than_the_station_takes_go_out_in_parts(context: StandInContext) -> None:
    await limit(context, "ItemsPerMessage", "GetVariables", 1)
    place = v21.ComponentType(name="Ctrlr")
    asked = [v21.GetVariableDataType(component=place, variable=v21.VariableType(name=name)) for name in ("A", "B")]
    context.answers = [
        v21.GetVariablesResponse(
            getVariableResult=[
                v21.GetVariableResultType(attributeStatus="Accepted", attributeValue="7", component=one.component, variable=one.variable)
            ]
        )
        for one in asked
    ]
    answer = await command(context, v21.GetVariablesRequest(getVariableData=asked))
    assert sizes(context) == [1, 1]
    assert [one.variable.name for one in answer.getVariableResult] == ["A", "B"]


@pytest.mark.requirement("B08.FR.06")
@pytest.mark.action("2.1:GetReport")
async def test_a_report_that_the_station_cannot_take_at_once_is_refused(context: StandInContext) -> None:
    await limit(context, "ItemsPerMessage", "GetReport", 1)
    wanted = [v21.ComponentVariableType(component=v21.ComponentType(name=name)) for name in ("A", "B")]
    with pytest.raises(OccurrenceConstraintViolation):
        await command(context, v21.GetReportRequest(requestId=1, componentVariable=wanted))
    assert context.asked == []


@pytest.mark.requirement("B05.FR.13")
@pytest.mark.parametrize(
    ("first", "second"), [(wish("A"), wish("A", "2")), (wish("A"), wish("a")), (wish("A"), wish("A", attribute="Actual"))]
)
async def test_no_variable_is_set_twice_in_a_message(
    context: StandInContext, first: v21.SetVariableDataType, second: v21.SetVariableDataType
) -> None:
    with pytest.raises(OccurrenceConstraintViolation):
        await command(context, v21.SetVariablesRequest(setVariableData=[first, second]))
    context.answers = [taken(first)]
    await command(context, v21.SetVariablesRequest(setVariableData=[first, wish("A", attribute="Target")]))


@pytest.mark.parametrize("failure", [CallRefused("NotImplemented"), PeerCannot("GetReport", "no such thing")])
async def test_a_report_that_was_refused_is_over(context: StandInContext, failure: Exception) -> None:
    context.answers = [failure]
    with pytest.raises(type(failure)):
        await command(context, v21.GetReportRequest(requestId=3, componentCriteria=["Active"]))
    report = await read_report(context.database, STATION, 3)
    assert report is not None
    assert report["status"] != "requested"


@pytest.mark.requirement(
    "B11.FR.01",
    "B11.FR.06",
    "B11.FR.07",
    "B12.FR.01",
    "TC_B_20_CSMS",
    "TC_B_21_CSMS",
    "TC_B_22_CSMS",
    "TC_B_25_CSMS",
    "TC_B_26_CSMS",
    "TC_B_27_CSMS",
)
@pytest.mark.action("2.1:Reset")
@pytest.mark.parametrize("status", ["Accepted", "Scheduled", "Rejected"])
async def test_how_a_station_answers_a_reset_is_kept(context: StandInContext, status: v21.ResetStatusEnumType) -> None:
    context.answers = [v21.ResetResponse(status=status, statusInfo=v21.StatusInfoType(reasonCode="Busy"))]
    assert (await command(context, v21.ResetRequest(type="OnIdle", evseId=1))).status == status
    (event,) = await context.database.query(text("SELECT topic, data FROM events"))
    assert event["topic"] == "station.reset"
    assert msgspec.json.decode(event["data"]) == {"type": "OnIdle", "evse_id": 1, "status": status, "reason": "Busy"}
