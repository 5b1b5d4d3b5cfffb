"""A fleet of all versions with drivers that come and go, at central systems that only answer."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from voltgate.station.fleet import Fleet, mixed_specs

STATIONS = 12


class Answering:
    """Says yes to everything and counts."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.port = 0
        self._number = 0

    async def serve_station(self, connection: ServerConnection) -> None:
        try:
            async for frame in connection:
                kind, message_id, *rest = json.loads(frame)
                if kind == 2:
                    await connection.send(json.dumps([3, message_id, self._answer(rest[0], connection.subprotocol == "ocpp1.6")]))
        except ConnectionClosed:
            pass

    def _answer(self, action: str, old: bool) -> dict[str, Any]:
        self.counted[action] += 1
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        accepted = {"idTagInfo" if old else "idTokenInfo": {"status": "Accepted"}}
        if action == "BootNotification":
            return {"currentTime": now, "interval": 300, "status": "Accepted"}
        if action == "Heartbeat":
            return {"currentTime": now}
        if action == "StartTransaction":
            self._number += 1
            return {"transactionId": self._number, **accepted}
        return accepted if action in ("Authorize", "TransactionEvent", "StopTransaction") else {}


@asynccontextmanager
async def answering() -> AsyncIterator[Answering]:
    central = Answering()
    subprotocols: Any = ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"]
    async with serve(central.serve_station, "127.0.0.1", 0, subprotocols=subprotocols) as server:
        central.port = next(iter(server.sockets)).getsockname()[1]
        yield central


async def test_drivers_come_charge_and_leave_in_every_version() -> None:
    async with answering() as central:
        specs = mixed_specs(STATIONS, url=f"ws://127.0.0.1:{central.port}/ocpp")
        fleet = Fleet(specs, time_factor=2_000, seed=5, arrivals_per_hour=6, tokens=["A", "B"])
        await fleet.start()
        async with asyncio.timeout(30):
            while fleet.view().sessions < 30 or central.counted["StopTransaction"] < 3:
                await asyncio.sleep(0.05)
        assert fleet.view().connected == STATIONS
        fleet.time_factor = 1
        energy_wh = fleet.view().energy_wh
        await fleet.stop()
        assert fleet.view().energy_wh >= energy_wh > 0
        assert fleet.view().waiting_events == 0
        assert all(evse.transaction is None for program in fleet.programs for evse in program.station.evses)
    assert central.counted["BootNotification"] == STATIONS
    assert central.counted["TransactionEvent"] > 30
    assert central.counted["StartTransaction"] == central.counted["StopTransaction"]
