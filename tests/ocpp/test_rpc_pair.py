"""Two ends in memory play conversations, and junk never makes an end raise."""

import itertools
import json
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.ocpp.errors import GenericError, Version
from voltgate.ocpp.rpc import (
    AnswerBroken,
    Broken,
    CallExpired,
    CallReceived,
    ErrorReceived,
    Ignored,
    ResultReceived,
    RpcConnection,
    SendReceived,
)

versions = st.sampled_from(("1.6", "2.0.1", "2.1"))


class End:
    """One end with a wire: it answers each call by an echo of its payload, later and in order."""

    def __init__(self, version: Version, name: str) -> None:
        numbers = itertools.count()
        self.rpc = RpcConnection(version, new_id=lambda: f"{name}-{next(numbers)}")
        self.heard: deque[CallReceived] = deque()
        self.asked: dict[str, bytes] = {}
        self.told: list[bytes] = []

    def ask(self, number: int, now: float) -> None:
        payload = json.dumps({"number": number}).encode()
        self.asked[self.rpc.call("DataTransfer", payload, timeout=10, now=now)] = payload

    def receive(self, frame: str, now: float) -> None:
        (event,) = self.rpc.receive(frame, now)
        if isinstance(event, CallReceived):
            assert not event.overlapping
            self.heard.append(event)
        elif isinstance(event, SendReceived):
            self.told.append(event.payload)
        else:
            self.settle(event)

    def settle(self, event: object) -> None:
        assert isinstance(event, ResultReceived | ErrorReceived)
        payload = self.asked.pop(event.id)
        assert isinstance(event, ErrorReceived) or event.payload == payload

    def work(self) -> None:
        if self.heard:
            call = self.heard.popleft()
            if b"7" in call.payload:
                assert self.rpc.refuse(call, GenericError("seven"))
            else:
                assert self.rpc.answer(call, call.payload)


steps = st.tuples(st.sampled_from(("ask", "work", "carry")), st.sampled_from("ab"), st.integers(0, 99))


@given(versions, st.lists(steps, max_size=80))
def test_every_call_gets_its_answer_whatever_the_order(version: Version, script: list[tuple[str, str, int]]) -> None:
    ends = {"a": End(version, "x"), "b": End(version, "x")}  # the same ids on both sides: scope is the sender
    wires: dict[str, deque[str]] = {"a": deque(), "b": deque()}

    def step(verb: str, name: str, number: int, now: float) -> None:
        end, other = ends[name], "b" if name == "a" else "a"
        if verb == "ask":
            end.ask(number, now)
        elif verb == "work":
            end.work()
        elif wires[name]:
            end.receive(wires[name].popleft(), now)
        wires[other].extend(end.rpc.frames_to_send())
        outstanding = sum(json.loads(frame)[0] == 2 for frame in wires[other])
        assert outstanding <= 1

    for now, (verb, name, number) in enumerate(script):
        step(verb, name, number, now / 1000)
    for _ in range(4 * len(script) + 4):
        for verb, name in itertools.product(("work", "carry"), "ab"):
            step(verb, name, 0, 1.0)
    assert not ends["a"].asked
    assert not ends["b"].asked


@pytest.mark.requirement("N15.FR.02")
def test_sends_arrive_in_order_beside_a_call() -> None:
    station, csms = End("2.1", "s"), End("2.1", "c")
    station.ask(1, 0)
    for number in range(3):
        station.rpc.send("NotifyPeriodicEventStream", b'{"id":%d}' % number)
    for frame in station.rpc.frames_to_send():
        csms.receive(frame, 0)
    assert csms.told == [b'{"id":0}', b'{"id":1}', b'{"id":2}']
    csms.work()
    for frame in csms.rpc.frames_to_send():
        station.receive(frame, 0)
    assert not station.asked


def test_a_lost_answer_is_fetched_by_a_resend() -> None:
    csms = RpcConnection("2.0.1")
    frame = '[2,"0f8fad5b-d9cb-469f-a165-70867728950e","TransactionEvent",{"seqNo":1}]'
    (call,) = csms.receive(frame, 0)
    assert isinstance(call, CallReceived)
    csms.answer(call, b'{"totalCost":1}')
    lost = csms.frames_to_send()
    csms.receive(frame, 30)
    assert csms.frames_to_send() == lost


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
# Arrays that nearly are frames, with ids that are in use.
near = st.lists(
    st.sampled_from([2, 3, 4, 5, 6, 9, "c0", "s1", "", "-1", "Heartbeat", "GenericError", {}, [], None, 1.5]) | json_values, max_size=6
)
junk = st.binary() | st.text(st.characters()) | near.map(json.dumps) | near.map(lambda value: json.dumps(value)[:-1])


@given(versions, st.lists(junk, max_size=12), st.booleans())
def test_junk_never_raises_and_is_answered_by_at_most_one_valid_error(version: Version, frames: list[str | bytes], calling: bool) -> None:
    numbers = itertools.count()
    rpc = RpcConnection(version, new_id=lambda: f"c{next(numbers)}")
    if calling:
        rpc.call("Reset", b"{}", timeout=5, now=0)
    rpc.frames_to_send()
    for now, frame in enumerate(frames):
        (event,) = rpc.receive(frame, float(now))
        answers = [json.loads(text) for text in rpc.frames_to_send()]
        if isinstance(event, Broken):
            assert [answer[0] for answer in answers] == [4]
        elif isinstance(event, AnswerBroken):
            assert [answer[0] for answer in answers] in ([], [5])
        else:
            assert answers == []
        assert all(len(answer) == 5 and isinstance(answer[4], dict) for answer in answers)
    assert all(isinstance(event, CallExpired) for event in rpc.expire(1e9))


@given(versions, st.lists(junk, min_size=1, max_size=6))
def test_two_ends_never_argue_about_junk(version: Version, frames: list[str | bytes]) -> None:
    """An error is never answered by an error: after one round there is silence."""
    a, b = RpcConnection(version), RpcConnection(version)
    for frame in frames:
        a.receive(frame, 0)
    for frame in a.frames_to_send():
        assert all(isinstance(event, Ignored) for event in b.receive(frame, 0))
    assert b.frames_to_send() == []
