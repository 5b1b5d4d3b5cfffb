"""Running dialogues: over something asynchronous, and against a script."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialogue import Dialogue, Talk, converse, play
from voltgate.ocpp.errors import CallRefused, CallTimedOut, PeerCannot
from voltgate.ocpp.messages import Answer, Request

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEAT = v21.HeartbeatRequest()
PULSE = v21.HeartbeatResponse(currentTime=NOW)
CLEAR = v21.ClearCacheRequest()
CLEARED = v21.ClearCacheResponse(status="Accepted")


def two_calls() -> Dialogue:
    """Two calls, then an answer made of the first one's."""
    first = yield BEAT
    yield CLEAR
    return v16.HeartbeatResponse(currentTime=first.currentTime)


def forgiving() -> Dialogue:
    """Turns a refusal into an answer."""
    try:
        yield CLEAR
    except CallRefused:
        return v16.ClearCacheResponse(status="Rejected")
    return v16.ClearCacheResponse(status="Accepted")


def silent() -> Generator[Any, Any, None]:
    """Says one thing and has no answer of its own."""
    yield BEAT


def dumb() -> Dialogue:
    """Cannot say anything."""
    raise PeerCannot("Heartbeat", "no")
    yield BEAT


async def room(request: Request) -> Answer | None:
    return {"Heartbeat": PULSE, "ClearCache": CLEARED}[request.action]


async def broken_room(request: Request) -> Answer | None:
    raise CallTimedOut("too late") if request.action == "Heartbeat" else CallRefused("InternalError")


async def test_converse_passes_answers_in_and_the_result_out() -> None:
    assert await converse(two_calls(), room) == v16.HeartbeatResponse(currentTime=NOW)


async def test_a_dialogue_without_answer_ends_with_none() -> None:
    assert await converse(silent(), room) is None


async def test_a_failure_can_be_handled_by_the_dialogue() -> None:
    assert await converse(forgiving(), broken_room) == v16.ClearCacheResponse(status="Rejected")


async def test_a_failure_that_is_not_handled_comes_out() -> None:
    with pytest.raises(CallTimedOut):
        await converse(two_calls(), broken_room)


async def test_what_cannot_be_said_comes_out_before_anything_is_said() -> None:
    said: list[Request] = []

    async def listen(request: Request) -> Answer | None:
        said.append(request)
        return None

    with pytest.raises(PeerCannot):
        await converse(dumb(), listen)
    assert said == []


def test_play_follows_the_script() -> None:
    assert play(two_calls(), [(BEAT, PULSE), (CLEAR, CLEARED)]) == v16.HeartbeatResponse(currentTime=NOW)
    assert play(forgiving(), [(CLEAR, CallRefused("GenericError"))]) == v16.ClearCacheResponse(status="Rejected")


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ([(CLEAR, CLEARED)], "instead of"),
        ([(BEAT, PULSE)], "said more"),
        ([(BEAT, PULSE), (CLEAR, CLEARED), (BEAT, PULSE)], "ended before"),
    ],
)
def test_play_complains_about_anything_else(script: list[tuple[Request, Answer | Exception | None]], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        play(two_calls(), script)


def test_a_talk_starts_with_nothing_to_say_later() -> None:
    assert Talk(None, NOW, lambda: 1).later == []
