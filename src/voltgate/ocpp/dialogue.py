"""Dialogues: translating one message may need several in the other language.

A dialogue is a generator. It is given a message, yields the calls it needs in the other language, receives their answers, and returns
the answer to its own message. It knows no socket, no loop and no clock: `converse` runs it over real links and rooms, `play` over a script.
What it must remember between messages is in `Talk.memory`, which is saved together with the message that changed it.
"""

from collections.abc import Awaitable, Callable, Generator, Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct

from voltgate.ocpp.messages import Answer, Request

MemoryT = TypeVar("MemoryT")

Dialogue = Generator[Request, Any, Answer | None]
"""Yields requests, is sent their answers, returns its own answer (None for a SEND)."""


class Talk(Struct, Generic[MemoryT]):
    """What a dialogue may use besides its message."""

    memory: MemoryT
    now: datetime
    number: Callable[[], int]
    """The next transaction number of the installation (1.6)."""
    later: list[Request] = []
    """2.1 messages that follow after the answer has left, each a unit of work of its own, e.g. the NotifyReports of a report."""


async def converse(dialogue: Dialogue, exchange: Callable[[Request], Awaitable[Answer | None]]) -> Answer | None:
    """Run `dialogue`, passing what it yields to `exchange`; a failed exchange is raised inside the dialogue, which may handle it."""
    try:
        request = next(dialogue)
        while True:
            try:
                answer = await exchange(request)
            except Exception as error:
                request = dialogue.throw(error)
            else:
                request = dialogue.send(answer)
    except StopIteration as end:
        result: Answer | None = end.value
        return result


def play(dialogue: Dialogue, script: Iterable[tuple[Request, Answer | Exception | None]]) -> Answer | None:
    """Run `dialogue` against `script`, pairs of the request it must yield next and the answer it then gets.

    Raises AssertionError when the dialogue says something else, says more, or stops early.
    """
    lines = iter(script)
    reply: Answer | Exception | None = None
    while True:
        try:
            said = dialogue.throw(reply) if isinstance(reply, Exception) else dialogue.send(reply)
        except StopIteration as end:
            left = list(lines)
            assert not left, f"the dialogue ended before {left[0][0]!r}"
            result: Answer | None = end.value
            return result
        line = next(lines, None)
        assert line is not None, f"the dialogue said more than the script: {said!r}"
        expected, reply = line
        assert said == expected, f"the dialogue said {said!r} instead of {expected!r}"
