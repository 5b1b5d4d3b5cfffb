"""The numbers of the overview."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert

from tests.csms.api.conftest import FakeContext
from voltgate.csms.backoffice.alarms import Alarms
from voltgate.csms.stations import register_station
from voltgate.csms.stations.store import CONNECTORS
from voltgate.csms.transactions.store import TRANSACTIONS
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Statement, StoredEvent, Work

OVERVIEW, DAYS = "/api/v1/statistics/overview", "/api/v1/statistics/days"
HOUR_MS = 3_600_000
_ADD = Statement(insert(TRANSACTIONS))
_CONNECT = Statement(insert(CONNECTORS))


def add_transaction(work: Work, number: int, started_ms: int, *, station: str = "CS-1", **told: Any) -> None:
    """A transaction as its row."""
    values: dict[str, Any] = {column.name: None for column in TRANSACTIONS.columns}
    values |= {"station_id": station, "transaction_id": str(number), "evse_id": 1, "open": 0, "superseded": 0, "offline": 0, "doubts": "[]"}
    work.write(_ADD, **values | {"started_ms": started_ms, "last_event": "Ended", "last_event_ms": started_ms, "memory": "{}"} | told)


@pytest.fixture
async def busy(context: FakeContext) -> None:
    """Three stations, two of them connected; the clock shows 06:00."""
    context.clock.advance(6 * 3600)
    now, work = to_ms(context.clock.now()), Work()
    for station, connected in (("CS-1", 1), ("CS-2", 1), ("CS-3", 0)):
        register_station(work, station, 0, {"connected": connected})
        values = {column.name: None for column in CONNECTORS.columns}
        work.write(_CONNECT, **values | {"station_id": station, "evse_id": 1, "connector_id": 1, "status": "Available"})
    running: dict[str, Any] = {"open": 1, "charging_state": "Charging", "power_milli": 7_400_500}
    add_transaction(work, 1, now - HOUR_MS, energy_milli=5_000_500, **running)
    add_transaction(work, 2, now - 2 * HOUR_MS, station="CS-3", energy_milli=1000, **running)
    add_transaction(work, 3, now - 3 * HOUR_MS, station="CS-2", **running | {"superseded": 1, "evse_id": 9})
    add_transaction(work, 4, now - 4 * HOUR_MS, station="CS-2", **running | {"charging_state": "SuspendedEV", "power_milli": 0})
    add_transaction(work, 5, now - 8 * HOUR_MS, energy_milli=2_000_000)
    add_transaction(work, 6, now - 200 * HOUR_MS, energy_milli=9_000_000)
    await context.database.commit(work)
    await Alarms(context).hear(StoredEvent(1, "alarm.raised", 1, "CS-1", {"kind": "a", "text": "b"}))


async def test_an_empty_installation(admin: AsyncClient) -> None:
    empty = {"stations": 0, "connected": 0, "charging": 0, "power_w": 0.0, "sessions_today": 0, "energy_today_wh": 0.0, "alarms_open": 0}
    assert (await admin.get(OVERVIEW)).json() == empty
    assert (await admin.get("/api/v1/statistics/evses")).json() == {}


@pytest.mark.usefixtures("busy")
async def test_a_busy_one(admin: AsyncClient) -> None:
    assert (await admin.get(OVERVIEW)).json() == {
        "stations": 3,
        "connected": 2,
        "charging": 1,
        "power_w": 7400.5,
        "sessions_today": 4,
        "energy_today_wh": 5001.5,
        "alarms_open": 1,
    }
    assert (await admin.get("/api/v1/statistics/evses")).json() == {"Charging": 1, "Offline": 1, "Suspended": 1}


@pytest.mark.usefixtures("busy")
async def test_today_begins_where_the_operator_is(admin: AsyncClient) -> None:
    assert (await admin.get(OVERVIEW, params={"midnight": "2025-12-31T22:00:00Z"})).json()["sessions_today"] == 5
    assert (await admin.get(OVERVIEW, params={"midnight": "2026-01-01T04:30:00+00:00"})).json()["sessions_today"] == 1
    for wrong in ("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "yesterday"):
        answer = await admin.get(OVERVIEW, params={"midnight": wrong})
        assert (answer.status_code, answer.json()["field"]) == (400, "midnight")


@pytest.mark.usefixtures("busy")
async def test_days_are_complete_and_in_order(admin: AsyncClient) -> None:
    days = (await admin.get(DAYS, params={"days": 3})).json()
    assert days == [
        {"start": "2025-12-30T00:00:00Z", "sessions": 0, "energy_wh": 0.0},
        {"start": "2025-12-31T00:00:00Z", "sessions": 1, "energy_wh": 2000.0},
        {"start": "2026-01-01T00:00:00Z", "sessions": 4, "energy_wh": 5001.5},
    ]
    assert len((await admin.get(DAYS)).json()) == 30
    assert (await admin.get(DAYS, params={"days": 367})).json()["field"] == "days"
