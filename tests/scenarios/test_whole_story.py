"""One whole story over the real programs, in every version: our station, our central system, an operator at its HTTP API."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.scenarios.foreign import eventually
from tests.scenarios.story import PATIENCE, FrameJudge, Live, Operator, Person, our_station
from voltgate.csms.app import Csms
from voltgate.ocpp.messages import Version

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
TOPICS = (
    "station.connected",
    "station.disconnected",
    "station.booted",
    "connector.status",
    "transaction.started",
    "transaction.updated",
    "transaction.ended",
    "meter.sample",
    "alarm.raised",
    "intent.done",
    "message",
)


@pytest.mark.requirement(
    *("B01.FR.01", "B05", "B07", "B11", "C01", "E01", "E02", "E05", "E06", "E12", "F01", "F02", "F03", "F05", "F06", "G01", "G03", "J02")
)
@pytest.mark.action(
    *("1.6:BootNotification", "1.6:GetConfiguration", "1.6:ChangeConfiguration", "1.6:RemoteStartTransaction", "1.6:RemoteStopTransaction"),
    *("1.6:StartTransaction", "1.6:StopTransaction", "1.6:MeterValues", "1.6:StatusNotification", "1.6:UnlockConnector", "1.6:Reset"),
    *("1.6:ChangeAvailability", "1.6:TriggerMessage", "1.6:Heartbeat"),
    *("2.0.1:BootNotification", "2.0.1:GetBaseReport", "2.0.1:NotifyReport", "2.0.1:SetVariables", "2.0.1:RequestStartTransaction"),
    *("2.0.1:RequestStopTransaction", "2.0.1:TransactionEvent", "2.0.1:StatusNotification", "2.0.1:UnlockConnector", "2.0.1:Reset"),
    *("2.0.1:ChangeAvailability", "2.0.1:TriggerMessage", "2.0.1:Heartbeat"),
    *("2.1:BootNotification", "2.1:GetBaseReport", "2.1:NotifyReport", "2.1:SetVariables", "2.1:RequestStartTransaction"),
    *("2.1:RequestStopTransaction", "2.1:TransactionEvent", "2.1:StatusNotification", "2.1:UnlockConnector", "2.1:Reset"),
    *("2.1:ChangeAvailability", "2.1:TriggerMessage", "2.1:Heartbeat"),
)
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_whole_story(version: Version, csms: Csms, api: httpx.AsyncClient, tmp_path: Path) -> None:
    operator, live, judge = Operator(api), Live(), FrameJudge(version)
    created = await api.post("/stations", json={"id": "CS-1", "name": "Harbour 1"})
    assert created.status_code == 201, created.text
    assert (await api.post("/tokens", json={"id_token": "CAFE01", "type": "ISO14443"})).status_code == 201
    factory = {
        "SampledDataCtrlr__TxUpdatedInterval": "1",
        "AuthCtrlr__OfflineTxForUnknownIdEnabled": "true",
        "OCPPCommCtrlr__RetryBackOffWaitMinimum": "0",
        "OCPPCommCtrlr__RetryBackOffRandomRange": "0",
    }
    async with live.watching(api), our_station(csms.ocpp_url, version, created.json()["password"], judge, tmp_path, **factory) as person:
        await it_boots_and_reports(operator, version)
        await a_session_by_remote_control(operator, person, version)
        await the_operator_turns_every_knob(operator, person, judge, version)
        await a_wish_for_an_offline_station(operator, person)
        await a_stranger_while_offline(operator, person)
        await a_reset_ends_the_session(operator, person, judge, version)
        await everything_is_kept(operator, person, judge)

        async def seen() -> bool:
            return all(live.of(topic) for topic in TOPICS)

        await eventually(seen, PATIENCE)
    assert {sample["power_w"] for sample in live.of("meter.sample")} - {0.0, None}
    used = judge.check()
    assert used["BootNotification"] == 2
    assert len(used) >= 12, used


async def it_boots_and_reports(operator: Operator, version: Version) -> None:
    async def accepted() -> bool:
        station = await operator.get()
        return station["connected"] and station["registration"] == "accepted" and station["vendor"] == "voltgate"

    await eventually(accepted, PATIENCE)

    async def reported() -> bool:
        return (await operator.variable("OCPPCommCtrlr", "HeartbeatInterval")).get("value") is not None

    await eventually(reported, PATIENCE)
    station = await operator.get()
    assert (station["name"], station["model"], station["protocol"]) == ("Harbour 1", "VG-Sim", version)
    variables = (await operator.get("variables", limit=500))["items"]
    assert len(variables) > 10
    await operator.sees_state(1, "Available")
    await operator.sees_state(2, "Available")


async def a_session_by_remote_control(operator: Operator, person: Person, version: Version) -> None:
    person.do.plug_in(1)
    await operator.sees_state(1, "Preparing")
    answer = await operator.call("RequestStartTransaction", idToken={"idToken": "CAFE01", "type": "ISO14443"}, remoteStartId=77, evseId=1)
    assert answer["status"] == "Accepted"
    await operator.sees_state(1, "Charging")

    async def power_rises() -> bool:
        station = await operator.get()
        return (station["power_w"] or 0) > 1000 and (await operator.evse(1))["transaction"]["energy_wh"] > 0

    await eventually(power_rises, PATIENCE)
    (running,) = (await operator.get("/transactions", station="CS-1", open=True))["items"]
    assert (running["id_token"], running["evse_id"], running["remote_start_id"], running["token_status"]) == ("CAFE01", 1, 77, "Accepted")
    answer = await operator.call("RequestStopTransaction", transactionId=running["transaction_id"])
    assert answer["status"] == "Accepted"

    async def ended() -> Any:
        told = await operator.get(f"/transactions/CS-1/{running['transaction_id']}")
        return None if told["open"] else told

    told = await eventually(ended, PATIENCE)
    await person.sees(lambda: person.do.view().waiting_events == 0)
    assert (told["stopped_reason"], told["doubts"]) == ("Remote", [])
    assert told["energy_wh"] == person.evse(1).register_mwh / 1000  # the meter began at 0, and this was its first session
    assert told["register_end_wh"] == person.evse(1).register_mwh / 1000
    await operator.sees_state(1, "Finishing")
    person.do.unplug(1)
    await operator.sees_state(1, "Available")


async def the_operator_turns_every_knob(operator: Operator, person: Person, judge: FrameJudge, version: Version) -> None:
    assert (await operator.call("UnlockConnector", evseId=2, connectorId=1))["status"] == "Unlocked"
    for status, state in (("Inoperative", "Unavailable"), ("Operative", "Available")):
        answer = await operator.call("ChangeAvailability", operationalStatus=status, evse={"id": 2})
        assert answer["status"] == "Accepted"
        await operator.sees_state(2, state)
    before = len(judge.said("Heartbeat"))
    assert (await operator.call("TriggerMessage", requestedMessage="Heartbeat"))["status"] == "Accepted"
    await person.sees(lambda: len(judge.said("Heartbeat")) == before + 1)
    before = len(judge.said("StatusNotification"))
    answer = await operator.call("TriggerMessage", requestedMessage="StatusNotification", evse={"id": 1, "connectorId": 1})
    assert answer["status"] == "Accepted"
    await person.sees(lambda: len(judge.said("StatusNotification")) == before + 1)
    await _verbatim(operator, judge, version)
    await _what_cannot_be_said(operator, judge, version)


async def _verbatim(operator: Operator, judge: FrameJudge, version: Version) -> None:
    if version == "1.6":
        action, body = "GetConfiguration", b'{"key":["HeartbeatInterval","NoSuchKey"]}'
    else:
        place = b'{"component":{"name":"OCPPCommCtrlr"},"variable":{"name":"HeartbeatInterval"}}'
        action, body = "GetVariables", b'{"getVariableData":[' + place + b"]}"
    answer = await operator.api.post(f"{operator.path}/wire-calls/{action}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    (heard,) = judge.answers_of(body.decode())
    assert heard.endswith(f",{answer.text}]")  # not a character was changed on the way


async def _what_cannot_be_said(operator: Operator, judge: FrameJudge, version: Version) -> None:
    """422 with the reason; what the version cannot express is not even sent."""
    frames = len(judge.frames)
    answer = await operator.api.post(f"{operator.path}/calls/GetTariffs", json={"evseId": 0})
    problem = answer.json()
    assert answer.status_code == 422, problem
    if version == "2.1":
        assert problem["ocpp_code"] in ("NotSupported", "NotImplemented")
    else:
        assert (problem["type"].rpartition("/")[2], problem["action"]) == ("peer-cannot", "GetTariffs")
        assert version in problem["detail"]
        assert len(judge.frames) == frames
    answer = await operator.api.post(f"{operator.path}/calls/Reset", json={"type": "Sometimes"})
    assert (answer.status_code, answer.json()["field"].removeprefix("$.")) == (422, "type")


async def a_wish_for_an_offline_station(operator: Operator, person: Person) -> None:
    person.do.network(up=False)

    async def gone() -> bool:
        return not (await operator.get())["connected"]

    await eventually(gone, PATIENCE)
    wish = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "123"}
    answer = await operator.api.patch(f"{operator.path}/variables", json=[wish])
    assert (answer.status_code, answer.json()[0]["status"]) == (200, "waiting"), answer.text
    refused = await operator.api.post(f"{operator.path}/calls/ClearCache", json={})
    assert refused.status_code == 409
    person.do.network(up=True)

    async def done() -> bool:
        variable = await operator.variable("OCPPCommCtrlr", "HeartbeatInterval")
        return (variable["status"], variable["value"]) == ("done", "123")

    await eventually(done, PATIENCE)
    assert person.do.program.station.variables.integer("OCPPCommCtrlr", "HeartbeatInterval") == 123


async def a_stranger_while_offline(operator: Operator, person: Person) -> None:
    """A token nobody knows starts while nobody can be asked: told afterwards, stopped, and an alarm for a person."""
    person.do.network(up=False)
    await person.sees(lambda: not person.do.view().connected)
    person.do.plug_in(2)
    person.do.present_token("STRANGER", 2)
    await person.sees(lambda: person.evse(2).energy_wh > 0)
    person.do.network(up=True)

    async def alarm() -> Any:
        return [one for one in (await operator.get("/alarms", station="CS-1"))["items"] if "STRANGER" in one["text"]]

    (raised,) = await eventually(alarm, PATIENCE)
    assert (raised["kind"], raised["open"]) == ("transaction.token", True)
    await person.sees(lambda: person.evse(2).transaction_id is None and person.do.view().waiting_events == 0)
    (told,) = (await operator.get("/transactions", token="stranger"))["items"]
    assert (told["open"], told["stopped_reason"]) == (False, "DeAuthorized")
    assert "STRANGER" in told["doubts"][0]
    person.do.unplug(2)
    answer = await operator.api.post(f"/alarms/{raised['id']}/acknowledge")
    assert answer.status_code in (200, 201), answer.text


async def a_reset_ends_the_session(operator: Operator, person: Person, judge: FrameJudge, version: Version) -> None:
    person.do.plug_in(1)
    person.do.present_token("cafe01", 1)  # tokens are compared without regard to case
    await person.sees(lambda: person.evse(1).energy_wh > 0)

    async def told_so() -> Any:
        return (await operator.get("/transactions", station="CS-1", open=True))["items"]

    (running,) = await eventually(told_so, PATIENCE)
    assert (await operator.call("Reset", type="Immediate"))["status"] == "Accepted"

    async def booted_again() -> bool:
        return len(judge.said("BootNotification")) == 2 and (await operator.get())["connected"]

    await eventually(booted_again, PATIENCE)
    told = await operator.get(f"/transactions/CS-1/{running['transaction_id']}")
    assert (told["open"], told["stopped_reason"], told["doubts"]) == (False, "ImmediateReset", [])
    assert told["energy_wh"] > 0
    assert person.evse(1).register_mwh / 1000 == told["register_end_wh"]
    if version != "1.6":
        assert judge.said("BootNotification")[1]["reason"] == "RemoteReset"
    await person.sees(lambda: person.do.view().registration == "Accepted")


async def everything_is_kept(operator: Operator, person: Person, judge: FrameJudge) -> None:
    sessions = (await operator.get("transactions", limit=100))["items"]
    assert len(sessions) == 3
    assert not any(session["open"] for session in sessions)
    for evse_id in (1, 2):
        energy = sum(round(session["energy_wh"] * 1000) for session in sessions if session["evse_id"] == evse_id)
        assert energy == person.evse(evse_id).register_mwh
    for session in sessions:
        values = (await operator.get(f"/transactions/CS-1/{session['transaction_id']}/meter-values", limit=500))["items"]
        registers = [value["value"] for value in values if value["measurand"] == "Energy.Active.Import.Register"]
        assert session["register_end_wh"] in registers
        assert max(registers) - session["register_end_wh"] <= 0.5  # 1.6 rounds the register of a stop to Wh; the exact one counts
        events = await operator.get(f"/transactions/CS-1/{session['transaction_id']}/events")
        assert (events[0]["type"], events[-1]["type"]) == ("Started", "Ended")

    async def logged() -> bool:
        kept = {message["raw"] for message in await _all_messages(operator)}
        seen = {text for _, text in judge.frames if "assword" not in text}
        return seen <= kept

    await eventually(logged, PATIENCE)


async def _all_messages(operator: Operator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await operator.get("messages", limit=200, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
