"""The npm package `ocpp-rpc` on the other side: as a station, and as a central system, in every version; strict in 1.6 and 2.0.1.

Runs only when asked for (``VOLTGATE_TEST_NODE=1``), because it fetches that package with npm.
"""

import asyncio
import json
import os
import shutil
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.scenarios.foreign import register
from voltgate.csms.app import Csms
from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram
from voltgate.station.keeping import open_store
from voltgate.station.operations import Operations
from voltgate.station.settings import StationSpec

PEERS = Path(__file__).with_name("node")
VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
AT = "2026-01-01T00:00:00.000Z"

pytestmark = pytest.mark.skipif(os.environ.get("VOLTGATE_TEST_NODE") != "1", reason="VOLTGATE_TEST_NODE=1 asks for it: it fetches ocpp-rpc")


@pytest.fixture(scope="session")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The peers beside their package."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs node and npm")
    folder = tmp_path_factory.mktemp("node") / "peers"
    shutil.copytree(PEERS, folder)
    try:
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True, timeout=120, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"npm cannot fetch ocpp-rpc: {error}")
    return folder


class Peer:
    """A peer in its own process: what it told, and how to give it orders."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._orders = 0
        self.told: list[dict[str, Any]] = []

    async def read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.told.append(json.loads(line))

    def events(self, event: str) -> list[dict[str, Any]]:
        return [told for told in self.told if told["event"] == event]

    async def told_of(self, event: str, number: int = 1) -> dict[str, Any]:
        await until(lambda: len(self.events(event)) >= number)
        return self.events(event)[number - 1]

    async def call(self, action: str, **payload: Any) -> dict[str, Any]:
        """Let the peer send a CALL; its answer."""
        self._orders += 1
        order = self._orders
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"order": order, "action": action, "payload": payload}).encode() + b"\n")
        await until(lambda: any(answer["order"] == order for answer in self.events("answer")))
        answer = next(answer for answer in self.events("answer") if answer["order"] == order)
        assert "error" not in answer, answer
        answered: dict[str, Any] = answer["payload"]
        return answered


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def peer(folder: Path, script: str, *arguments: str) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec("node", script, *arguments, cwd=folder, stdin=PIPE, stdout=PIPE)
    running = Peer(process)
    reading = asyncio.ensure_future(running.read())
    try:
        yield running
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await reading


@asynccontextmanager
async def their_station(folder: Path, csms: Csms, api: httpx.AsyncClient, version: Version) -> AsyncIterator[Peer]:
    password = await register(api, "NODE-1", password="a-password-of-node-1")
    async with peer(folder, "station.js", csms.ocpp_url, "NODE-1", password, f"ocpp{version}") as station:
        assert (await station.told_of("connected"))["protocol"] == f"ocpp{version}"
        yield station


def boot(version: Version) -> dict[str, Any]:
    if version == "1.6":
        return {"chargePointVendor": "Node", "chargePointModel": "Rpc"}
    return {"reason": "PowerUp", "chargingStation": {"vendorName": "Node", "model": "Rpc"}}


def status(version: Version, word: str) -> dict[str, Any]:
    if version == "1.6":
        return {"connectorId": 1, "errorCode": "NoError", "status": word, "timestamp": AT}
    return {"evseId": 1, "connectorId": 1, "connectorStatus": word, "timestamp": AT}


async def charge(station: Peer, version: Version) -> str:
    """A session of 1500 Wh; its transaction id."""
    if version == "1.6":
        started = await station.call("StartTransaction", connectorId=1, idTag="04A2", meterStart=1000, timestamp=AT)
        assert started["idTagInfo"]["status"] == "Accepted"
        number = started["transactionId"]
        values = [{"timestamp": "2026-01-01T00:10:00.000Z", "sampledValue": [{"value": "1500", "unit": "Wh"}]}]
        assert await station.call("MeterValues", connectorId=1, transactionId=number, meterValue=values) == {}
        await station.call("StopTransaction", transactionId=number, meterStop=2500, timestamp="2026-01-01T00:20:00.000Z")
        return str(number)
    told = {"transactionId": "node-tx", "chargingState": "Charging"}
    for seq, (kind, reason, register_wh) in enumerate(
        (
            ("Started", "Authorized", 1000),
            ("Updated", "MeterValuePeriodic", 1500),
            ("Ended", "StopAuthorized", 2500),
        )
    ):
        sample = {"timestamp": f"2026-01-01T00:{seq}0:00.000Z", "sampledValue": [{"value": register_wh, "context": "Sample.Periodic"}]}
        payload = {"eventType": kind, "triggerReason": reason, "seqNo": seq, "transactionInfo": told, "meterValue": [sample]}
        token = {"idToken": {"idToken": "04A2", "type": "ISO14443"}} if kind == "Started" else {}
        answer = await station.call("TransactionEvent", timestamp=sample["timestamp"], evse={"id": 1, "connectorId": 1}, **payload, **token)
        assert kind != "Started" or answer["idTokenInfo"]["status"] == "Accepted"
    return "node-tx"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("B01.FR.01", "E02", "J02")
async def test_their_station_is_served(peers: Path, csms: Csms, api: httpx.AsyncClient, version: Version) -> None:
    await api.post("/tokens", json={"id_token": "04A2", "type": "ISO14443", "status": "Accepted"})
    async with their_station(peers, csms, api, version) as station:
        assert (await station.call("BootNotification", **boot(version)))["status"] == "Accepted"
        assert await station.call("StatusNotification", **status(version, "Available")) == {}
        assert "currentTime" in await station.call("Heartbeat")
        transaction_id = await charge(station, version)
        transaction = (await api.get(f"/transactions/NODE-1/{transaction_id}")).json()
        assert (transaction["open"], transaction["energy_wh"]) == (False, 1500)
        assert not station.events("breach")


@pytest.mark.parametrize("version", VERSIONS)
async def test_their_station_answers_our_calls(peers: Path, csms: Csms, api: httpx.AsyncClient, version: Version) -> None:
    async with their_station(peers, csms, api, version) as station:
        await station.call("BootNotification", **boot(version))

        async def ask(action: str, body: dict[str, Any], expected: int = 200) -> dict[str, Any]:
            answer = await api.post(f"/stations/NODE-1/calls/{action}", json=body)
            assert answer.status_code == expected, answer.text
            told: dict[str, Any] = answer.json()
            return told

        assert (await ask("Reset", {"type": "OnIdle" if version != "1.6" else "Immediate"}))["status"] == "Accepted"
        assert (await ask("ChangeAvailability", {"operationalStatus": "Inoperative"}))["status"] == "Scheduled"
        token = {"idToken": "04A2", "type": "ISO14443"}
        assert (await ask("RequestStartTransaction", {"idToken": token, "remoteStartId": 5, "evseId": 1}))["status"] == "Accepted"
        assert (await ask("UnlockConnector", {"evseId": 1, "connectorId": 1}))["status"] == "UnlockFailed"
        wanted = [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]
        read = await ask("GetVariables", {"getVariableData": wanted})
        assert read["getVariableResult"][0]["attributeValue"] == "300"
        assert (await ask("ClearCache", {}, 422))["ocpp_code"] == "NotImplemented"
        assert not station.events("breach")


@asynccontextmanager
async def our_station(port: int, version: Version, data: Path) -> AsyncIterator[Operations]:
    store, close_store = await open_store(data)
    spec = StationSpec(
        id="OURS-1",
        url=f"ws://127.0.0.1:{port}/ocpp",
        version=version,
        password="a-password-of-ours",
        time_factor=500,
        boot_seconds=0.05,
        variables={"SampledDataCtrlr.TxUpdatedInterval": "1"},
    )
    program = StationProgram(spec, store)
    await program.start()
    ticking = asyncio.ensure_future(_tick(program))
    try:
        yield Operations(program)
    finally:
        ticking.cancel()
        await program.stop()
        await close_store()


async def _tick(program: StationProgram) -> None:
    while True:
        program.tick()
        await asyncio.sleep(0.02)


ASKED: dict[Version, list[tuple[str, dict[str, Any]]]] = {
    "1.6": [
        ("GetConfiguration", {}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "120"}),
        ("ChangeAvailability", {"connectorId": 2, "type": "Inoperative"}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("UnlockConnector", {"connectorId": 2}),
        ("DataTransfer", {"vendorId": "org.example"}),
        ("ClearCache", {}),
    ],
    "2.0.1": [
        ("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}),
        ("GetVariables", {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]}),
        ("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}}),
        ("TriggerMessage", {"requestedMessage": "StatusNotification"}),
        ("UnlockConnector", {"evseId": 2, "connectorId": 1}),
        ("GetTransactionStatus", {}),
        ("DataTransfer", {"vendorId": "org.example"}),
        ("ClearCache", {}),
    ],
}
ASKED["2.1"] = ASKED["2.0.1"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("B01.FR.01", "E01", "E07")
async def test_our_station_breaks_no_schema_of_theirs(peers: Path, tmp_path: Path, version: Version) -> None:
    async with peer(peers, "csms.js", f"ocpp{version}") as central:
        port = (await central.told_of("listening"))["port"]
        async with our_station(port, version, tmp_path) as do:

            def heard(action: str) -> list[dict[str, Any]]:
                return [told["params"] for told in central.events("heard") if told["method"] == action]

            await until(lambda: do.view().registration == "Accepted" and len(heard("StatusNotification")) >= 2)
            do.plug_in(1)
            do.present_token("CAFE01", 1)
            await until(lambda: do.view().evses[0].energy_wh > 500)
            for action, payload in ASKED[version]:
                await central.call(action, **payload)
            do.present_token("CAFE01", 1)
            do.unplug(1)

            def ended() -> bool:
                return bool(heard("StopTransaction")) or any(event["eventType"] == "Ended" for event in heard("TransactionEvent"))

            await until(lambda: ended() and do.view().waiting_events == 0)
        assert central.events("handshake")[0] == {"event": "handshake", "identity": "OURS-1", "password": "a-password-of-ours"}
        assert not central.events("breach")
