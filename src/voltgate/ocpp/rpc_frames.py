"""The five arrays of OCPP-J: text into frames, frames into text. Reading never raises.

``[2,id,action,{}]`` CALL, ``[3,id,{}]`` CALLRESULT, ``[4,id,code,description,{}]`` CALLERROR, and in 2.1 also
``[5,id,code,description,{}]`` CALLRESULTERROR and ``[6,id,action,{}]`` SEND (part 4 §4.2).

What is not such an array becomes a `BadFrame` that holds whatever could still be read, because a CALL is answered
whenever its id is readable. Payloads stay raw JSON: their types are checked later, once the action is known.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct

from voltgate.ocpp.errors import MAX_DESCRIPTION, FormatViolation, MessageError, ProtocolError, RpcFrameworkError

CALL: Final = 2
CALLRESULT: Final = 3
CALLERROR: Final = 4
CALLRESULTERROR: Final = 5
SEND: Final = 6

UNREADABLE_ID: Final = "-1"
"""The id of a CALLERROR that answers a message whose id cannot be read (part 4 §4.2.3)."""

MAX_ID: Final = 36
# A longer id breaks the rules but can be read, so the refusal carries it; not when it is absurd.
_MAX_ECHOED_ID: Final = 255

_MessageId = Annotated[str, Meta(max_length=MAX_ID)]


class _CallArray(Struct, array_like=True, tag=CALL, forbid_unknown_fields=True, frozen=True):
    id: _MessageId
    action: str
    payload: Raw


class _ResultArray(Struct, array_like=True, tag=CALLRESULT, forbid_unknown_fields=True, frozen=True):
    id: _MessageId
    payload: Raw


class _ErrorArray(Struct, array_like=True, tag=CALLERROR, forbid_unknown_fields=True, frozen=True):
    id: _MessageId
    code: str
    description: str
    details: Raw


class _ResultErrorArray(_ErrorArray, array_like=True, tag=CALLRESULTERROR, forbid_unknown_fields=True, frozen=True):
    pass


class _SendArray(_CallArray, array_like=True, tag=SEND, forbid_unknown_fields=True, frozen=True):
    pass


class RequestFrame(Struct, frozen=True):
    """A CALL or a SEND. ``payload`` is a JSON object."""

    kind: int
    id: str
    action: str
    payload: bytes


class ResultFrame(Struct, frozen=True):
    """A CALLRESULT. ``payload`` is a JSON object."""

    id: str
    payload: bytes


class ErrorFrame(Struct, frozen=True):
    """A CALLERROR or a CALLRESULTERROR. ``code`` is as the peer spelled it."""

    kind: int
    id: str
    code: str
    description: str
    details: dict[str, Any]


class BadFrame(Struct, frozen=True):
    """Text that is no frame; ``kind`` and ``id`` are None where they cannot be read."""

    kind: int | None
    id: str | None
    error: MessageError


Frame = RequestFrame | ResultFrame | ErrorFrame | BadFrame

_decoder = msgspec.json.Decoder(_CallArray | _ResultArray | _ErrorArray | _ResultErrorArray | _SendArray)
_elements = msgspec.json.Decoder(list[Raw])
_text = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)
_object = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()

# The beginning of a frame that breaks off later: enough to answer its sender.
_BEGINNING = re.compile(r'\s*\[\s*([0-9]{1,9})\s*,\s*"([^"\\\x00-\x1f]*)"')

_NOT_DECODED = (msgspec.MsgspecError, UnicodeError, RecursionError)


def read(frame: str | bytes) -> Frame:
    """Read one WebSocket message. Never raises."""
    try:
        text = frame if isinstance(frame, str) else frame.decode()
        return _sort(_decoder.decode(text))
    except UnicodeDecodeError:
        return BadFrame(None, None, RpcFrameworkError("not UTF-8"))
    except _NOT_DECODED:
        return _read_slowly(text)


def _sort(array: _CallArray | _ResultArray | _ErrorArray | _ResultErrorArray | _SendArray) -> Frame:
    if isinstance(array, _CallArray):
        kind = SEND if isinstance(array, _SendArray) else CALL
        payload = _payload(array.payload)
        return BadFrame(kind, array.id, _no_object()) if payload is None else RequestFrame(kind, array.id, array.action, payload)
    if isinstance(array, _ResultArray):
        payload = _payload(array.payload)
        return BadFrame(CALLRESULT, array.id, _no_object()) if payload is None else ResultFrame(array.id, payload)
    kind = CALLRESULTERROR if isinstance(array, _ResultErrorArray) else CALLERROR
    return ErrorFrame(kind, array.id, array.code, array.description, _details(array.details))


def _payload(raw: Raw) -> bytes | None:
    """The payload as an object; null stands for an empty one (§4.1.5); None if it is neither."""
    payload = bytes(raw)
    if payload[:1] == b"{":
        return payload
    return b"{}" if payload == b"null" else None


def _no_object() -> MessageError:
    return ProtocolError("the payload is not an object")


def _details(raw: Raw) -> dict[str, Any]:
    try:
        return _object.decode(raw)
    except _NOT_DECODED:
        return {}


def _read_slowly(text: str) -> Frame:
    """Find out what is wrong with a frame, and what can be read all the same."""
    if text.startswith("\ufeff"):  # RFC 8259 §8.1 lets a parser ignore it
        return read(text.lstrip("\ufeff"))
    try:
        elements = _elements.decode(text)
    except msgspec.ValidationError:
        return BadFrame(None, None, RpcFrameworkError("not an array"))
    except _NOT_DECODED:
        return _read_beginning(text)
    kind, message_id = _integer_at(elements, 0), _text_at(elements, 1)
    if message_id is not None and len(message_id) > _MAX_ECHOED_ID:
        message_id = None
    if kind == CALLERROR and message_id is not None:
        return _hear_error(elements, message_id)
    return BadFrame(kind, message_id, RpcFrameworkError(_fault(elements, kind, message_id)))


def _read_beginning(text: str) -> BadFrame:
    match = _BEGINNING.match(text)
    if match is None or len(match[2]) > MAX_ID:
        return BadFrame(None, None, RpcFrameworkError("not valid JSON"))
    return BadFrame(int(match[1]), match[2], FormatViolation("not valid JSON"))


def _hear_error(elements: list[Raw], message_id: str) -> ErrorFrame:
    """A CALLERROR of the wrong shape still says no; stations leave out the description or the details."""
    details = _details(elements[4]) if len(elements) > 4 else {}
    return ErrorFrame(CALLERROR, message_id, _text_at(elements, 2) or "", _text_at(elements, 3) or "", details)


def _text_at(elements: list[Raw], index: int) -> str | None:
    try:
        return _text.decode(elements[index])
    except (IndexError, *_NOT_DECODED):
        return None


def _integer_at(elements: list[Raw], index: int) -> int | None:
    try:
        return _integer.decode(elements[index])
    except (IndexError, *_NOT_DECODED):
        return None


_LENGTHS: Final[Mapping[int, int]] = {CALL: 4, CALLRESULT: 3, CALLERROR: 5, CALLRESULTERROR: 5, SEND: 4}


def _fault(elements: list[Raw], kind: int | None, message_id: str | None) -> str:
    if kind is None:
        return "the message type is not an integer"
    if message_id is None:
        return "the message id cannot be read"
    if len(message_id) > MAX_ID:
        return f"the message id is longer than {MAX_ID} characters"
    length = _LENGTHS.get(kind)
    if length is None:
        return f"message type {kind} is unknown"
    if len(elements) != length:
        return f"{len(elements)} elements instead of {length}"
    return "an element has the wrong type"


def write_call(message_id: str, action: str, payload: bytes) -> str:
    """CALL; ``payload`` is a JSON object that goes out as it is."""
    return f"[2,{_quote(message_id)},{_quote(action)},{payload.decode()}]"


def write_result(message_id: str, payload: bytes) -> str:
    """CALLRESULT."""
    return f"[3,{_quote(message_id)},{payload.decode()}]"


def write_send(message_id: str, action: str, payload: bytes) -> str:
    """SEND, 2.1 only."""
    return f"[6,{_quote(message_id)},{_quote(action)},{payload.decode()}]"


def write_error(kind: int, message_id: str, code: str, description: str, details: Mapping[str, Any]) -> str:
    """CALLERROR or CALLRESULTERROR; details that JSON cannot say are left out rather than losing the answer."""
    described = _quote(description[:MAX_DESCRIPTION])
    try:
        detailed = _encoder.encode(details).decode()
    except (TypeError, ValueError, RecursionError):
        detailed = "{}"
    return f"[{kind},{_quote(message_id)},{_quote(code)},{described},{detailed}]"


def _quote(text: str) -> str:
    try:
        return _encoder.encode(text).decode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        return _encoder.encode(text.encode(errors="replace").decode()).decode()
