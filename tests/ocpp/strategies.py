"""Random valid messages, built from the limits that the generated types carry."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from voltgate.ocpp import v16

Strategy = st.SearchStrategy[Any]

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TENTHS = st.integers(0, 10_000).map(lambda number: number / 10)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(LETTERS, max_size=5)
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(LETTERS, max_size=5), inner, max_size=2)
)
VENDOR = st.fixed_dictionaries({"vendorId": st.text(LETTERS, max_size=255)})
CUSTOM_DATA = st.builds(lambda free, vendor: free | vendor, st.dictionaries(st.text(LETTERS, max_size=5), ANY_JSON, max_size=2), VENDOR)


# Fields whose official schema is tighter than the annotation: multiples of 0.1, and the two points where our 1.6 takes more than
# one schema of several (docs/how-to-add-a-message.md).
SPECIAL: dict[tuple[str, str], Strategy] = {
    ("ChargingSchedule", "minChargingRate"): st.none() | TENTHS,
    ("ChargingSchedulePeriod", "limit"): TENTHS,
    ("SampledValue", "unit"): st.none() | st.sampled_from([unit for unit in get_args(v16.UnitOfMeasure) if unit != "Hertz"]),
    ("MeterValue", "sampledValue"): st.deferred(lambda: samples()),  # noqa: PLW0108 - it is defined further down
}


@cache
def messages_of(kind: type[msgspec.Struct]) -> Strategy:
    """Valid messages or data types of this kind."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    special = {name: strategy for (owner, name), strategy in SPECIAL.items() if owner == kind.__name__}
    return st.builds(kind, **({field.name: values(field.type) for field in info.fields} | special))


def values(info: inspect.Type) -> Strategy:
    """Values that a field of this type takes."""
    return BUILDERS[type(info)](info)


def samples() -> Strategy:
    return st.lists(messages_of(v16.SampledValue), min_size=1, max_size=2)


def numbers(info: inspect.FloatType) -> Strategy:
    return st.floats(min_value=info.ge, max_value=info.le, allow_nan=False, allow_infinity=False)


def texts(info: inspect.StrType) -> Strategy:
    short = st.text(LETTERS, max_size=min(info.max_length or 20, 20))
    return short if info.max_length is None else short | st.just("é" * info.max_length)


def lists(info: inspect.ListType) -> Strategy:
    least = info.min_length or 0
    return st.lists(values(info.item_type), min_size=least, max_size=min(info.max_length or least + 1, least + 1))


def times(info: inspect.DateTimeType) -> Strategy:
    whole = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
    return whole.map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000, tzinfo=UTC))


BUILDERS: dict[type[inspect.Type], Callable[[Any], Strategy]] = {
    inspect.StructType: lambda info: messages_of(info.cls),
    inspect.UnionType: lambda info: st.one_of([values(option) for option in info.types]),
    inspect.NoneType: lambda info: st.none(),
    inspect.BoolType: lambda info: st.booleans(),
    inspect.IntType: lambda info: st.integers(info.ge, info.le),
    inspect.FloatType: numbers,
    inspect.StrType: texts,
    inspect.LiteralType: lambda info: st.sampled_from(info.values),
    inspect.ListType: lists,
    inspect.DateTimeType: times,
    inspect.DictType: lambda info: CUSTOM_DATA,
    inspect.AnyType: lambda info: ANY_JSON,
}
