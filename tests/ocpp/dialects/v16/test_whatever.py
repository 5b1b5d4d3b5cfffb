"""Whatever valid messages come, in whatever order: only valid messages come out, and only the documented refusals."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ocpp.dialects.v16.talking import DIALECT, run, talk
from tests.ocpp.strategies import messages_of
from voltgate.ocpp.actions import ACTIONS, encode
from voltgate.ocpp.dialects.v16 import HEAR_CSMS, HEAR_STATION, SAY_CSMS, SAY_STATION
from voltgate.ocpp.dialects.v16.memory import dump, load
from voltgate.ocpp.dialogue import Dialogue
from voltgate.ocpp.errors import PeerCannot

MANY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def any_of(table: Any) -> st.SearchStrategy[Any]:
    """Any message that a table takes."""
    return st.sampled_from(sorted(table, key=lambda kind: kind.__name__)).flatmap(messages_of)


def finish(dialogue: Dialogue, data: st.DataObject) -> tuple[list[Any], Any]:
    """Run a dialogue with random valid answers; everything it says must be valid."""
    said: list[Any] = []
    try:
        said.append(next(dialogue))
        while True:
            encode(said[-1])
            answer = ACTIONS["2.1" if type(said[-1]).__module__.startswith("voltgate.ocpp.v21") else "1.6"][said[-1].action].response
            assert answer is not None
            said.append(dialogue.send(data.draw(messages_of(answer))))
    except StopIteration as end:
        return said, end.value


@MANY
@given(data=st.data())
def test_the_csms_hears_every_station(data: st.DataObject) -> None:
    here = talk()
    for message in data.draw(st.lists(any_of(HEAR_STATION), max_size=3)):
        _, answer = finish(DIALECT.hear_station(message, here), data)
        encode(answer)
        here.memory = load(dump(here.memory))


@MANY
@given(data=st.data())
def test_the_station_hears_every_csms(data: st.DataObject) -> None:
    here = talk()
    for message in data.draw(st.lists(any_of(HEAR_CSMS), max_size=3)):
        dialogue = DIALECT.hear_csms(message, here)
        said = next(dialogue, None)
        if said is not None:
            encode(said)
        here.memory = load(dump(here.memory))


@MANY
@given(data=st.data())
def test_the_csms_says_it_or_says_why_not(data: st.DataObject) -> None:
    here = talk()
    for message in data.draw(st.lists(any_of(SAY_STATION), max_size=3)):
        say(DIALECT.say_station(message, here), data)
        for part in here.later:
            encode(part)
        here.memory = load(dump(here.memory))


@MANY
@given(data=st.data())
def test_the_station_says_it_or_says_why_not(data: st.DataObject) -> None:
    here = talk()
    for message in data.draw(st.lists(any_of(SAY_CSMS), max_size=3)):
        say(DIALECT.say_csms(message, here), data)
        here.memory = load(dump(here.memory))


def say(dialogue: Dialogue, data: st.DataObject) -> None:
    """A refusal comes before anything is said; otherwise all that is said and answered is valid."""
    said: list[Any] = []
    try:
        said, answer = finish(dialogue, data)
    except PeerCannot:
        assert said == []
        return
    encode(answer)


@MANY
@given(data=st.data())
def test_a_transaction_of_16_always_has_one_id(data: st.DataObject) -> None:
    """Starts are told apart by all they say; the same start always is the same transaction."""
    here = talk()
    starts = [kind for kind in HEAR_STATION if kind.__name__ == "StartTransactionRequest"]
    messages = data.draw(st.lists(messages_of(starts[0]), min_size=1, max_size=5, unique_by=msgspec.json.encode))
    numbers = [run(DIALECT.hear_station(message, here))[1].transactionId for message in [*messages, *messages]]
    assert numbers[: len(messages)] == numbers[len(messages) :]
    assert len(set(numbers)) == len(messages)
