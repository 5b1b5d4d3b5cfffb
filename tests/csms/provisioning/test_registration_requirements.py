"""Before a station is accepted: what it may send, what we may send (B01, B02, B03, FR.02 to FR.07)."""

import asyncio
from typing import Any, cast

import pytest

from tests.csms.builders import a_client
from tests.csms.pair import Office, Wire
from voltgate.csms.blocks import ROUTES
from voltgate.ocpp import v21
from voltgate.ocpp.errors import InvalidAnswer, PeerCannot

STATUS = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
STATUS_16 = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
BOOT = v21.TriggerMessageRequest(requestedMessage="BootNotification")


async def waiting(office: Office, answer: str, version: str = "2.1") -> Wire:
    await office.register("CS-1", next_boot=answer)
    wire = await office.connect("CS-1", version)
    booted = await wire.boots(version)
    assert (booted[2]["status"], booted[2]["interval"] > 0) == (answer, True)
    return wire


def asked(office: Office, request: Any) -> "asyncio.Task[Any]":
    return asyncio.create_task(office.services.ask("CS-1", request))


@pytest.mark.requirement("B01.FR.10", "B02.FR.09", "B03.FR.07", "FR.04", "TC_B_30_CSMS")
@pytest.mark.action("1.6:StatusNotification", "2.0.1:StatusNotification", "2.1:StatusNotification")
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("answer", ["Pending", "Rejected"])
async def test_a_station_that_is_not_accepted_may_only_boot(office: Office, answer: str, version: str) -> None:
    wire = await waiting(office, answer, version)
    refused = await wire.asks("StatusNotification", STATUS_16 if version == "1.6" else STATUS, "1")
    assert refused[:3] == [4, "1", "SecurityError"]
    assert (await wire.boots(version))[2]["status"] == answer


@pytest.mark.requirement("B02.FR.06")
async def test_the_connection_of_a_waiting_station_stays_open(office: Office) -> None:
    wire = await waiting(office, "Pending")
    await office.settle()
    assert wire.socket.closed_with is None
    assert wire.link.is_open


@pytest.mark.requirement("B02.FR.01", "B02.FR.02", "B02.FR.04", "TC_B_31_CSMS", "TC_B_02_CSMS")
@pytest.mark.action("2.1:TriggerMessage", "2.1:BootNotification")
async def test_a_waiting_station_is_asked_to_boot_when_an_operator_accepts_it(office: Office) -> None:
    wire = await waiting(office, "Pending")
    client = a_client(cast(Any, office.services), ROUTES)
    patch = asyncio.create_task(client.patch("/stations/CS-1", json={"next_boot": "accepted"}))
    call = await wire.hears()
    assert call[2:] == ["TriggerMessage", {"requestedMessage": "BootNotification"}]
    wire.says([3, call[1], {"status": "Accepted"}])
    assert (await patch).status_code == 200
    assert (await wire.boots())[2]["status"] == "Accepted"
    assert (await wire.asks("StatusNotification", STATUS, "1"))[0] == 3


@pytest.mark.requirement("B02.FR.02", "B01.FR.10")
@pytest.mark.action("2.1:NotifyReport", "2.1:GetBaseReport")
async def test_a_waiting_station_may_report_what_it_was_asked_for(office: Office) -> None:
    wire = await waiting(office, "Pending")
    report = {"requestId": 1, "generatedAt": "2026-01-01T00:00:00Z", "seqNo": 0}
    assert (await wire.asks("NotifyReport", report, "1"))[2] == "SecurityError"
    task = asked(office, v21.GetBaseReportRequest(requestId=1, reportBase="FullInventory"))
    call = await wire.hears()
    wire.says([3, call[1], {"status": "Accepted"}])
    await task
    assert (await wire.asks("NotifyReport", report, "2"))[0] == 3


@pytest.mark.requirement("B02.FR.05")
@pytest.mark.parametrize(
    "request_",
    [
        v21.RequestStartTransactionRequest(idToken=v21.IdTokenType(idToken="A", type="Central"), remoteStartId=1),
        v21.RequestStopTransactionRequest(transactionId="T-1"),
    ],
    ids=["start", "stop"],
)
async def test_a_waiting_station_is_not_asked_to_charge(office: Office, request_: Any) -> None:
    await waiting(office, "Pending")
    with pytest.raises(PeerCannot, match="not accepted"):
        await office.services.ask("CS-1", request_)


@pytest.mark.requirement("B03.FR.03")
async def test_a_rejected_station_is_sent_nothing_not_even_verbatim(office: Office) -> None:
    wire = await waiting(office, "Rejected")
    with pytest.raises(PeerCannot, match="rejected"):
        await office.services.wire_call("CS-1", "ClearCache", b"{}")
    with pytest.raises(PeerCannot, match="rejected"):
        await office.services.ask("CS-1", BOOT)
    assert wire.socket.sent == []


@pytest.mark.requirement("B03.FR.03")
async def test_a_wish_for_a_rejected_station_waits(office: Office) -> None:
    wire = await waiting(office, "Rejected")
    client = a_client(cast(Any, office.services), ROUTES)
    wish = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"}
    (shown,) = (await client.patch("/stations/CS-1/variables", json=[wish])).json()
    assert (shown["status"], shown["reason"]) == ("waiting", None)
    assert wire.socket.sent == []


@pytest.mark.requirement("FR.02", "FR.03")
async def test_valid_messages_are_answered_and_invalid_ones_refused(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    assert (await wire.asks("StatusNotification", STATUS, "1"))[0] == 3
    assert (await wire.asks("StatusNotification", {**STATUS, "connectorStatus": "Sleeping"}, "2"))[0] == 4
    assert (await wire.asks("StatusNotification", {}, "3"))[0] == 4


@pytest.mark.requirement("FR.01")
async def test_one_request_at_a_time(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    tasks = [asked(office, v21.ClearCacheRequest()) for _ in range(2)]
    first = await wire.hears()
    await office.settle()
    assert wire.socket.sent == []
    wire.says([3, first[1], {"status": "Accepted"}])
    second = await wire.hears()
    wire.says([3, second[1], {"status": "Accepted"}])
    assert [(await task).status for task in tasks] == ["Accepted", "Accepted"]


@pytest.mark.requirement("FR.06")
async def test_an_invalid_answer_is_told_to_its_sender(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    task = asked(office, v21.ClearCacheRequest())
    call = await wire.hears()
    wire.says([3, call[1], {"status": "Perhaps"}])
    with pytest.raises(InvalidAnswer):
        await task
    assert (await wire.hears(call[1]))[0] == 5


@pytest.mark.requirement("FR.07")
@pytest.mark.action("2.1:NotifyPeriodicEventStream")
async def test_a_send_is_not_answered(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    stream = {"id": 1, "pending": 0, "basetime": "2026-01-01T00:00:00Z", "data": [{"t": 0, "v": "1"}]}
    wire.says([6, "s", "NotifyPeriodicEventStream", stream])
    assert (await wire.asks("Heartbeat", {}, "after"))[0] == 3
    assert wire.socket.sent == []
