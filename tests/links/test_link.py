"""A link over a socket that only remembers."""

import asyncio
import itertools
import json
from typing import Any

import pytest

from voltgate.links import Link, Peer
from voltgate.ocpp.errors import (
    CallRefused,
    CallTimedOut,
    GenericError,
    InvalidAnswer,
    LinkLost,
    NotConnected,
    PeerCannot,
    TypeConstraintViolation,
    Version,
)
from voltgate.ocpp.rpc import AnsweredCalls, Broken, CallReceived, Event, Ignored, SendReceived, refuse_before_acceptance


class FakeSocket:
    """A socket whose other end is the test."""

    remote_address = "192.0.2.1:5050"

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.ended: list[Any] = []
        self.reading = True

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    def close(self, code: int = 1000, reason: str = "") -> None:
        self.ended.append((code, reason))

    def abort(self) -> None:
        self.ended.append("abort")

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Station:
    """A link and all it reports."""

    def __init__(self, version: Version = "2.1", **kwargs: Any) -> None:
        numbers = itertools.count(1)
        self.socket = FakeSocket()
        self.calls: list[CallReceived] = []
        self.sends: list[SendReceived] = []
        self.events: list[Event] = []
        self.frames: list[tuple[str, str]] = []
        self.closed: list[tuple[int, str]] = []
        arguments: dict[str, Any] = {
            "on_call": lambda _, call: self.calls.append(call),
            "on_send": lambda _, send: self.sends.append(send),
            "on_event": lambda _, event: self.events.append(event),
            "on_frame": lambda _, direction, text: self.frames.append((direction, text)),
            "on_closed": lambda _, code, reason: self.closed.append((code, reason)),
            "new_id": lambda: f"c{next(numbers)}",
        }
        self.link = Link(self.socket, Peer(identity="CS1", version=version), **(arguments | kwargs))


async def asked(station: Station, action: str = "Reset", timeout: float = 30) -> asyncio.Task[bytes]:
    task = asyncio.create_task(station.link.call(action, b"{}", timeout))
    await asyncio.sleep(0)
    return task


async def test_a_call_returns_the_payload_of_its_answer() -> None:
    station = Station()
    task = await asked(station)
    assert station.socket.sent == [[2, "c1", "Reset", {}]]
    station.link.received('[3,"c1",{"status": "Accepted"}]')
    assert await task == b'{"status": "Accepted"}'


async def test_calls_go_out_one_by_one() -> None:
    station = Station()
    first, second = await asked(station, "Reset"), await asked(station, "ClearCache")
    assert len(station.socket.sent) == 1
    station.link.received('[3,"c1",{}]')
    assert station.socket.sent[1:] == [[2, "c2", "ClearCache", {}]]
    station.link.received('[3,"c2",{}]')
    assert [await first, await second] == [b"{}", b"{}"]


async def test_a_refused_call_raises_what_the_peer_said() -> None:
    station = Station("1.6")
    task = await asked(station)
    station.link.received('[4,"c1","FormationViolation","why",{"a":1}]')
    with pytest.raises(CallRefused) as refused:
        await task
    assert (refused.value.code, refused.value.spelled, refused.value.details) == ("FormatViolation", "FormationViolation", {"a": 1})


async def test_a_call_times_out_and_the_next_goes_out() -> None:
    station = Station()
    first, second = await asked(station, timeout=0.01), await asked(station, "ClearCache")
    with pytest.raises(CallTimedOut, match="CS1 did not answer Reset"):
        await first
    assert station.socket.sent[1][2] == "ClearCache"
    station.link.received('[3,"c1",{}]')
    station.link.received('[3,"c2",{}]')
    assert await second == b"{}"
    assert [event.kind for event in station.events if isinstance(event, Ignored)] == ["late answer"]


async def test_a_lost_link_tells_sent_calls_from_waiting_ones() -> None:
    station = Station()
    first, second = await asked(station), await asked(station)
    station.link.closed(1006, "")
    with pytest.raises(LinkLost):
        await first
    with pytest.raises(NotConnected):
        await second
    assert station.closed == [(1006, "")]


async def test_a_closed_link_says_nothing_and_hears_nothing() -> None:
    station = Station()
    task = await asked(station)
    station.link.close(1001, "going away")
    station.link.close()
    station.link.received('[2,"s1","Heartbeat",{}]')
    station.link.closed(1001, "going away")
    station.link.closed(1001, "going away")
    with pytest.raises(LinkLost):
        await task
    with pytest.raises(NotConnected):
        await station.link.call("Reset", b"{}", 1)
    with pytest.raises(NotConnected):
        station.link.send("NotifyPeriodicEventStream", b"{}")
    assert station.socket.ended[0] == (1001, "going away")
    assert (station.calls, station.closed, station.link.is_open) == ([], [(1001, "going away")], False)


async def test_an_aborted_link_is_cut() -> None:
    station = Station()
    station.link.abort()
    assert station.socket.ended == ["abort"]


async def test_who_gives_up_waiting_takes_a_waiting_call_with_him() -> None:
    station = Station()
    first, second = await asked(station), await asked(station)
    for task in (second, first):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    station.link.received('[3,"c1",{}]')
    assert len(station.socket.sent) == 1


async def test_a_broken_answer_is_told_and_refused() -> None:
    station = Station()
    task = await asked(station)
    station.link.received('[3,"c1",[]]')
    with pytest.raises(InvalidAnswer):
        await task
    assert station.socket.sent[1][:3] == [5, "c1", "ProtocolError"]


@pytest.mark.requirement("FR.06")
async def test_an_answer_with_an_invalid_payload_can_be_refused() -> None:
    station = Station()
    task = asyncio.create_task(station.link.ask("Reset", b"{}", 30))
    await asyncio.sleep(0)
    station.link.received('[3,"c1",{"status":7}]')
    result = await task
    assert station.link.refuse_result(result.id, TypeConstraintViolation("status: number"))
    assert station.socket.sent[1] == [5, "c1", "TypeConstraintViolation", "status: number", {}]
    assert not Station("1.6").link.refuse_result("c1", GenericError())


async def test_calls_are_answered_later_from_elsewhere() -> None:
    station = Station()
    station.link.received('[2,"s1","Heartbeat",{}]')
    station.link.received('[2,"s2","StatusNotification",{}]')
    assert station.socket.sent == []
    assert station.link.answer(station.calls[0], b'{"currentTime":"now"}')
    assert station.link.refuse(station.calls[1], GenericError("no"))
    assert station.socket.sent == [[3, "s1", {"currentTime": "now"}], [4, "s2", "GenericError", "no", {}]]


async def test_an_answer_finds_the_connection_that_asked_again() -> None:
    memory = AnsweredCalls()
    old = Station(answered=memory)
    old.link.received('[2,"s1","StatusNotification",{}]')
    old.link.closed(1006, "")
    new = Station(answered=memory)
    new.link.received('[2,"s1","StatusNotification",{}]')
    assert old.link.answer(old.calls[0], b"{}")
    assert (old.socket.sent, new.socket.sent, new.calls) == ([], [[3, "s1", {}]], [])


async def test_every_frame_is_shown_in_both_directions() -> None:
    station = Station()
    station.link.received('[2,"s1","Heartbeat",{}]')
    station.link.answer(station.calls[0], b"{}")
    station.link.received("nonsense")
    assert [direction for direction, _ in station.frames] == ["in", "out", "in", "out"]
    assert station.frames[1][1] == '[3,"s1",{}]'
    assert isinstance(station.events[0], Broken)


async def test_the_gate_can_be_opened() -> None:
    station = Station(gate=refuse_before_acceptance())
    station.link.received('[2,"s1","Heartbeat",{}]')
    assert station.link.gate is not None
    station.link.gate = None
    station.link.received('[2,"s2","Heartbeat",{}]')
    assert station.socket.sent[0][:3] == [4, "s1", "SecurityError"]
    assert [call.id for call in station.calls] == ["s2"]


@pytest.mark.requirement("N15.FR.02")
async def test_sends_go_both_ways_in_21() -> None:
    station = Station()
    station.link.send("NotifyPeriodicEventStream", b'{"id":1}')
    station.link.received('[6,"s1","NotifyPeriodicEventStream",{"id":2}]')
    assert station.socket.sent == [[6, "c1", "NotifyPeriodicEventStream", {"id": 1}]]
    assert station.sends[0].payload == b'{"id":2}'
    with pytest.raises(PeerCannot):
        Station("2.0.1").link.send("NotifyPeriodicEventStream", b"{}")


async def test_a_full_mailbox_can_pause_its_peer() -> None:
    station = Station()
    station.link.pause()
    assert not station.socket.reading
    station.link.resume()
    assert station.socket.reading


def fails(*_: object) -> None:
    raise RuntimeError("a bug")


async def test_a_handler_that_fails_costs_one_call(caplog: pytest.LogCaptureFixture) -> None:
    station = Station(on_call=fails)
    station.link.received('[2,"s1","Heartbeat",{}]')
    assert station.socket.sent[0][:3] == [4, "s1", "InternalError"]
    assert "Heartbeat could not be handed over" in caplog.text


async def test_a_listener_that_fails_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    station = Station(on_frame=fails, on_event=fails, on_send=fails, on_closed=fails)
    station.link.received("nonsense")
    station.link.received('[6,"s1","NotifyPeriodicEventStream",{}]')
    station.link.received('[2,"s2","Heartbeat",{}]')
    station.link.closed(1000, "")
    assert len(station.calls) == 1
    assert "whoever listens to its link failed" in caplog.text
    assert repr(station.link) == "<Link CS1 2.1 closed>"
