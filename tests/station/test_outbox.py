from datetime import UTC, datetime

from voltgate.ocpp import v21
from voltgate.station.outbox import MAX_NOTES, Note, Outbox, StoredEvent


def event(seq_no: int, transaction_id: str = "T") -> v21.TransactionEventRequest:
    return v21.TransactionEventRequest(
        eventType="Updated",
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        triggerReason="MeterValuePeriodic",
        seqNo=seq_no,
        transactionInfo=v21.TransactionType(transactionId=transaction_id),
    )


def heartbeat() -> v21.HeartbeatRequest:
    return v21.HeartbeatRequest()


def order(outbox: Outbox) -> list[str]:
    said = []
    while (item := outbox.next(0, accepted=True)) is not None:
        said.append(f"event {item.request.seqNo}" if isinstance(item, StoredEvent) else item.request.action)
        outbox.answered(item, None)
    return said


def test_messages_leave_in_the_order_they_were_said() -> None:
    outbox = Outbox()
    outbox.tell(heartbeat())
    outbox.store(event(0))
    outbox.tell(heartbeat())
    outbox.store(event(1))
    outbox.tell(v21.AuthorizeRequest(idToken=v21.IdTokenType(idToken="A", type="Local")), urgent=True)
    assert order(outbox) == ["Authorize", "Heartbeat", "event 0", "Heartbeat", "event 1"]


def test_a_backlog_does_not_hold_up_what_is_said_now() -> None:
    outbox = Outbox()
    outbox.store(event(0))
    outbox.store(event(1))
    outbox.gone()
    outbox.tell(heartbeat())
    assert order(outbox) == ["Heartbeat", "event 0", "event 1"]


def test_an_event_is_kept_until_its_answer() -> None:
    outbox = Outbox()
    outbox.store(event(0))
    (stored,) = outbox.changes
    assert stored.payload is not None
    item = outbox.next(0, accepted=True)
    assert item is outbox.next(0, accepted=True)
    assert item is not None
    outbox.changes.clear()
    outbox.answered(item, v21.TransactionEventResponse())
    assert [(change.place, change.payload) for change in outbox.changes] == [(stored.place, None)]
    assert outbox.next(0, accepted=True) is None


def test_events_come_back_in_their_order_and_as_offline() -> None:
    outbox = Outbox()
    for seq_no in range(3):
        outbox.store(event(seq_no))
    rows = [(change.place, change.payload, change.attempts) for change in outbox.changes if change.payload is not None]
    again = Outbox()
    again.restore(rows)
    again.store(event(3))
    assert [item.request.seqNo for item in again.events] == [0, 1, 2, 3]
    assert [item.request.offline for item in again.events] == [True, True, True, None]
    assert len({item.place for item in again.events}) == 4


def test_before_acceptance_only_what_was_asked_for_leaves() -> None:
    outbox = Outbox()
    outbox.store(event(0))
    outbox.tell(heartbeat())
    assert outbox.next(0, accepted=False) is None
    outbox.tell(heartbeat(), solicited=True)
    item = outbox.next(0, accepted=False)
    assert isinstance(item, Note)
    assert item.solicited


def test_a_lost_connection_ends_messages_but_no_events() -> None:
    outbox = Outbox()
    answers: list[object] = []
    outbox.tell(heartbeat(), answers.append)
    outbox.store(event(0))
    outbox.gone()
    assert answers == [None]
    assert order(outbox) == ["event 0"]


def test_a_refused_message_is_over_and_a_refused_event_waits() -> None:
    outbox = Outbox()
    outbox.tell(heartbeat())
    outbox.store(event(0))
    note = outbox.next(0, accepted=True)
    assert note is not None
    assert not outbox.refused(note, 0, attempts=3, interval_seconds=10)
    item = outbox.next(0, accepted=True)
    assert item is not None
    assert outbox.refused(item, 0, attempts=3, interval_seconds=10)
    assert outbox.next(9_999, accepted=True) is None
    assert outbox.next(10_000, accepted=True) is item


def test_memory_is_bounded() -> None:
    outbox = Outbox()
    for _ in range(MAX_NOTES + 10):
        outbox.tell(heartbeat())
    assert len(outbox.notes) == MAX_NOTES


def test_what_waits_is_known_by_transaction() -> None:
    outbox = Outbox()
    outbox.store(event(0, "ONE"))
    assert outbox.waiting_for("ONE")
    assert outbox.waiting_for(None)
    assert not outbox.waiting_for("TWO")
