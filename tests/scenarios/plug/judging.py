"""Compares what stations know with what the database holds; reads the file only."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.scenarios.plug.ledger import Ledger, Session, Value, to_ms


class Figures(NamedTuple):
    """How much was compared."""

    messages: int
    events: int
    values: int
    sessions: int

    def __add__(self, other: object) -> "Figures":
        assert isinstance(other, Figures)
        return Figures(*(one + two for one, two in zip(self, other, strict=True)))


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """The database, read-only."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def judge(database: sqlite3.Connection, ledger: Ledger) -> Figures:
    """Everything acknowledged is stored exactly once, everything that happened is told exactly."""
    assert ledger.refused == []
    frames = judge_frames(database, ledger)
    events = judge_events_16(database, ledger) if ledger.version == "1.6" else judge_events_2(database, ledger)
    values = judge_values(database, ledger)
    sessions = judge_sessions(database, ledger)
    return Figures(frames, events, values, sessions)


def judge_frames(database: sqlite3.Connection, ledger: Ledger) -> int:
    """Every acknowledged call and its answer is in the message log, once and verbatim."""
    logged: dict[tuple[str, str, str], list[str]] = {}
    for row in database.execute("SELECT direction, kind, message_id, raw FROM frames WHERE station_id = ?", (ledger.station_id,)):
        logged.setdefault((row["direction"], row["kind"], row["message_id"]), []).append(row["raw"])
    for one in ledger.acknowledged:
        assert logged.get(("in", "CALL", one.message_id)) == [one.raw], (ledger.station_id, one.raw)
        assert logged.get(("out", "CALLRESULT", one.message_id)) == [one.raw_answer], (ledger.station_id, one.raw)
    return len(ledger.acknowledged)


def judge_events_2(database: sqlite3.Connection, ledger: Ledger) -> int:
    """Events by transaction and sequence number: those acknowledged, those that happened and those stored are the same."""
    stored = Counter(
        (row["transaction_id"], row["seq_no"], row["type"], row["at_ms"])
        for row in database.execute("SELECT * FROM transaction_events WHERE station_id = ?", (ledger.station_id,))
    )
    happened = Counter(
        (request.transactionInfo.transactionId, request.seqNo, request.eventType, to_ms(request.timestamp)) for request in ledger.own
    )
    assert stored == happened, ledger.station_id
    assert set(stored) == ledger.events(), ledger.station_id
    return len(stored)


def judge_events_16(database: sqlite3.Connection, ledger: Ledger) -> int:
    """Starts, stops and readings by their content. What a status says about a transaction is an event without values."""
    kinds: dict[str, Counter[tuple[str, int]]] = {"Started": Counter(), "Updated": Counter(), "Ended": Counter()}
    for row in database.execute("SELECT * FROM transaction_events WHERE station_id = ?", (ledger.station_id,)):
        if row["type"] != "Updated" or "measured" in json.loads(row["payload"]):
            kinds[row["type"]][row["transaction_id"], row["at_ms"]] += 1
    assert kinds["Started"] == Counter((number, to_ms(said["timestamp"])) for number, said in ledger.starts().items())
    assert kinds["Ended"] == Counter((number, to_ms(said["timestamp"])) for number, said in ledger.stops().items())
    assert kinds["Updated"] == ledger.readings(), ledger.station_id
    assert len(ledger.starts()) == len(ledger.sessions()), f"{ledger.station_id}: a session has several numbers, or none"
    return sum(kind.total() for kind in kinds.values())


def judge_values(database: sqlite3.Connection, ledger: Ledger) -> int:
    """Every value once, with its exact number."""
    stored = Counter(
        Value(row["at_ms"], row["transaction_id"], row["measurand"], row["phase"], row["context"], row["value_milli"])
        for row in database.execute("SELECT * FROM meter_values WHERE station_id = ?", (ledger.station_id,))
    )
    expected = ledger.values()
    assert stored - expected == Counter(), f"{ledger.station_id}: stored and never said, or stored again"
    assert expected - stored == Counter(), f"{ledger.station_id}: acknowledged and not stored"
    return stored.total()


def judge_sessions(database: sqlite3.Connection, ledger: Ledger) -> int:
    """Every session has ended, without doubt, with exactly the energy that the meter has counted."""
    rows = {
        row["transaction_id"]: row
        for row in database.execute("SELECT * FROM transactions WHERE station_id = ?", (ledger.station_id,)).fetchall()
    }
    sessions = _numbered(ledger) if ledger.version == "1.6" else ledger.sessions()
    assert set(rows) == set(sessions), ledger.station_id
    for transaction_id, session in sessions.items():
        judge_session(rows[transaction_id], session)
    return len(sessions)


def judge_session(row: Any, session: Session) -> None:
    """One session."""
    told = dict(row)
    assert session.ended_ms is not None, told
    assert (row["open"], json.loads(row["doubts"])) == (0, []), told
    assert (row["evse_id"], row["started_ms"], row["ended_ms"]) == (session.evse_id, session.started_ms, session.ended_ms), told
    assert row["energy_milli"] == session.end_milli - session.begin_milli, (told, session)
    assert (row["register_start_milli"], row["register_end_milli"]) == (session.begin_milli, session.end_milli), (told, session)


def _numbered(ledger: Ledger) -> dict[str, Session]:
    """The sessions of a 1.6 station by the number the central system gave."""
    by_place = {(session.evse_id, session.started_ms): session for session in ledger.sessions().values()}
    return {number: by_place[said["connectorId"], to_ms(said["timestamp"])] for number, said in ledger.starts().items()}
