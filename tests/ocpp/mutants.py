"""One complete message of every kind, and all the ways to break it at one place."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from voltgate.ocpp.errors import (
    FormatViolation,
    MessageError,
    OccurrenceConstraintViolation,
    PropertyConstraintViolation,
    TypeConstraintViolation,
)

Path = tuple[str | int, ...]

ABSENT = object()
WRONG_TYPE: dict[type[inspect.Type], Any] = {
    inspect.StructType: "text",
    inspect.DictType: [],
    inspect.ListType: {},
    inspect.StrType: 5,
    inspect.LiteralType: 5,
    inspect.DateTimeType: 5,
    inspect.IntType: "5",
    inspect.FloatType: "5",
    inspect.BoolType: 1,
}


@dataclass(frozen=True)
class Mutant:
    """A broken message: what was put where, the error it must cause, and whether the official schema refuses it too."""

    label: str
    payload: Any
    error: type[MessageError]
    oracle: bool = True


@dataclass(frozen=True)
class Change:
    """One way to break one value."""

    label: str
    value: Any
    error: type[MessageError]
    oracle: bool = True


def complete(info: inspect.Type, name: str = "") -> Any:
    """A valid JSON value with every optional field present."""
    info = without_null(info)
    match info:
        case inspect.StructType():
            return {field.encode_name: complete(field.type, field.encode_name) for field in info.fields}
        case inspect.DictType():
            return {"vendorId": "com.example", "anything": {"goes": None}}
        case inspect.ListType():
            return [complete(info.item_type)] * max(info.min_length or 0, 1)
        case inspect.LiteralType():
            return info.values[0]
        case inspect.DateTimeType():
            return "2025-01-01T00:00:00.123Z"
        case inspect.IntType() | inspect.FloatType():
            return next(number for number in (1, info.ge, info.le) if number is not None and (info.le is None or number <= info.le))
        case inspect.BoolType():
            return True
        case _:
            return "x"


def without_null(info: inspect.Type) -> inspect.Type:
    """The type of an optional field when it is there."""
    if isinstance(info, inspect.UnionType):
        return next(option for option in info.types if not isinstance(option, inspect.NoneType))
    return info


def mutants(message: type[msgspec.Struct], owned: frozenset[type]) -> Iterator[Mutant]:
    """Every mutation of the message and of those data types inside it that it owns (others are tested in another message)."""
    whole = complete(inspect.type_info(message))
    for path, change in changes(inspect.type_info(message), (), owned | {message}):
        yield Mutant(
            f"{change.label} at {'.'.join(map(str, path)) or 'the root'}", changed(whole, path, change.value), change.error, change.oracle
        )


def changed(whole: Any, path: Path, value: Any) -> Any:
    """A copy with one value replaced, or left out."""
    if not path:
        return value
    copy = deepcopy(whole)
    place = copy
    for step in path[:-1]:
        place = place[step]
    if value is ABSENT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


def changes(info: inspect.Type, path: Path, owned: frozenset[type]) -> Iterator[tuple[Path, Change]]:
    """All changes at and below a value."""
    info = without_null(info)
    if path:
        for change in own_changes(info):
            yield path, change
    if isinstance(info, inspect.ListType):
        yield from changes(info.item_type, (*path, 0), owned)
    if isinstance(info, inspect.StructType) and info.cls in owned:
        yield (*path, "surplus"), Change("unknown field", 1, FormatViolation)
        for field in info.fields:
            if field.required:
                yield (*path, field.encode_name), Change("missing", ABSENT, OccurrenceConstraintViolation)
            yield from changes(field.type, (*path, field.encode_name), owned)
            yield from tenths(info, field, path)


def own_changes(info: inspect.Type) -> Iterator[Change]:
    """The ways to break this one value."""
    if isinstance(info, inspect.AnyType):
        return
    yield Change("null", None, TypeConstraintViolation)
    yield Change("wrong type", WRONG_TYPE[type(info)], TypeConstraintViolation)
    match info:
        case inspect.StrType(max_length=int(limit)):
            yield Change("too long", "é" * (limit + 1), PropertyConstraintViolation)
        case inspect.LiteralType():
            yield Change("unknown word", "Nonsense", PropertyConstraintViolation)
        case inspect.DateTimeType():
            yield Change("no time", "yesterday", PropertyConstraintViolation)
            yield Change("no offset", "2025-01-01T00:00:00", PropertyConstraintViolation)
        case inspect.IntType() | inspect.FloatType():
            yield from numbers(info)
        case inspect.ListType():
            yield from lengths(info)
        case inspect.DictType():
            yield Change("no vendor", {"a": 1}, OccurrenceConstraintViolation)
            yield Change("long vendor", {"vendorId": "é" * 256}, PropertyConstraintViolation)
            yield Change("vendor of wrong type", {"vendorId": 1}, TypeConstraintViolation)


def numbers(info: inspect.IntType | inspect.FloatType) -> Iterator[Change]:
    """Just outside the limits; that integers must fit into 64 bits is our own rule."""
    if info.ge is not None:
        yield Change("too small", info.ge - 1, PropertyConstraintViolation, oracle=info.ge > -(2**63))
    if info.le is not None:
        yield Change("too large", info.le + 1, PropertyConstraintViolation, oracle=info.le < 2**63 - 1)


def lengths(info: inspect.ListType) -> Iterator[Change]:
    """Too few and too many items."""
    if info.min_length:
        yield Change("too few", [complete(info.item_type)] * (info.min_length - 1), OccurrenceConstraintViolation)
    if info.max_length is not None:
        yield Change("too many", [complete(info.item_type)] * (info.max_length + 1), OccurrenceConstraintViolation)


def tenths(info: inspect.StructType, field: inspect.Field, path: Path) -> Iterator[tuple[Path, Change]]:
    """Hundredths where 1.6 only knows tenths."""
    if (info.cls.__name__, field.name) in {("ChargingSchedule", "minChargingRate"), ("ChargingSchedulePeriod", "limit")}:
        yield (*path, field.name), Change("hundredths", 16.15, PropertyConstraintViolation)
