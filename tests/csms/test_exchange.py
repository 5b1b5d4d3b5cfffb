"""One message is one unit of work: handled, stored, then answered."""

import asyncio
import json
from typing import Any

import pytest

from tests.csms.pair import Office, open_office
from voltgate.csms.blocks import HANDLERS
from voltgate.csms.message_log import MessageFilter, list_messages
from voltgate.csms.session import Session
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.database import StoreFailed, Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallRefused, CallTimedOut, InvalidAnswer, LinkLost, NotConnected, PeerCannot


async def frames(office: Office, **wanted: Any) -> list[tuple[str, str, str | None]]:
    await office.settle()
    messages = await list_messages(office.services.database, MessageFilter(**wanted), 100, after=0)
    return [(message.direction, message.kind, message.action) for message in messages]


async def test_the_answer_leaves_after_the_commit(database: SqliteDatabase, bus: LocalBus) -> None:
    office = await open_office(database, bus)
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await office.settle()
    held: list[Any] = []
    real = database.commit

    def commit(work: Work) -> Any:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        held.append((work, future))
        return future

    database.commit = commit  # type: ignore[method-assign]
    wire.says([2, "1", "BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "m", "vendorName": "v"}}])
    await asyncio.sleep(0)
    assert wire.socket.sent == []
    work, future = held[0]
    database.commit = real  # type: ignore[method-assign]
    await real(work)
    future.set_result(None)
    assert (await wire.hears("1"))[2]["status"] == "Accepted"


async def test_what_cannot_be_stored_is_not_acknowledged(database: SqliteDatabase, bus: LocalBus) -> None:
    office = await open_office(database, bus)
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    await office.settle()
    real = database.commit

    def commit(work: Work) -> Any:
        raise StoreFailed("the disk is full")

    database.commit = commit  # type: ignore[method-assign]
    answer = await wire.asks("Heartbeat", {}, "2")
    assert answer[:3] == [4, "2", "InternalError"]
    database.commit = real  # type: ignore[method-assign]
    assert (await wire.asks("Heartbeat", {}, "3"))[0] == 3


async def test_a_mistake_of_ours_is_one_traceback_and_an_internal_error(database: SqliteDatabase, bus: LocalBus, caplog: Any) -> None:
    async def broken(request: Any, session: Session) -> Any:
        session.tell("half.done")
        raise ZeroDivisionError("our mistake")

    office = await open_office(database, bus, handlers={**HANDLERS, "Heartbeat": broken})
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    assert (await wire.asks("Heartbeat", {}, "2"))[2] == "InternalError"
    assert (await wire.boots())[0] == 3
    await office.settle()
    topics = [row[0] for row in await database.query(_sql("SELECT topic FROM events"))]
    assert "half.done" not in topics


def _sql(text: str) -> Any:
    from sqlalchemy import text as clause

    return clause(text)


async def test_a_handler_that_waits_keeps_the_order(database: SqliteDatabase, bus: LocalBus) -> None:
    gate = asyncio.Event()

    async def slow(request: Any, session: Session) -> Any:
        await gate.wait()
        return v21.SecurityEventNotificationResponse()

    office = await open_office(database, bus, handlers={**HANDLERS, "SecurityEventNotification": slow})
    await office.register("CS-1")
    await office.register("CS-2")
    wire, other = await office.connect("CS-1"), await office.connect("CS-2")
    await wire.boots()
    await other.boots()
    wire.says([2, "slow", "SecurityEventNotification", {"type": "x", "timestamp": "2026-01-01T00:00:00Z"}])
    wire.says([2, "fast", "Heartbeat", {}])
    assert (await other.asks("Heartbeat", {}))[0] == 3
    assert wire.socket.sent == []
    gate.set()
    await wire.hears("slow")
    await wire.hears("fast")


async def test_a_full_mailbox_slows_its_station_only(database: SqliteDatabase, bus: LocalBus) -> None:
    gate = asyncio.Event()

    async def slow(request: Any, session: Session) -> Any:
        await gate.wait()
        return v21.HeartbeatResponse(currentTime=session.now)

    office = await open_office(database, bus, handlers={**HANDLERS, "Heartbeat": slow}, mailbox_length=4)
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    for number in range(5):
        wire.says([2, f"h{number}", "Heartbeat", {}])
    assert wire.socket.paused
    newer = await office.connect("CS-1")
    newer.says([2, "h5", "Heartbeat", {}])
    assert newer.socket.paused
    gate.set()
    await newer.hears("h5")
    assert not newer.socket.paused


async def test_both_frames_are_in_the_log_and_on_the_bus(office: Office, bus: LocalBus) -> None:
    await office.register("CS-1")
    with bus.subscribe("message") as heard:
        wire = await office.connect("CS-1")
        await wire.boots()
        assert await frames(office) == [("in", "CALL", "BootNotification"), ("out", "CALLRESULT", "BootNotification")]
        first = (await anext(heard)).payload
        assert (first["kind"], first["station_id"], json.loads(first["raw"])[2]) == ("CALL", "CS-1", "BootNotification")


@pytest.mark.requirement("B01.FR.10")
async def test_refused_and_broken_messages_are_in_the_log_too(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    assert (await wire.asks("Heartbeat", {}))[2] == "SecurityError"
    wire.says("[2,")
    await wire.hears("-1")
    assert await frames(office) == [
        ("in", "CALL", "Heartbeat"),
        ("out", "CALLERROR", "Heartbeat"),
        ("in", "BROKEN", None),
        ("out", "CALLERROR", None),
    ]


async def test_an_action_nobody_offers(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    assert (await wire.asks("Dance", {}, "1"))[2] == "NotImplemented"
    assert (await wire.asks("Reset", {"type": "Immediate"}, "2"))[2] == "NotSupported"
    swap = {"batteryData": [], "eventType": "BatteryIn", "idToken": {"idToken": "x", "type": "Local"}, "requestId": 1}
    assert (await wire.asks("BatterySwap", swap, "3"))[0] == 4


async def test_a_send_is_not_answered(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    wire.says([6, "s1", "NotifyPeriodicEventStream", {"id": 1, "pending": 0, "basetime": "2026-01-01T00:00:00Z", "data": []}])
    wire.says([6, "s2", "Heartbeat", {}])
    assert (await wire.asks("Heartbeat", {}, "after"))[0] == 3
    assert wire.socket.sent == []
    assert ("in", "SEND", "NotifyPeriodicEventStream") in await frames(office, kind="SEND")


async def asking(office: Office, request: Any, timeout: float = 1.0) -> "asyncio.Task[Any]":
    task = asyncio.create_task(office.services.ask("CS-1", request, timeout=timeout))
    await asyncio.sleep(0)
    return task


RESET = v21.ResetRequest(type="Immediate")


async def test_asking_a_station(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1")
    await wire.boots()
    task = await asking(office, RESET)
    call = await wire.hears()
    assert call[2:] == ["Reset", {"type": "Immediate"}]
    wire.says([3, call[1], {"status": "Scheduled"}])
    assert (await task).status == "Scheduled"
    assert (await frames(office))[-2:] == [("out", "CALL", "Reset"), ("in", "CALLRESULT", "Reset")]


async def test_asking_fails_in_ways_that_can_be_told_apart(office: Office) -> None:
    await office.register("CS-1")
    with pytest.raises(NotConnected):
        await office.services.ask("CS-1", RESET)
    wire = await office.connect("CS-1")
    await wire.boots()

    task = await asking(office, RESET)
    call = await wire.hears()
    wire.says([4, call[1], "NotSupported", "no", {}])
    with pytest.raises(CallRefused) as refused:
        await task
    assert refused.value.code == "NotSupported"

    with pytest.raises(CallTimedOut):
        await (await asking(office, RESET, timeout=0.01))
    await wire.hears()

    task = await asking(office, RESET)
    call = await wire.hears()
    wire.says([3, call[1], {"status": "Perhaps"}])
    with pytest.raises(InvalidAnswer):
        await task
    assert (await wire.hears())[:2] == [5, call[1]]

    task = await asking(office, RESET)
    wire.goes()
    with pytest.raises(LinkLost):
        await task


async def test_what_a_version_cannot_say_is_refused_before_anything_is_sent(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1", "1.6")
    await wire.boots("1.6")
    with pytest.raises(PeerCannot):
        await office.services.ask("CS-1", v21.ResetRequest(type="ImmediateAndResume"))
    assert wire.socket.sent == []


async def test_a_wire_call_is_verbatim(office: Office) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1", "1.6")
    await wire.boots("1.6")
    task = asyncio.create_task(office.services.wire_call("CS-1", "Frobnicate", b'{"b":1,"a":2}'))
    call = await wire.hears()
    assert json.dumps(call[3]) == '{"b": 1, "a": 2}'
    wire.says(f'[3,"{call[1]}",{{"z":1,"y":2}}]')
    assert await task == b'{"z":1,"y":2}'


@pytest.mark.requirement("B02.FR.02")
async def test_a_waiting_station_may_send_what_it_was_asked_for(office: Office) -> None:
    await office.register("CS-1", next_boot="Pending")
    wire = await office.connect("CS-1")
    await wire.boots()
    status = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    assert (await wire.asks("StatusNotification", status, "1"))[2] == "SecurityError"
    task = await asking(office, v21.TriggerMessageRequest(requestedMessage="StatusNotification"))
    call = await wire.hears()
    wire.says([3, call[1], {"status": "Accepted"}])
    await task
    assert (await wire.asks("StatusNotification", status, "2"))[0] == 3
    assert (await wire.asks("Heartbeat", {}, "3"))[2] == "SecurityError"


@pytest.mark.requirement("B03.FR.03")
async def test_a_rejected_station_is_asked_nothing(office: Office) -> None:
    await office.register("CS-1", next_boot="Rejected")
    wire = await office.connect("CS-1")
    await wire.boots()
    with pytest.raises(PeerCannot, match="rejected"):
        await office.services.ask("CS-1", RESET)


async def test_the_memory_of_a_dialect_is_saved_with_its_message(office: Office, database: SqliteDatabase) -> None:
    await office.register("CS-1")
    wire = await office.connect("CS-1", "1.6")
    await wire.boots("1.6")
    await wire.asks("StatusNotification", {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted"}, "2")
    saved = await database.query(_sql("SELECT memory FROM dialect_memories WHERE station_id = 'CS-1' AND version = '1.6'"))
    assert b"GroundFailure" in saved[0]["memory"]
    assert office.who("CS-1").saved == saved[0]["memory"]


async def test_a_refused_message_leaves_the_memory_as_it_was(database: SqliteDatabase, bus: LocalBus) -> None:
    async def broken(request: Any, session: Session) -> Any:
        raise ZeroDivisionError

    office = await open_office(database, bus, handlers={**HANDLERS, "NotifyEvent": broken})
    await office.register("CS-1")
    wire = await office.connect("CS-1", "1.6")
    await wire.boots("1.6")
    before = office.who("CS-1").dialect.dump_memory(office.who("CS-1").memory)
    answer = await wire.asks("StatusNotification", {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted"}, "2")
    assert answer[2] == "InternalError"
    assert office.who("CS-1").dialect.dump_memory(office.who("CS-1").memory) == before
