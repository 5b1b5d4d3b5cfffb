"""Every message of every version, broken at every place: the right error comes out, and the official schema agrees."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from tests.ocpp.mutants import complete, mutants, without_null
from tests.ocpp.schemas import message_id, messages, parse, validator
from voltgate.ocpp import payload
from voltgate.ocpp.actions import Version
from voltgate.ocpp.errors import FormatViolation, MessageError, OccurrenceConstraintViolation


def types_inside(info: inspect.Type) -> Iterator[type]:
    """Classes of all data types that a type contains."""
    info = without_null(info)
    if isinstance(info, inspect.ListType):
        yield from types_inside(info.item_type)
    if isinstance(info, inspect.StructType):
        yield info.cls
        for field in info.fields:
            yield from types_inside(field.type)


def shares() -> Iterator[Any]:
    """Each message with the data types that no message before it has tried."""
    tried: set[type] = set()
    for version, message in messages():
        owned = frozenset(types_inside(inspect.type_info(message))) - tried
        tried |= owned
        yield pytest.param(version, message, owned, id=message_id(version, message))


MESSAGES = [pytest.param(version, message, id=message_id(version, message)) for version, message in messages()]


@pytest.mark.parametrize(("version", "message", "owned"), list(shares()))
def test_a_broken_message_is_refused_with_the_right_code(version: Version, message: type[msgspec.Struct], owned: frozenset[type]) -> None:
    oracle = validator(version, message)
    for mutant in mutants(message, owned):
        raw = msgspec.json.encode(mutant.payload)
        error = refusal(message, raw)
        assert type(error) is mutant.error, f"{mutant.label}: {error!r}"
        assert len(error.description) <= 255
        assert not (mutant.oracle and oracle.is_valid(parse(raw))), mutant.label


@pytest.mark.parametrize(("version", "message"), MESSAGES)
def test_the_complete_message_is_valid(version: Version, message: type[msgspec.Struct]) -> None:
    raw = msgspec.json.encode(complete(inspect.type_info(message)))
    validator(version, message).validate(parse(raw))
    assert parse(payload.encode(payload.decode(message, raw))) == parse(raw)


@pytest.mark.parametrize(("version", "message"), MESSAGES)
def test_what_is_no_object_is_no_payload(version: Version, message: type[msgspec.Struct]) -> None:
    whole = msgspec.json.encode(complete(inspect.type_info(message)))
    for raw in (b"[]", b'"text"', b"1", b"true", b"", whole[:-1], whole + b"}"):
        assert type(refusal(message, raw)) is FormatViolation
    if validator(version, message).is_valid({}):
        assert payload.decode(message, b" null ") == message()
    else:
        assert type(refusal(message, b"null")) is OccurrenceConstraintViolation


def test_there_are_many_mutants() -> None:
    assert sum(1 for share in shares() for _ in mutants(share.values[1], share.values[2])) > 8000


def refusal(message: type[msgspec.Struct], raw: bytes) -> MessageError:
    """The error that a payload causes."""
    with pytest.raises(MessageError) as caught:
        payload.decode(message, raw)
    return caught.value
