"""Transactions and their values over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.builders import (
    NOON_MS,
    StandInContext,
    Station,
    a_client,
    a_context,
    a_sample,
    a_token,
    after,
    an_event,
    ended,
    measured,
    started,
    updated,
)
from voltgate.csms import meter_values
from voltgate.csms.transactions import HANDLERS, ROUTES
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


@pytest.fixture
def station(context: StandInContext) -> Station:
    return Station(context, HANDLERS | meter_values.HANDLERS)


@pytest.fixture
async def client(context: StandInContext) -> AsyncIterator[AsyncClient]:
    async with a_client(context, [*ROUTES, *meter_values.ROUTES]) as client:
        yield client


async def listed(client: AsyncClient, path: str = "/transactions", **params: Any) -> list[str]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [item["transaction_id"] for item in answer.json()["items"]]


async def test_one_transaction(client: AsyncClient, station: Station) -> None:
    await station.says(started(0, token=a_token(), trigger="Authorized", remoteStartId=7), ended(1, after(60), 3000.5))
    assert (await client.get("/transactions/CS-1/T-1")).json() == {
        "station_id": "CS-1",
        "transaction_id": "T-1",
        "evse_id": 1,
        "connector_id": 1,
        "id_token": "CARD-1",
        "id_token_type": "ISO14443",
        "token_status": "Invalid",
        "open": False,
        "charging_state": "Idle",
        "started_at": "2026-01-01T12:00:00Z",
        "ended_at": "2026-01-01T13:00:00Z",
        "stopped_reason": "Local",
        "energy_wh": 2000.5,
        "register_start_wh": 1000.0,
        "register_end_wh": 3000.5,
        "power_w": 0.0,
        "remote_start_id": 7,
        "reservation_id": None,
        "offline": False,
        "doubts": ["the token CARD-1 is Invalid"],
        "last_event": "Ended",
        "last_event_at": "2026-01-01T13:00:00Z",
    }
    assert (await client.get("/transactions/CS-1/T-2")).status_code == 404


async def test_lists_newest_first_with_filters(client: AsyncClient, station: Station, context: StandInContext) -> None:
    other = Station(context, HANDLERS, name="CS-2")
    for minute in range(4):
        await station.says(started(0, after(minute), transaction=f"T-{minute}", evse=minute + 1))
    await station.says(ended(1, after(9), transaction="T-0"))
    await other.says(started(0, after(2), transaction="OTHER", token=a_token("Guest"), trigger="Authorized"))
    assert await listed(client) == ["T-3", "OTHER", "T-2", "T-1", "T-0"]
    assert await listed(client, station="CS-2") == ["OTHER"]
    assert await listed(client, "/stations/CS-1/transactions", open=True) == ["T-3", "T-2", "T-1"]
    assert await listed(client, open=False) == ["T-0"]
    assert await listed(client, transaction="T-2") == ["T-2"]
    assert await listed(client, token="gUEST") == ["OTHER"]
    assert await listed(client, **{"from": after(1).isoformat(), "to": after(2).isoformat()}) == ["T-1"]
    page = (await client.get("/transactions", params={"limit": 2})).json()
    assert await listed(client, limit=2, cursor=page["next_cursor"]) == ["T-2", "T-1"]


async def test_events_in_the_order_in_which_they_happened(client: AsyncClient, station: Station) -> None:
    await station.says(started(0), ended(2, after(10), 2000))
    await station.says(updated(1, after(5), 1500))
    events = (await client.get("/transactions/CS-1/T-1/events")).json()
    assert [(event["type"], event["seq_no"], event["register_wh"]) for event in events] == [
        ("Started", 0, 1000.0),
        ("Updated", 1, 1500.0),
        ("Ended", 2, 2000.0),
    ]


async def test_values_of_a_transaction(client: AsyncClient, station: Station) -> None:
    await station.says(started(0), updated(1, after(5), 1500))
    await station.says(started(0, transaction="OTHER", evse=2, wh=7))
    signed = a_sample(
        2.5,
        "Energy.Active.Import.Register",
        unit="kWh",
        signedMeterValue=v21.SignedMeterValueType(signedMeterData="x", encodingMethod="OCMF"),
    )
    await station.says(an_event("Updated", 2, after(6), measured(after(6), signed), trigger="MeterValuePeriodic"))
    values = (await client.get("/transactions/CS-1/T-1/meter-values")).json()["items"]
    assert [(value["at"], value["value"], value["original_value"], value["original_unit"]) for value in values] == [
        ("2026-01-01T12:06:00Z", 2500.0, "2.5", "kWh"),
        ("2026-01-01T12:05:00Z", 1500.0, "1500", "Wh"),
        ("2026-01-01T12:00:00Z", 1000.0, "1000", "Wh"),
    ]
    assert values[0]["signed"] == {"signed_meter_data": "x", "encoding_method": "OCMF", "signing_method": None, "public_key": None}


async def test_series_are_thinned_out_on_the_server(client: AsyncClient, station: Station) -> None:
    await station.says(started(0, wh=None))
    assert (await client.get("/transactions/CS-1/T-1/meter-values/series")).json() == []
    for n in range(1, 101):
        meter = measured(after(n), a_sample(1000.0 + n % 2, "Power.Active.Import"), a_sample(float(n), "Energy.Active.Import.Register"))
        await station.says(an_event("Updated", n, after(n), meter))
    series = (await client.get("/transactions/CS-1/T-1/meter-values/series", params={"points": 10})).json()
    assert {one["measurand"]: len(one["points"]) for one in series} == {"Power.Active.Import": 10, "Energy.Active.Import.Register": 10}
    by_name = {one["measurand"]: one for one in series}
    assert by_name["Energy.Active.Import.Register"]["points"][-1] == [NOON_MS + 100 * 60_000, 100.0]
    assert by_name["Power.Active.Import"]["points"][0][1] == 1000.5


async def test_values_of_a_station(client: AsyncClient, station: Station) -> None:
    await station.says(v21.MeterValuesRequest(evseId=2, meterValue=[measured(after(n), a_sample(float(n), "Voltage")) for n in range(3)]))
    page = (await client.get("/stations/CS-1/meter-values", params={"limit": 2, "evse": 2})).json()
    rest = (await client.get("/stations/CS-1/meter-values", params={"cursor": page["next_cursor"]})).json()
    assert [value["value"] for value in page["items"] + rest["items"]] == [2.0, 1.0, 0.0]
    params = {"from": after().isoformat(), "to": after(2).isoformat(), "measurand": "Voltage"}
    [series] = (await client.get("/stations/CS-1/meter-values/series", params=params)).json()
    assert [value for _, value in series["points"]] == [0.0, 1.0]


async def test_an_operator_closes(client: AsyncClient, station: Station) -> None:
    assert (await client.post("/transactions/CS-1/T-1/close")).status_code == 404
    await station.says(started(0))
    answer = await client.post("/transactions/CS-1/T-1/close")
    assert (answer.status_code, answer.json()["open"]) == (200, False)
    assert answer.json()["doubts"] == ["closed by demo; the station did not report the end"]
    assert (await client.post("/transactions/CS-1/T-1/close")).json() == answer.json()
