from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.csms.builders import Station, a_context, rows
from voltgate.csms.availability import HANDLERS
from voltgate.csms.availability.model import plausible_ms
from voltgate.csms.stations.store import CONNECTORS
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def told(status: v21.ConnectorStatusEnumType, at: datetime) -> v21.StatusNotificationRequest:
    return v21.StatusNotificationRequest(timestamp=at, connectorStatus=status, evseId=1, connectorId=1)


@pytest.mark.requirement("G01.FR.01")
@pytest.mark.action("2.1:StatusNotification")
async def test_the_last_status_counts_whatever_the_order_of_arrival(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    heard = await station.says(told("Occupied", late), at=NOW)
    assert heard.told == ["connector.status"]
    await station.says(told("Available", early), at=NOW)
    row = (await rows(database, select(CONNECTORS)))[0]
    assert (row["status"], row["changed_ms"]) == ("Occupied", to_ms(late))


async def test_a_repeated_status_does_not_change_since_when(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    first, again = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    await station.says(told("Available", first), at=NOW)
    await station.says(told("Available", again), at=NOW)
    row = (await rows(database, select(CONNECTORS)))[0]
    assert (row["changed_ms"], row["status_ms"]) == (to_ms(first), to_ms(again))


@pytest.mark.parametrize("strange", [datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(days=400)])
async def test_a_clock_that_is_wrong_does_not_freeze_a_connector(database: SqliteDatabase, strange: datetime) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    await station.says(told("Occupied", strange), at=NOW)
    await station.says(told("Available", NOW), at=NOW)
    assert (await rows(database, select(CONNECTORS)))[0]["status"] == "Available"


def test_plausible_times() -> None:
    assert plausible_ms(0, 5_000_000_000_000) == 5_000_000_000_000
    assert plausible_ms(2_000_000_000_000, 1_900_000_000_000) == 1_900_000_000_000
    assert plausible_ms(1_800_000_000_000, 1_900_000_000_000) == 1_800_000_000_000


@pytest.mark.requirement("G02.FR.02")
@pytest.mark.action("2.1:Heartbeat")
async def test_a_heartbeat_tells_the_time(database: SqliteDatabase) -> None:
    heard = await Station(a_context(database), dict(HANDLERS)).says(v21.HeartbeatRequest(), at=NOW)
    assert heard.answer == v21.HeartbeatResponse(currentTime=NOW)
