"""The official JSON schemas, as an oracle beside our generated types. They come with the PyPI package `ocpp`."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import FormatChecker
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from voltgate.ocpp.actions import ACTIONS, Version

PACKAGES: dict[Version, str] = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def is_date_time(value: object) -> bool:
    """RFC 3339, as OCPP asks for it: with an offset, at most nine decimals."""
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or re.fullmatch(pattern, value) is not None


def parse(raw: bytes) -> Any:
    """JSON with exact decimals: `multipleOf 0.1` cannot be judged on binary floats."""
    return json.loads(raw, parse_float=Decimal)


def schema_path(version: Version, message: type[msgspec.Struct]) -> Path:
    """The schema file of a message; requests of 1.6 are called like their action."""
    spec = find_spec("ocpp")
    assert spec is not None
    assert spec.origin is not None
    stem = message.__name__.removesuffix("Request") if version == "1.6" else message.__name__
    return Path(spec.origin).parent / PACKAGES[version] / "schemas" / f"{stem}.json"


@cache
def validator(version: Version, message: type[msgspec.Struct]) -> Validator:
    """The official judge of a message."""
    schema = parse(schema_path(version, message).read_bytes().removeprefix(b"\xef\xbb\xbf"))
    return validator_for(schema)(schema, format_checker=FORMATS)


def messages() -> Iterator[tuple[Version, type[msgspec.Struct]]]:
    """Every message of every version."""
    for version, actions in ACTIONS.items():
        for action in actions.values():
            yield version, action.request
            if action.response is not None:
                yield version, action.response


def message_id(version: Version, message: type[msgspec.Struct]) -> str:
    """A readable name for a parametrised test."""
    return f"{version}-{message.__name__}"
