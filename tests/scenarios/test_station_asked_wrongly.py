"""A central system that asks for what is not offered, not known or not right; the station goes on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram
from voltgate.station.settings import StationSpec
from voltgate.station.store import MemoryStore

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")


class Asking:
    """Answers nothing but the boot, and asks what the test wants."""

    def __init__(self) -> None:
        self.connections: asyncio.Queue[ServerConnection] = asyncio.Queue()
        self.answers: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.status = "Accepted"

    async def serve_station(self, connection: ServerConnection) -> None:
        self.connections.put_nowait(connection)
        async for text in connection:
            frame = json.loads(text)
            if frame[0] != 2:
                self.answers.put_nowait(frame)
                continue
            now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            booted = {"currentTime": now, "interval": 300, "status": self.status}
            await connection.send(json.dumps([3, frame[1], booted if frame[2] == "BootNotification" else {}]))

    async def ask(self, connection: ServerConnection, text: str) -> list[Any]:
        await connection.send(text)
        return await asyncio.wait_for(self.answers.get(), 5)


@asynccontextmanager
async def asking(version: Version, status: str = "Accepted") -> AsyncIterator[tuple[Asking, ServerConnection, StationProgram]]:
    central = Asking()
    central.status = status
    subprotocols: Any = [f"ocpp{version}"]
    async with serve(central.serve_station, "127.0.0.1", 0, subprotocols=subprotocols) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        program = StationProgram(StationSpec(id="ASKED", version=version, url=f"ws://127.0.0.1:{port}"), MemoryStore())
        await program.start()
        async with asyncio.timeout(5):
            connection = await central.connections.get()
            while program.station.registration is None:
                await asyncio.sleep(0.01)
        try:
            yield central, connection, program
        finally:
            await program.stop()


@pytest.mark.parametrize("version", VERSIONS)
async def test_each_mistake_has_its_code_and_the_station_goes_on(version: Version) -> None:
    known = "SetChargingProfile" if version != "1.6" else "GetLocalListVersion"
    body = {"evseId": 1, "chargingProfile": PROFILE} if version != "1.6" else {}
    async with asking(version) as (central, connection, _):
        wrong = [
            ([2, "1", "MakeCoffee", {}], "NotImplemented"),
            ([2, "2", known, body], "NotSupported"),
            ([2, "3", "BootNotification", {}], "NotSupported"),
            ([2, "4", "ClearCache", {"surprise": 1}], None),
            ([2, "5", "TriggerMessage", {}], None),
            ([2, "6", "TriggerMessage", {"requestedMessage": 7}], None),
        ]
        for frame, code in wrong:
            answer = await central.ask(connection, json.dumps(frame))
            assert answer[:2] == [4, frame[1]]
            assert code is None or answer[2] == code
            assert answer[3]
        right = await central.ask(connection, json.dumps([2, "9", "ClearCache", {}]))
        assert right == [3, "9", {"status": "Accepted"}]


@pytest.mark.requirement("B03.FR.08")
async def test_a_rejected_station_answers_security_error() -> None:
    async with asking("2.1", "Rejected") as (central, connection, _):
        answer = await central.ask(connection, json.dumps([2, "1", "ClearCache", {}]))
        assert answer[:3] == [4, "1", "SecurityError"]


@pytest.mark.requirement("A01.FR.02")
async def test_a_new_password_is_used_from_the_next_connection_on() -> None:
    async with asking("2.1") as (central, connection, program):
        wish = {
            "component": {"name": "SecurityCtrlr"},
            "variable": {"name": "BasicAuthPassword"},
            "attributeValue": "a-new-password-for-it",
        }
        answer = await central.ask(connection, json.dumps([2, "1", "SetVariables", {"setVariableData": [wish]}]))
        assert answer[2]["setVariableResult"][0]["attributeStatus"] == "Accepted"
        async with asyncio.timeout(10):
            again = await central.connections.get()
        assert again.request is not None
        assert again.request.headers["Authorization"].startswith("Basic ")
        assert program.station.registration == "Accepted"


PROFILE = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]}],
}
