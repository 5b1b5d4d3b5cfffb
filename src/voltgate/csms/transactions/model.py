"""A transaction as it grows out of its events, whatever their order.

Rules
- Every event is kept, so nothing here refuses anything; what cannot be right becomes a doubt (`doubts`).
- `merge` is a join: adding the same events in any order gives the same `Facts`. The earliest, the latest or the best informed event wins
  each fact, never the one that happens to arrive last. Repetitions must be left out by the caller (`Decision.repeated`).
- An event's place is (Started < Updated < Ended, sequence number or time), so an Updated that comes after the Ended cannot reopen it.
- Energy is the difference of two registers. A reading that says it is the begin or the end of the transaction counts before one that only
  stands in the first or last event, and that before any other; among equals the earliest and the latest count. Of one moment the finer one
  counts: stations of 1.6 round the register in starts and stops.
"""

from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from voltgate.csms.meter_values import Summary, fit
from voltgate.csms.transactions.numbers import Ranges, add, contains

EventType = Literal["Started", "Updated", "Ended", "Closed"]
"""The three of the specification, and Closed: an operator gave up waiting for the end."""

Place = tuple[int, int, int, int]
"""Where an event stands among the events of its transaction; the third is its time."""

_RANKS = {"Started": 0, "Updated": 1, "Closed": 2, "Ended": 3}
_STOPPING = frozenset({"StopAuthorized", "Deauthorized", "RemoteStop"})
_AFTER_ALL = 9
_MINUTE_MS = 60_000
_EARLIEST_MS = 1_262_304_000_000  # 2010: no OCPP station is older
T = TypeVar("T")


class Reading(Struct, frozen=True, array_like=True):
    """A meter register; compared by how much it says about the begin or the end, then by time."""

    rank: int
    at_ms: int
    milli: int


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What matters of one transaction event, in plain values; stored as it is."""

    type: EventType
    trigger: str
    at_ms: int
    received_ms: int
    number: int | None = None
    """The sequence number, when the station numbers its events itself."""
    evse_id: int | None = None
    connector_id: int | None = None
    id_token: str | None = None
    id_token_type: str | None = None
    token_status: str | None = None
    charging_state: str | None = None
    stopped_reason: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False
    closed_by: str | None = None
    measured: Summary | None = None
    samples_from_ms: int | None = None
    samples_to_ms: int | None = None

    @property
    def place(self) -> Place:
        """Its place among the events of the transaction."""
        if self.number is not None:
            return _RANKS[self.type], self.number, self.at_ms, 0
        # Without numbers many events have the same second: then the order in which they came decides.
        return _RANKS[self.type], self.at_ms, self.at_ms, self.received_ms


class Said(Struct, frozen=True, array_like=True):
    """A fact that one event said: the event's place, and the words."""

    place: Place
    words: tuple[str | int | None, ...]


class Facts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known about a transaction; what the columns show is derived from it (`store.columns_of`)."""

    first_ms: int
    last_ms: int
    started_ms: int | None = None
    ended_ms: int | None = None
    ended: Said | None = None
    """Words: stopped reason."""
    closed: Said | None = None
    """Words: operator."""
    evse: Said | None = None
    """Words: EVSE, connector or None."""
    token: Said | None = None
    """Words: text, type, status when it was judged."""
    state: Said | None = None
    """Words: charging state."""
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False
    superseded: bool = False
    """A later transaction started on its EVSE."""
    clock_wrong: bool = False
    numbers: Ranges = ()
    number_reused: bool = False
    begin: Reading | None = None
    end: Reading | None = None
    lowest_milli: int | None = None
    highest_milli: int | None = None
    updated_milli: int | None = None
    """Sum of periodic intervals in Updated events."""
    ended_milli: int | None = None
    """Sum of periodic intervals in the Ended event, which may repeat them."""
    clock_milli: int | None = None
    """Sum of clock-aligned intervals."""
    power: Reading | None = None
    samples_from_ms: int | None = None
    samples_to_ms: int | None = None


class Decision(Struct, frozen=True):
    """What one event does to a transaction."""

    facts: Facts
    repeated: bool = False
    """It was here before: nothing changes and nothing is written."""
    started: bool = False
    """It brought the start."""
    ended: bool = False
    """It brought the end."""
    corrected: bool = False
    """The transaction had ended; its facts are others now."""
    placed: bool = False
    """It brought the EVSE."""


def apply(event: Event, known: Facts | None, repeated: bool = False) -> Decision:
    """What `event` does to a transaction of which `known` is known; `repeated` when the same event was stored before."""
    if repeated and known is not None:
        return Decision(known, repeated=True)
    facts = merge(known, event)
    return Decision(
        facts,
        started=event.type == "Started" and (known is None or known.started_ms is None),
        ended=event.type in ("Ended", "Closed") and (known is None or known.ended_ms is None),
        corrected=known is not None and known.ended_ms is not None and facts != known,
        placed=facts.evse is not None and (known is None or known.evse is None),
    )


def merge(known: Facts | None, event: Event) -> Facts:
    """`known` and what `event` adds to it."""
    facts = known or Facts(first_ms=event.at_ms, last_ms=event.at_ms)
    facts = _merge_life(facts, event)
    facts = _merge_words(facts, event)
    if event.number is not None:
        reused = facts.number_reused or contains(facts.numbers, event.number)
        facts = replace(facts, numbers=add(facts.numbers, event.number), number_reused=reused)
    return _merge_measured(facts, event, event.measured) if event.measured is not None else facts


def starts_with_token(event_type: str, trigger: str) -> bool:
    """Whether a token in such an event is to start charging, and not to stop it (E07.FR.02)."""
    return event_type != "Ended" and trigger not in _STOPPING


def is_open(facts: Facts) -> bool:
    """Whether energy may still flow."""
    return facts.ended_ms is None


def energy_milli(facts: Facts) -> int | None:
    """The energy in mWh, never negative; None while no meter value came."""
    if facts.begin is not None and facts.end is not None and (facts.begin.at_ms, facts.begin.milli) != (facts.end.at_ms, facts.end.milli):
        return max(0, fit(facts.end.milli - facts.begin.milli))
    periodic = _larger(facts.updated_milli, facts.ended_milli)
    intervals = facts.clock_milli if periodic is None else periodic
    if intervals is not None:
        return max(0, intervals)
    return None if facts.begin is None else 0


def power_milli(facts: Facts) -> int | None:
    """The last power in mW; 0 once the transaction ended or is known not to charge since."""
    if not is_open(facts):
        return 0
    power, state = facts.power, facts.state
    if state is not None and state.words[0] != "Charging" and (power is None or power.at_ms <= state.place[2]):
        return 0
    return None if power is None else power.milli


def _merge_life(facts: Facts, event: Event) -> Facts:
    """Times, begin and end."""
    started, ended_ms, ended, closed = facts.started_ms, facts.ended_ms, facts.ended, facts.closed
    if event.type == "Started":
        started = _earlier(started, event.at_ms)
    elif event.type == "Ended":
        # E06.FR.09: a reason that is left out is Local. A stop that is repeated with a new time ended when it was first said.
        ended = _least(ended, Said(event.place, (event.stopped_reason or "Local",)))
        ended_ms = ended.place[2]
    elif event.type == "Closed":
        closed = _least(closed, Said(event.place, (event.closed_by,)))
        ended_ms = closed.place[2] if ended is None else ended_ms
    return replace(
        facts,
        first_ms=min(facts.first_ms, event.at_ms),
        last_ms=max(facts.last_ms, event.at_ms),
        started_ms=started,
        ended_ms=ended_ms,
        ended=ended,
        closed=closed,
        clock_wrong=facts.clock_wrong or not _EARLIEST_MS <= event.at_ms <= event.received_ms + 5 * _MINUTE_MS,
    )


def _merge_words(facts: Facts, event: Event) -> Facts:
    """What the event says besides times and meter values."""
    place, changes = event.place, dict[str, object]()
    if event.evse_id:
        changes["evse"] = _most(facts.evse, Said(place, (event.evse_id, event.connector_id)))
    if event.id_token is not None:
        # The token that stops may be another of the group (E07.FR.02): it counts only if no other was said.
        when = place if starts_with_token(event.type, event.trigger) else (_AFTER_ALL, *place[1:])
        said = Said(when, (event.id_token, event.id_token_type, event.token_status))
        changes["token"] = _least(facts.token, said)
    if event.charging_state is not None:
        changes["state"] = _most(facts.state, Said(place, (event.charging_state,)))
    if event.remote_start_id is not None:
        changes["remote_start_id"] = _earlier(facts.remote_start_id, event.remote_start_id)
    if event.reservation_id is not None:
        changes["reservation_id"] = _earlier(facts.reservation_id, event.reservation_id)
    if event.offline:
        changes["offline"] = True
    return replace(facts, **changes) if changes else facts


def _merge_measured(facts: Facts, event: Event, measured: Summary) -> Facts:
    """Registers, intervals and power."""
    begin, end, low, high = facts.begin, facts.end, facts.lowest_milli, facts.highest_milli
    for register in measured.registers:
        begin_rank = 0 if register.context == "Transaction.Begin" else 1 if event.type == "Started" else 2
        end_rank = 2 if register.context == "Transaction.End" else 1 if event.type == "Ended" else 0
        begin = _begin(begin, Reading(begin_rank, register.at_ms, register.milli))
        end = _end(end, Reading(end_rank, register.at_ms, register.milli))
        low, high = _earlier(low, register.milli), _larger(high, register.milli)
    power = facts.power
    if measured.power_milli is not None and measured.power_ms is not None:
        power = _most(power, Reading(0, measured.power_ms, measured.power_milli))
    return replace(
        _merge_intervals(facts, event, measured),
        begin=begin,
        end=end,
        lowest_milli=low,
        highest_milli=high,
        power=power,
        samples_from_ms=_earlier(facts.samples_from_ms, event.samples_from_ms),
        samples_to_ms=_larger(facts.samples_to_ms, event.samples_to_ms),
    )


def _merge_intervals(facts: Facts, event: Event, measured: Summary) -> Facts:
    if not measured.intervals:
        return facts
    clock = [interval.milli for interval in measured.intervals if interval.clock_aligned]
    periodic = [interval.milli for interval in measured.intervals if not interval.clock_aligned]
    sums = {"clock_milli": clock, "ended_milli" if event.type == "Ended" else "updated_milli": periodic}
    return replace(facts, **{name: fit((getattr(facts, name) or 0) + sum(values)) for name, values in sums.items() if values})


def _earlier(known: int | None, value: int | None) -> int | None:
    return value if known is None else known if value is None else min(known, value)


def _larger(known: int | None, value: int | None) -> int | None:
    return value if known is None else known if value is None else max(known, value)


def _begin(known: Reading | None, said: Reading) -> Reading:
    return said if known is None else min(known, said, key=lambda one: (one.rank, one.at_ms, _is_whole(one), one.milli))


def _end(known: Reading | None, said: Reading) -> Reading:
    return said if known is None else max(known, said, key=lambda one: (one.rank, one.at_ms, not _is_whole(one), one.milli))


def _is_whole(reading: Reading) -> bool:
    """Whether a register may have been rounded to Wh (1.6 meterStart, meterStop): the same moment told more finely counts before it."""
    return reading.milli % 1000 == 0


def _least(known: T | None, said: T) -> T:
    return said if known is None or _order(said) < _order(known) else known


def _most(known: T | None, said: T) -> T:
    return said if known is None or _order(said) > _order(known) else known


def _order(said: object) -> tuple[object, ...]:
    """Reading and Said in a total order; None sorts before words."""
    if isinstance(said, Said):
        return said.place, tuple((word is not None, word or 0) if not isinstance(word, str) else (True, word) for word in said.words)
    assert isinstance(said, Reading)
    return said.rank, said.at_ms, said.milli
