"""The tables of the provisioning room."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, delete, exists, func, select, update

from voltgate.csms.provisioning.model import AFTER_BOOT, VariableKey, WishStatus
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Row, Statement, Value, Work, insert

KEY = ("component", "variable", "evse_id", "connector_id", "component_instance", "instance", "attribute")
_KIND: dict[str, Any] = {"evse_id": Integer, "connector_id": Integer}


def _key_columns() -> list[Column[Any]]:
    return [Column("station_id", Text, primary_key=True), *(Column(name, _KIND.get(name, Text), primary_key=True) for name in KEY)]


VARIABLES = Table(
    "variables",
    metadata,
    *_key_columns(),
    Column("value", Text),
    Column("mutability", Text),
    Column("persistent", Integer),
    Column("constant", Integer),
    Column("data_type", Text),
    Column("unit", Text),
    Column("min_limit", Text),
    Column("max_limit", Text),
    Column("max_elements", Integer),
    Column("values_list", Text),
    Column("supports_monitoring", Integer),
    Column("report_id", Integer),
    Column("at_ms", Integer, nullable=False),
)
"""What stations told about their variables. `report_id` is the request that brought it last."""

VARIABLE_WISHES = Table(
    "variable_wishes",
    metadata,
    *_key_columns(),
    Column("desired", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("tries", Integer, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Index("ix_variable_wishes_status", "station_id", "status"),
)

REPORTS = Table(
    "reports",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("request_id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("firmware_version", Text),
    Column("at_ms", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("parts", Integer, nullable=False),
)
"""Reports we asked for. `status`: requested, incomplete (a part is missing), complete, or the station's refusal.
`parts` is how many are expected to have come: one more than the highest seqNo."""

FULL = "FullInventory"
INCOMPLETE = "incomplete"
LOST = "the station no longer reports this variable"
_v, _w, _r = VARIABLES.c, VARIABLE_WISHES.c, REPORTS.c
_KEY_NAMES = ["station_id", *KEY]

_reported = insert(VARIABLES)
_TOLD = ("value", "mutability", "persistent", "constant", "report_id", "at_ms")
_CHARACTERISTICS = ("data_type", "unit", "min_limit", "max_limit", "max_elements", "values_list", "supports_monitoring")
# A report without characteristics does not take away those that an earlier one had.
_KEEP_REPORTED = Statement(
    _reported.on_conflict_do_update(
        index_elements=_KEY_NAMES,
        set_={name: _reported.excluded[name] for name in _TOLD}
        | {name: func.coalesce(_reported.excluded[name], _v[name]) for name in _CHARACTERISTICS},
    )
)
_valued = insert(VARIABLES)
_KEEP_VALUE = Statement(
    _valued.on_conflict_do_update(index_elements=_KEY_NAMES, set_={"value": _valued.excluded.value, "at_ms": _valued.excluded.at_ms})
)
_wish = insert(VARIABLE_WISHES)
_KEEP_WISH = Statement(
    _wish.on_conflict_do_update(
        index_elements=_KEY_NAMES, set_={name: _wish.excluded[name] for name in ("desired", "status", "reason", "tries", "at_ms")}
    )
)


def _this(table: Table) -> list[Any]:
    return [table.c[name] == bindparam(f"key_{name}") for name in _KEY_NAMES]


# Only the wish that was sent: if the operator has wished for something else meanwhile, that still waits.
_SETTLE_WISH = Statement(
    update(VARIABLE_WISHES)
    .where(*_this(VARIABLE_WISHES), _w.desired == bindparam("sent"))
    .values(status=bindparam("new_status"), reason=bindparam("new_reason"), tries=_w.tries + 1, at_ms=bindparam("now_ms"))
)
_WAITING = Statement(select(VARIABLE_WISHES).where(_w.station_id == bindparam("station"), _w.status == "waiting"))
_VALUE = Statement(
    select(_v.value).where(
        _v.station_id == bindparam("station"),
        _v.component == bindparam("component"),
        _v.variable == bindparam("variable"),
        _v.instance == bindparam("instance"),
        _v.attribute == "Actual",
    )
)
_ASK_REPORT = Statement(insert(REPORTS).on_conflict_do_nothing())
_REPORT_PART = Statement(
    update(REPORTS)
    .where(_r.station_id == bindparam("station"), _r.request_id == bindparam("request"))
    .values(parts=bindparam("new_parts"), status=bindparam("new_status"))
)
_REPORT_STATUS = Statement(
    update(REPORTS)
    .where(_r.station_id == bindparam("station"), _r.request_id == bindparam("request"))
    .values(status=bindparam("new_status"))
)
_READ_REPORT = Statement(select(REPORTS).where(_r.station_id == bindparam("station"), _r.request_id == bindparam("request")))
_LAST_FULL = Statement(
    select(REPORTS)
    .where(_r.station_id == bindparam("station"), _r.kind == FULL, _r.status.not_in(["requested", INCOMPLETE]))
    .order_by(_r.at_ms.desc(), _r.request_id.desc())
    .limit(1)
)
_DROP_OLD = Statement(
    delete(VARIABLES).where(
        _v.station_id == bindparam("station"), func.coalesce(_v.report_id, -1) != bindparam("report"), _v.at_ms < bindparam("since_ms")
    )
)


def _same(name: str) -> Any:
    return _v[name] == _w[name] if name in _KIND else func.lower(_v[name]) == func.lower(_w[name])


# In the same unit, after `_DROP_OLD`. Only the station knows whether it still takes the value: it is asked again.
_WISH_AGAIN = Statement(
    update(VARIABLE_WISHES)
    .where(
        _w.station_id == bindparam("station"),
        _w.status == "done",
        _w.at_ms < bindparam("since_ms"),
        ~exists().where(_v.station_id == _w.station_id, *(_same(name) for name in KEY)),
    )
    .values(status="waiting", reason=LOST, tries=0)
)


_TAKE_EFFECT = Statement(
    update(VARIABLE_WISHES).where(_w.station_id == bindparam("station"), _w.status == "done", _w.reason == AFTER_BOOT).values(reason=None)
)


def take_effect(work: Work, station_id: str) -> None:
    """The station has booted: what waited for that works now."""
    work.write(_TAKE_EFFECT, station=station_id)


def keep_reported(work: Work, station_id: str, key: VariableKey, told: dict[str, Value], report_id: int, at_ms: int) -> None:
    """Keep what a report tells about a variable; `told` may lack columns."""
    empty: dict[str, Value] = dict.fromkeys((*_TOLD, *_CHARACTERISTICS))
    work.write(_KEEP_REPORTED, station_id=station_id, **asdict(key), **empty | told | {"report_id": report_id, "at_ms": at_ms})


def keep_value(work: Work, station_id: str, key: VariableKey, value: str | None, at_ms: int) -> None:
    """Keep the value of a variable as the station has told or taken it."""
    empty: dict[str, Value] = dict.fromkeys((*_TOLD, *_CHARACTERISTICS))
    work.write(_KEEP_VALUE, station_id=station_id, **asdict(key), **empty | {"value": value, "at_ms": at_ms})


def keep_wish(work: Work, station_id: str, key: VariableKey, desired: str, at_ms: int) -> None:
    """Wish that a variable had the value `desired`; replaces an earlier wish."""
    work.write(_KEEP_WISH, station_id=station_id, **asdict(key), desired=desired, status="waiting", reason=None, tries=0, at_ms=at_ms)


def settle_wish(work: Work, station_id: str, key: VariableKey, sent: str, status: WishStatus, reason: str | None, at_ms: int) -> None:
    """The wish for the value `sent` was tried, with this outcome."""
    named = {f"key_{name}": value for name, value in {"station_id": station_id, **asdict(key)}.items()}
    work.write(_SETTLE_WISH, **named, sent=sent, new_status=status, new_reason=reason, now_ms=at_ms)


async def waiting_wishes(database: Database, station_id: str) -> Sequence[Row]:
    """The wishes that wait for a station."""
    return await database.read(_WAITING, station=station_id)


async def read_variable(database: Database, station_id: str, component: str, variable: str, instance: str = "") -> str | None:
    """The actual value of a variable of the station as a whole, as it was told last."""
    rows = await database.read(_VALUE, station=station_id, component=component, variable=variable, instance=instance)
    return rows[0]["value"] if rows else None


def key_of_row(row: Row) -> VariableKey:
    """The key columns of a row."""
    return VariableKey(**{name: row[name] for name in KEY})


def keep_report(work: Work, station_id: str, request_id: int, kind: str, firmware_version: str | None, at_ms: int) -> None:
    """We ask for a report."""
    asked = {"kind": kind, "firmware_version": firmware_version, "at_ms": at_ms, "status": "requested", "parts": 0}
    work.write(_ASK_REPORT, station_id=station_id, request_id=request_id, **asked)


def keep_report_status(work: Work, station_id: str, request_id: int, status: str) -> None:
    """How the station answered, or how the report ended."""
    work.write(_REPORT_STATUS, station=station_id, request=request_id, new_status=status)


def keep_report_part(work: Work, station_id: str, request_id: int, parts: int, status: str) -> None:
    """A part of a report has come."""
    work.write(_REPORT_PART, station=station_id, request=request_id, new_parts=parts, new_status=status)


async def read_report(database: Database, station_id: str, request_id: int) -> Row | None:
    """A report we asked for."""
    rows = await database.read(_READ_REPORT, station=station_id, request=request_id)
    return rows[0] if rows else None


async def last_full_report(database: Database, station_id: str) -> Row | None:
    """The last full inventory that was answered, one way or the other."""
    rows = await database.read(_LAST_FULL, station=station_id)
    return rows[0] if rows else None


def drop_unreported(work: Work, station_id: str, report_id: int, since_ms: int) -> None:
    """A full inventory is complete: what it did not mention, and nobody told since it began, is gone; wishes for it wait once more."""
    work.write(_DROP_OLD, station=station_id, report=report_id, since_ms=since_ms)
    work.write(_WISH_AGAIN, station=station_id, since_ms=since_ms)
