"""Whatever a peer sends: the specified answer, one line in the log that names station and field, and nobody else notices."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from tests.scenarios.foreign import register
from voltgate.csms.app import Csms

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "Wall", "vendorName": "Acme"}}
STATUS = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
BOOT16 = {"chargePointVendor": "Acme", "chargePointModel": "Wall"}
Lines = list[dict[str, Any]]


def open_socket(csms: Csms, identity: str, password: str, version: str = "2.0.1", **options: Any) -> Any:
    url = csms.ocpp_url.replace("ws://", f"ws://{identity}:{password}@") + f"/{identity}"
    return websockets.connect(url, subprotocols=[websockets.Subprotocol(f"ocpp{version}")], **options)


async def ask(socket: ClientConnection, action: str, payload: Any, message_id: str = "1") -> list[Any]:
    await socket.send(json.dumps([2, message_id, action, payload]))
    return await hear(socket, message_id)


async def hear(socket: ClientConnection, message_id: str) -> list[Any]:
    """The answer with this id; what the central system asks meanwhile is refused."""
    while True:
        heard = json.loads(await asyncio.wait_for(socket.recv(), 5))
        if heard[1] == message_id:
            return list(heard)
        if heard[0] == 2:
            await socket.send(json.dumps([4, heard[1], "NotSupported", "", {}]))


async def end_of(socket: ClientConnection) -> int | None:
    """The code with which the other side closes, whatever it says before."""
    await asyncio.wait_for(socket.wait_closed(), 5)
    return socket.close_code


@pytest.fixture
async def bystander(csms: Csms, api: httpx.AsyncClient, log_lines: Lines) -> AsyncIterator[ClientConnection]:
    """Another station, which is well before and after."""
    password = await register(api, "BYSTANDER")
    async with open_socket(csms, "BYSTANDER", password, "2.1") as socket:
        assert (await ask(socket, "BootNotification", BOOT))[0] == 3
        yield socket
        assert (await ask(socket, "Heartbeat", {}, "last"))[0] == 3


@pytest.fixture
async def socket(csms: Csms, api: httpx.AsyncClient, bystander: ClientConnection) -> AsyncIterator[ClientConnection]:
    """The station that misbehaves; accepted, 2.0.1."""
    password = await register(api, "BAD")
    async with open_socket(csms, "BAD", password) as socket:
        assert (await ask(socket, "BootNotification", BOOT, "boot"))[0] == 3
        yield socket


def lines_of(log_lines: Lines, station: str = "BAD") -> Lines:
    return [line for line in log_lines if line.get("station") == station and line["log_level"] == "warning"]


DEEP = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    ("frame", "code", "message_id"),
    [
        ("{", "RpcFrameworkError", "-1"),
        ("", "RpcFrameworkError", "-1"),
        ('[2,"x","Heartbeat",{}', "RpcFrameworkError", "x"),
        ('{"a":1}', "RpcFrameworkError", "-1"),
        ("[]", "RpcFrameworkError", "-1"),
        ('[2,"x"]', "RpcFrameworkError", "x"),
        ('[2,"x","Heartbeat",{},1]', "RpcFrameworkError", "x"),
        ('[2,7,"Heartbeat",{}]', "RpcFrameworkError", "-1"),
        (f'[2,"{"x" * 37}","Heartbeat",{{}}]', "RpcFrameworkError", "x" * 37),
        ('[9,"x","Heartbeat",{}]', "MessageTypeNotSupported", "x"),
        ('[6,"x","Heartbeat",{}]', "MessageTypeNotSupported", "x"),
        (DEEP, "RpcFrameworkError", "-1"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
async def test_a_broken_frame_is_answered_as_specified(
    socket: ClientConnection, log_lines: Lines, api: httpx.AsyncClient, frame: str, code: str, message_id: str
) -> None:
    await socket.send(frame)
    answer = await hear(socket, message_id)
    assert answer[0] == 4
    assert answer[2] in (code, "FormatViolation", "ProtocolError")
    assert len(lines_of(log_lines)) == 1
    assert (await ask(socket, "Heartbeat", {}, "after"))[0] == 3
    kept = (await api.get("/stations/BAD/messages", params={"direction": "in"})).json()["items"]
    assert [message["raw"] for message in kept if message["note"]] == [frame]


@pytest.mark.parametrize(
    ("action", "payload", "code", "field"),
    [
        ("Dance", {}, "NotImplemented", "no such action"),
        ("Reset", {"type": "Immediate"}, "NotSupported", "Reset"),
        ("StatusNotification", {**STATUS, "evseId": "one"}, "TypeConstraintViolation", "$.evseId"),
        ("StatusNotification", {**STATUS, "evseId": None}, "TypeConstraintViolation", "$.evseId"),
        ("StatusNotification", {**STATUS, "connectorStatus": "Broken"}, "PropertyConstraintViolation", "$.connectorStatus"),
        ("StatusNotification", {**STATUS, "timestamp": "2026-02-29T00:00:00Z"}, "PropertyConstraintViolation", "$.timestamp"),
        ("StatusNotification", {"evseId": 1}, "OccurrenceConstraintViolation", "timestamp"),
        ("StatusNotification", {**STATUS, "colour": "red"}, "OccurrenceConstraintViolation", "colour"),
        ("BootNotification", {**BOOT, "reason": "x" * 100_000}, "PropertyConstraintViolation", "$.reason"),
        (
            "BootNotification",
            {**BOOT, "chargingStation": {"model": "m" * 21, "vendorName": "v"}},
            "PropertyConstraintViolation",
            "$.chargingStation.model",
        ),
        ("SecurityEventNotification", {"type": "x\u0000y", "timestamp": "2026-01-01T00:00:00Z"}, "PropertyConstraintViolation", "$.type"),
    ],
)
@pytest.mark.requirement("FR.03")
async def test_a_wrong_payload_names_its_field(
    socket: ClientConnection, log_lines: Lines, action: str, payload: Any, code: str, field: str
) -> None:
    answer = await ask(socket, action, payload, "wrong")
    assert answer[0] == 4
    assert answer[2] in (code, "FormatViolation", "ProtocolError", "OccurrenceConstraintViolation")
    assert field in answer[3]
    line = lines_of(log_lines)[-1]
    assert line["action"] == action
    assert field in line["reason"]
    assert "exc_info" not in line
    assert (await ask(socket, "Heartbeat", {}, "after"))[0] == 3


async def test_1_6_spells_its_own_codes(csms: Csms, api: httpx.AsyncClient, bystander: ClientConnection) -> None:
    password = await register(api, "BAD")
    async with open_socket(csms, "BAD", password, "1.6") as socket:
        assert (await ask(socket, "BootNotification", BOOT16))[2]["status"] == "Accepted"
        assert (await ask(socket, "StatusNotification", {"connectorId": 1}, "2"))[2] in (
            "OccurenceConstraintViolation",
            "FormationViolation",
            "ProtocolError",
        )
        assert (await ask(socket, "Dance", {}, "3"))[2] == "NotImplemented"


async def test_an_answer_nobody_asked_for_is_kept_and_logged(socket: ClientConnection, log_lines: Lines, api: httpx.AsyncClient) -> None:
    await socket.send('[3,"nobody",{}]')
    await socket.send('[4,"nobody","GenericError","",{}]')
    assert (await ask(socket, "Heartbeat", {}, "after"))[0] == 3
    assert [line["message_id"] for line in lines_of(log_lines)] == ["nobody", "nobody"]
    kept = (await api.get("/stations/BAD/messages", params={"search": "nobody"})).json()["items"]
    assert {message["note"].partition(":")[0] for message in kept} == {"unknown answer"}


async def test_a_frame_over_the_limit_ends_only_its_own_connection(socket: ClientConnection, csms: Csms) -> None:
    await socket.send('[2,"big","Heartbeat",{"x":"' + "x" * (csms.settings.ocpp.max_frame_bytes + 10) + '"}]')
    assert await end_of(socket) == 1009


async def test_a_frame_of_a_megabyte_is_refused_by_its_schema(socket: ClientConnection) -> None:
    answer = await ask(socket, "DataTransfer", {"vendorId": "v" * 1_000_000}, "big")
    assert answer[0] == 4
    assert "$.vendorId" in answer[3]


async def test_bytes_that_are_no_utf8_end_only_their_own_connection(socket: ClientConnection) -> None:
    await socket.send(b"[2,\xff\xfe", text=True)
    assert await end_of(socket) == 1007


@pytest.mark.requirement("B01.FR.10")
@pytest.mark.parametrize("action", ["Heartbeat", "StatusNotification", "TransactionEvent", "Dance"])
async def test_nothing_before_the_boot(
    csms: Csms, api: httpx.AsyncClient, bystander: ClientConnection, log_lines: Lines, action: str
) -> None:
    password = await register(api, "BAD")
    async with open_socket(csms, "BAD", password) as socket:
        answer = await ask(socket, action, {})
        assert answer[:3] == [4, "1", "SecurityError"]
        assert action in lines_of(log_lines)[-1]["reason"]


@pytest.mark.requirement("A00.FR.204", "A00.FR.207")
async def test_the_door(csms: Csms, api: httpx.AsyncClient, bystander: ClientConnection, log_lines: Lines) -> None:
    password = await register(api, "BAD")

    async def status_for(user: str, secret: str, path: str, subprotocol: str = "ocpp2.0.1") -> int:
        url = csms.ocpp_url.replace("ws://", f"ws://{user}:{secret}@") + path
        with pytest.raises((websockets.InvalidStatus, websockets.InvalidHandshake)) as refused:
            async with websockets.connect(url, subprotocols=[websockets.Subprotocol(subprotocol)]):
                pass
        return refused.value.response.status_code if isinstance(refused.value, websockets.InvalidStatus) else 0

    assert await status_for("NOBODY", "x", "/NOBODY") == 404
    assert await status_for("BAD", "wrong", "/BAD") == 401
    assert await status_for("BYSTANDER", password, "/BAD") == 401
    assert await status_for("X" * 300, "x", "/" + "X" * 300) in (400, 404)
    assert await status_for("BAD", password, "/") in (400, 404)
    refusals = [line for line in log_lines if line["event"] == "connection refused"]
    assert [line["status"] for line in refusals][:3] == [404, 401, 401]
    assert not any(password in str(line) for line in log_lines)


async def test_no_common_subprotocol_is_closed_at_once(csms: Csms, api: httpx.AsyncClient, bystander: ClientConnection) -> None:
    password = await register(api, "BAD")
    async with open_socket(csms, "BAD", password, "0.1") as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.subprotocol is None


async def test_a_flood_is_answered_in_order_and_slows_nobody(socket: ClientConnection, bystander: ClientConnection) -> None:
    for number in range(300):
        await socket.send(json.dumps([2, f"m{number}", "Heartbeat", {}]))
    assert (await asyncio.wait_for(ask(bystander, "Heartbeat", {}, "during"), 2))[0] == 3
    answered = []
    while len(answered) < 300:
        heard = json.loads(await asyncio.wait_for(socket.recv(), 5))
        if heard[0] == 3:
            answered.append(heard[1])
    assert answered == [f"m{number}" for number in range(300)]
