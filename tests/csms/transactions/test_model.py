"""How a transaction grows out of its events, whatever their order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.csms.builders import NOON_MS
from voltgate.csms.meter_values import Interval, Register, Summary
from voltgate.csms.transactions.doubts import alarming, doubts
from voltgate.csms.transactions.model import Event, Facts, apply, energy_milli, is_open, merge, power_milli

MINUTE = 60_000


def event(
    kind: str, minute: float, number: int | None = None, wh: float | None = None, context: str = "Sample.Periodic", **fields: Any
) -> Event:
    at_ms = NOON_MS + int(minute * MINUTE)
    if wh is not None:
        fields["measured"] = Summary(at_ms=at_ms, registers=(Register(at_ms, int(wh * 1000), context),))
    return Event(type=kind, trigger=fields.pop("trigger", "Trigger"), at_ms=at_ms, received_ms=NOON_MS + 10**8, number=number, **fields)


def grown(*events: Event) -> Facts:
    facts = None
    for each in events:
        facts = merge(facts, each)
    assert facts is not None
    return facts


START, MIDDLE, END = event("Started", 0, 0, 1000), event("Updated", 5, 1, 1500), event("Ended", 10, 2, 2000)


def test_a_whole_transaction() -> None:
    facts = grown(START, MIDDLE, END)
    assert (facts.started_ms, facts.ended_ms, energy_milli(facts), is_open(facts)) == (NOON_MS, NOON_MS + 10 * MINUTE, 1_000_000, False)
    assert doubts(facts) == {}


@pytest.mark.requirement("E06.FR.09")
def test_a_reason_that_is_left_out_is_local() -> None:
    ended, told = grown(START, END).ended, grown(START, event("Ended", 10, 2, stopped_reason="Remote")).ended
    assert ended is not None
    assert told is not None
    assert (ended.words, told.words) == (("Local",), ("Remote",))


@pytest.mark.parametrize(
    ("events", "kinds"),
    [
        ([MIDDLE], {"start_missing"}),
        ([END], {"start_missing"}),
        ([END, START], {"events_missing"}),
        ([END, START, MIDDLE], set()),
        ([START, event("Updated", 5, 1), event("Updated", 6, 1)], {"number_reused"}),
        ([START, event("Ended", -5, 1, 1500)], {"times"}),
        ([START, event("Ended", 10, 1, 900)], {"meter"}),
        ([START, event("Updated", 5, 1, 1500), event("Updated", 6, 2, 1400)], {"meter"}),
        ([START, event("Updated", 5, 1, 10**9)], {"meter"}),
        ([START, event("Updated", 10**5, 1)], {"clock"}),
        ([event("Started", -NOON_MS / MINUTE, 0)], {"clock"}),
        ([event("Started", 0, 0, id_token="X", token_status="Invalid")], {"token"}),
        ([event("Started", 0, 0, id_token="X", token_status="Accepted")], set()),
        ([START, event("Closed", 60, closed_by="ann")], {"closed"}),
        ([START, event("Closed", 60, closed_by="ann"), event("Ended", 61, 1, 1100)], set()),
    ],
)
def test_what_cannot_be_right_becomes_a_doubt(events: list[Event], kinds: set[str]) -> None:
    assert set(doubts(grown(*events))) == kinds


def test_doubts_are_sentences() -> None:
    facts = grown(
        START, event("Updated", 5, 3), event("Ended", 10, 9, 999, id_token="CARD", id_token_type="ISO14443", token_status="Blocked")
    )
    assert list(doubts(facts).values()) == [
        "events missing 1-2, 4-8",
        "the meter ended 1 Wh below its start",
        "the token CARD is Blocked",
    ]


@pytest.mark.requirement("C04.FR.04")
def test_a_key_code_is_never_shown() -> None:
    facts = grown(event("Started", 0, 0, id_token="1234", id_token_type="KeyCode", token_status="Invalid"))
    assert "1234" not in doubts(facts)["token"]


def test_an_alarm_is_raised_once_per_kind_and_never_for_an_operators_own_deed() -> None:
    gap, wider = grown(START, event("Updated", 5, 3)), grown(START, event("Updated", 5, 3), event("Updated", 6, 9))
    assert set(alarming(None, gap)) == {"events_missing"}
    assert alarming(gap, wider) == {}
    assert alarming(None, grown(START, event("Closed", 60, closed_by="ann"))) == {}


@pytest.mark.parametrize(
    ("events", "milli"),
    [
        ([event("Started", 0, 0)], None),
        ([START], 0),
        ([START, MIDDLE], 500_000),
        ([START, event("Ended", 10, 1, 999)], 0),  # meterStop = meterStart - 1 Wh
        ([START, event("Ended", 10, 1, 1000.001)], 1),
        ([START, END, event("Updated", 11, 3, 9000)], 1_000_000),  # values after the stop
        ([START, event("Ended", 10, 2), event("Updated", 5, 1, 1500)], 500_000),  # the last register came late
        ([event("Updated", 5, 1, 1500), event("Ended", 10, 2, 2000)], 500_000),
        ([event("Started", 0, 0, 1000), event("Updated", 1, 1, 1010, "Transaction.Begin"), END], 990_000),
    ],
)
def test_energy_is_the_difference_of_two_registers(events: list[Event], milli: int | None) -> None:
    assert energy_milli(grown(*events)) == milli


def test_a_register_rounded_to_whole_wh_gives_way_to_the_exact_one() -> None:
    started, exact = event("Started", 0, wh=1000, context="Transaction.Begin"), event("Updated", 0, wh=1000.4, context="Transaction.Begin")
    stopped, last = event("Ended", 9, wh=2001, context="Transaction.End"), event("Updated", 9, wh=2000.6, context="Transaction.End")
    for story in ([started, exact, last, stopped], [stopped, last, exact, started]):
        facts = grown(*story)
        assert energy_milli(facts) == 1_000_200
        assert doubts(facts) == {}


def test_all_of_a_session_in_its_last_message_counts() -> None:
    registers = tuple(Register(NOON_MS + minute * MINUTE, 1_000_000 + minute * 1000, "Sample.Periodic") for minute in range(10))
    facts = grown(event("Started", 0, 0), event("Ended", 10, 1, measured=Summary(at_ms=NOON_MS, registers=registers)))
    assert energy_milli(facts) == 9_000


@pytest.mark.parametrize(
    ("updates", "last", "milli"),
    [
        ([(100, False), (200, False)], [], 300),
        ([(100, False), (200, False)], [(100, False), (200, False)], 300),  # the end repeats what was said
        ([], [(100, False), (200, False)], 300),
        ([(100, True), (200, True)], [], 300),
        ([(100, False), (90, True)], [], 100),
        ([(-100, False)], [], 0),
    ],
)
def test_intervals_count_where_there_are_no_registers(updates: list[tuple[int, bool]], last: list[tuple[int, bool]], milli: int) -> None:
    said = [event("Updated", n, n, measured=Summary(at_ms=1, intervals=(Interval(*value),))) for n, value in enumerate(updates, 1)]
    end = event("Ended", 10, 10, measured=Summary(at_ms=1, intervals=tuple(Interval(*value) for value in last)))
    assert energy_milli(grown(event("Started", 0, 0), *said, end)) == milli


def test_power_is_zero_when_nothing_flows() -> None:
    flowing = event(
        "Updated", 5, 1, measured=Summary(at_ms=NOON_MS, power_milli=7_000_000, power_ms=NOON_MS + 5 * MINUTE), charging_state="Charging"
    )
    assert power_milli(grown(START)) is None
    assert power_milli(grown(START, flowing)) == 7_000_000
    assert power_milli(grown(START, flowing, event("Updated", 6, 2, charging_state="SuspendedEV"))) == 0
    assert power_milli(grown(START, flowing, END)) == 0


@pytest.mark.requirement("E07.FR.02")
def test_the_token_that_stops_is_not_the_token_of_the_transaction() -> None:
    stop = event("Updated", 9, 2, id_token="WIFE", id_token_type="ISO14443", token_status="Accepted", trigger="StopAuthorized")
    start = event("Updated", 1, 1, id_token="HUSBAND", id_token_type="ISO14443", token_status="Accepted", trigger="Authorized")
    for order in ([stop, start], [start, stop]):
        token = grown(START, *order).token
        assert token is not None
        assert token.words[0] == "HUSBAND"
    lone = grown(START, stop).token
    assert lone is not None
    assert lone.words[0] == "WIFE"


@pytest.mark.requirement("E01.FR.16")
def test_the_evse_is_said_once_and_stays() -> None:
    facts = grown(START, event("Updated", 1, 1, evse_id=2, connector_id=1), event("Updated", 2, 2))
    assert facts.evse is not None
    assert facts.evse.words == (2, 1)


def test_a_late_update_does_not_reopen() -> None:
    facts = grown(START, END)
    late = apply(event("Updated", 20, 3, 5000, charging_state="Charging"), facts)
    assert not is_open(late.facts)
    assert (late.facts.ended_ms, energy_milli(late.facts)) == (facts.ended_ms, energy_milli(facts))
    assert (late.started, late.ended, late.corrected) == (False, False, True)


def test_a_repetition_changes_nothing() -> None:
    facts = grown(START, MIDDLE)
    assert apply(MIDDLE, facts, repeated=True).facts is facts


def test_a_late_end_corrects_what_an_operator_closed() -> None:
    closed = grown(START, event("Closed", 60, closed_by="ann"))
    decision = apply(END, closed)
    assert (decision.ended, decision.corrected) == (False, True)
    assert (decision.facts.ended_ms, energy_milli(decision.facts)) == (NOON_MS + 10 * MINUTE, 1_000_000)


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    """The events of a session, as a station with wild clocks and meters may say them."""
    numbered, count = draw(st.booleans()), draw(st.integers(0, 6))
    kinds = ["Started", *["Updated"] * count, *draw(st.sampled_from([["Ended"], [], ["Closed"], ["Ended", "Ended"]]))]
    return [draw(_events(kind, number if numbered else None)) for number, kind in enumerate(kinds)]


@st.composite
def _events(draw: st.DrawFn, kind: str, number: int | None) -> Event:
    words = st.sampled_from([None, "A", "B"])
    registers = draw(
        st.lists(
            st.builds(Register, _moments, st.integers(0, 9), st.sampled_from(["Transaction.Begin", "Other", "Transaction.End"])), max_size=2
        )
    )
    power = draw(st.none() | st.integers(0, 9))
    intervals = draw(st.lists(st.builds(Interval, st.integers(0, 9), st.booleans()), max_size=2))
    measured = Summary(at_ms=0, registers=tuple(registers), power_milli=power, power_ms=draw(_moments), intervals=tuple(intervals))
    return Event(
        type=kind,  # type: ignore[arg-type]  # one of the four words
        trigger=draw(st.sampled_from(["Authorized", "StopAuthorized"])),
        at_ms=draw(_moments),
        received_ms=NOON_MS,
        number=number,
        evse_id=draw(st.sampled_from([None, 0, 1, 2])),
        connector_id=draw(st.sampled_from([None, 1])),
        id_token=draw(words),
        token_status=draw(words),
        charging_state=draw(words),
        stopped_reason=draw(words),
        remote_start_id=draw(st.none() | st.integers(1, 3)),
        offline=draw(st.booleans()),
        measured=draw(st.sampled_from([None, measured])),
    )


_moments = st.integers(NOON_MS, NOON_MS + 5)


@settings(max_examples=300)
@given(sessions().flatmap(lambda events: st.tuples(st.just(events), st.permutations(events), st.lists(st.integers(0, 9)))))
def test_any_order_and_any_repetition_lead_to_the_same_transaction(story: tuple[list[Event], list[Event], list[int]]) -> None:
    events, shuffled, repeats = story
    facts: Facts | None = None
    heard: list[int] = []
    for place, each in enumerate(shuffled):
        facts = apply(each, facts).facts
        heard.append(place)
        for again in repeats:
            if again in heard:
                facts = apply(shuffled[again], facts, repeated=True).facts
    assert facts == grown(*events)
    assert (energy_milli(facts) or 0) >= 0
