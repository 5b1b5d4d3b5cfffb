"""What cannot be right about a transaction: stored all the same, and shown to a person.

A doubt is derived from the facts, so it goes away when what was missing arrives.
"""

from collections.abc import Iterator

from voltgate.csms.transactions.model import Facts, energy_milli, is_open
from voltgate.csms.transactions.numbers import missing, spell

_MOST_MILLIWATTS = 1_000_000_000
_HOUR_MS = 3_600_000
_WH = 1_000
_SLACK_MS = 600_000
_SECRET_TYPES = frozenset({"KeyCode"})  # C04.FR.04
_MARKED = frozenset({"closed"})  # an operator's own doing: no alarm


def doubts(facts: Facts) -> dict[str, str]:
    """The doubts about a transaction: a stable word and one sentence each."""
    return dict([*_about_events(facts), *_about_meter(facts), *_about_people(facts)])


def alarming(before: Facts | None, after: Facts) -> dict[str, str]:
    """The doubts that are new in `after` and that a person should hear of."""
    found = doubts(after)
    known = doubts(before) if found and before is not None else {}
    return {kind: text for kind, text in found.items() if kind not in known and kind not in _MARKED}


def _about_events(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.started_ms is None:
        yield "start_missing", "the start was not reported"
    elif facts.ended_ms is not None and facts.ended_ms < facts.started_ms:
        yield "times", "it ended before it started"
    if len(facts.numbers) > 1:
        yield "events_missing", f"events missing {spell(missing(facts.numbers))}"
    if facts.number_reused:
        yield "number_reused", "two different events have the same sequence number"
    if facts.clock_wrong:
        yield "clock", "the clock of the station was wrong"
    if facts.superseded and is_open(facts):
        yield "superseded", "superseded: another transaction started on the EVSE and the end was not reported"


def _about_meter(facts: Facts) -> Iterator[tuple[str, str]]:
    begin, end = facts.begin, facts.end
    if begin is None or end is None:
        return
    if end.milli < begin.milli:
        yield "meter", f"the meter ended {_wh(begin.milli - end.milli)} below its start"
    elif (facts.lowest_milli or 0) <= begin.milli - _WH or (facts.highest_milli or 0) >= end.milli + _WH:  # less is rounding
        yield "meter", "the meter ran backwards"
    elif (energy_milli(facts) or 0) > _MOST_MILLIWATTS * (facts.last_ms - facts.first_ms + _SLACK_MS) // _HOUR_MS:
        yield "meter", f"{_wh(end.milli - begin.milli)} are more than can have flowed in the time"


def _about_people(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.token is not None:
        text, kind, status = facts.token.words
        if status not in (None, "Accepted"):
            yield "token", f"the token {'(a key code)' if kind in _SECRET_TYPES else text} is {status}"
    if facts.closed is not None and facts.ended is None:
        yield "closed", f"closed by {facts.closed.words[0]}; the station did not report the end"


def _wh(milli: int) -> str:
    return f"{milli / 1000:g} Wh"
