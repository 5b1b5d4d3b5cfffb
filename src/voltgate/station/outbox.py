"""What the station still has to say, in order: transaction events that must not be lost, and the rest.

Rules
- A transaction event is stored before it is sent and removed after its answer (E04.FR.01, E12.FR.01); its place survives a restart.
- When the central system fails to process one, it is sent again after ``interval * earlier attempts`` seconds, at most
  ``attempts`` times, then given up, and the next one has its turn (E13.FR.02..04). A lost connection is no failed attempt.
- Messages leave in the order in which they were said; a backlog from an offline time does not hold up what is said now.
- Other messages live in memory, for as long as the connection does; they do not wait for a stuck transaction event.
- Before the station is accepted only what was asked for goes out (B02.FR.02).
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from voltgate.ocpp import v21
from voltgate.ocpp.messages import Answer, Call

MAX_NOTES = 500
"""Most messages in memory; the oldest give way."""

OnAnswer = Callable[[Answer | None], None]
"""Hears the answer, or None when there is none."""

_event_decoder = msgspec.json.Decoder(v21.TransactionEventRequest)


class StoredEvent(Struct, eq=False):
    """A transaction event in the queue; `place` orders it and is never used twice."""

    place: int
    request: v21.TransactionEventRequest
    attempts: int = 0
    not_before_ms: int = 0


class Note(Struct, eq=False):
    """A message that is not kept. `solicited`: the central system asked for it, so it may go before acceptance."""

    request: Call[Any]
    on_answer: OnAnswer | None = None
    solicited: bool = False
    place: int = 0
    """Its place among the transaction events."""


Item = StoredEvent | Note


class Change(Struct):
    """Something the store must do: insert or update (payload), or delete (no payload)."""

    place: int
    transaction_id: str = ""
    payload: bytes | None = None
    attempts: int = 0


class Outbox:
    """The queue of one station."""

    def __init__(self) -> None:
        self.urgent: deque[Note] = deque()
        self.notes: deque[Note] = deque(maxlen=MAX_NOTES)
        self.events: deque[StoredEvent] = deque()
        self.changes: list[Change] = []
        """For the store; whoever commits them takes them away."""
        self.dropped = 0
        """Events given up after their last attempt."""
        self._next_place = 1

    def restore(self, rows: list[tuple[int, bytes, int]]) -> None:
        """Take back stored events: (place, payload, attempts) in order. They now count as sent offline (E11.FR.07)."""
        for place, payload, attempts in rows:
            request = msgspec.structs.replace(_event_decoder.decode(payload), offline=True)
            self.events.append(StoredEvent(place, request, attempts))
        self._next_place = max((event.place for event in self.events), default=0) + 1

    # ---- in

    def store(self, request: v21.TransactionEventRequest) -> None:
        """Add a transaction event."""
        event = StoredEvent(self._next_place, request)
        self._next_place += 1
        self.events.append(event)
        self._note_change(event)

    def tell(self, request: Call[Any], on_answer: OnAnswer | None = None, *, solicited: bool = False, urgent: bool = False) -> None:
        """Add any other message; `urgent` ones overtake the rest (a driver waits for the answer)."""
        (self.urgent if urgent else self.notes).append(Note(request, on_answer, solicited, self._next_place))

    @property
    def has_something(self) -> bool:
        """Whether anything waits."""
        return bool(self.urgent or self.notes or self.events)

    # ---- out

    def next(self, now_ms: int, *, accepted: bool) -> Item | None:
        """What to send now; it stays until `answered`, `refused` or `gone` names it."""
        note = next((note for queue in (self.urgent, self.notes) for note in queue if accepted or note.solicited), None)
        if not accepted or not self.events or self.events[0].not_before_ms > now_ms:
            return note
        event = self.events[0]
        if note is None or (event.place < note.place and not event.request.offline and note in self.notes):
            return event
        return note

    def answered(self, item: Item, answer: Answer | None) -> None:
        """`item` is done."""
        if isinstance(item, StoredEvent):
            self._remove(item)
            return
        self._forget(item)
        if item.on_answer is not None:
            item.on_answer(answer)

    def refused(self, item: Item, now_ms: int, *, attempts: int, interval_seconds: int) -> bool:
        """The central system did not process `item`; returns whether it will be sent again (E13.FR.02..04)."""
        if isinstance(item, Note):
            self.answered(item, None)
            return False
        item.attempts += 1
        if item.attempts >= attempts:
            self.dropped += 1
            self.answered(item, None)
            return False
        item.not_before_ms = now_ms + interval_seconds * 1_000 * item.attempts
        self._note_change(item)
        return True

    def gone(self) -> None:
        """The connection is lost: messages in memory end without an answer, events become offline ones (E11.FR.07)."""
        for queue in (self.urgent, self.notes):
            lost = list(queue)
            queue.clear()
            for note in lost:
                if note.on_answer is not None:
                    note.on_answer(None)
        for event in self.events:
            if not event.request.offline:
                event.request = msgspec.structs.replace(event.request, offline=True)
                self._note_change(event)

    def waiting_for(self, transaction_id: str | None) -> bool:
        """Whether events of a transaction (None: of any) are still to be delivered (E14.FR.04, E14.FR.07)."""
        return any(transaction_id in (None, event.request.transactionInfo.transactionId) for event in self.events)

    def keep_again(self, places: Iterable[int]) -> None:
        """What happened at these places could not be kept: it is to be kept as it is now."""
        waiting = {event.place: event for event in self.events}
        for place in places:
            if place in waiting:
                self._note_change(waiting[place])
            else:
                self.changes.append(Change(place))

    # ---- inside

    def _remove(self, event: StoredEvent) -> None:
        if event in self.events:
            self.events.remove(event)
            self.changes.append(Change(event.place))

    def _forget(self, note: Note) -> None:
        for queue in (self.urgent, self.notes):
            if note in queue:
                queue.remove(note)
                return

    def _note_change(self, event: StoredEvent) -> None:
        payload = msgspec.json.encode(event.request)
        self.changes.append(Change(event.place, event.request.transactionInfo.transactionId, payload, event.attempts))
