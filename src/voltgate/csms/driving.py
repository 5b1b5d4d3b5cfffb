"""Running a coroutine without a task: most handlers never suspend, and a task per message costs more than the message."""

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")

_rests: set["asyncio.Task[Any]"] = set()  # the loop keeps only weak references to tasks


def drive(coroutine: Coroutine[Any, Any, T], done: Callable[[T], None]) -> None:
    """Run `coroutine` at once, and call `done` with its result; it becomes a task only if it suspends.

    The coroutine must not raise, and until its first suspension must not ask for the current task. A cancelled rest is never done.
    """
    try:
        waiting = coroutine.send(None)
    except StopIteration as end:
        done(end.value)
        return
    rest = asyncio.ensure_future(_go_on(coroutine, waiting))
    _rests.add(rest)
    rest.add_done_callback(_rests.discard)
    rest.add_done_callback(lambda task: None if task.cancelled() else done(task.result()))


@types.coroutine
def _go_on(coroutine: Coroutine[Any, Any, T], waiting: Any) -> Generator[Any, Any, T]:
    """The rest of a coroutine that has suspended on `waiting`."""
    try:
        while True:
            try:
                sent = yield waiting
            except BaseException as error:
                waiting = coroutine.throw(error)
            else:
                waiting = coroutine.send(sent)
    except StopIteration as end:
        result: T = end.value
        return result
