"""Transactions and their events as people and programs see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from voltgate.csms.meter_values import from_milli
from voltgate.csms.transactions.model import Event
from voltgate.csms.transactions.store import transaction_query, transactions_query
from voltgate.infrastructure.clock import from_ms
from voltgate.infrastructure.database import Database, Row


class Transaction(Struct, frozen=True, kw_only=True):
    """One charging session of one EVSE. `started_at` is the earliest event while the start was not reported."""

    station_id: str
    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    id_token: str | None
    id_token_type: str | None
    token_status: str | None
    open: bool
    charging_state: str | None
    started_at: datetime
    ended_at: datetime | None
    stopped_reason: str | None
    energy_wh: float | None
    register_start_wh: float | None
    register_end_wh: float | None
    power_w: float | None
    remote_start_id: int | None
    reservation_id: int | None
    offline: bool
    doubts: list[str]
    last_event: str
    last_event_at: datetime


class TransactionEventView(Struct, frozen=True, kw_only=True):
    """One event of a transaction."""

    type: str
    trigger: str
    at: datetime
    received_at: datetime
    seq_no: int | None
    evse_id: int | None
    connector_id: int | None
    id_token: str | None
    id_token_type: str | None
    token_status: str | None
    charging_state: str | None
    stopped_reason: str | None
    remote_start_id: int | None
    reservation_id: int | None
    offline: bool
    closed_by: str | None
    power_w: float | None
    register_wh: float | None


async def find_transactions(database: Database, filters: Mapping[str, Any], after: Sequence[Any] | None, limit: int) -> Sequence[Row]:
    """Rows of the newest transactions that pass `filters`."""
    return await database.query(transactions_query(filters, after, limit))


async def find_transaction(database: Database, station_id: str, transaction_id: str) -> Row | None:
    """The row of one transaction."""
    rows = await database.query(transaction_query(station_id, transaction_id))
    return rows[0] if rows else None


def view(row: Row) -> Transaction:
    """A row as people see it."""
    return Transaction(
        station_id=row["station_id"],
        transaction_id=row["transaction_id"],
        evse_id=row["evse_id"],
        connector_id=row["connector_id"],
        id_token=row["id_token"],
        id_token_type=row["id_token_type"],
        token_status=row["token_status"],
        open=bool(row["open"]),
        charging_state=row["charging_state"],
        started_at=from_ms(row["started_ms"]),
        ended_at=None if row["ended_ms"] is None else from_ms(row["ended_ms"]),
        stopped_reason=row["stopped_reason"],
        energy_wh=from_milli(row["energy_milli"]),
        register_start_wh=from_milli(row["register_start_milli"]),
        register_end_wh=from_milli(row["register_end_milli"]),
        power_w=from_milli(row["power_milli"]),
        remote_start_id=row["remote_start_id"],
        reservation_id=row["reservation_id"],
        offline=bool(row["offline"]),
        doubts=msgspec.json.decode(row["doubts"], type=list[str]),
        last_event=row["last_event"],
        last_event_at=from_ms(row["last_event_ms"]),
    )


def view_event(event: Event) -> TransactionEventView:
    """A stored event as people see it."""
    measured = event.measured
    register = measured.registers[-1].milli if measured is not None and measured.registers else None
    return TransactionEventView(
        type=event.type,
        trigger=event.trigger,
        at=from_ms(event.at_ms),
        received_at=from_ms(event.received_ms),
        seq_no=event.number,
        evse_id=event.evse_id,
        connector_id=event.connector_id,
        id_token=event.id_token,
        id_token_type=event.id_token_type,
        token_status=event.token_status,
        charging_state=event.charging_state,
        stopped_reason=event.stopped_reason,
        remote_start_id=event.remote_start_id,
        reservation_id=event.reservation_id,
        offline=event.offline,
        closed_by=event.closed_by,
        power_w=from_milli(measured.power_milli if measured is not None else None),
        register_wh=from_milli(register),
    )
