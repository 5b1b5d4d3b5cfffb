from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.csms.builders import STATION, Heard, StandInContext, Station, a_context
from voltgate.csms.provisioning import HANDLERS, read_variable
from voltgate.csms.provisioning.commands import request_full_inventory
from voltgate.csms.provisioning.views import list_variables
from voltgate.csms.stations import read_station, register_station
from voltgate.csms.stations.views import view_station
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

AT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


async def registered(context: StandInContext, **known: Any) -> Station:
    work = Work()
    register_station(work, STATION, 0, known)
    await context.database.commit(work)
    return Station(context, dict(HANDLERS))


def boot(firmware: str | None = "1.0") -> v21.BootNotificationRequest:
    told = v21.ChargingStationType(model="Wall", vendorName="Acme", serialNumber="S1", firmwareVersion=firmware)
    return v21.BootNotificationRequest(chargingStation=told, reason="PowerUp")


@pytest.mark.requirement("B01.FR.02", "B01.FR.05", "B02.FR.07", "B03.FR.05")
@pytest.mark.action("2.1:BootNotification")
@pytest.mark.parametrize(
    ("decided", "answer", "interval"),
    [(None, "Accepted", 300), ("Accepted", "Accepted", 300), ("Pending", "Pending", 60), ("Rejected", "Rejected", 60)],
)
async def test_a_boot_is_answered_as_the_operator_decided(context: StandInContext, decided: str | None, answer: str, interval: int) -> None:
    station = await registered(context, next_boot=decided)
    heard = await station.says(boot(), at=AT)
    assert (heard.answer.status, heard.answer.interval, heard.answer.currentTime) == (answer, interval, AT)
    known = await read_station(context.database, STATION)
    assert known is not None
    assert (known.registration, known.vendor, known.model, known.serial_number, known.firmware_version) == (
        answer,
        "Acme",
        "Wall",
        "S1",
        "1.0",
    )
    assert heard.told[0] == "station.booted"


async def test_what_a_later_boot_does_not_say_stays(context: StandInContext) -> None:
    station = await registered(context)
    await station.says(boot())
    await station.says(boot(None))
    known = await read_station(context.database, STATION)
    assert known is not None
    assert known.firmware_version == "1.0"


def data(component: str, variable: str, value: str, evse: v21.EVSEType | None = None, **more: Any) -> v21.ReportDataType:
    return v21.ReportDataType(
        component=v21.ComponentType(name=component, evse=evse),
        variable=v21.VariableType(name=variable),
        variableAttribute=[v21.VariableAttributeType(value=value, mutability="ReadWrite")],
        variableCharacteristics=v21.VariableCharacteristicsType(dataType="integer", supportsMonitoring=True, unit="s", **more),
    )


async def report(station: Station, request_id: int, *parts: list[v21.ReportDataType], at: datetime = AT) -> Heard:
    heard = None
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        said = v21.NotifyReportRequest(requestId=request_id, generatedAt=at, seqNo=number, reportData=part, tbc=None if last else True)
        heard = await station.says(said, at=at)
    assert heard is not None
    return heard


@pytest.mark.requirement("B07.FR.07", "B08.FR.05")
@pytest.mark.action("2.1:NotifyReport")
async def test_the_parts_of_a_report_become_the_device_model(context: StandInContext) -> None:
    station = await registered(context)
    place = v21.EVSEType(id=1, connectorId=2)
    heard = await report(
        station, 1, [data("OCPPCommCtrlr", "HeartbeatInterval", "300", minLimit=1)], [data("Connector", "Available", "true", place)]
    )
    assert heard.told == ["station.reported"]
    variables = await list_variables(context.database, STATION)
    assert [(one.component, one.evse_id, one.connector_id, one.variable, one.value) for one in variables] == [
        ("Connector", 1, 2, "Available", "true"),
        ("OCPPCommCtrlr", None, None, "HeartbeatInterval", "300"),
    ]
    assert (variables[1].type, variables[1].unit, variables[1].min_limit, variables[1].mutability) == ("integer", "s", "1", "ReadWrite")
    assert await read_variable(context.database, STATION, "OCPPCommCtrlr", "HeartbeatInterval") == "300"
    shown = await view_station(context.database, STATION)
    assert shown is not None
    assert [(evse.evse_id, evse.connectors[0].connector_id, evse.state) for evse in shown.evses] == [(1, 2, "Offline")]


async def test_a_full_inventory_takes_away_what_it_does_not_mention(context: StandInContext) -> None:
    station = await registered(context)
    await station.says(boot())
    context.answers = [v21.GetBaseReportResponse(status="Accepted"), v21.GetBaseReportResponse(status="Accepted")]
    await request_full_inventory(context, STATION)
    await report(station, 1, [data("Old", "Thing", "1")], [data("New", "Thing", "1")])
    context.clock.advance(3600 * 48)
    await request_full_inventory(context, STATION)
    await report(station, 2, [data("New", "Thing", "2")], at=AT + timedelta(days=3))
    assert [(one.component, one.value) for one in await list_variables(context.database, STATION)] == [("New", "2")]


async def test_another_report_takes_nothing_away(context: StandInContext) -> None:
    station = await registered(context)
    await report(station, 1, [data("One", "Thing", "1")])
    await report(station, 99, [data("Two", "Thing", "1")], at=AT + timedelta(days=1))
    assert len(await list_variables(context.database, STATION)) == 2
