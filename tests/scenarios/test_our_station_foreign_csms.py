"""Our station at a central system built on the PyPI package `ocpp`, which judges every message by the official schemas."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ocpp.routing import on
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.ocpp.schemas import parse, validator
from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram
from voltgate.station.keeping import open_store
from voltgate.station.operations import Operations
from voltgate.station.settings import StationSpec

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
PACKAGES = {"1.6": "ocpp.v16", "2.0.1": "ocpp.v201", "2.1": "ocpp.v21"}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Foreign:
    """The central system: what it heard, and the connection of its one station."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.point: Any = None
        self.port = 0

    def actions(self) -> list[str]:
        return [action for action, _ in self.heard]

    def payloads(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.heard if name == action]

    async def call(self, name: str, **payload: Any) -> Any:
        """Ask the station."""
        return await self.point.call(getattr(import_module(PACKAGES[self.version]).call, name)(**payload))


def _answers(foreign: Foreign) -> dict[str, Callable[..., Any]]:
    results = import_module(PACKAGES[foreign.version]).call_result
    accepted = {"status": "Accepted"}
    token = {"id_tag_info": accepted} if foreign.version == "1.6" else {"id_token_info": accepted}
    answers: dict[str, Callable[..., Any]] = {
        "BootNotification": lambda: results.BootNotification(current_time=now(), interval=300, status="Accepted"),
        "Heartbeat": lambda: results.Heartbeat(current_time=now()),
        "StatusNotification": results.StatusNotification,
        "MeterValues": results.MeterValues,
        "Authorize": lambda: results.Authorize(**token),
    }
    if foreign.version == "1.6":
        answers["StartTransaction"] = lambda: results.StartTransaction(transaction_id=4711, **token)
        answers["StopTransaction"] = results.StopTransaction
    else:
        answers["TransactionEvent"] = lambda: results.TransactionEvent(**token)
        answers["NotifyReport"] = results.NotifyReport
    return answers


def _point(foreign: Foreign, connection: ServerConnection) -> Any:
    base = import_module(PACKAGES[foreign.version]).ChargePoint
    methods = {}
    for action, answer in _answers(foreign).items():

        def handle(self: Any, _action: str = action, _answer: Callable[..., Any] = answer, **payload: Any) -> Any:
            foreign.heard.append((_action, payload))
            return _answer()

        handle.__name__ = f"on_{action}"  # the package finds handlers by name
        methods[handle.__name__] = on(action)(handle)
    return type("Point", (base,), methods)("STATION", connection)


@asynccontextmanager
async def foreign_csms(version: Version) -> AsyncIterator[Foreign]:
    foreign = Foreign(version)

    async def handle(connection: ServerConnection) -> None:
        foreign.point = _point(foreign, connection)
        try:
            await foreign.point.start()
        except ConnectionClosed:
            pass

    async with serve(handle, "127.0.0.1", 0, subprotocols=[f"ocpp{version}"]) as server:  # type: ignore[list-item]  # a NewType of str
        foreign.port = next(iter(server.sockets)).getsockname()[1]
        yield foreign


@asynccontextmanager
async def our_station(foreign: Foreign, data: Path, **variables: str) -> AsyncIterator[tuple[Operations, list[str]]]:
    """Our station, connected, and every frame it has sent."""
    said: list[str] = []
    store, close_store = await open_store(data)
    spec = StationSpec(
        id="STATION",
        url=f"ws://127.0.0.1:{foreign.port}/ocpp",
        version=foreign.version,
        time_factor=500,
        boot_seconds=0.05,
        variables={name.replace("__", "."): value for name, value in variables.items()},
    )
    program = StationProgram(spec, store, watch=lambda direction, text: said.append(text) if direction == "out" else None)
    await program.start()
    ticking = asyncio.ensure_future(_tick(program))
    try:
        yield Operations(program), said
    finally:
        ticking.cancel()
        await program.stop()
        await close_store()


async def _tick(program: StationProgram) -> None:
    while True:
        program.tick()
        await asyncio.sleep(0.02)


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def check_frames(version: Version, said: list[str]) -> None:
    """Every CALL and CALLRESULT follows the official schema."""
    names = {}
    for text in said:
        frame = parse(text.encode())
        assert frame[0] in (2, 3), text
        if frame[0] == 2:
            names[frame[1]] = frame[2]
            validator(version, ACTIONS[version][frame[2]].request).validate(frame[3])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("B01.FR.01", "E01", "E07", "G01")
async def test_a_session_from_boot_to_unplugging(version: Version, tmp_path: Path) -> None:
    async with foreign_csms(version) as foreign, our_station(foreign, tmp_path, SampledDataCtrlr__TxUpdatedInterval="1") as (do, said):
        connectors = 3 if version == "1.6" else 2  # connector 0 of 1.6 is the station
        await until(lambda: foreign.actions().count("StatusNotification") == connectors)
        do.plug_in(1)
        do.present_token("CAFE01", 1)
        await until(lambda: do.view().evses[0].energy_wh > 500 and _sampled(foreign))
        do.present_token("CAFE01", 1)
        do.unplug(1)
        await until(lambda: foreign.actions().count("StatusNotification") >= connectors + 2 and do.view().waiting_events == 0)
        check_frames(version, said)
        register_wh = do.view().evses[0].register_wh
    assert foreign.actions()[0] == "BootNotification"
    if version == "1.6":
        (start,), (stop,) = foreign.payloads("StartTransaction"), foreign.payloads("StopTransaction")
        assert start["id_tag"] == "CAFE01"
        assert stop["transaction_id"] == 4711
        assert stop["meter_stop"] == round(register_wh)
    else:
        events = foreign.payloads("TransactionEvent")
        assert [event["seq_no"] for event in events] == list(range(len(events)))
        assert [event["event_type"] for event in events][:: len(events) - 1] == ["Started", "Ended"]
        assert events[-1]["meter_value"][-1]["sampled_value"][0]["value"] == pytest.approx(register_wh, abs=0.0005)


def _sampled(foreign: Foreign) -> bool:
    if foreign.version == "1.6":
        return "MeterValues" in foreign.actions()
    return any(event["trigger_reason"] == "MeterValuePeriodic" for event in foreign.payloads("TransactionEvent"))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("F02", "F03", "F05.FR.03")
async def test_remote_start_and_stop(version: Version, tmp_path: Path) -> None:
    async with foreign_csms(version) as foreign, our_station(foreign, tmp_path) as (do, said):
        await until(lambda: do.view().registration == "Accepted")
        do.plug_in(1)
        if version == "1.6":
            started = await foreign.call("RemoteStartTransaction", id_tag="CAFE02", connector_id=1)
        else:
            token = {"idToken": "CAFE02", "type": "Central"}
            started = await foreign.call("RequestStartTransaction", id_token=token, remote_start_id=77, evse_id=1)
        assert started.status == "Accepted"
        await until(lambda: do.view().evses[0].energy_wh > 0 and do.view().waiting_events == 0)
        if version == "1.6":
            stopped = await foreign.call("RemoteStopTransaction", transaction_id=4711)
            unlocked = await foreign.call("UnlockConnector", connector_id=9)
            assert unlocked.status in ("UnlockFailed", "NotSupported")
        else:
            first = foreign.payloads("TransactionEvent")[0]
            assert first["trigger_reason"] == "RemoteStart"
            assert first["transaction_info"]["remote_start_id"] == 77
            stopped = await foreign.call("RequestStopTransaction", transaction_id=first["transaction_info"]["transaction_id"])
            unlocked = await foreign.call("UnlockConnector", evse_id=9, connector_id=1)
            assert unlocked.status == "UnknownConnector"
        assert stopped.status == "Accepted"
        await until(lambda: do.view().evses[0].transaction_id is None and do.view().waiting_events == 0)
        check_frames(version, said)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("E12.FR.02", "E04.FR.03")
async def test_a_session_without_network_is_told_afterwards(version: Version, tmp_path: Path) -> None:
    async with foreign_csms(version) as foreign, our_station(foreign, tmp_path, OCPPCommCtrlr__OfflineThreshold="0") as (do, said):
        await until(lambda: do.view().registration == "Accepted")
        do.plug_in(1)
        do.present_token("CAFE03", 1)
        await until(lambda: do.view().evses[0].energy_wh > 0 and do.view().waiting_events == 0)
        do.present_token("CAFE03", 1)
        do.unplug(1)
        await until(lambda: do.view().waiting_events == 0)
        boots = foreign.actions().count("BootNotification")
        do.network(False)
        await until(lambda: not do.view().connected)
        foreign.heard.clear()
        do.plug_in(2)
        do.present_token("CAFE03", 2)  # known to the cache
        await until(lambda: do.view().evses[1].energy_wh > 0)
        do.present_token("CAFE03", 2)
        assert do.view().waiting_events == 3
        do.network(True)
        await until(lambda: do.view().connected and do.view().waiting_events == 0)
        assert boots == 1
        assert "BootNotification" not in foreign.actions()
        if version == "1.6":
            assert len(foreign.payloads("StopTransaction")) == 1
        else:
            assert all(event["offline"] for event in foreign.payloads("TransactionEvent"))
        check_frames(version, said)


@pytest.mark.requirement("B05", "B06", "B07", "B12.FR.04", "G03.FR.08")
async def test_variables_report_availability_and_reset(tmp_path: Path) -> None:
    async with foreign_csms("2.1") as foreign, our_station(foreign, tmp_path) as (do, said):
        await until(lambda: do.view().registration == "Accepted")
        place = {"component": {"name": "TxCtrlr"}, "variable": {"name": "EVConnectionTimeOut"}}
        answer = await foreign.call("SetVariables", set_variable_data=[{**place, "attribute_value": "99"}])
        assert answer.set_variable_result[0]["attribute_status"] == "Accepted"
        await foreign.call("GetBaseReport", request_id=5, report_base="FullInventory")
        await until(lambda: foreign.payloads("NotifyReport") and not foreign.payloads("NotifyReport")[-1]["tbc"])
        assert [part["seq_no"] for part in foreign.payloads("NotifyReport")] == list(range(len(foreign.payloads("NotifyReport"))))
        answer = await foreign.call("ChangeAvailability", operational_status="Inoperative", evse={"id": 2})
        assert answer.status == "Accepted"
        do.plug_in(1)
        do.present_token("CAFE04", 1)
        await until(lambda: do.view().evses[0].energy_wh > 0)
        foreign.heard.clear()
        assert (await foreign.call("Reset", type="Immediate")).status == "Accepted"
        await until(lambda: "BootNotification" in foreign.actions() and do.view().registration == "Accepted")
        ended = foreign.payloads("TransactionEvent")[-1]
        assert (ended["event_type"], ended["transaction_info"]["stopped_reason"]) == ("Ended", "ImmediateReset")
        assert foreign.payloads("BootNotification")[0]["reason"] == "RemoteReset"
        answer = await foreign.call("GetVariables", get_variable_data=[place])
        assert answer.get_variable_result[0]["attribute_value"] == "99"
        await until(lambda: foreign.actions().count("StatusNotification") >= 2)
        assert do.view().evses[1].connectors == {"1": "Unavailable"}
        check_frames("2.1", said)
        assert json.loads(said[0])[2] == "BootNotification"


@pytest.mark.parametrize(("kind", "reason"), [("Hard", "HardReset"), ("Soft", "SoftReset")])
@pytest.mark.action("1.6:Reset", "1.6:GetConfiguration", "1.6:ChangeConfiguration")
async def test_reset_and_keys_in_1_6(kind: str, reason: str, tmp_path: Path) -> None:
    async with foreign_csms("1.6") as foreign, our_station(foreign, tmp_path) as (do, said):
        await until(lambda: do.view().registration == "Accepted")
        assert (await foreign.call("ChangeConfiguration", key="ConnectionTimeOut", value="33")).status == "Accepted"
        answer = await foreign.call("GetConfiguration")
        keys = {entry["key"]: entry.get("value") for entry in answer.configuration_key}
        assert keys["ConnectionTimeOut"] == "33"
        assert keys["NumberOfConnectors"] == "2"
        assert "Core" in keys["SupportedFeatureProfiles"]
        do.plug_in(1)
        do.present_token("CAFE05", 1)
        await until(lambda: do.view().evses[0].energy_wh > 0 and do.view().waiting_events == 0)
        foreign.heard.clear()
        assert (await foreign.call("Reset", type=kind)).status == "Accepted"
        await until(lambda: "BootNotification" in foreign.actions() and do.view().registration == "Accepted")
        assert foreign.payloads("StopTransaction")[0]["reason"] == reason
        assert foreign.actions().index("StopTransaction") < foreign.actions().index("BootNotification")
        check_frames("1.6", said)


@pytest.mark.action("1.6:UnlockConnector")
async def test_unlocking_in_1_6_ends_the_transaction(tmp_path: Path) -> None:
    async with foreign_csms("1.6") as foreign, our_station(foreign, tmp_path) as (do, said):
        await until(lambda: do.view().registration == "Accepted")
        do.plug_in(1)
        do.present_token("CAFE06", 1)
        await until(lambda: do.view().evses[0].energy_wh > 0 and do.view().waiting_events == 0)
        assert (await foreign.call("UnlockConnector", connector_id=1)).status == "Unlocked"
        await until(lambda: foreign.payloads("StopTransaction"))
        check_frames("1.6", said)
