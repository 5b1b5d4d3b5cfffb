"""Stations over HTTP, in a whole central system without ports."""

from typing import Any, cast

import httpx
import pytest

from tests.csms.builders import a_client
from tests.csms.pair import PASSWORD, Office, is_refusal
from voltgate.csms.blocks import ROUTES
from voltgate.links import Admission


@pytest.fixture
def client(office: Office) -> httpx.AsyncClient:
    return a_client(cast(Any, office.services), ROUTES)


async def test_a_station_is_registered_with_a_password_that_is_shown_once(office: Office, client: httpx.AsyncClient) -> None:
    answer = await client.post("/stations", json={"id": "CS-1", "name": "Front", "site": "A", "latitude": 52.1, "longitude": 4})
    assert answer.status_code == 201
    created = answer.json()
    assert (created["id"], created["registration"], created["latitude"], created["longitude"]) == ("CS-1", "pending", 52.1, 4.0)
    assert isinstance(await office.admit("CS-1", password=created["password"]), Admission)
    assert "password" not in (await client.get("/stations/CS-1")).json()


async def test_a_password_may_be_given_changed_or_taken_away(office: Office, client: httpx.AsyncClient) -> None:
    created = (await client.post("/stations", json={"id": "CS-1", "password": PASSWORD})).json()
    assert "password" not in created
    assert isinstance(await office.admit("CS-1", password=PASSWORD), Admission)
    await client.patch("/stations/CS-1", json={"password": "another-password-1"})
    assert is_refusal(await office.admit("CS-1", password=PASSWORD), 401)
    assert isinstance(await office.admit("CS-1", password="another-password-1"), Admission)
    await client.patch("/stations/CS-1", json={"password": None})
    assert isinstance(await office.admit("CS-1"), Admission)
    free = (await client.post("/stations", json={"id": "CS-2", "security_profile": 0})).json()
    assert "password" not in free
    assert isinstance(await office.admit("CS-2"), Admission)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "id"),
        ({"id": "a:b"}, "id"),
        ({"id": "x" * 49}, "id"),
        ({"id": "A", "latitude": 91}, "latitude"),
        ({"id": "A", "colour": 1}, "colour"),
        ({"id": "A", "security_profile": 4}, "security_profile"),
        ({"id": "A", "next_boot": "later"}, "next_boot"),
        ({"id": "A", "password": "short"}, "password"),
    ],
)
async def test_a_wrong_member_is_named(client: httpx.AsyncClient, body: Any, field: str) -> None:
    answer = await client.post("/stations", json=body)
    assert answer.status_code in (400, 422)
    assert field in answer.text


async def test_two_stations_never_differ_by_case_only(client: httpx.AsyncClient) -> None:
    await client.post("/stations", json={"id": "CS-1"})
    assert (await client.post("/stations", json={"id": "cs-1"})).status_code == 409
    assert (await client.get("/stations/cs-1")).json()["id"] == "CS-1"


async def test_a_change_leaves_the_rest(client: httpx.AsyncClient) -> None:
    await client.post("/stations", json={"id": "CS-1", "name": "Front", "site": "A"})
    changed = (await client.patch("/stations/CS-1", json={"site": None, "next_boot": "rejected"})).json()
    assert (changed["name"], changed["site"], changed["next_boot"]) == ("Front", None, "rejected")
    assert (await client.patch("/stations/NOBODY", json={})).status_code == 404


async def test_a_deleted_station_is_gone_and_cut_off(office: Office, client: httpx.AsyncClient) -> None:
    await client.post("/stations", json={"id": "CS-1", "password": PASSWORD})
    wire = await office.connect("CS-1", password=PASSWORD)
    assert (await client.delete("/stations/CS-1")).status_code == 204
    assert wire.socket.closed_with == (1000, "the station was deleted")
    assert (await client.get("/stations/CS-1")).status_code == 404
    assert is_refusal(await office.admit("CS-1", password=PASSWORD), 404)


async def test_an_operator_may_close_a_connection(office: Office, client: httpx.AsyncClient) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    assert (await client.post("/stations/CS-1/disconnect")).status_code == 204
    assert wire.socket.closed_with is not None
    assert (await client.post("/stations/CS-1/disconnect")).status_code == 204


async def test_evses_and_pages(office: Office, client: httpx.AsyncClient) -> None:
    for number in range(3):
        await office.register(f"CS-{number}")
    wire = await office.connect("CS-0")
    await wire.boots()
    status = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 2, "connectorId": 1}
    await wire.asks("StatusNotification", status, "2")
    assert [evse["evse_id"] for evse in (await client.get("/stations/CS-0/evses")).json()] == [2]
    first = (await client.get("/stations", params={"limit": 2})).json()
    assert [station["id"] for station in first["items"]] == ["CS-0", "CS-1"]
    rest = (await client.get("/stations", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [station["id"] for station in rest["items"]] == ["CS-2"]
    assert rest["next_cursor"] is None
    assert [station["id"] for station in (await client.get("/stations", params={"state": "Available"})).json()["items"]] == ["CS-0"]


async def test_messages_events_and_transfers_of_a_station(office: Office, client: httpx.AsyncClient) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    await wire.asks("DataTransfer", {"vendorId": "com.acme", "data": {"x": 1}}, "2")
    await wire.asks("SecurityEventNotification", {"type": "TamperDetectionActivated", "timestamp": "2026-01-01T00:00:00Z"}, "3")
    newest = (await client.get("/stations/CS-1/messages", params={"limit": 1})).json()
    assert (newest["items"][0]["kind"], newest["items"][0]["action"]) == ("CALLRESULT", "SecurityEventNotification")
    older = (await client.get("/messages", params={"limit": 1, "cursor": newest["next_cursor"]})).json()["items"][0]
    assert (older["kind"], older["action"]) == ("CALL", "SecurityEventNotification")
    assert (await client.get("/messages", params={"kind": "CALL", "action": "DataTransfer"})).json()["items"][0]["station_id"] == "CS-1"
    assert (await client.get("/messages", params={"from": "2030-01-01T00:00:00Z"})).json()["items"] == []
    assert (await client.get("/stations/CS-1/data-transfers")).json()["items"][0]["data"] == {"x": 1}
    assert (await client.get("/stations/CS-1/security-events")).json()["items"][0]["type"] == "TamperDetectionActivated"
    assert (await client.get("/stations/CS-1/station-events")).json()["items"] == []
