"""The station program is killed at random moments while it charges; afterwards the central system knows everything, once.

The central system records every transaction message and answers it late, or not at all before the next kill, so that kills fall before the
storing, between storing and sending, between sending and answer, and after it. A repetition must say the same as the first time.
"""

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

KILLS = 6
TOKEN = "CAFE99"


class Recorder:
    """A central system that forgets nothing."""

    def __init__(self, version: str, seed: int) -> None:
        self.version = version
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.numbers: dict[str, int] = {}
        self.port = 0
        self._random = random.Random(seed)

    async def serve_station(self, connection: ServerConnection) -> None:
        try:
            async for frame in connection:
                kind, message_id, *rest = json.loads(frame)
                if kind != 2:
                    continue
                action, payload = rest
                if action in ("TransactionEvent", "StartTransaction", "StopTransaction"):
                    self.messages.append((action, payload))
                await asyncio.sleep(self._random.choice((0, 0, 0.01, 0.05)))
                await connection.send(json.dumps([3, message_id, self._answer(action, payload)]))
        except ConnectionClosed:
            pass

    def _answer(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        accepted = {"idTagInfo": {"status": "Accepted"}} if self.version == "1.6" else {"idTokenInfo": {"status": "Accepted"}}
        if action == "BootNotification":
            return {"currentTime": now, "interval": 300, "status": "Accepted"}
        if action == "Heartbeat":
            return {"currentTime": now}
        if action == "StartTransaction":
            number = self.numbers.setdefault(json.dumps(payload, sort_keys=True), len(self.numbers) + 1)
            return {"transactionId": number, **accepted}
        return accepted if action in ("Authorize", "TransactionEvent") else {}

    def events(self) -> list[dict[str, Any]]:
        return [payload for action, payload in self.messages if action == "TransactionEvent"]


@asynccontextmanager
async def recorder(version: str, seed: int) -> AsyncIterator[Recorder]:
    central = Recorder(version, seed)
    async with serve(central.serve_station, "127.0.0.1", 0, subprotocols=[f"ocpp{version}"]) as server:  # type: ignore[list-item]  # a NewType of str
        central.port = next(iter(server.sockets)).getsockname()[1]
        yield central


class Program:
    """The station program and its control interface."""

    def __init__(self, version: str, port: int, data: Path, resumption_seconds: int) -> None:
        self._arguments = [sys.executable, "-m", "voltgate.cli", "station", "--plain", "--id", "KILLED", "--version", version]
        self._arguments += ["--url", f"ws://127.0.0.1:{port}/ocpp", "--data", str(data), "--control", "127.0.0.1:0", "--time-factor", "300"]
        for name, value in {
            "SampledDataCtrlr.TxUpdatedInterval": 1,
            "TxCtrlr.ResumptionTimeout": resumption_seconds,
            "OCPPCommCtrlr.RetryBackOffWaitMinimum": 0,
            "OCPPCommCtrlr.RetryBackOffRandomRange": 0,
        }.items():
            self._arguments += ["--set", f"{name}={value}"]
        self._process: Process | None = None
        self._url = ""

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._arguments, stdout=PIPE)
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            while b"ready" not in (line := await self._process.stdout.readline()):
                assert line, "the program ended"
        self._url = line.decode().split()[-1]
        self._reader = asyncio.ensure_future(self._process.stdout.read())

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        await self._reader

    async def do(self, operation: str, **arguments: Any) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.post(f"{self._url}/{operation}", json=arguments)
        assert response.status_code == 200, response.text
        state: dict[str, Any] = response.json()
        return state

    async def state(self) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            state: dict[str, Any] = (await client.get(f"{self._url}/state")).json()
        return state

    async def until(self, condition: Any) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not condition(state := await self.state()):
                await asyncio.sleep(0.02)
        return state


async def charge_and_kill(program: Program, seed: int) -> dict[str, Any]:
    """Charge, be killed again and again, charge on, stop; returns the state when all is told."""
    chance = random.Random(seed)
    await program.start()
    await program.until(lambda state: state["registration"] == "Accepted")
    await program.do("plug-in", evse_id=1)
    for _ in range(KILLS):
        if (await program.state())["evses"][0]["transaction_id"] is None:
            await program.do("present-token", token=TOKEN, evse_id=1)
        await asyncio.sleep(chance.uniform(0.05, 1.3))
        await program.kill()
        await program.start()
        await program.until(lambda state: state["registration"] == "Accepted")
    if (await program.state())["evses"][0]["transaction_id"] is None:
        await program.do("present-token", token=TOKEN, evse_id=1)
    await program.until(lambda state: state["evses"][0]["energy_wh"] > 0)
    await program.do("present-token", token=TOKEN, evse_id=1)
    return await program.until(lambda state: state["waiting_events"] == 0 and state["evses"][0]["transaction_id"] is None)


def registers(event: dict[str, Any]) -> list[float]:
    return [
        sample["value"]
        for value in event.get("meterValue", [])
        for sample in value["sampledValue"]
        if sample.get("measurand") == "Energy.Active.Import.Register"
    ]


def once(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The events of each transaction, repetitions left out, which must say the same (but for the flag `offline`)."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    order: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        content = {name: value for name, value in event.items() if name != "offline"}
        transaction = event["transactionInfo"]["transactionId"]
        first = found.setdefault((transaction, event["seqNo"]), content)
        assert first == content
        if first is content:
            order.setdefault(transaction, []).append(content)
    return order


@pytest.mark.parametrize(("resumption_seconds", "seed"), [(600, 1), (0, 2)])
@pytest.mark.requirement("E12.FR.01", "E17.FR.10", "E17.FR.14", "E17.FR.20", "E17.FR.21", "E01.FR.07", "J02.FR.16")
async def test_every_event_arrives_and_the_energy_is_the_meters(resumption_seconds: int, seed: int, tmp_path: Path) -> None:
    async with recorder("2.1", seed) as central:
        program = Program("2.1", central.port, tmp_path, resumption_seconds)
        state = await charge_and_kill(program, seed)
        await program.kill()
    transactions = once(central.events())
    total_mwh = 0
    for events in transactions.values():
        assert [event["seqNo"] for event in events] == list(range(len(events)))
        assert [event["eventType"] for event in events].count("Started") == 1
        assert [event["eventType"] for event in events][-1] == "Ended"
        seen = [value for event in events[:-1] for value in registers(event)]
        assert seen == sorted(seen)
        begin, *_, end = registers(events[-1])
        assert end >= seen[-1]
        total_mwh += round(end * 1_000) - round(begin * 1_000)
    assert total_mwh == state["evses"][0]["register_mwh"] > 0
    if resumption_seconds:
        (events,) = transactions.values()
        assert "TxResumed" in [event["triggerReason"] for event in events]
    else:
        reasons = [events[-1]["transactionInfo"]["stoppedReason"] for events in transactions.values()]
        assert reasons[-1] == "Local"
        assert set(reasons[:-1]) == {"PowerLoss"}


@pytest.mark.requirement("E12.FR.01", "E17.FR.10")
async def test_a_1_6_transaction_keeps_its_number_and_its_energy(tmp_path: Path) -> None:
    async with recorder("1.6", 3) as central:
        program = Program("1.6", central.port, tmp_path, 600)
        state = await charge_and_kill(program, 3)
        await program.kill()
    starts = {json.dumps(payload, sort_keys=True) for action, payload in central.messages if action == "StartTransaction"}
    stops = {json.dumps(payload, sort_keys=True) for action, payload in central.messages if action == "StopTransaction"}
    assert len(starts) == len(stops) == 1
    stop = json.loads(stops.pop())
    assert stop["transactionId"] == central.numbers[starts.pop()]
    assert stop["meterStop"] == round(state["evses"][0]["register_wh"])
