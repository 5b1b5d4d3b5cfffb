"""The memory of a peer: it comes back from the database as it was, and it never grows."""

from typing import Any

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, hear, later, run, start, status, talk, values
from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16 import memory as bounds
from voltgate.ocpp.dialects.v16.memory import Memory, RemoteStart, Transaction, dump, fingerprint, load

MOST = 8_000
"""Bytes that no station's memory exceeds."""


def session(number: int) -> list[object]:
    """Everything a station says in one transaction."""
    at = later(number * 60)
    reading = v16.MeterValuesRequest(connectorId=1, transactionId=number, meterValue=[values(v16.SampledValue(value="1"), at=at)])
    return [
        status("Preparing"),
        start(at=at),
        status("Charging", error="GroundFailure", info=str(number)),
        reading,
        v16.StopTransactionRequest(meterStop=number, timestamp=at, transactionId=number),
        status("Available"),
    ]


@pytest.mark.action("1.6:StartTransaction", "1.6:StopTransaction")
def test_thousands_of_transactions_leave_a_small_memory() -> None:
    here = talk()
    for number in range(7, 3007):
        hear(here, *session(number))
    assert len(here.memory.transactions) == bounds.MAX_CLOSED
    assert len(here.memory.starts) == bounds.MAX_STARTS
    assert len(dump(here.memory)) < 4_000


def test_thousands_of_lost_stops_connectors_and_wishes_do_not_grow_it_either() -> None:
    here = talk()
    for number in range(3000):
        hear(here, start(connector=number, at=later(number)), status("Charging", connector=number, error="OtherError", info="x" * 50))
        here.memory.expect_start(RemoteStart(number, "TAG" * 6))
    memory = here.memory
    assert len(memory.transactions) == bounds.MAX_OPEN
    assert len(memory.connectors) == bounds.MAX_CONNECTORS
    assert len(memory.remote_starts) == bounds.MAX_REMOTE_STARTS
    assert len(dump(memory)) < MOST * 2


def test_a_station_does_not_grow_its_memory_either() -> None:
    here = talk()
    for number in range(2000):
        info = v21.TransactionType(transactionId=f"uuid-{number}", chargingState="Charging")
        for kind in ("Started", "Ended"):
            event = v21.TransactionEventRequest(
                eventType=kind,
                timestamp=NOW,
                triggerReason="Authorized",
                seqNo=0,
                transactionInfo=info,
                evse=v21.EVSEType(id=1, connectorId=1),
            )
            run_wire(here, event, number)
    assert len(here.memory.transactions) <= bounds.MAX_CLOSED
    assert len(dump(here.memory)) < MOST


def run_wire(here: object, event: v21.TransactionEventRequest, number: int) -> None:
    dialogue = DIALECT.say_csms(event, here)  # type: ignore[arg-type]  # a talk
    answer: Any = None
    try:
        while True:
            said: Any = dialogue.send(answer)
            answer = v16.StartTransactionResponse(transactionId=number, idTagInfo=v16.IdTagInfo(status="Accepted"))
            if not isinstance(said, v16.StartTransactionRequest):
                answer = type(said).__orig_bases__[0].__args__[0]()
    except StopIteration:
        return


def test_it_comes_back_as_it_was_between_any_two_messages() -> None:
    here, reloading = talk(), talk()
    for number in (7, 8):
        for message in session(number):
            said = run(DIALECT.hear_station(message, here))  # type: ignore[arg-type]  # messages
            reloading.memory = load(dump(reloading.memory))
            assert run(DIALECT.hear_station(message, reloading)) == said  # type: ignore[arg-type]
    assert load(dump(here.memory)) == here.memory


def test_no_bytes_are_a_peer_never_met() -> None:
    assert load(b"") == Memory() == DIALECT.new_memory()


def test_closed_transactions_go_before_open_ones() -> None:
    memory = Memory()
    for number in range(100):
        memory.keep(Transaction(str(number), 1, number=number, ended=number if number % 2 else None))
    assert {one.ended is None for one in memory.transactions[:1]} == {True}
    assert sum(one.ended is None for one in memory.transactions) == bounds.MAX_OPEN
    assert sum(one.ended is not None for one in memory.transactions) == bounds.MAX_CLOSED
    assert memory.find("99") is not None
    assert memory.find("0") is None


def test_equal_messages_have_equal_fingerprints() -> None:
    assert fingerprint(start()) == fingerprint(start())
    assert fingerprint(start()) != fingerprint(start(meter=101))
