"""What a station keeps on disk: documents (its memory, each EVSE, the dialect) and the queue of transaction events."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from voltgate.station.outbox import Change


class CannotKeep(Exception):
    """The data directory cannot be used; the text says why."""


class Kept(Struct):
    """Everything that was kept of one station."""

    documents: dict[str, bytes]
    events: list[tuple[int, bytes, int]]
    """Place, payload and attempts, in order."""


class Store(Protocol):
    """Where stations keep what must survive."""

    async def load(self, station_id: str) -> Kept:
        """What is kept of a station; empty when it is new."""
        ...

    def commit(self, station_id: str, documents: Mapping[str, bytes], changes: Iterable[Change]) -> Awaitable[None]:
        """Keep all of it or nothing; what is handed over first is kept first."""
        ...


class MemoryStore:
    """Keeps nothing beyond the process; for throw-away stations."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    async def load(self, station_id: str) -> Kept:
        """What this process has kept."""
        return self._kept.get(station_id, Kept({}, []))

    def commit(self, station_id: str, documents: Mapping[str, bytes], changes: Iterable[Change]) -> Awaitable[None]:
        """Done at once."""
        kept = self._kept.setdefault(station_id, Kept({}, []))
        kept.documents.update(documents)
        events = {place: (place, payload, attempts) for place, payload, attempts in kept.events}
        for change in changes:
            if change.payload is None:
                events.pop(change.place, None)
            else:
                events[change.place] = (change.place, change.payload, change.attempts)
        kept.events = sorted(events.values())
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done
