"""A station that is nothing but its wire: it says what it is told, as fast as the other side answers, or faster."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from voltgate.ocpp.messages import Version

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "Wall", "vendorName": "Acme"}}
BOOT_16 = {"chargePointVendor": "Acme", "chargePointModel": "Wall"}
PATIENCE = 30
"""Seconds; a machine that is busy with other things is no fault of ours."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> str:
    """A time of day, `seconds` after the story began."""
    return (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reading(seconds: float, energy_wh: float, context: str = "Sample.Periodic") -> dict[str, Any]:
    """A meter value of 2.x."""
    sampled = {"value": energy_wh, "context": context, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh"}}
    return {"timestamp": at(seconds), "sampledValue": [sampled]}


def reading_16(seconds: float, energy_wh: float, context: str = "Sample.Periodic", unit: str = "Wh") -> dict[str, Any]:
    """A meter value of 1.6."""
    sampled = {"value": str(energy_wh), "context": context, "measurand": "Energy.Active.Import.Register", "unit": unit}
    return {"timestamp": at(seconds), "sampledValue": [sampled]}


def event(kind: str, seq_no: int, seconds: float, transaction: str, energy_wh: float | None = None, **fields: Any) -> dict[str, Any]:
    """A TransactionEvent of 2.x."""
    contexts = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}
    triggers = {"Started": "Authorized", "Ended": "StopAuthorized"}
    told: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at(seconds),
        "triggerReason": triggers.get(kind, "MeterValuePeriodic"),
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": transaction},
    }
    if energy_wh is not None:
        told["meterValue"] = [reading(seconds, energy_wh, contexts.get(kind, "Sample.Periodic"))]
    if kind == "Started":
        told |= {"evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "CAFE01", "type": "ISO14443"}}
    return told | fields


class Wire:
    """One open connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.asked: list[list[Any]] = []
        """CALLs of the central system; all are answered Accepted."""
        self._count = 0
        self._answers: dict[str, asyncio.Future[list[Any]]] = {}
        self._sending: set[asyncio.Future[None]] = set()
        self._listening = asyncio.create_task(self._listen())

    def say(self, action: str, payload: Any, message_id: str | None = None) -> "asyncio.Future[list[Any]]":
        """Send a CALL now; its answer comes later: the whole frame."""
        self._count += 1
        message_id = message_id or f"m{self._count}"
        answer = self._answers[message_id] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda heard: heard.cancelled() or heard.exception())  # nobody need wait for it
        sending = asyncio.ensure_future(self.socket.send(json.dumps([2, message_id, action, payload])))
        self._sending.add(sending)
        sending.add_done_callback(lambda sent: self._sent(sent, answer))
        return answer

    async def ask(self, action: str, payload: Any, message_id: str | None = None) -> list[Any]:
        """Send a CALL and wait for the frame that answers it."""
        return await asyncio.wait_for(self.say(action, payload, message_id), PATIENCE)

    async def pipeline(self, calls: Sequence[tuple[str, Any]]) -> list[list[Any]]:
        """Send all at once; the answers."""
        return list(await asyncio.wait_for(asyncio.gather(*[self.say(action, payload) for action, payload in calls]), PATIENCE))

    async def boot(self, version: Version = "2.0.1") -> str:
        """Boot; how it is registered."""
        answer = await self.ask("BootNotification", BOOT_16 if version == "1.6" else BOOT)
        return str(answer[2]["status"])

    async def close(self) -> None:
        """Go away."""
        self._listening.cancel()
        if self.socket.close_code is None:
            await self.socket.close()

    def _sent(self, sending: "asyncio.Future[None]", answer: "asyncio.Future[list[Any]]") -> None:
        self._sending.discard(sending)
        if (sending.cancelled() or sending.exception() is not None) and not answer.done():
            answer.set_exception(ConnectionResetError("the connection is gone"))

    async def _listen(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                if frame[0] in (3, 4):
                    waiting = self._answers.pop(frame[1], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(frame)
                elif frame[0] == 2:
                    self.asked.append(frame)
                    await self.socket.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the connection is gone"))


async def open_wire(url: str, identity: str, version: Version = "2.0.1", password: str | None = None) -> Wire:
    """Connect."""
    endpoint = url if password is None else url.replace("ws://", f"ws://{identity}:{password}@")
    subprotocols = [websockets.Subprotocol(f"ocpp{version}")]
    return Wire(await websockets.connect(f"{endpoint}/{identity}", subprotocols=subprotocols, compression=None, open_timeout=PATIENCE))


@asynccontextmanager
async def wired(url: str, identity: str, version: Version = "2.0.1", password: str | None = None) -> AsyncIterator[Wire]:
    """A connection that is closed in the end."""
    wire = await open_wire(url, identity, version, password)
    try:
        yield wire
    finally:
        await wire.close()
