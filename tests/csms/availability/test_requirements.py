"""Switching off and on is remembered; the state of a connector may come as an event (G01 to G05, B01.FR.05, B04)."""

from datetime import UTC, datetime
from typing import Any, cast

import httpx
import msgspec
import pytest
from sqlalchemy import select, text

from tests.csms.builders import STATION, StandInContext, Station, a_client, a_context, rows
from tests.csms.pair import Office
from voltgate.csms import availability, diagnostics
from voltgate.csms.blocks import ROUTES
from voltgate.csms.stations.store import CONNECTORS
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.errors import NotConnected

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


def event(value: str, place: v21.EVSEType | None, component: str = "Connector", variable: str = "AvailabilityState") -> v21.EventDataType:
    return v21.EventDataType(
        eventId=1,
        timestamp=AT,
        trigger="Delta",
        actualValue=value,
        component=v21.ComponentType(name=component, evse=place),
        variable=v21.VariableType(name=variable),
        eventNotificationType="HardWiredNotification",
    )


async def connectors(database: SqliteDatabase) -> list[tuple[int, int, str]]:
    return [(row["evse_id"], row["connector_id"], row["status"]) for row in await rows(database, select(CONNECTORS))]


@pytest.mark.requirement("B01.FR.05", "B04.FR.01", "B04.FR.02", "G01.FR.03", "G01.FR.04", "G01.FR.07", "N07.FR.03")
@pytest.mark.action("2.1:NotifyEvent")
@pytest.mark.parametrize("value", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
async def test_the_state_of_a_connector_may_come_as_an_event(context: StandInContext, database: SqliteDatabase, value: str) -> None:
    station = Station(context, dict(diagnostics.HANDLERS))
    place = v21.EVSEType(id=2, connectorId=1)
    heard = await station.says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[event(value, place)]))
    assert heard.answer == v21.NotifyEventResponse()
    assert heard.told == ["connector.status"]
    assert await connectors(database) == [(2, 1, value)]


@pytest.mark.parametrize(
    "other",
    [
        event("Available", None),
        event("Sleeping", v21.EVSEType(id=1, connectorId=1)),
        event("Available", v21.EVSEType(id=1), component="EVSE"),
        event("Available", v21.EVSEType(id=1, connectorId=1), variable="Power"),
    ],
    ids=["no place", "no status", "not a connector", "not its state"],
)
async def test_other_events_change_no_connector(context: StandInContext, database: SqliteDatabase, other: v21.EventDataType) -> None:
    station = Station(context, dict(diagnostics.HANDLERS))
    await station.says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[other]))
    assert await connectors(database) == []


@pytest.mark.requirement("G05.FR.03", "G05.FR.02", "TC_G_20_CSMS")
async def test_a_lock_that_fails_is_an_alarm(context: StandInContext) -> None:
    failure = event("true", v21.EVSEType(id=1, connectorId=1), "ConnectorPlugRetentionLock", "Problem")
    heard = await Station(context, dict(diagnostics.HANDLERS)).says(v21.NotifyEventRequest(generatedAt=AT, seqNo=0, eventData=[failure]))
    assert heard.answer == v21.NotifyEventResponse()
    assert heard.alarms == ["problem.connectorplugretentionlock.1.1"]


async def change(context: StandInContext, wanted: v21.OperationalStatusEnumType, place: v21.EVSEType | None = None) -> str:
    command: Any = availability.COMMANDS["ChangeAvailability"]
    answer = await command(context, STATION, v21.ChangeAvailabilityRequest(operationalStatus=wanted, evse=place))
    return cast(str, answer.status)


@pytest.mark.requirement(
    "G03.FR.01",
    "G03.FR.02",
    "G03.FR.05",
    "G04.FR.01",
    "G04.FR.02",
    "G04.FR.06",
    "TC_G_03_CSMS",
    "TC_G_04_CSMS",
    "TC_G_05_CSMS",
    "TC_G_06_CSMS",
    "TC_G_07_CSMS",
    "TC_G_08_CSMS",
    "TC_G_11_CSMS",
    "TC_G_14_CSMS",
    "TC_G_17_CSMS",
)
@pytest.mark.action("2.1:ChangeAvailability")
@pytest.mark.parametrize(("place", "shown"), [(None, (0, 0)), (v21.EVSEType(id=2), (2, 0)), (v21.EVSEType(id=2, connectorId=1), (2, 1))])
async def test_what_was_wanted_last_is_kept_with_the_answer(
    context: StandInContext, place: v21.EVSEType | None, shown: tuple[int, int]
) -> None:
    info = v21.StatusInfoType(reasonCode="InUse")
    context.answers = [
        v21.ChangeAvailabilityResponse(status="Accepted"),
        v21.ChangeAvailabilityResponse(status="Scheduled", statusInfo=info),
    ]
    assert await change(context, "Operative", place) == "Accepted"
    assert await change(context, "Inoperative", place) == "Scheduled"
    (kept,) = await context.database.query(text("SELECT * FROM availability_wishes"))
    assert (kept["evse_id"], kept["connector_id"], kept["wanted"], kept["answered"], kept["reason"]) == (
        *shown,
        "Inoperative",
        "Scheduled",
        "InUse",
    )
    events = await context.database.query(text("SELECT topic, data FROM events ORDER BY seq"))
    assert [msgspec.json.decode(row["data"])["answered"] for row in events] == ["Accepted", "Scheduled"]


async def test_what_the_station_never_heard_is_not_kept(context: StandInContext) -> None:
    context.answers = [NotConnected("away")]
    with pytest.raises(NotConnected):
        await change(context, "Inoperative")
    assert await context.database.query(text("SELECT * FROM availability_wishes")) == []


async def test_it_is_shown(office: Office) -> None:
    client: httpx.AsyncClient = a_client(cast(Any, office.services), ROUTES)
    await office.register(STATION)
    context = a_context(cast(SqliteDatabase, office.services.database))
    context.answers = [v21.ChangeAvailabilityResponse(status="Accepted")]
    await change(context, "Inoperative", v21.EVSEType(id=1))
    (shown,) = (await client.get(f"/stations/{STATION}/availability")).json()
    assert (shown["evse_id"], shown["connector_id"], shown["wanted"], shown["answered"]) == (1, None, "Inoperative", "Accepted")
    assert (await client.get("/stations/NOBODY/availability")).status_code == 404


@pytest.mark.requirement("G02.FR.04")
@pytest.mark.action("2.1:Heartbeat", "2.1:StatusNotification")
async def test_every_message_counts_as_a_sign_of_life(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    office.clock.advance(120)
    status = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    await wire.asks("StatusNotification", status, "2")
    assert office.who("CS-1").heard_at == office.clock.now()
