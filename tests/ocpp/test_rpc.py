"""OCPP-J without sockets: the rules of `voltgate.ocpp.rpc`, one by one."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from voltgate.ocpp.errors import (
    FormatViolation,
    GenericError,
    OccurrenceConstraintViolation,
    PeerCannot,
    TypeConstraintViolation,
    Version,
)
from voltgate.ocpp.rpc import (
    AnswerBroken,
    AnsweredCalls,
    Broken,
    CallExpired,
    CallLost,
    CallReceived,
    ErrorReceived,
    Event,
    Ignored,
    ResultErrorReceived,
    ResultReceived,
    RpcConnection,
    SendReceived,
    refuse_before_acceptance,
)

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
every_version = pytest.mark.parametrize("version", VERSIONS)
STATUS = '[2,"s1","StatusNotification",{"connectorId":1}]'


def counted(prefix: str = "c") -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers)}"


def connection(version: Version = "2.1", **kwargs: Any) -> RpcConnection:
    return RpcConnection(version, new_id=counted(), **kwargs)


def hear(rpc: RpcConnection, frame: str | bytes, now: float = 0.0) -> Event:
    (event,) = rpc.receive(frame, now)
    return event


def hear_call(rpc: RpcConnection, frame: str) -> CallReceived:
    event = hear(rpc, frame)
    assert isinstance(event, CallReceived)
    return event


def sent(rpc: RpcConnection) -> list[Any]:
    return [json.loads(frame) for frame in rpc.frames_to_send()]


# ---- calls we hear


@every_version
def test_a_call_is_heard_and_answered(version: Version) -> None:
    rpc = connection(version)
    call = hear_call(rpc, STATUS)
    assert (call.id, call.action, call.payload, call.overlapping) == ("s1", "StatusNotification", b'{"connectorId":1}', False)
    assert rpc.answer(call, b"{}")
    assert sent(rpc) == [[3, "s1", {}]]
    assert rpc.frames_to_send() == []


@pytest.mark.parametrize(
    ("version", "code"),
    [("1.6", "OccurenceConstraintViolation"), ("2.0.1", "OccurrenceConstraintViolation"), ("2.1", "OccurrenceConstraintViolation")],
)
def test_a_call_is_refused_in_the_spelling_of_the_version(version: Version, code: str) -> None:
    rpc = connection(version)
    assert rpc.refuse(hear_call(rpc, STATUS), OccurrenceConstraintViolation("status: missing", {"path": "status"}))
    assert sent(rpc) == [[4, "s1", code, "status: missing", {"path": "status"}]]


def test_a_call_is_answered_once() -> None:
    rpc = connection()
    call = hear_call(rpc, STATUS)
    assert rpc.answer(call, b"{}")
    assert not rpc.answer(call, b"{}")
    assert not rpc.refuse(call, GenericError())
    assert len(sent(rpc)) == 1


def test_a_peer_that_does_not_wait_is_served_all_the_same() -> None:
    rpc = connection("1.6")
    first = hear_call(rpc, STATUS)
    second = hear_call(rpc, '[2,"s2","Heartbeat",{}]')
    assert (first.overlapping, second.overlapping) == (False, True)
    rpc.answer(first, b"{}")
    rpc.answer(second, b"{}")
    assert not hear_call(rpc, '[2,"s3","Heartbeat",{}]').overlapping
    assert [frame[1] for frame in sent(rpc)] == ["s1", "s2"]


# ---- bad input


@pytest.mark.parametrize(("version", "code"), [("1.6", "GenericError"), ("2.0.1", "RpcFrameworkError"), ("2.1", "RpcFrameworkError")])
@pytest.mark.parametrize("frame", ["", "nonsense", b"\xff", "{}", "[]", "[2]", '[2,7,"Heartbeat",{}]'])
def test_an_unreadable_id_is_answered_with_minus_one(version: Version, code: str, frame: str | bytes) -> None:
    rpc = connection(version)
    event = hear(rpc, frame)
    assert isinstance(event, Broken)
    assert event.id == "-1"
    ((kind, message_id, sent_code, description, details),) = sent(rpc)
    assert (kind, message_id, sent_code, description, details) == (4, "-1", code, event.error.description, {})


@pytest.mark.requirement("FR.03")
@pytest.mark.parametrize(
    ("frame", "in_16", "in_2x"),
    [
        ('[2,"s1","Heartbeat"]', "GenericError", "RpcFrameworkError"),
        ('[2,"s1",7,{}]', "GenericError", "RpcFrameworkError"),
        ('[2,"s1","Heartbeat",[]]', "FormationViolation", "ProtocolError"),
        ('[2,"s1","Heartbeat",{"a":]', "FormationViolation", "FormatViolation"),
    ],
)
def test_a_broken_call_is_refused_with_its_id(frame: str, in_16: str, in_2x: str) -> None:
    for version, code in (("1.6", in_16), ("2.0.1", in_2x), ("2.1", in_2x)):
        rpc = connection(version)
        assert isinstance(hear(rpc, frame), Broken)
        ((kind, message_id, sent_code, *_),) = sent(rpc)
        assert (kind, message_id, sent_code) == (4, "s1", code)


def test_an_id_that_is_too_long_is_refused_and_an_absurd_one_not_repeated() -> None:
    rpc = connection()
    hear(rpc, f'[2,"{"x" * 37}","Heartbeat",{{}}]')
    hear(rpc, f'[2,"{"x" * 5000}","Heartbeat",{{}}]')
    assert [frame[1] for frame in sent(rpc)] == ["x" * 37, "-1"]


@pytest.mark.parametrize("frame", ['[7,"s1",{}]', '[0,"s1"]', '[-3,"s1",{}]'])
def test_an_unknown_message_type_is_ignored_except_in_201(frame: str) -> None:
    for version in ("1.6", "2.1"):
        rpc = connection(version)
        event = hear(rpc, frame)
        assert isinstance(event, Ignored)
        assert (event.kind, sent(rpc)) == ("unknown message type", [])
    rpc = connection("2.0.1")
    assert isinstance(hear(rpc, frame), Broken)
    assert sent(rpc)[0][:3] == [4, "s1", "MessageTypeNotSupported"]


@pytest.mark.parametrize("frame", ['[5,"s1","GenericError","",{}]', '[6,"s1","NotifyPeriodicEventStream",{}]', '[6,"s1",7]'])
def test_callresulterror_and_send_are_unknown_before_21(frame: str) -> None:
    old, middle = connection("1.6"), connection("2.0.1")
    assert isinstance(hear(old, frame), Ignored)
    assert sent(old) == []
    assert isinstance(hear(middle, frame), Broken)
    assert sent(middle)[0][:3] == [4, "s1", "MessageTypeNotSupported"]


@pytest.mark.parametrize(
    "frame", ['[3,"x"]', "[3,7,{}]", '[3,"x",[]]', "[4]", '[4,7,"GenericError","",{}]', '[5,"x"]', '[6,"x"]', '[6,"x","A",7]']
)
def test_what_is_no_call_is_never_answered(frame: str) -> None:
    rpc = connection()
    event = hear(rpc, frame)
    assert isinstance(event, Ignored)
    assert (event.kind, sent(rpc)) == ("broken message", [])


# ---- before acceptance


@pytest.mark.requirement("B01.FR.10", "B02.FR.09", "B03.FR.07")
@every_version
def test_before_acceptance_calls_get_a_security_error(version: Version) -> None:
    rpc = connection(version, gate=refuse_before_acceptance())
    assert isinstance(hear(rpc, STATUS), Broken)
    assert sent(rpc)[0][:3] == [4, "s1", "SecurityError"]
    assert isinstance(hear(rpc, '[2,"s2","BootNotification",{}]'), CallReceived)


@pytest.mark.requirement("B02.FR.02")
def test_what_was_triggered_passes_the_gate() -> None:
    rpc = connection(gate=refuse_before_acceptance({"BootNotification", "NotifyReport"}))
    assert isinstance(hear(rpc, '[2,"s1","NotifyReport",{}]'), CallReceived)


@pytest.mark.requirement("B03.FR.08")
def test_a_rejected_station_refuses_everything() -> None:
    rpc = connection(gate=refuse_before_acceptance(()))
    assert isinstance(hear(rpc, '[2,"s1","Reset",{}]'), Broken)
    assert sent(rpc)[0][:3] == [4, "s1", "SecurityError"]


def test_after_acceptance_the_gate_is_open_and_a_refused_id_may_come_again() -> None:
    rpc = connection(gate=refuse_before_acceptance())
    hear(rpc, STATUS)
    rpc.gate = None
    assert isinstance(hear(rpc, STATUS), CallReceived)


def test_a_send_before_acceptance_is_dropped() -> None:
    rpc = connection(gate=refuse_before_acceptance())
    event = hear(rpc, '[6,"s1","NotifyPeriodicEventStream",{}]')
    assert isinstance(event, Ignored)
    assert (event.kind, sent(rpc)) == ("before acceptance", [])


# ---- our calls


@every_version
@pytest.mark.requirement("FR.01")
def test_one_call_is_outstanding_and_the_others_wait(version: Version) -> None:
    rpc = connection(version)
    assert rpc.call("Reset", b'{"type":"Soft"}', timeout=30, now=0) == "c1"
    assert rpc.call("ClearCache", b"{}", timeout=30, now=1) == "c2"
    assert sent(rpc) == [[2, "c1", "Reset", {"type": "Soft"}]]
    assert hear(rpc, '[3,"c1",{"status":"Accepted"}]', 5) == ResultReceived("c1", "Reset", b'{"status":"Accepted"}')
    assert sent(rpc) == [[2, "c2", "ClearCache", {}]]
    assert rpc.next_deadline() == 35


def test_calls_may_cross() -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    call = hear_call(rpc, '[2,"c1","StatusNotification",{}]')
    rpc.answer(call, b"{}")
    assert sent(rpc) == [[2, "c1", "Reset", {}], [3, "c1", {}]]
    assert isinstance(hear(rpc, '[3,"c1",{}]'), ResultReceived)


@pytest.mark.parametrize("spelled", ["FormationViolation", "FormatViolation"])
def test_a_refused_call_is_heard_in_either_spelling(spelled: str) -> None:
    rpc = connection("1.6")
    rpc.call("Reset", b"{}", timeout=30, now=0)
    event = hear(rpc, f'[4,"c1","{spelled}","why",{{"a":1}}]')
    assert event == ErrorReceived("c1", "Reset", "FormatViolation", "why", {"a": 1}, spelled)


def test_a_call_expires_at_its_deadline_and_the_next_goes_out() -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    rpc.call("ClearCache", b"{}", timeout=10, now=0)
    sent(rpc)
    assert rpc.next_deadline() == 30
    assert rpc.expire(29.9) == []
    assert rpc.expire(30) == [CallExpired("c1", "Reset")]
    assert sent(rpc) == [[2, "c2", "ClearCache", {}]]
    assert rpc.next_deadline() == 40


@pytest.mark.parametrize("answer", ['[3,"c1",{}]', '[4,"c1","GenericError","",{}]'])
def test_late_double_and_unknown_answers_are_told_apart(answer: str) -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    rpc.expire(30)
    rpc.call("ClearCache", b"{}", timeout=30, now=30)
    hear(rpc, '[3,"c2",{}]')
    kinds = [event.kind for text in (answer, '[3,"c2",{}]', '[3,"c9",{}]') if isinstance(event := hear(rpc, text), Ignored)]
    assert kinds == ["late answer", "double answer", "unknown answer"]
    assert rpc.next_deadline() is None


def test_a_peer_that_cannot_read_us_leaves_the_call_to_its_deadline() -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    event = hear(rpc, '[4,"-1","RpcFrameworkError","what?",{}]')
    assert isinstance(event, Ignored)
    assert (event.kind, rpc.next_deadline()) == ("unreadable call", 30)


def test_a_call_that_waits_can_be_withdrawn() -> None:
    rpc = connection()
    first = rpc.call("Reset", b"{}", timeout=30, now=0)
    second = rpc.call("ClearCache", b"{}", timeout=30, now=0)
    assert not rpc.withdraw(first)
    assert rpc.withdraw(second)
    assert not rpc.withdraw(second)
    hear(rpc, '[3,"c1",{}]')
    assert len(sent(rpc)) == 1


@pytest.mark.requirement("FR.06")
@pytest.mark.parametrize("answer", ['[3,"c1",[]]', '[3,"c1"]', '[3,"c1",{]'])
def test_a_broken_answer_ends_the_call_and_21_says_so(answer: str) -> None:
    for version in VERSIONS:
        rpc = connection(version)
        rpc.call("Reset", b"{}", timeout=30, now=0)
        sent(rpc)
        event = hear(rpc, answer)
        assert isinstance(event, AnswerBroken)
        assert rpc.next_deadline() is None
        assert [frame[:3] for frame in sent(rpc)] == ([[5, "c1", event.error.code]] if version == "2.1" else [])


def test_a_broken_callerror_ends_the_call_without_an_answer() -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    sent(rpc)
    assert isinstance(hear(rpc, '[4,"c1",{]'), AnswerBroken)
    assert sent(rpc) == []


# ---- 2.1


@pytest.mark.requirement("FR.06")
def test_an_invalid_result_is_refused_in_21_only() -> None:
    for version in VERSIONS:
        rpc = connection(version)
        said = rpc.refuse_result("c1", TypeConstraintViolation("status: number"))
        assert said == (version == "2.1")
        assert sent(rpc) == ([[5, "c1", "TypeConstraintViolation", "status: number", {}]] if said else [])


def test_a_result_error_for_our_answer_is_heard() -> None:
    rpc = connection()
    rpc.answer(hear_call(rpc, STATUS), b"{}")
    event = hear(rpc, '[5,"s1","FormatViolation","why",{}]')
    assert event == ResultErrorReceived("s1", "FormatViolation", "why", {}, "FormatViolation")
    unknown = hear(rpc, '[5,"s2","FormatViolation","why",{}]')
    assert isinstance(unknown, Ignored)
    assert unknown.kind == "unknown answer"


@pytest.mark.requirement("FR.07", "N15.FR.02")
def test_a_send_waits_for_nobody_and_is_not_answered() -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    assert rpc.send("NotifyPeriodicEventStream", b'{"id":1}') == "c2"
    assert sent(rpc) == [[2, "c1", "Reset", {}], [6, "c2", "NotifyPeriodicEventStream", {"id": 1}]]
    assert hear(rpc, '[6,"s1","NotifyPeriodicEventStream",{}]') == SendReceived("s1", "NotifyPeriodicEventStream", b"{}")
    assert sent(rpc) == []


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_send_cannot_be_said_before_21(version: Version) -> None:
    with pytest.raises(PeerCannot, match="has no SEND"):
        connection(version).send("NotifyPeriodicEventStream", b"{}")


# ---- resends


def test_a_resend_gets_the_same_answer_again() -> None:
    rpc = connection()
    rpc.answer(hear_call(rpc, STATUS), b'{"a":1}')
    event = hear(rpc, STATUS)
    assert isinstance(event, Ignored)
    assert event.kind == "resend"
    assert sent(rpc) == [[3, "s1", {"a": 1}]] * 2


def test_a_resend_while_the_call_is_in_progress_is_dropped() -> None:
    rpc = connection()
    call = hear_call(rpc, STATUS)
    assert isinstance(hear(rpc, STATUS), Ignored)
    rpc.answer(call, b"{}")
    assert sent(rpc) == [[3, "s1", {}]]


def test_other_content_under_an_answered_id_is_a_new_call() -> None:
    rpc = connection()
    rpc.answer(hear_call(rpc, STATUS), b"{}")
    assert isinstance(hear(rpc, '[2,"s1","StatusNotification",{"connectorId":2}]'), CallReceived)
    assert isinstance(hear(rpc, '[2,"s2","Heartbeat",{}]'), CallReceived)


def test_an_id_in_progress_cannot_name_another_call() -> None:
    rpc = connection()
    call = hear_call(rpc, STATUS)
    assert isinstance(hear(rpc, '[2,"s1","Heartbeat",{}]'), Broken)
    rpc.answer(call, b"{}")
    assert [frame[:2] for frame in sent(rpc)] == [[4, "s1"], [3, "s1"]]


@pytest.mark.requirement("E13.FR.02")
def test_a_refused_call_may_be_tried_again() -> None:
    rpc = connection()
    rpc.refuse(hear_call(rpc, STATUS), GenericError("the disk is full"))
    assert isinstance(hear(rpc, STATUS), CallReceived)


def test_a_resend_over_a_new_connection_gets_the_answer_there() -> None:
    memory = AnsweredCalls()
    woken: list[str] = []
    old = connection(answered=memory)
    call = hear_call(old, STATUS)
    old.lost()
    new = connection(answered=memory, wake=lambda: woken.append("new"))
    assert isinstance(hear(new, STATUS), Ignored)
    assert old.answer(call, b"{}")
    assert (sent(old), sent(new), woken) == ([], [[3, "s1", {}]], ["new"])


def test_an_answer_too_late_for_its_connection_waits_for_the_resend() -> None:
    memory = AnsweredCalls()
    old = connection(answered=memory)
    call = hear_call(old, STATUS)
    old.lost()
    assert not old.answer(call, b'{"a":1}')
    new = connection(answered=memory)
    assert isinstance(hear(new, STATUS), Ignored)
    assert sent(new) == [[3, "s1", {"a": 1}]]


def test_a_station_that_restarts_its_ids_is_understood() -> None:
    memory = AnsweredCalls()
    old = connection("1.6", answered=memory)
    unanswered = hear_call(old, '[2,"1","StatusNotification",{"connectorId":1}]')
    old.lost()
    new = connection("1.6", answered=memory)
    boot = hear_call(new, '[2,"1","BootNotification",{}]')
    assert not old.answer(unanswered, b'{"old":1}')
    assert new.answer(boot, b"{}")
    assert sent(new) == [[3, "1", {}]]


# ---- the end


def test_a_lost_connection_says_which_calls_were_sent() -> None:
    rpc = connection()
    rpc.call("Reset", b"{}", timeout=30, now=0)
    rpc.call("ClearCache", b"{}", timeout=30, now=0)
    assert rpc.lost() == [CallLost("c1", "Reset", sent=True), CallLost("c2", "ClearCache", sent=False)]
    assert (rpc.frames_to_send(), rpc.next_deadline(), rpc.expire(100), rpc.lost()) == ([], None, [], [])


def test_ids_are_uuids_unless_told_otherwise() -> None:
    rpc = RpcConnection("2.1")
    ids = {rpc.call("Reset", b"{}", timeout=1, now=0) for _ in range(20)}
    assert {len(message_id) for message_id in ids} == {36}
    assert len(ids) == 20


def test_refusing_with_details_that_are_no_json_still_refuses() -> None:
    rpc = connection()
    rpc.refuse(hear_call(rpc, STATUS), FormatViolation("why", {"a": object()}))
    assert sent(rpc) == [[4, "s1", "FormatViolation", "why", {}]]
