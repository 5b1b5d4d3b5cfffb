"""Events of stations in several parts, with all they may carry, and custom data anywhere (N07, P03)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from tests.csms.builders import STATION, Station, a_context
from tests.csms.pair import Office
from voltgate.csms.diagnostics import HANDLERS
from voltgate.csms.diagnostics.events import alarm_kind
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int, value: str = "91", evse: int | None = 1, **more: Any) -> v21.EventDataType:
    given: dict[str, Any] = {"trigger": "Alerting", "eventNotificationType": "CustomMonitor", "variableMonitoringId": 3, **more}
    place = None if evse is None else v21.EVSEType(id=evse)
    return v21.EventDataType(
        eventId=number,
        timestamp=AT,
        actualValue=value,
        component=v21.ComponentType(name="EVSE", evse=place),
        variable=v21.VariableType(name="Temperature"),
        **given,
    )


@pytest.mark.requirement("N07.FR.03", "N07.FR.05", "N07.FR.06", "N07.FR.07", "N07.FR.20")
@pytest.mark.action("2.1:NotifyEvent")
async def test_every_event_of_every_part_is_kept_with_its_monitor_and_cause(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    first = [event(1, severity=2), event(2, cause=1, transactionId="T-1")]
    heard = await station.says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, tbc=True, eventData=first))
    assert heard.answer == v21.NotifyEventResponse()
    await station.says(v21.NotifyEventRequest(generatedAt=AT, seqNo=1, eventData=[event(3, evse=2)]))
    kept = await database.query(text("SELECT * FROM station_events ORDER BY id"))
    assert [
        (row["event_id"], row["evse_id"], row["monitoring_id"], row["cause"], row["severity"], row["transaction_id"]) for row in kept
    ] == [
        (1, 1, 3, None, 2, None),
        (2, 1, 3, 1, None, "T-1"),
        (3, 2, 3, None, None, None),
    ]


@pytest.mark.requirement("N07.FR.02", "N07.FR.14")
@pytest.mark.action("2.1:NotifyEvent")
async def test_a_monitor_that_clears_ends_its_own_alarm_only(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    for number, evse in enumerate((1, 2), 1):
        await station.says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[event(number, evse=evse, severity=1)]))
    heard = await station.says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[event(3, "40", cleared=True, severity=1)]))
    assert [(said.topic, said.data["kind"]) for said in heard.work.events] == [("alarm.cleared", alarm_kind(event(1)))]
    assert alarm_kind(event(1)) != alarm_kind(event(2, evse=2))


@pytest.mark.requirement("N07.FR.10")
async def test_a_value_that_must_not_be_told_is_empty(database: SqliteDatabase) -> None:
    await Station(a_context(database), dict(HANDLERS)).says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[event(1, "")]))
    assert (await database.query(text("SELECT value FROM station_events")))[0]["value"] == ""


@pytest.mark.requirement("TC_P_03_CSMS")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_custom_data_anywhere_does_no_harm(office: Office, version: str) -> None:
    await office.register(STATION)
    wire = await office.connect(STATION, version)
    await wire.boots()
    custom = {"customData": {"vendorId": "com.acme", "deep": {"er": [1, None, "x"]}}}
    status = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1, **custom}
    assert await wire.asks("StatusNotification", status, "1") == [3, "1", {}]
    began = {
        "eventType": "Started",
        "timestamp": "2026-01-01T00:00:00Z",
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "T-1", **custom},
        "evse": {"id": 1, "connectorId": 1, **custom},
        **custom,
    }
    assert (await wire.asks("TransactionEvent", began, "2"))[0] == 3
