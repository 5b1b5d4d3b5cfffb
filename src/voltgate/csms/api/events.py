"""What happens, live: ``GET /events`` as server-sent events.

Durable events come from the log and carry their place in it as ``id``; a client that comes back with ``Last-Event-ID`` gets what it missed.
Events that are only shown (meter samples, frames) have no id and are not repeated. A client that is too slow loses shown events and never
durable ones: what the bus dropped is read from the log again. Nothing is queued beyond the bus' own bound and the socket's.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.problems import BadRequest, TooMany
from voltgate.csms.context import Context
from voltgate.infrastructure.bus import Message, Subscription
from voltgate.infrastructure.database import StoredEvent
from voltgate.infrastructure.database.outbox import Outbox

WAITING = 1000
"""Messages that wait for a slow client before the oldest is dropped."""
MOST_STREAMS = 256
KEEP_ALIVE_SECONDS = 15.0
LONGEST_STREAM_SECONDS = 3600.0
"""After this the client comes back and shows its key or session again; EventSource does so by itself."""
RETRY = b"retry: 2000\n\n"
KEEP_ALIVE = b": still here\n\n"
MEDIA_TYPE = "text/event-stream"
HEADERS = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}

Topics = Annotated[str | None, QueryParameter(description="Only topics below these, separated by commas: `transaction,station.connected`.")]
StationFilter = Annotated[str | None, QueryParameter(description="Only what concerns this station.")]
LastEventId = Annotated[str | None, HeaderParameter(name="Last-Event-ID", description="Go on after this event.")]
LastEventIdInQuery = Annotated[str | None, QueryParameter(name="last_event_id", description="The same, where no header can be set.")]


class Filter(msgspec.Struct, frozen=True):
    """Which events a client wants; no topics means all."""

    topics: tuple[str, ...] = ()
    station: str | None = None

    def takes(self, topic: str, station_id: str | None) -> bool:
        """Whether an event on `topic` about `station_id` passes; a prefix ends at a whole word."""
        if self.station is not None and station_id != self.station:
            return False
        return not self.topics or any(topic == wanted or topic.startswith(wanted + ".") for wanted in self.topics)


class Streams:
    """The open streams; there is a limit to them."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.open = 0

    async def place(self, after: int | None) -> int:
        """Where to begin: after the event that was seen last, or now. Asked before the answer begins, so that nothing falls between."""
        last = await self._outbox.last_seq()
        return last if after is None else min(after, last)

    async def follow(self, context: Context, wanted: Filter, seq: int) -> AsyncGenerator[bytes, None]:
        """The stream of one client as bytes, beginning after the event `seq`; ends when the bus closes."""
        self.open += 1
        try:
            with context.bus.subscribe(*wanted.topics, limit=WAITING) as heard:
                yield RETRY
                stream = _Stream(self._outbox, wanted, seq)
                ends = context.clock.monotonic() + LONGEST_STREAM_SECONDS
                async with aclosing(stream.run(heard)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                        if context.clock.monotonic() > ends:
                            return
        finally:
            self.open -= 1


class _Stream:
    """Where one client is in the log."""

    def __init__(self, outbox: Outbox, wanted: Filter, seq: int) -> None:
        self._outbox = outbox
        self._wanted = wanted
        self._seq = seq
        self._dropped = 0

    async def run(self, heard: Subscription) -> AsyncGenerator[bytes, None]:
        """What was missed, then what the bus says; a comment when it says nothing for a while."""
        async for chunk in self._replay():
            yield chunk
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    message = await anext(heard, None)
            except TimeoutError:
                yield KEEP_ALIVE
                continue
            if message is None:
                return
            if heard.dropped > self._dropped:
                self._dropped = heard.dropped
                async for chunk in self._replay():
                    yield chunk
            said = self._said(message)
            if said is not None:
                yield said

    async def _replay(self) -> AsyncIterator[bytes]:
        """All durable events of the log that this client has not seen."""
        while events := await self._outbox.since(self._seq):
            for event in events:
                self._seq = event.seq
                if self._wanted.takes(event.topic, event.station_id):
                    yield _durable(event)

    def _said(self, message: Message) -> bytes | None:
        payload = message.payload
        if isinstance(payload, StoredEvent):
            if payload.seq <= self._seq:
                return None
            self._seq = payload.seq
            return _durable(payload) if self._wanted.takes(payload.topic, payload.station_id) else None
        if isinstance(payload, Mapping) and self._wanted.takes(message.topic, payload.get("station_id")):
            return _event(message.topic, payload)
        return None


def _durable(event: StoredEvent) -> bytes:
    return b"id: %d\n" % event.seq + _event(event.topic, {"station_id": event.station_id, "at_ms": event.at_ms, **event.data})


def _event(topic: str, data: Mapping[str, Any]) -> bytes:
    # JSON has no line breaks outside of escapes, so one data line is enough.
    return b"event: %s\ndata: %s\n\n" % (topic.encode(), msgspec.json.encode(data))


def event_routes(outbox: Outbox) -> list[Any]:
    """The route, over the log of events."""
    streams = Streams(outbox)

    @get("/events", tags=["events"], summary="Follow what happens", media_type=MEDIA_TYPE, opt={"streams": True})
    async def follow_events(
        context: TheContext,
        topics: Topics = None,
        station: StationFilter = None,
        last_event_id: LastEventId = None,
        last_event_id_in_query: LastEventIdInQuery = None,
    ) -> Stream:
        """Server-sent events: `event` is the topic, `data` is JSON with `station_id` and `at_ms`, `id` is set on durable events."""
        if streams.open >= MOST_STREAMS:
            raise TooMany("too many open streams", retry_after=5)
        wanted = Filter(tuple(topic.strip(". ") for topic in (topics or "").split(",") if topic.strip(". ")), station)
        after = _place(last_event_id if last_event_id is not None else last_event_id_in_query)
        seq = await streams.place(after)
        return Stream(lambda: streams.follow(context, wanted, seq), media_type=MEDIA_TYPE, headers=HEADERS)

    return [follow_events]


def _place(text: str | None) -> int | None:
    """The place in the log after which to go on; None without one. Raises: BadRequest."""
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest("this is no id of an event", field="last_event_id")
    return int(text)
