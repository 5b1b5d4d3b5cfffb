"""What an OCPP-J connection has to say about what it heard, or did not hear in time."""

from typing import Any, Literal

from msgspec import Struct

from voltgate.ocpp.errors import ErrorCode, MessageError


class CallReceived(Struct, frozen=True):
    """The peer asks. Answer with `RpcConnection.answer` or `refuse`. ``overlapping``: it did not wait for the answer to its last CALL."""

    id: str
    action: str
    payload: bytes
    digest: int
    overlapping: bool = False


class SendReceived(Struct, frozen=True):
    """The peer tells, and wants no answer (2.1)."""

    id: str
    action: str
    payload: bytes


class ResultReceived(Struct, frozen=True):
    """The CALLRESULT to our CALL. If its payload breaks the schema, say so with `RpcConnection.refuse_result`."""

    id: str
    action: str
    payload: bytes


class ErrorReceived(Struct, frozen=True):
    """The CALLERROR to our CALL. ``code`` is in 2.1 spelling, ``spelled`` as it came."""

    id: str
    action: str
    code: ErrorCode
    description: str
    details: dict[str, Any]
    spelled: str


class AnswerBroken(Struct, frozen=True):
    """Our CALL got an answer that is no CALLRESULT; it is over. In 2.1 the peer was told."""

    id: str
    action: str
    error: MessageError


class ResultErrorReceived(Struct, frozen=True):
    """The peer could not use our CALLRESULT (2.1)."""

    id: str
    code: ErrorCode
    description: str
    details: dict[str, Any]
    spelled: str


class CallExpired(Struct, frozen=True):
    """Our CALL was not answered in time. The peer may have acted all the same."""

    id: str
    action: str


class CallLost(Struct, frozen=True):
    """The connection went away before our CALL was answered. If not ``sent``, the peer never heard of it."""

    id: str
    action: str
    sent: bool


class Broken(Struct, frozen=True):
    """A message broke the rules and was answered with CALLERROR; ``id`` is "-1" if it could not be read."""

    id: str
    error: MessageError


IgnoredKind = Literal[
    "late answer",
    "double answer",
    "unknown answer",
    "unreadable call",
    "resend",
    "unknown message type",
    "broken message",
    "before acceptance",
]


class Ignored(Struct, frozen=True):
    """A message that needs nothing from anybody, for the log. A "resend" got its answer again, or will get it."""

    kind: IgnoredKind
    id: str | None
    reason: str


Event = (
    CallReceived
    | SendReceived
    | ResultReceived
    | ErrorReceived
    | AnswerBroken
    | ResultErrorReceived
    | CallExpired
    | CallLost
    | Broken
    | Ignored
)
