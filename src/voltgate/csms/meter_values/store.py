"""The table of meter values: one row per measured value, in the order of station and time."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from msgspec.structs import astuple
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Select, Table, Text, bindparam, func, literal, select, tuple_

from voltgate.csms.meter_values.model import Sample
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Statement, Value, insert

METER_VALUES = Table(
    "meter_values",
    metadata,
    Column("station_id", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("message_key", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("transaction_id", Text),
    Column("evse_id", Integer, nullable=False),
    Column("measurand", Text, nullable=False),
    Column("phase", Text),
    Column("location", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("value_milli", Integer),
    Column("unit", Text, nullable=False),
    Column("original_value", Text, nullable=False),
    Column("original_unit", Text, nullable=False),
    Column("multiplier", Integer, nullable=False),
    Column("signed", Text),
    # A repeated message has the same key, so its values are stored once; one tree holds key and row, in the order charts read them.
    PrimaryKeyConstraint("station_id", "at_ms", "message_key", "position"),
    sqlite_with_rowid=False,
)

_SHARED = ("station_id", "message_key", "transaction_id", "evse_id")
_OWN = Sample.__struct_fields__
_MOST_ROWS = 50
_c = METER_VALUES.c


class Writer(Protocol):
    """Where statements are collected: a `Session` or a `Work`."""

    def write_row(self, statement: Statement, values: tuple[Value, ...], /) -> None: ...


@cache
def _insert_rows(count: int) -> Statement:
    """One INSERT of `count` rows; what the rows share is given once."""
    rows: list[dict[str, Any]] = [
        {
            **{name: bindparam(f"shared_{name}") for name in _SHARED},
            "position": bindparam(f"position_{row}"),
            **{name: bindparam(f"{name}_{row}") for name in _OWN},
        }
        for row in range(count)
    ]
    names = [f"{name}_{row}" for row in range(count) for name in ("position", *_OWN)]
    return Statement(insert(METER_VALUES).values(rows).on_conflict_do_nothing(), names=(*(f"shared_{name}" for name in _SHARED), *names))


def store_samples(work: Writer, station_id: str, evse_id: int, transaction_id: str | None, key: int, samples: Sequence[Sample]) -> None:
    """Store the samples of the message with the key `key`; a message stored before stays as it is."""
    for first in range(0, len(samples), _MOST_ROWS):
        chunk = samples[first : first + _MOST_ROWS]
        values: list[Value] = [station_id, key, transaction_id, evse_id]
        for position, sample in enumerate(chunk, first):
            values.append(position)
            values += astuple(sample)
        work.write_row(_insert_rows(len(chunk)), tuple(values))


def values_query(filters: Mapping[str, Any], after: Sequence[Any] | None, limit: int) -> Select[Any]:
    """The newest values of one station that pass `filters` (see `_where`), those before the key `after`."""
    query = _where(select(METER_VALUES), filters)
    if after is not None:
        query = query.where(tuple_(_c.at_ms, _c.message_key, _c.position) < tuple_(*(literal(value) for value in after)))
    return query.order_by(_c.at_ms.desc(), _c.message_key.desc(), _c.position.desc()).limit(limit)


def series_query(filters: Mapping[str, Any], from_ms: int, width_ms: int) -> Select[Any]:
    """Per measurand, phase and location: one row per stretch of `width_ms`, with its last moment, mean and largest value."""
    bucket = ((_c.at_ms - from_ms) // width_ms).label("bucket")
    group = (_c.measurand, _c.phase, _c.location, _c.unit)
    columns = (func.max(_c.at_ms).label("at_ms"), func.avg(_c.value_milli).label("mean"), func.max(_c.value_milli).label("largest"))
    query = _where(select(*group, *columns), filters).where(_c.value_milli.is_not(None))
    return query.group_by(*group, bucket).order_by(*group, bucket)


def _where(query: Select[Any], filters: Mapping[str, Any]) -> Select[Any]:
    """Equal columns, and the span ``from_ms`` .. ``to_ms`` (the end is not part of it)."""
    for name, value in filters.items():
        if value is None:
            continue
        if name == "from_ms":
            query = query.where(_c.at_ms >= value)
        elif name == "to_ms":
            query = query.where(_c.at_ms < value)
        else:
            query = query.where(_c[name] == value)
    return query
