"""A foreign station: the library `ocpp` from PyPI, connected to our central system."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import websockets
from ocpp.v16 import ChargePoint as Station16
from ocpp.v16 import call as call16
from ocpp.v21 import ChargePoint as Station21
from ocpp.v21 import call as call21
from ocpp.v201 import ChargePoint as Station201
from ocpp.v201 import call as call201

from voltgate.csms.app import Csms

STATIONS = {"1.6": Station16, "2.0.1": Station201, "2.1": Station21}
CALLS: dict[str, Any] = {"1.6": call16, "2.0.1": call201, "2.1": call21}
VERSIONS = ("1.6", "2.0.1", "2.1")


async def register(api: httpx.AsyncClient, identity: str, **members: Any) -> str:
    """Register a station; its password."""
    answer = await api.post("/stations", json={"id": identity, **members})
    assert answer.status_code == 201, answer.text
    return str(answer.json().get("password", members.get("password", "")))


@asynccontextmanager
async def connected(csms: Csms, identity: str, password: str, version: str, kind: type | None = None) -> AsyncIterator[Any]:
    """A foreign station on the wire; `kind` may add handlers to the library's class."""
    url = csms.ocpp_url.replace("ws://", f"ws://{identity}:{password}@") + f"/{identity}"
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol(f"ocpp{version}")]) as socket:
        station = (kind or STATIONS[version])(identity, socket, response_timeout=5)
        listening = asyncio.create_task(station.start())
        try:
            yield station
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, websockets.ConnectionClosed):
                await listening


def boot(version: str, model: str = "Wall", vendor: str = "Acme") -> Any:
    """A BootNotification."""
    if version == "1.6":
        return call16.BootNotification(charge_point_model=model, charge_point_vendor=vendor, firmware_version="1.2.3")
    told = {"model": model, "vendor_name": vendor, "firmware_version": "1.2.3"}
    return CALLS[version].BootNotification(charging_station=told, reason="PowerUp")


def status(version: str, word: str = "Available") -> Any:
    """A StatusNotification of EVSE 1, connector 1."""
    if version == "1.6":
        return call16.StatusNotification(connector_id=1, error_code="NoError", status=word, timestamp="2026-01-01T00:00:00Z")
    return CALLS[version].StatusNotification(timestamp="2026-01-01T00:00:00Z", connector_status=word, evse_id=1, connector_id=1)


async def eventually(question: Any, seconds: float = 5.0) -> Any:
    """What the async `question` answers as soon as it is true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await question()
        if answer or asyncio.get_running_loop().time() > deadline:
            assert answer, "it never became true"
            return answer
        await asyncio.sleep(0.01)
