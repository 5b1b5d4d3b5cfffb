"""What every generated message and data type is: a frozen Struct whose fields are spelled as in the official JSON schema.

An optional field that is absent is ``None``; ``null`` on the wire is refused (`actions.decode_request`). Fields are camelCase
because the specification is the dictionary: a reader can search schema, rooms and logs for the same word.
Numbers are floats on the wire only; rooms turn them into exact integers (`meter_values`). Times are aware datetimes.
"""

from typing import ClassVar, Generic, TypeVar

from msgspec import Struct

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
