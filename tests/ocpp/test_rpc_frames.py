"""Text into frames and frames into text."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.ocpp import rpc_frames as frames
from voltgate.ocpp.rpc_frames import BadFrame, ErrorFrame, RequestFrame, ResultFrame, read


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[2,"1","Heartbeat",{}]', RequestFrame(2, "1", "Heartbeat", b"{}")),
        (b'[2,"1","Heartbeat",{}]', RequestFrame(2, "1", "Heartbeat", b"{}")),
        (' [ 2 , "1" , "Reset" , {"a": 1 } ] ', RequestFrame(2, "1", "Reset", b'{"a": 1 }')),
        ('[3,"1",{"a":1}]', ResultFrame("1", b'{"a":1}')),
        ('[4,"1","NotSupported","why",{"a":1}]', ErrorFrame(4, "1", "NotSupported", "why", {"a": 1})),
        ('[5,"1","FormatViolation","",{}]', ErrorFrame(5, "1", "FormatViolation", "", {})),
        ('[6,"1","NotifyPeriodicEventStream",{"id":1}]', RequestFrame(6, "1", "NotifyPeriodicEventStream", b'{"id":1}')),
        ('[2,"","Heartbeat",{}]', RequestFrame(2, "", "Heartbeat", b"{}")),
        ('\ufeff[2,"1","Heartbeat",{}]', RequestFrame(2, "1", "Heartbeat", b"{}")),
    ],
)
def test_frames_are_read(text: str | bytes, frame: frames.Frame) -> None:
    assert read(text) == frame


@pytest.mark.parametrize(("text", "kind"), [('[2,"1","Heartbeat",null]', 2), ('[6,"1","X",null]', 6)])
def test_a_null_payload_stands_for_an_empty_one(text: str, kind: int) -> None:
    frame = read(text)
    assert isinstance(frame, RequestFrame)
    assert (frame.kind, frame.payload) == (kind, b"{}")
    assert read('[3,"1",null]') == ResultFrame("1", b"{}")


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[4,"1"]', ErrorFrame(4, "1", "", "", {})),
        ('[4,"1","GenericError"]', ErrorFrame(4, "1", "GenericError", "", {})),
        ('[4,"1","GenericError",null,null]', ErrorFrame(4, "1", "GenericError", "", {})),
        ('[4,"1","GenericError","","text"]', ErrorFrame(4, "1", "GenericError", "", {})),
        ('[4,"1","GenericError","why",{},7]', ErrorFrame(4, "1", "GenericError", "why", {})),
    ],
)
def test_a_callerror_of_the_wrong_shape_still_says_no(text: str, frame: ErrorFrame) -> None:
    assert read(text) == frame


@pytest.mark.parametrize(
    ("text", "kind", "message_id", "code"),
    [
        ("", None, None, "RpcFrameworkError"),
        ("nonsense", None, None, "RpcFrameworkError"),
        (b"\xff\xfe", None, None, "RpcFrameworkError"),
        ("{}", None, None, "RpcFrameworkError"),
        ("3", None, None, "RpcFrameworkError"),
        ("[]", None, None, "RpcFrameworkError"),
        ("[2]", 2, None, "RpcFrameworkError"),
        ('[2,7,"Heartbeat",{}]', 2, None, "RpcFrameworkError"),
        ('["2","1","Heartbeat",{}]', None, "1", "RpcFrameworkError"),
        ('[2,"1","Heartbeat"]', 2, "1", "RpcFrameworkError"),
        ('[2,"1","Heartbeat",{},{}]', 2, "1", "RpcFrameworkError"),
        ('[2,"1",5,{}]', 2, "1", "RpcFrameworkError"),
        ('[2,"1","Heartbeat",[]]', 2, "1", "ProtocolError"),
        ('[2,"1","Heartbeat","{}"]', 2, "1", "ProtocolError"),
        ('[3,"1",[]]', 3, "1", "ProtocolError"),
        ('[3,"1"]', 3, "1", "RpcFrameworkError"),
        ('[6,"1","X",1]', 6, "1", "ProtocolError"),
        ('[7,"1",{}]', 7, "1", "RpcFrameworkError"),
        ('[99999999999999999999999,"1",{}]', 99999999999999999999999, "1", "RpcFrameworkError"),
        (f'[{"9" * 5000},"1",{{}}]', None, "1", "RpcFrameworkError"),
        ('[2,"1","Heartbeat",{]', 2, "1", "FormatViolation"),
        ('[2,"1","Heartbeat",{}', 2, "1", "FormatViolation"),
        ('[2,"1","Heartbeat",{}] x', 2, "1", "FormatViolation"),
        ('[2,"1","Heart\ud800beat",{}]', 2, "1", "FormatViolation"),
        (f'[2,"{"x" * 37}","Heartbeat",{{]', None, None, "RpcFrameworkError"),
        (f'[2,"{"x" * 37}","Heartbeat",{{}}]', 2, "x" * 37, "RpcFrameworkError"),
        (f'[2,"{"x" * 256}","Heartbeat",{{}}]', 2, None, "RpcFrameworkError"),
        ('[2,"1","Deep",' + "[" * 100_000 + "]" * 100_000 + "]", 2, "1", "FormatViolation"),
    ],
)
def test_what_can_be_read_of_a_broken_frame_is_kept(text: str | bytes, kind: int | None, message_id: str | None, code: str) -> None:
    frame = read(text)
    assert isinstance(frame, BadFrame)
    assert (frame.kind, frame.id, frame.error.code) == (kind, message_id, code)
    assert frame.error.description


def test_an_id_of_36_characters_is_not_too_long() -> None:
    assert isinstance(read(f'[2,"{"ü" * 36}","Heartbeat",{{}}]'), RequestFrame)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
almost_frames = st.tuples(
    st.sampled_from([2, 3, 4, 5, 6, 7, "2", 2.0, None, True]), json_values, json_values, json_values, json_values
).flatmap(lambda parts: st.integers(0, 5).map(lambda count: json.dumps(parts[:count])))


@given(st.binary() | st.text(st.characters()) | json_values.map(json.dumps) | almost_frames)
def test_nothing_makes_reading_raise(junk: str | bytes) -> None:
    assert isinstance(read(junk), RequestFrame | ResultFrame | ErrorFrame | BadFrame)


@given(st.binary(max_size=30), st.sampled_from([b'[2,"1","Heartbeat",{}]', b'[4,"1","GenericError","",{}]']), st.integers(0, 30))
def test_nothing_makes_reading_raise_in_the_middle(junk: bytes, frame: bytes, at: int) -> None:
    assert read(frame[:at] + junk + frame[at:]) is not None


ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
objects = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**53), 2**53), max_size=3)


@given(ids, ids, objects)
def test_what_is_written_can_be_read(message_id: str, action: str, payload: dict[str, int]) -> None:
    raw = msgspec.json.encode(payload)
    assert read(frames.write_call(message_id, action, raw)) == RequestFrame(2, message_id, action, raw)
    assert read(frames.write_send(message_id, action, raw)) == RequestFrame(6, message_id, action, raw)
    assert read(frames.write_result(message_id, raw)) == ResultFrame(message_id, raw)
    for kind in (4, 5):
        assert read(frames.write_error(kind, message_id, "GenericError", action, payload)) == ErrorFrame(
            kind, message_id, "GenericError", action, payload
        )


def test_a_payload_goes_out_as_it_is() -> None:
    assert frames.write_call("1", "Reset", b'{"type": "Hard"}') == '[2,"1","Reset",{"type": "Hard"}]'


def test_a_description_has_at_most_255_characters() -> None:
    frame = read(frames.write_error(4, "1", "GenericError", "ü" * 300, {}))
    assert isinstance(frame, ErrorFrame)
    assert frame.description == "ü" * 255


@pytest.mark.parametrize("details", [{"a": object()}, {"a": {1: {2}, None: "x"}}, {"a": "\ud800"}])
def test_an_error_goes_out_even_if_its_details_cannot(details: dict[str, Any]) -> None:
    frame = read(frames.write_error(4, "1", "GenericError", "lone \ud800 surrogate", details))
    assert isinstance(frame, ErrorFrame)
    assert (frame.description, frame.details) in [("lone ? surrogate", {}), ("lone ? surrogate", {"a": {"1": [2], "null": "x"}})]
