"""The state of an EVSE is one word, and lists can be filtered by it."""

from typing import Any

import pytest

from voltgate.csms.authorization import HANDLERS as _AUTHORIZATION  # noqa: F401 - its tables are needed
from voltgate.csms.stations.store import (
    keep_boot,
    keep_connector_status,
    keep_registration,
    register_station,
    write_connected,
    write_topology,
)
from voltgate.csms.stations.views import StationFilter, list_stations, view_station
from voltgate.csms.transactions.store import TRANSACTIONS
from voltgate.infrastructure.database import Statement, Work, insert
from voltgate.infrastructure.database.sqlite import SqliteDatabase

_ADD = Statement(insert(TRANSACTIONS))


async def write(
    database: SqliteDatabase, *, connected: bool = True, statuses: tuple[str, ...] = ("Available",), changed_ms: int = 100
) -> None:
    work = Work()
    register_station(work, "CS-1", 0, {"name": "Front", "latitude_micro": 52_000_000, "longitude_micro": 4_500_000})
    write_topology(work, "CS-1", [(1, 1)])
    for number, status in enumerate(statuses, 1):
        keep_connector_status(work, "CS-1", 1, number, status, changed_ms)
    if connected:
        write_connected(work, "CS-1", "2.1", 5)
    await database.commit(work)


async def transaction(database: SqliteDatabase, state: str | None, *, ended_ms: int | None = None, **more: Any) -> None:
    values: dict[str, Any] = {column.name: None for column in TRANSACTIONS.columns}
    values |= {"station_id": "CS-1", "transaction_id": "T1", "evse_id": 1, "open": int(ended_ms is None), "charging_state": state}
    values |= {"started_ms": 50, "ended_ms": ended_ms, "superseded": 0, "offline": 0, "doubts": "[]", "last_event": "Updated"}
    values |= {"last_event_ms": 60, "memory": "{}", "energy_milli": 1_234_500, "power_milli": 7_000_000, **more}
    work = Work()
    work.write(_ADD, **values)
    await database.commit(work)


async def state(database: SqliteDatabase) -> str:
    found = await view_station(database, "CS-1")
    assert found is not None
    assert [station.id for station in await list_stations(database, StationFilter(state=found.evses[0].state), None, 10)] == ["CS-1"]
    return found.evses[0].state


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (("Available",), "Available"),
        (("Occupied",), "Preparing"),
        (("Reserved",), "Reserved"),
        (("Unavailable",), "Unavailable"),
        (("Faulted",), "Faulted"),
        (("Available", "Faulted"), "Faulted"),
        (("Available", "Unavailable"), "Available"),
        (("Unavailable", "Unavailable"), "Unavailable"),
        ((), "Unavailable"),
    ],
)
async def test_without_a_transaction_the_connectors_say_it(database: SqliteDatabase, statuses: tuple[str, ...], word: str) -> None:
    await write(database, statuses=statuses)
    assert await state(database) == word


@pytest.mark.parametrize(
    ("charging", "word"),
    [
        ("Charging", "Charging"),
        ("SuspendedEV", "Suspended"),
        ("SuspendedEVSE", "Suspended"),
        ("EVConnected", "Preparing"),
        ("Idle", "Finishing"),
        (None, "Preparing"),
    ],
)
async def test_a_transaction_says_more_than_its_connector(database: SqliteDatabase, charging: str | None, word: str) -> None:
    await write(database, statuses=("Occupied",))
    await transaction(database, charging)
    assert await state(database) == word


async def test_a_cable_that_stays_after_the_end_is_finishing(database: SqliteDatabase) -> None:
    await write(database, statuses=("Occupied",), changed_ms=100)
    await transaction(database, "EVConnected", ended_ms=200)
    assert await state(database) == "Finishing"


async def test_a_car_that_came_after_the_last_one_left_is_preparing(database: SqliteDatabase) -> None:
    await write(database, statuses=("Occupied",), changed_ms=300)
    await transaction(database, "EVConnected", ended_ms=200)
    assert await state(database) == "Preparing"


async def test_who_is_not_connected_is_offline(database: SqliteDatabase) -> None:
    await write(database, connected=False, statuses=("Occupied",))
    await transaction(database, "Charging")
    assert await state(database) == "Offline"


async def test_a_station_shows_what_goes_on(database: SqliteDatabase) -> None:
    await write(database, statuses=("Occupied", "Available"))
    await transaction(database, "Charging", id_token="CARD")
    found = await view_station(database, "CS-1")
    assert found is not None
    assert (found.power_w, found.open_transactions, found.latitude, found.longitude) == (7000.0, 1, 52.0, 4.5)
    evse = found.evses[0]
    assert evse.transaction is not None
    assert (evse.transaction.transaction_id, evse.transaction.energy_wh, evse.transaction.id_token) == ("T1", 1234.5, "CARD")
    assert [connector.connector_id for connector in evse.connectors] == [1, 2]


async def test_lists_are_filtered_and_paged(database: SqliteDatabase) -> None:
    work = Work()
    for number in range(5):
        register_station(work, f"CS-{number}", 0, {"site": f"S{number % 2}", "name": "Main 100%" if number == 3 else None})
    await database.commit(work)
    work = Work()
    write_connected(work, "CS-1", "2.1", 5)
    keep_registration(work, "CS-2", "Rejected", "Rejected")
    told = {"vendor": "Acme", "model": "Wall", "serial_number": "SN", "firmware_version": "1"}
    keep_boot(work, "CS-4", told, "Accepted", 1)
    await database.commit(work)

    async def ids(after: str | None = None, limit: int = 10, **wanted: Any) -> list[str]:
        return [station.id for station in await list_stations(database, StationFilter(**wanted), after, limit)]

    assert await ids(limit=2) == ["CS-0", "CS-1"]
    assert await ids("CS-1", limit=2) == ["CS-2", "CS-3"]
    assert await ids(site="S1") == ["CS-1", "CS-3"]
    assert await ids(connected=True) == ["CS-1"]
    assert await ids(search="0%") == ["CS-3"]
    assert await ids(search="acme") == ["CS-4"]
    assert await ids(state="Charging") == []
