"""The generated types carry every limit of the official schemas: both are walked side by side."""

from typing import Any

import msgspec
import pytest
from msgspec import inspect

from tests.ocpp.mutants import without_null
from tests.ocpp.schemas import message_id, messages, validator
from voltgate.ocpp.actions import Version

MESSAGES = [pytest.param(version, message, id=message_id(version, message)) for version, message in messages()]
INT64 = (-(2**63), 2**63 - 1)

# Where two schemas of 1.6 disagree about the same type, we accept what either accepts.
WIDER = {"MeterValues: minItems of sampledValue", "StopTransaction: enum of unit"}


@pytest.mark.parametrize(("version", "message"), MESSAGES)
def test_the_type_has_the_limits_of_its_schema(version: Version, message: type[msgspec.Struct]) -> None:
    root: Any = validator(version, message).schema
    found = differences(inspect.type_info(message), root, root.get("definitions", {}), "")
    assert {f"{message.action}: {difference}" for difference in found} <= WIDER  # type: ignore[attr-defined]  # all messages have it


def differences(info: inspect.Type, schema: dict[str, Any], definitions: dict[str, Any], name: str) -> set[str]:
    """Where a type and its schema say something different."""
    info = without_null(info)
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    found = {f"{key} of {name}" for key, limit in limits(info).items() if said(schema, key, limit) != limit}
    if isinstance(info, inspect.ListType):
        found |= differences(info.item_type, schema["items"], definitions, name)
    if isinstance(info, inspect.StructType):
        for field in info.fields:
            found |= differences(field.type, schema["properties"][field.encode_name], definitions, field.encode_name)
    return found


def said(schema: dict[str, Any], key: str, limit: Any) -> Any:
    """What the schema says about a key, in a form that compares with ours."""
    return frozenset(schema.get(key, ())) if isinstance(limit, frozenset) else schema.get(key)


def limits(info: inspect.Type) -> dict[str, Any]:
    """What a type says, in the words of JSON Schema; None where the schema must be silent."""
    match info:
        case inspect.StructType():
            return {
                "type": "object",
                "properties": frozenset(field.encode_name for field in info.fields),
                "required": frozenset(field.encode_name for field in info.fields if field.required),
                "additionalProperties": not info.cls.__struct_config__.forbid_unknown_fields,
            }
        case inspect.LiteralType():
            return {"enum": frozenset(info.values)}
        case inspect.ListType():
            return {"type": "array", "minItems": info.min_length, "maxItems": info.max_length}
        case inspect.StrType():
            return {"type": "string", "maxLength": info.max_length, "enum": None, "pattern": None}
        case inspect.IntType():
            least, most = (None if limit == edge else limit for limit, edge in zip((info.ge, info.le), INT64, strict=True))
            return {"type": "integer", "minimum": least, "maximum": most}
        case inspect.FloatType():
            return {"type": "number", "minimum": info.ge, "maximum": info.le}
        case inspect.DateTimeType():
            return {"type": "string", "format": "date-time"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.DictType():
            return {"type": "object", "required": ["vendorId"]}
        case _:
            return {"type": None}
