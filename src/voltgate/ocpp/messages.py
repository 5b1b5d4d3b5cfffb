"""What every generated message and data type is: a frozen Struct whose fields are spelled as in the official JSON schema.

An optional field that is absent is ``None``; ``null`` on the wire is refused (`actions.decode_request`). Fields are camelCase
because the specification is the dictionary: a reader can search schema, rooms and logs for the same word.
One field is called like the class attribute `action` (Get15118EVCertificateRequest): in Python it is `action_`.
Numbers are floats on the wire only; rooms turn them into exact integers (`meter_values`). Times are aware datetimes.
"""

import sys
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from voltgate.ocpp.errors import Version as Version  # re-exported

Sender = Literal["station", "csms", "both"]
Kind = Literal["call", "send"]

Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer without limits of its own; it fits into a 64-bit column."""

DateTime = Annotated[datetime, Meta(tz=True)]
"""A point in time; it always has an offset."""

AnswerT = TypeVar("AnswerT", bound="Answer", covariant=True)


class DataType(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A data type that messages are made of, e.g. `IdTokenType`."""


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The payload of a CALLRESULT."""

    action: ClassVar[str]


class Call(Struct, Generic[AnswerT], frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The payload of a CALL; ``Call[ResetResponse]`` names the answer it expects."""

    action: ClassVar[str]


class Send(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The payload of a SEND (2.1 only): nobody answers it."""

    action: ClassVar[str]


Request = Call[Answer] | Send
Message = Call[Answer] | Send | Answer


@dataclass(frozen=True, slots=True)
class Action:
    """What one version says about one action: who may send it and which messages it has."""

    name: str
    version: Version
    block: str
    sender: Sender
    kind: Kind
    request: type[Call[Any]] | type[Send]
    response: type[Answer] | None


def check_tenths(value: float | None, name: str) -> None:
    """Refuse a number that is no multiple of 0.1 (the only `multipleOf` of 1.6).

    Raises: ValueError, which msgspec turns into its own error with the path.
    """
    # repr is the shortest decimal that reads back as this float, so 16.1 counts as 16.1 and not as the binary number beside it.
    if value is not None and _decimals(value) > 1:
        raise ValueError(f"`{name}` must be a multiple of 0.1")


def _decimals(value: float) -> int:
    """Digits after the decimal point; not a number has endless ones."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else sys.maxsize
