"""The bus: what happened, told to whoever listens right now.

Nothing is kept: who must not miss an event consumes the outbox. Topics are dotted words, most general first (``transaction.started``);
a subscription to a prefix hears the topic itself and everything below it, word by word (``transaction`` does not hear ``transactions.x``).
"""

from asyncio import Event
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self


@dataclass(slots=True, frozen=True)
class Message:
    """What a subscription hears."""

    topic: str
    payload: Any


class Subscription(Protocol):
    """An open ear: iterate over it with ``async for`` until it is closed. Use it as a context manager so that it is closed."""

    dropped: int
    """Messages lost because the listener was slower than the bus."""

    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> Message: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None: ...


class Bus(Protocol):
    """Carries messages inside the installation. Implementations: in this process and, later, NATS."""

    def publish(self, topic: str, payload: Any) -> None:
        """Tell `payload` to all who hear `topic`; never blocks and never fails. `payload` must not change afterwards."""
        ...

    def is_heard(self, topic: str) -> bool:
        """Whether anybody hears `topic` now; spares the making of a payload that nobody wants."""
        ...

    def subscribe(self, *prefixes: str, limit: int = 1000) -> Subscription:
        """Hear all topics below `prefixes` (no prefix: everything). At most `limit` messages wait; then the oldest is dropped."""
        ...

    async def close(self) -> None:
        """End all subscriptions."""
        ...


class LocalBus:
    """The bus of a single process; belongs to one event loop."""

    def __init__(self) -> None:
        self._ears: dict[str, list[_Ear]] = {}

    def publish(self, topic: str, payload: Any) -> None:
        if not self._ears:
            return
        message = Message(topic, payload)
        for ear in self._hearing(topic):
            ear.hear(message)

    def is_heard(self, topic: str) -> bool:
        return bool(self._ears) and bool(self._hearing(topic))

    def subscribe(self, *prefixes: str, limit: int = 1000) -> Subscription:
        prefixes = prefixes or ("",)
        ear = _Ear(self, prefixes, limit)
        for prefix in prefixes:
            self._ears.setdefault(prefix, []).append(ear)
        return ear

    async def close(self) -> None:
        for ear in {ear for ears in self._ears.values() for ear in ears}:
            ear.close()

    def forget(self, ear: "_Ear") -> None:
        """Publish nothing more to `ear`; no-op if it is unknown."""
        for prefix in ear.prefixes:
            ears = self._ears.get(prefix, [])
            if ear in ears:
                ears.remove(ear)
            if not ears:
                self._ears.pop(prefix, None)

    def _hearing(self, topic: str) -> set["_Ear"]:
        ears = set(self._ears.get("", ()))
        end = topic.find(".")
        while end != -1:
            ears.update(self._ears.get(topic[:end], ()))
            end = topic.find(".", end + 1)
        ears.update(self._ears.get(topic, ()))
        return ears


class _Ear:
    """A subscription of the local bus."""

    def __init__(self, bus: LocalBus, prefixes: tuple[str, ...], limit: int) -> None:
        self.prefixes = prefixes
        self.dropped = 0
        self._bus = bus
        self._waiting: deque[Message] = deque(maxlen=limit)
        self._heard = Event()
        self._closed = False

    def hear(self, message: Message) -> None:
        if len(self._waiting) == self._waiting.maxlen:
            self.dropped += 1
        self._waiting.append(message)
        self._heard.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._heard.clear()
            await self._heard.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        self._closed = True
        self._bus.forget(self)
        self._heard.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        self.close()
