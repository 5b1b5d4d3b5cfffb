"""Bytes to messages and back: as strict as the official schemas, in both directions.

msgspec checks names, types and limits while it reads. Four things it cannot see are looked at afterwards, and only when the bytes
give a reason to: explicit ``null`` (2.x knows one way to leave a field out, part 4 §4.1.5), the open `customData`, NUL characters and
times outside the calendar of UTC. Every problem becomes a `MessageError` that knows its code and names the path of the field.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec

from voltgate.ocpp.errors import (
    MAX_DESCRIPTION,
    FormatViolation,
    MessageError,
    OccurrenceConstraintViolation,
    PropertyConstraintViolation,
    TypeConstraintViolation,
)

MessageT = TypeVar("MessageT", bound=msgspec.Struct)

MAX_DEPTH = 64
"""Deepest nesting inside customData and free data; no OCPP message of its own is deeper than ten."""

MAX_VENDOR_ID = 255

_ENCODER = msgspec.json.Encoder()
_EDGE_OF_TIME = re.compile(r"(0001-01-01|9999-12-31)[Tt ].*[+-]\d\d:?\d\d")
_FINE_TIME = re.compile(rb'\.\d+Z"|:\d\d(\.\d+)?[+-]\d\d:\d\d"')
# The first pattern that fits says the code; the texts are msgspec's and are held fast by tests.
_CODES: tuple[tuple[re.Pattern[str], type[MessageError]], ...] = (
    (re.compile(r"Expected `object( \| null)?`, got `\w+`$"), FormatViolation),
    (re.compile(r"Expected `[^`]+`, got "), TypeConstraintViolation),
    (re.compile(r"Expected `array[^`]*` of length "), OccurrenceConstraintViolation),
    (re.compile(r"Object missing required field "), OccurrenceConstraintViolation),
    (re.compile(r"Object contains unknown field "), FormatViolation),
)


def decode(kind: type[MessageT], payload: bytes | msgspec.Raw) -> MessageT:
    """Read a payload; ``null`` counts as ``{}`` (§4.2.1: an empty payload may be either).

    Raises: MessageError.
    """
    raw = bytes(payload)
    if raw[:1] != b"{" and raw.strip() == b"null":
        raw = b"{}"
    try:
        message = _read(kind, raw)
        if _has_reason_to_look(raw) or _free_fields(kind):
            _look_closer(kind, msgspec.json.decode(raw))
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from error
    except msgspec.DecodeError as error:
        raise FormatViolation(str(error)) from error
    except UnicodeDecodeError as error:
        raise FormatViolation("The payload is not UTF-8") from error
    except RecursionError as error:
        raise FormatViolation("The payload is nested too deeply") from error
    return message


def encode(message: msgspec.Struct) -> bytes:
    """Write a payload: times in UTC with at most milliseconds (2.x §3.1), checked like one that arrives.

    Raises: MessageError when the message breaks its own schema.
    """
    try:
        raw = _ENCODER.encode(message)
        if _FINE_TIME.search(raw):
            raw = _ENCODER.encode(_with_plain_times(msgspec.to_builtins(message, builtin_types=(datetime,))))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise PropertyConstraintViolation(f"{type(message).__name__} cannot be written: {error}"[:MAX_DESCRIPTION]) from error
    if raw != b"{}":  # which says that no field is required
        decode(type(message), raw)
    return raw


@cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    """The decoder of a message, made once."""
    return msgspec.json.Decoder(kind)


def _read(kind: type[MessageT], raw: bytes) -> MessageT:
    """Decode; an integer written as ``1.0`` is an integer to JSON Schema, so it gets a second chance."""
    decoder: msgspec.json.Decoder[MessageT] = _decoder(kind)
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise
        return decoder.decode(_ENCODER.encode(_with_whole_numbers(msgspec.json.decode(raw))))


def _has_reason_to_look(raw: bytes) -> bool:
    """Whether a payload may hold one of the things that msgspec does not see."""
    return (
        (b"\\" in raw and b"\\u" in raw)  # looking for one byte first is twenty times cheaper
        or b"null" in raw
        or b'"customData"' in raw
        or b'"0001-' in raw
        or b'"9999-' in raw
    )


def _with_whole_numbers(value: Any) -> Any:
    """The same JSON with ``1`` for ``1.0``."""
    if isinstance(value, dict):
        return {key: _with_whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**63 else value


def _with_plain_times(value: Any) -> Any:
    """The same values with times as text. A time without offset stays without, and is refused when the bytes are checked."""
    if isinstance(value, dict):
        return {key: _with_plain_times(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_plain_times(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        timespec = "milliseconds" if value.microsecond >= 1000 else "seconds"
        return value.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
    return value


def _explained(text: str) -> MessageError:
    """Our error for the text of msgspec's; what no pattern fits is a value outside its limits."""
    kind = next((kind for pattern, kind in _CODES if pattern.match(text)), PropertyConstraintViolation)
    return kind(_shortened(text.replace(" | null`", "`")))


def _shortened(text: str) -> str:
    """As long as an errorDescription may be; what the peer wrote gives way, the path of the field stays."""
    said, at, path = text.rpartition(" - at ")
    return f"{said[: max(0, MAX_DESCRIPTION - len(at + path))]}{at}{path}"[:MAX_DESCRIPTION]


@cache
def _free_fields(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Fields that take any JSON: `data` of DataTransfer in 2.x."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind) if field.type is Any)


class _Place(NamedTuple):
    """A value somewhere in a payload, and whether it is inside data that the schema leaves free."""

    path: str
    value: Any
    free: bool
    depth: int


def _look_closer(kind: type[msgspec.Struct], payload: Any) -> None:
    """Visit every value of a payload that has already passed its decoder.

    Raises: MessageError.
    """
    places = [_Place("$", payload, False, 0)]
    while places:
        place = places.pop()
        _check(place)
        places += _inside(place, _free_fields(kind) if place.path == "$" else frozenset())


def _inside(place: _Place, free_fields: frozenset[str]) -> Iterator[_Place]:
    """The values directly below a place."""
    if isinstance(place.value, list):
        for index, item in enumerate(place.value):
            yield _Place(f"{place.path}[{index}]", item, place.free, place.depth + 1)
    elif isinstance(place.value, dict):
        for key, item in place.value.items():
            path = f"{place.path}.{key}"
            if key == "customData" and not place.free:
                _check_custom_data(path, item)
            free = place.free or key == "customData" or key in free_fields
            yield _Place(path, item, free, place.depth + 1)


def _check(place: _Place) -> None:
    if place.depth > MAX_DEPTH:
        raise FormatViolation("The payload is nested too deeply")
    if place.value is None and not place.free:
        raise _at(TypeConstraintViolation, "Expected a value, got `null`", place.path)
    if isinstance(place.value, str):
        _check_text(place.path, place.value)
    # Keys end up in paths, so one look at the path covers them.
    if "\0" in place.path:
        raise PropertyConstraintViolation("A field name contains the character U+0000")


def _check_text(path: str, text: str) -> None:
    if "\0" in text:
        # No database column of text can hold it.
        raise _at(PropertyConstraintViolation, "Text contains the character U+0000", path)
    if _EDGE_OF_TIME.fullmatch(text):
        raise _at(PropertyConstraintViolation, "Time is outside the calendar", path)


def _check_custom_data(path: str, value: Any) -> None:
    """`customData` is open, but it must name its vendor (part 4 §9)."""
    if value is None:
        raise _at(TypeConstraintViolation, "Expected a value, got `null`", path)
    if "vendorId" not in value:
        raise _at(OccurrenceConstraintViolation, "Object missing required field `vendorId`", path)
    if not isinstance(value["vendorId"], str):
        raise _at(TypeConstraintViolation, "Expected `str`", f"{path}.vendorId")
    if len(value["vendorId"]) > MAX_VENDOR_ID:
        raise _at(PropertyConstraintViolation, f"Expected `str` of length <= {MAX_VENDOR_ID}", f"{path}.vendorId")


def _at(kind: type[MessageError], text: str, path: str) -> MessageError:
    """An error in the words msgspec uses: what, and where."""
    return kind(f"{text} - at `{path}`"[:MAX_DESCRIPTION])
