from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.csms.builders import STATION, Station, a_context, rows
from voltgate.csms.availability import HANDLERS as AVAILABILITY
from voltgate.csms.diagnostics import HANDLERS, prune_events
from voltgate.csms.diagnostics.store import LOG_STATUSES, STATION_EVENTS
from voltgate.csms.stations.store import CONNECTORS
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int, value: str, *, variable: str = "Problem", evse: v21.EVSEType | None = None, **more: Any) -> v21.NotifyEventRequest:
    data = v21.EventDataType(
        eventId=number,
        timestamp=AT,
        trigger="Alerting",
        actualValue=value,
        component=v21.ComponentType(name="Connector", evse=evse),
        variable=v21.VariableType(name=variable),
        eventNotificationType="HardWiredNotification",
        **more,
    )
    return v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[data])


@pytest.fixture
async def station(database: SqliteDatabase) -> Station:
    station = Station(a_context(database), {**HANDLERS, **AVAILABILITY})
    await station.says(v21.StatusNotificationRequest(timestamp=AT, connectorStatus="Faulted", evseId=1, connectorId=1))
    return station


@pytest.mark.requirement("N07.FR.02")
@pytest.mark.action("2.1:NotifyEvent")
async def test_a_problem_shows_at_its_connector_and_goes_away(station: Station, database: SqliteDatabase) -> None:
    place = v21.EVSEType(id=1, connectorId=1)
    heard = await station.says(event(1, "true", evse=place, techCode="GroundFailure", techInfo="wet"))
    assert heard.alarms == ["problem.connector.1.1"]
    assert "GroundFailure" in heard.work.events[0].data["text"]
    row = (await rows(database, select(CONNECTORS)))[0]
    assert (row["error_code"], row["info"]) == ("GroundFailure", "wet")
    heard = await station.says(event(2, "false", evse=place, techCode="GroundFailure", cleared=True))
    assert heard.told == ["alarm.cleared"]
    assert (await rows(database, select(CONNECTORS)))[0]["error_code"] is None


async def test_events_are_kept_once(station: Station, database: SqliteDatabase) -> None:
    for _ in range(2):
        await station.says(event(7, "42", variable="Temperature"))
    kept = await rows(database, select(STATION_EVENTS))
    assert [(row["station_id"], row["value"], row["at_ms"]) for row in kept] == [(STATION, "42", to_ms(AT))]


@pytest.mark.parametrize(("severity", "alarms"), [(0, 1), (3, 1), (4, 0), (9, 0), (None, 0)])
async def test_a_grave_monitor_is_an_alarm(station: Station, severity: int | None, alarms: int) -> None:
    assert len((await station.says(event(1, "99", variable="Temperature", severity=severity))).alarms) == alarms


@pytest.mark.action("2.1:LogStatusNotification")
async def test_the_steps_of_an_upload_are_kept(station: Station, database: SqliteDatabase) -> None:
    await station.says(v21.LogStatusNotificationRequest(status="Uploading", requestId=3))
    heard = await station.says(v21.LogStatusNotificationRequest(status="UploadFailure", requestId=3))
    assert heard.alarms == ["log"]
    assert [row["status"] for row in await rows(database, select(LOG_STATUSES))] == ["Uploading", "UploadFailure"]


async def test_old_events_go(station: Station, database: SqliteDatabase) -> None:
    for number, day in enumerate((1, 2, 3)):
        await station.says(event(number, "1", variable="Power"), at=datetime(2026, 2, day, tzinfo=UTC))
    await prune_events(database, to_ms(datetime(2026, 2, 2, tzinfo=UTC)))
    assert [row["event_id"] for row in await rows(database, select(STATION_EVENTS))] == [1, 2]
