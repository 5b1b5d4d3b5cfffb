"""The error tree of the language, and how error codes are spelled in each version.

::

    OcppError
     ├── MessageError                     a message breaks the rules; knows the code to answer with
     │    ├── ActionNotImplemented        NotImplemented: the action is not known to the receiver
     │    ├── ActionNotSupported          NotSupported: the action is known, but not offered
     │    ├── InternalError               the receiver failed while processing
     │    ├── ProtocolError               the payload does not follow the structure of the message
     │    ├── SecurityError               a security issue; also: not accepted yet (B01.FR.10, B02.FR.09)
     │    ├── FormatViolation             the payload is syntactically wrong
     │    ├── PropertyConstraintViolation syntax right, a value is not
     │    ├── OccurrenceConstraintViolation  a field is missing, or there are too many of it
     │    ├── TypeConstraintViolation     wrong data type, e.g. a number for a string
     │    ├── GenericError                anything else
     │    ├── MessageTypeNotSupported     unknown message type number
     │    └── RpcFrameworkError           not a valid RPC request, e.g. the message id cannot be read
     ├── CallFailed                       our CALL got no usable answer
     │    ├── CallRefused                 the peer answered CALLERROR
     │    ├── CallTimedOut                the peer did not answer in time
     │    ├── LinkLost                    the connection went away while we waited; the peer may have acted
     │    ├── NotConnected                there was no connection; nothing was sent
     │    └── InvalidAnswer               the CALLRESULT breaks the schema
     └── PeerCannot                       the peer's version or capabilities cannot express it; nothing was sent

A business "no" is not an error: it is a normal answer with a status.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

Version = Literal["1.6", "2.0.1", "2.1"]

ErrorCode = Literal[
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormatViolation",
    "PropertyConstraintViolation",
    "OccurrenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
    "MessageTypeNotSupported",
    "RpcFrameworkError",
]
"""The codes in the spelling of 2.1, which is the spelling we use inside."""

ERROR_CODES: frozenset[str] = frozenset(get_args(ErrorCode))

MAX_DESCRIPTION = 255
"""Most characters of an errorDescription (part 4 §4.2.3)."""

# 1.6 misspells one code and words another differently; its errata keep both, because a correction would change the wire.
_SPELLED: Mapping[str, Mapping[str, str]] = {
    "1.6": {
        "FormatViolation": "FormationViolation",
        "OccurrenceConstraintViolation": "OccurenceConstraintViolation",
        "MessageTypeNotSupported": "ProtocolError",
        "RpcFrameworkError": "GenericError",
    }
}

_HEARD: Mapping[str, ErrorCode] = {
    **{code: code for code in get_args(ErrorCode)},
    "FormationViolation": "FormatViolation",
    "OccurenceConstraintViolation": "OccurrenceConstraintViolation",
}


def spell(code: ErrorCode, version: Version) -> str:
    """Spell a code as ``version`` does. 1.6 lacks two codes; they become the nearest it has."""
    return _SPELLED[version].get(code, code) if version in _SPELLED else code


def hear_code(text: str) -> ErrorCode:
    """Read a code in any version's spelling; a code from outside the table is a `GenericError`."""
    return _HEARD.get(text, "GenericError")


class OcppError(Exception):
    """Base of every error of the language."""


class MessageError(OcppError):
    """A message breaks the rules. ``description`` names the field path; ``details`` is sent as errorDetails."""

    code: ClassVar[ErrorCode] = "GenericError"

    def __init__(self, description: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.details: dict[str, Any] = dict(details or {})


class ActionNotImplemented(MessageError):
    """The action is not known to the receiver."""

    code = "NotImplemented"


class ActionNotSupported(MessageError):
    """The action is known, but not offered."""

    code = "NotSupported"


class InternalError(MessageError):
    """The receiver failed while processing."""

    code = "InternalError"


class ProtocolError(MessageError):
    """The payload does not follow the structure of the message."""

    code = "ProtocolError"


class SecurityError(MessageError):
    """A security issue stopped the processing."""

    code = "SecurityError"


class FormatViolation(MessageError):
    """The payload is syntactically wrong."""

    code = "FormatViolation"


class PropertyConstraintViolation(MessageError):
    """Syntax is right, but a value is not."""

    code = "PropertyConstraintViolation"


class OccurrenceConstraintViolation(MessageError):
    """A field is missing, or it occurs too often."""

    code = "OccurrenceConstraintViolation"


class TypeConstraintViolation(MessageError):
    """A field has the wrong data type."""

    code = "TypeConstraintViolation"


class GenericError(MessageError):
    """Anything the other codes do not say."""

    code = "GenericError"


class MessageTypeNotSupported(MessageError):
    """The message type number is unknown."""

    code = "MessageTypeNotSupported"


class RpcFrameworkError(MessageError):
    """The frame is not a valid RPC request."""

    code = "RpcFrameworkError"


class CallFailed(OcppError):
    """Our CALL got no usable answer."""


class CallRefused(CallFailed):
    """The peer answered CALLERROR. ``code`` is in 2.1 spelling, ``spelled`` is the peer's own word."""

    def __init__(
        self, code: ErrorCode, description: str = "", details: Mapping[str, Any] | None = None, spelled: str | None = None
    ) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code: ErrorCode = code
        self.description = description
        self.details: dict[str, Any] = dict(details or {})
        self.spelled: str = code if spelled is None else spelled


class CallTimedOut(CallFailed):
    """The peer did not answer in time; it may have acted all the same."""


class LinkLost(CallFailed):
    """The connection went away before the answer; the peer may have acted all the same."""


class NotConnected(CallFailed):
    """There was no connection; nothing was sent."""


class InvalidAnswer(CallFailed):
    """The CALLRESULT breaks the schema. ``error`` says where, and is what a 2.1 CALLRESULTERROR carries."""

    def __init__(self, error: MessageError) -> None:
        super().__init__(error.description)
        self.error = error


class PeerCannot(OcppError):
    """The peer's version or capabilities cannot express ``action``; nothing was sent."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"{action}: {reason}")
        self.action = action
        self.reason = reason
