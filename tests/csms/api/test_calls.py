"""Calls to a station, typed and verbatim."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import FakeContext
from voltgate.csms.api.calls import CALLS
from voltgate.csms.stations import register_station
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallTimedOut

RESET = "/api/v1/stations/CS-1/calls/Reset"


async def clear_cache(context: FakeContext, station_id: str, request: v21.ClearCacheRequest) -> v21.ClearCacheResponse:
    """A room's command that answers itself."""
    context.asked.append(("command", station_id, request))
    return v21.ClearCacheResponse(status="Accepted")


async def unlock(context: FakeContext, station_id: str, request: v21.UnlockConnectorRequest) -> v21.UnlockConnectorResponse:
    """A room's command that asks the station."""
    assert context.clock.now()
    return await context.ask(station_id, request)


@pytest.fixture
def commands() -> dict[str, Any]:
    return {"ClearCache": clear_cache, "UnlockConnector": unlock}


@pytest.fixture(autouse=True)
async def stations(context: FakeContext) -> None:
    work = Work()
    register_station(work, "CS-1", 0, {})
    await context.database.commit(work)
    context.on_ask = lambda station_id, request: v21.ResetResponse(status="Accepted")


async def test_a_call_is_asked_and_answered_in_2_1(context: FakeContext, admin: AsyncClient) -> None:
    answer = await admin.post(RESET, json={"type": "OnIdle", "evseId": 2})
    assert (answer.status_code, answer.json()) == (200, {"status": "Accepted"})
    assert context.asked == [("CS-1", v21.ResetRequest(type="OnIdle", evseId=2), None)]


async def test_the_time_out_goes_along(context: FakeContext, admin: AsyncClient) -> None:
    await admin.post(RESET, params={"timeout": 2.5}, json={"type": "OnIdle"})
    assert context.asked[0][2] == 2.5


@pytest.mark.parametrize("timeout", ["0", "-1", "301", "nan", "inf", "x"])
async def test_the_time_out_is_bounded(context: FakeContext, admin: AsyncClient, timeout: str) -> None:
    answer = await admin.post(RESET, params={"timeout": timeout}, json={"type": "OnIdle"})
    assert (answer.status_code, answer.json()["field"]) == (400, "timeout")
    assert not context.asked


async def test_a_station_is_found_in_any_case_and_named_as_registered(context: FakeContext, admin: AsyncClient) -> None:
    await admin.post("/api/v1/stations/cs-1/calls/Reset", json={"type": "OnIdle"})
    assert context.asked[0][0] == "CS-1"


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "type"), ({"type": "Now"}, "type"), ({"type": "OnIdle", "evseId": -1}, "evseId"), ({"type": "OnIdle", "more": 1}, "more")],
)
async def test_a_wrong_body_names_the_field(context: FakeContext, admin: AsyncClient, body: dict[str, Any], field: str) -> None:
    answer = await admin.post(RESET, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not context.asked


@pytest.mark.parametrize("action", ["BootNotification", "Nothing", "reset", "NotifyPeriodicEventStream"])
async def test_what_a_csms_cannot_ask(admin: AsyncClient, action: str) -> None:
    answer = await admin.post(f"/api/v1/stations/CS-1/calls/{action}", json={})
    assert (answer.status_code, answer.json()["field"]) == (404, "action")


@pytest.mark.parametrize("kind", ["calls", "wire-calls"])
async def test_an_unknown_station(admin: AsyncClient, kind: str) -> None:
    assert (await admin.post(f"/api/v1/stations/CS-9/{kind}/ClearCache", json={})).status_code == 404


async def test_a_rooms_command_goes_first(context: FakeContext, admin: AsyncClient) -> None:
    answer = await admin.post("/api/v1/stations/CS-1/calls/ClearCache")
    assert answer.json() == {"status": "Accepted"}
    assert context.asked == [("command", "CS-1", v21.ClearCacheRequest())]


@pytest.mark.parametrize(("query", "timeout"), [("", None), ("?timeout=4", 4.0)])
async def test_the_time_out_reaches_what_a_command_asks(
    context: FakeContext, admin: AsyncClient, query: str, timeout: float | None
) -> None:
    context.on_ask = lambda station_id, request: v21.UnlockConnectorResponse(status="Unlocked")
    body = {"evseId": 1, "connectorId": 1}
    answer = await admin.post("/api/v1/stations/CS-1/calls/UnlockConnector" + query, json=body)
    assert answer.json() == {"status": "Unlocked"}
    assert context.asked == [("CS-1", v21.UnlockConnectorRequest(evseId=1, connectorId=1), timeout)]


async def test_an_answer_that_is_no_2_1_is_not_the_fault_of_who_asked(context: FakeContext, admin: AsyncClient) -> None:
    context.on_ask = lambda station_id, request: v21.ResetResponse(status="Perhaps")  # type: ignore[arg-type]
    answer = await admin.post(RESET, json={"type": "OnIdle"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (502, "invalid-answer")


async def test_a_time_out_of_the_station(context: FakeContext, admin: AsyncClient) -> None:
    def silent(station_id: str, request: Any) -> Any:
        raise CallTimedOut("no answer within 30 s")

    context.on_ask = silent
    answer = await admin.post(RESET, json={"type": "OnIdle"})
    assert (answer.status_code, answer.json()["detail"]) == (504, "no answer within 30 s")


def test_every_action_of_a_csms_is_there() -> None:
    assert {"Reset", "SetVariables", "RequestStartTransaction", "DataTransfer", "SetChargingProfile", "AFRRSignal"} <= set(CALLS)
    assert len(CALLS) == 55
    assert not {"BootNotification", "TransactionEvent", "Heartbeat"} & set(CALLS)


async def test_a_wire_call_goes_out_and_comes_back_token_by_token(context: FakeContext, admin: AsyncClient) -> None:
    context.on_wire_call = lambda station_id, action, payload: b'{ "b": 1.00, "a": "\\u0041" }'
    body = b'{ "zebra": 1.50,\n "alpha": [1e3, -0.0],  "zebra": "\\u00e9/" }'
    answer = await admin.post("/api/v1/stations/CS-1/wire-calls/Odd.Action", content=body)
    assert context.asked == [("CS-1", "Odd.Action", b'{"zebra":1.50,"alpha":[1e3,-0.0],"zebra":"\\u00e9/"}', None)]
    assert answer.content == b'{ "b": 1.00, "a": "\\u0041" }'
    assert answer.headers["content-type"] == "application/json"


async def test_a_wire_call_without_body_is_empty(context: FakeContext, admin: AsyncClient) -> None:
    context.on_wire_call = lambda station_id, action, payload: payload
    assert (await admin.post("/api/v1/stations/CS-1/wire-calls/Heartbeat")).content == b"{}"


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"\xff"', b"{} {}", b"[" * 100_000, b"NaN"])
async def test_a_wire_call_must_be_json(context: FakeContext, admin: AsyncClient, body: bytes) -> None:
    answer = await admin.post("/api/v1/stations/CS-1/wire-calls/Heartbeat", content=body)
    assert (answer.status_code, answer.json()["field"]) == (400, "body")
    assert not context.asked


async def test_a_wire_call_to_nobody(admin: AsyncClient) -> None:
    assert (await admin.post("/api/v1/stations/CS-1/wire-calls/Heartbeat")).status_code == 409
