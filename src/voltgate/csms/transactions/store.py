"""The tables of transactions and of their events."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)

from voltgate.csms.authorization import key_of
from voltgate.csms.schema import metadata
from voltgate.csms.transactions.doubts import doubts
from voltgate.csms.transactions.model import Event, Facts, energy_milli, is_open, power_milli
from voltgate.infrastructure.database import Database, Statement, Value, Work, insert

_open_only: Any = {"sqlite_where": text("open = 1")}  # naming PostgreSQL too would load its dialect at every start

TRANSACTIONS = Table(
    "transactions",
    metadata,
    Column("station_id", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("evse_id", Integer),
    Column("connector_id", Integer),
    Column("id_token", Text),
    Column("id_token_key", Text),
    Column("id_token_type", Text),
    Column("token_status", Text),
    Column("open", Integer, nullable=False),
    Column("superseded", Integer, nullable=False),
    Column("charging_state", Text),
    Column("started_ms", Integer, nullable=False),  # the earliest event while the start is missing
    Column("ended_ms", Integer),
    Column("stopped_reason", Text),
    Column("register_start_milli", Integer),
    Column("register_end_milli", Integer),
    Column("energy_milli", Integer),
    Column("power_milli", Integer),
    Column("remote_start_id", Integer),
    Column("reservation_id", Integer),
    Column("offline", Integer, nullable=False),
    Column("doubts", Text, nullable=False),  # JSON list of sentences
    Column("highest_seq", Integer),
    Column("last_event", Text, nullable=False),
    Column("last_event_ms", Integer, nullable=False),
    Column("samples_from_ms", Integer),
    Column("samples_to_ms", Integer),
    Column("memory", Text, nullable=False),  # the Facts as JSON
    PrimaryKeyConstraint("station_id", "transaction_id"),
    Index("ix_transactions_newest", "started_ms", "station_id", "transaction_id"),
    Index("ix_transactions_station", "station_id", "started_ms", "transaction_id"),
    Index("ix_transactions_ended", "station_id", "evse_id", "ended_ms"),
    Index("ix_transactions_token", "id_token_key", "started_ms", "station_id", "transaction_id"),
    Index("ix_transactions_open", "station_id", "evse_id", **_open_only),
    Index("ix_transactions_open_station", "station_id", "started_ms", "transaction_id", **_open_only),
    Index("ix_transactions_open_newest", "started_ms", "station_id", "transaction_id", **_open_only),
    Index("ix_transactions_open_token", "id_token_key", **_open_only),
)

TRANSACTION_EVENTS = Table(
    "transaction_events",
    metadata,
    Column("station_id", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("event_key", Integer, nullable=False),  # the same for an event and its repetition
    Column("seq_no", Integer),
    Column("type", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("received_ms", Integer, nullable=False),
    Column("payload", Text, nullable=False),  # the Event as JSON
    PrimaryKeyConstraint("station_id", "transaction_id", "event_key"),
    sqlite_with_rowid=False,
)

_c, _e = TRANSACTIONS.c, TRANSACTION_EVENTS.c
_one: ColumnElement[bool] = and_(_c.station_id == bindparam("station"), _c.transaction_id == bindparam("transaction"))
_INDEXED = ("open", "started_ms", "ended_ms", "evse_id", "id_token_key", "superseded")
_KEYS = ("station_id", "transaction_id")
_encode = msgspec.json.Encoder().encode
_decode_facts = msgspec.json.Decoder(Facts).decode
_decode_event = msgspec.json.Decoder(Event).decode

_stored = select(literal(1)).where(
    _e.station_id == bindparam("station"), _e.transaction_id == bindparam("transaction"), _e.event_key == bindparam("event_key")
)
_KNOWN = Statement(select(select(_c.memory).where(_one).scalar_subquery().label("memory"), _stored.scalar_subquery().label("repeated")))
_MEMORY = Statement(select(_c.memory).where(_one))
_put = insert(TRANSACTIONS)
_ALL = tuple(c.name for c in TRANSACTIONS.columns if c.name not in _KEYS)
_PUT = Statement(_put.on_conflict_do_update(index_elements=_KEYS, set_={name: _put.excluded[name] for name in _ALL}), names=(*_KEYS, *_ALL))
# Most events change no indexed column: this statement leaves the indexes alone.
_UNINDEXED = tuple(c.name for c in TRANSACTIONS.columns if c.name not in (*_KEYS, *_INDEXED))
_TOUCH = Statement(
    update(TRANSACTIONS).where(_one).values({name: bindparam(f"new_{name}") for name in _UNINDEXED}),
    names=("station", "transaction", *(f"new_{name}" for name in _UNINDEXED)),
)
_PUT_EVENT = Statement(insert(TRANSACTION_EVENTS).on_conflict_do_nothing())
_OPEN_ON_EVSE = Statement(
    select(_c.transaction_id, _c.memory).where(
        _c.station_id == bindparam("station"), _c.evse_id == bindparam("evse"), _c.open == 1, _c.transaction_id != bindparam("transaction")
    )
)
# A superseded transaction is dead though its end is missing, and an EVSE has one car at a time: neither blocks a token.
_OPEN_WITH_TOKEN = Statement(
    select(func.count().label("open")).where(
        _c.id_token_key == bindparam("id_token_key"),
        _c.open == 1,
        _c.superseded == 0,
        not_(
            and_(
                _c.station_id == bindparam("station"),
                or_(_c.transaction_id == bindparam("transaction"), func.coalesce(_c.evse_id, -2) == bindparam("evse")),
            )
        ),
    )
)
_EVENTS = select(TRANSACTION_EVENTS)


class Writer(Protocol):
    """Where statements are collected: a `Session` or a `Work`."""

    def write(self, statement: Statement, /, **parameters: Value) -> None: ...
    def write_row(self, statement: Statement, values: tuple[Value, ...], /) -> None: ...


class Known(NamedTuple):
    """What the database knows before an event."""

    facts: Facts | None
    repeated: bool


async def read_known(database: Database, work: Work, station_id: str, transaction_id: str, event_key: int) -> Known:
    """The facts of a transaction and whether this very event is stored; one point look-up.

    What `work` is about to write counts: one message of a station may become several events.
    """
    rows = await database.read(_KNOWN, station=station_id, transaction=transaction_id, event_key=event_key)
    memory: str | None = _about_to_write(work, station_id, transaction_id) or rows[0]["memory"]
    return Known(_decode_facts(memory) if memory is not None else None, rows[0]["repeated"] is not None)


async def read_facts(database: Database, station_id: str, transaction_id: str) -> Facts | None:
    """The facts of one transaction."""
    rows = await database.read(_MEMORY, station=station_id, transaction=transaction_id)
    return _decode_facts(rows[0]["memory"]) if rows else None


async def read_open_on_evse(database: Database, station_id: str, evse_id: int, transaction_id: str) -> list[tuple[str, Facts]]:
    """The other open transactions of an EVSE."""
    rows = await database.read(_OPEN_ON_EVSE, station=station_id, evse=evse_id, transaction=transaction_id)
    return [(row["transaction_id"], _decode_facts(row["memory"])) for row in rows]


async def count_open_elsewhere(database: Database, id_token: str, station_id: str, transaction_id: str, evse_id: int | None) -> int:
    """How many other transactions of a token are open."""
    rows = await database.read(
        _OPEN_WITH_TOKEN,
        id_token_key=key_of(id_token),
        station=station_id,
        transaction=transaction_id,
        evse=-1 if evse_id is None else evse_id,
    )
    return int(rows[0]["open"])


def write_facts(work: Writer, station_id: str, transaction_id: str, facts: Facts, before: Facts | None, last_event: str) -> None:
    """Store a transaction; `before` is what was known of it, None when it is new."""
    columns = columns_of(facts, last_event)
    if before is not None and _indexed(before) == _indexed(facts):
        work.write_row(_TOUCH, (station_id, transaction_id, *(columns[name] for name in _UNINDEXED)))
    else:
        work.write_row(_PUT, (station_id, transaction_id, *(columns[name] for name in _ALL)))


def write_event(work: Writer, station_id: str, transaction_id: str, event_key: int, event: Event) -> None:
    """Store an event; no-op if it is stored."""
    work.write(
        _PUT_EVENT,
        station_id=station_id,
        transaction_id=transaction_id,
        event_key=event_key,
        seq_no=event.number,
        type=event.type,
        trigger=event.trigger,
        at_ms=event.at_ms,
        received_ms=event.received_ms,
        payload=_encode(event).decode(),
    )


def columns_of(facts: Facts, last_event: str) -> dict[str, Value]:
    """What the table shows of the facts."""
    token, kind, status = _words(facts.token.words if facts.token else None, 3)
    evse, connector = _words(facts.evse.words if facts.evse else None, 2)
    return {
        "evse_id": evse,
        "connector_id": connector,
        "id_token": token,
        "id_token_key": key_of(str(token)) if token else None,
        "id_token_type": kind,
        "token_status": status,
        "open": int(is_open(facts)),
        "superseded": int(facts.superseded),
        "charging_state": facts.state.words[0] if facts.state else None,
        "started_ms": facts.first_ms if facts.started_ms is None else facts.started_ms,
        "ended_ms": facts.ended_ms,
        "stopped_reason": facts.ended.words[0] if facts.ended else None,
        "register_start_milli": facts.begin.milli if facts.begin else None,
        "register_end_milli": facts.end.milli if facts.end else None,
        "energy_milli": energy_milli(facts),
        "power_milli": power_milli(facts),
        "remote_start_id": facts.remote_start_id,
        "reservation_id": facts.reservation_id,
        "offline": int(facts.offline),
        "doubts": _encode(list(doubts(facts).values())).decode(),
        "highest_seq": facts.numbers[-1].last if facts.numbers else None,
        "last_event": last_event,
        "last_event_ms": facts.last_ms,
        "samples_from_ms": facts.samples_from_ms,
        "samples_to_ms": facts.samples_to_ms,
        "memory": _encode(facts).decode(),
    }


def transactions_query(filters: Mapping[str, Any], after: Sequence[Any] | None, limit: int) -> Select[Any]:
    """The newest transactions that pass `filters` (columns, ``from_ms`` .. ``to_ms``), those before the key `after`."""
    key = (_c.started_ms, _c.station_id, _c.transaction_id)
    query = select(TRANSACTIONS).order_by(*(column.desc() for column in key)).limit(limit)
    for name, value in filters.items():
        if value is not None:
            query = query.where(_condition(name, value))
    return query if after is None else query.where(tuple_(*key) < tuple_(*(literal(value) for value in after)))


def transaction_query(station_id: str, transaction_id: str) -> Select[Any]:
    """One transaction."""
    return select(TRANSACTIONS).where(_c.station_id == station_id, _c.transaction_id == transaction_id)


async def read_events(database: Database, station_id: str, transaction_id: str) -> list[Event]:
    """All events of a transaction, in the order in which they happened."""
    rows = await database.query(_EVENTS.where(_e.station_id == station_id, _e.transaction_id == transaction_id))
    return sorted((_decode_event(row["payload"]) for row in rows), key=lambda event: event.place)


def _condition(name: str, value: Any) -> Any:
    if name == "from_ms":
        return _c.started_ms >= value
    if name == "to_ms":
        return _c.started_ms < value
    if name == "open":
        # As a literal, so that the partial indexes can be used.
        return _c.open == literal_column("1" if value else "0", Integer)
    return _c[name] == value


def _indexed(facts: Facts) -> tuple[object, ...]:
    """What the columns of `_INDEXED` are made of."""
    started = facts.first_ms if facts.started_ms is None else facts.started_ms
    return started, facts.ended_ms, facts.evse and facts.evse.words[0], facts.token and facts.token.words[0], facts.superseded


def _about_to_write(work: Work, station_id: str, transaction_id: str) -> Any:
    for statement, values in reversed(work.writes):
        if (statement is _PUT or statement is _TOUCH) and isinstance(values, tuple) and values[:2] == (station_id, transaction_id):
            return values[-1]
    return None


def _words(words: Sequence[str | int | None] | None, count: int) -> Sequence[str | int | None]:
    return words if words is not None else (None,) * count
