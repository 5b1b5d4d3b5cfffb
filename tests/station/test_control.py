from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from voltgate.station.app import StationProgram
from voltgate.station.control import OPERATIONS, Control
from voltgate.station.operations import Operations
from voltgate.station.settings import StationSpec
from voltgate.station.store import MemoryStore


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The control interface of a station that is not connected."""
    variables = {"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "TxCtrlr.TxBeforeAcceptedEnabled": "true"}
    program = StationProgram(StationSpec(id="CONTROLLED", boot_seconds=0.0, variables=variables), MemoryStore())
    transport = httpx.ASGITransport(Control(Operations(program)))
    async with httpx.AsyncClient(transport=transport, base_url="http://station") as client:
        yield client


async def do(client: httpx.AsyncClient, operation: str, **arguments: object) -> dict[str, object]:
    response = await client.post(f"/{operation}", json=arguments)
    assert response.status_code == 200, response.text
    evse: dict[str, object] = response.json()["evses"][0]
    return evse


async def test_a_session_by_hand(client: httpx.AsyncClient) -> None:
    assert (await do(client, "plug-in", evse_id=1))["state"] == "plugged"
    assert (await do(client, "present-token", token="A1"))["state"] == "energised"
    assert (await do(client, "suspend", evse_id=1))["charging_state"] == "SuspendedEVSE"
    assert (await do(client, "suspend", evse_id=1, suspended=False))["state"] == "energised"
    assert (await do(client, "pause-vehicle", evse_id=1))["charging_state"] == "SuspendedEV"
    assert (await do(client, "pause-vehicle", evse_id=1, paused=False))["state"] == "energised"
    assert (await do(client, "sample-clock-aligned"))["state"] == "energised"
    assert (await do(client, "stop", evse_id=1))["transaction_id"] is None
    assert (await do(client, "fault", evse_id=1, fault="GroundFailure"))["state"] == "faulted"
    assert (await do(client, "fault", evse_id=1, fault=None))["state"] == "plugged"
    assert (await do(client, "break-lock", evse_id=1))["lock_broken"] is True
    assert (await do(client, "fill-cache", token="B2"))["state"] == "plugged"
    assert (await do(client, "present-token", token="B2"))["fault"] == "ConnectorLockFailure"
    assert (await do(client, "break-lock", evse_id=1, broken=False))["state"] == "energised"
    assert (await do(client, "stop", evse_id=1))["state"] == "plugged"
    assert (await do(client, "unplug", evse_id=1))["state"] == "unplugged"
    assert (await do(client, "set-variable", name="TxCtrlr.EVConnectionTimeOut", value="5"))["state"] == "unplugged"
    state = (await client.get("/state")).json()
    assert (state["id"], state["connected"], state["waiting_events"]) == ("CONTROLLED", False, 13)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("unplug", "{}", 409),
        ("stop", "{}", 409),
        ("plug-in", '{"evse_id": 9}', 409),
        ("plug-in", '{"evse": 1}', 422),
        ("plug-in", "[", 422),
        ("present-token", "{}", 422),
        ("set-variable", '{"name": "TxCtrlr.Nonsense", "value": "1"}', 409),
        ("explode", "{}", 404),
    ],
)
async def test_what_cannot_be_done_is_said(client: httpx.AsyncClient, path: str, body: str, status: int) -> None:
    response = await client.post(f"/{path}", content=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"]


async def test_operations_are_posted(client: httpx.AsyncClient) -> None:
    assert (await client.get("/plug-in")).status_code == 405


def test_every_path_has_its_operation() -> None:
    assert all(callable(getattr(Operations, method)) for _, method in OPERATIONS.values())


def test_the_page_about_the_station_lists_every_operation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "station.md").read_text("utf-8")
    listed = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert listed == set(OPERATIONS)
