"""The live stream: filters, resumption, slow and leaving clients."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import ADMIN_KEY, FakeContext
from voltgate.csms.api import events
from voltgate.csms.api.app import create_api
from voltgate.csms.api.events import KEEP_ALIVE, RETRY, Filter, Streams
from voltgate.infrastructure.database import Event, Work
from voltgate.infrastructure.database.outbox import Outbox


@pytest.fixture
def streams(context: FakeContext) -> Streams:
    return Streams(Outbox(context.database, context.bus))


async def tell(context: FakeContext, topic: str, station: str = "CS-1", **data: Any) -> None:
    work = Work()
    work.tell(Event(topic, 1000, station, data))
    await context.database.commit(work)


async def take(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    async with asyncio.timeout(5):
        return [await anext(stream) for _ in range(count)]


async def test_durable_and_shown_events(context: FakeContext, streams: Streams) -> None:
    async with aclosing(streams.follow(context, Filter(), 0)) as stream:
        assert await anext(stream) == RETRY
        waiting = asyncio.create_task(take(stream, 2))
        await asyncio.sleep(0.01)
        await tell(context, "station.connected", protocol="ocpp1.6")
        context.bus.publish("meter.sample", {"station_id": "CS-1", "at_ms": 5, "power_w": 7400.5})
        assert await waiting == [
            b'id: 1\nevent: station.connected\ndata: {"station_id":"CS-1","at_ms":1000,"protocol":"ocpp1.6"}\n\n',
            b'event: meter.sample\ndata: {"station_id":"CS-1","at_ms":5,"power_w":7400.5}\n\n',
        ]


async def test_the_housekeeping_of_the_log_is_not_shown(context: FakeContext, streams: Streams) -> None:
    async with aclosing(streams.follow(context, Filter(), 0)) as stream:
        await anext(stream)
        waiting = asyncio.create_task(take(stream, 2))
        await asyncio.sleep(0.01)
        await tell(context, "a")
        await tell(context, "b")
        assert [b"event: a" in chunk or b"event: b" in chunk for chunk in await waiting] == [True, True]


async def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(context: FakeContext, streams: Streams) -> None:
    for number in range(250):
        await tell(context, "transaction.started", number=number)
    async with aclosing(streams.follow(context, Filter(), 100)) as stream:
        await anext(stream)
        waiting = asyncio.create_task(take(stream, 152))
        await asyncio.sleep(0.05)
        await tell(context, "transaction.ended")
        await tell(context, "transaction.ended")
        seen = [int(chunk.split(b"\n")[0].removeprefix(b"id: ")) for chunk in await waiting]
    assert seen == list(range(101, 253))


async def test_a_place_after_the_end_of_the_log_means_now(context: FakeContext, streams: Streams) -> None:
    await tell(context, "a")
    async with aclosing(streams.follow(context, Filter(), await streams.place(10_000))) as stream:
        await anext(stream)
        waiting = asyncio.create_task(take(stream, 1))
        await asyncio.sleep(0.01)
        await tell(context, "b")
        assert (await waiting)[0].startswith(b"id: 2\nevent: b\n")


async def test_a_new_client_begins_now(context: FakeContext, streams: Streams) -> None:
    await tell(context, "a")
    seq = await streams.place(None)
    await tell(context, "b")  # between the request and the first byte of the answer
    async with aclosing(streams.follow(context, Filter(), seq)) as stream:
        assert (await take(stream, 2))[1].startswith(b"id: 2\nevent: b\n")


async def test_filters_hold_for_what_is_missed_and_for_what_is_new(context: FakeContext, streams: Streams) -> None:
    for topic, station in [("station.booted", "CS-1"), ("transaction.started", "CS-2"), ("transaction.started", "CS-1")]:
        await tell(context, topic, station)
    async with aclosing(streams.follow(context, Filter(("transaction", "meter"), "CS-1"), 0)) as stream:
        await anext(stream)
        waiting = asyncio.create_task(take(stream, 3))
        await asyncio.sleep(0.01)
        await tell(context, "transaction.ended", "CS-2")
        await tell(context, "transactions.other", "CS-1")
        context.bus.publish("meter.sample", {"station_id": "CS-2"})
        context.bus.publish("meter.sample", {"station_id": "CS-1"})
        await tell(context, "transaction.ended", "CS-1")
        events = [chunk.split(b"\n")[-4].removeprefix(b"event: ") for chunk in await waiting]
    assert events == [b"transaction.started", b"meter.sample", b"transaction.ended"]


async def test_what_a_slow_client_lost_is_read_again(context: FakeContext, streams: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "WAITING", 5)
    async with aclosing(streams.follow(context, Filter(), 0)) as stream:
        await anext(stream)
        waiting = asyncio.create_task(take(stream, 1))
        await asyncio.sleep(0.01)
        for _ in range(40):
            await tell(context, "a")
        seen = await waiting + await take(stream, 39)
    assert [int(chunk.split(b"\n")[0].removeprefix(b"id: ")) for chunk in seen] == list(range(1, 41))


async def test_silence_is_filled_with_comments(context: FakeContext, streams: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_SECONDS", 0.01)
    async with aclosing(streams.follow(context, Filter(), 0)) as stream:
        assert await take(stream, 3) == [RETRY, KEEP_ALIVE, KEEP_ALIVE]


async def test_a_stream_ends_after_a_while_so_that_access_is_checked_again(
    context: FakeContext, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_SECONDS", 0.01)
    async with aclosing(streams.follow(context, Filter(), 0)) as stream:
        await take(stream, 2)
        context.clock.advance(3601)
        assert [chunk async for chunk in stream] == []


async def test_a_stream_ends_with_the_bus_and_leaves_nothing_behind(context: FakeContext, streams: Streams) -> None:
    async with aclosing(streams.follow(context, Filter(), 0)) as stream:
        assert streams.open == 0
        await anext(stream)
        assert streams.open == 1
        await context.bus.close()
        assert [chunk async for chunk in stream] == []
    assert streams.open == 0
    assert not context.bus._ears


@pytest.mark.parametrize("place", ["x", "-1", "1.5", "9" * 30])
async def test_a_strange_place_is_refused(admin: AsyncClient, place: str) -> None:
    answer = await admin.get("/api/v1/events", headers={"last-event-id": place})
    assert (answer.status_code, answer.json()["field"]) == (400, "last_event_id")


async def over_asgi(app: Any, headers: list[tuple[bytes, bytes]], until: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Open the stream as a server would, wait for `until`, go away, and wait until the application is done."""
    gone, found, body, start = asyncio.Event(), asyncio.Event(), bytearray(), {}
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/api/v1/events"}
    scope |= {
        "raw_path": b"/api/v1/events",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("x", 80),
        "client": ("c", 1),
    }

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        body.extend(message.get("body", b""))
        if until in body:
            found.set()

    async with asyncio.timeout(5):
        serving = asyncio.create_task(app(scope, receive, send))
        await found.wait()
        gone.set()
        await serving
    return start["status"], dict(start["headers"]), bytes(body)


async def test_a_browser_with_a_cookie_follows_and_goes_away(context: FakeContext, admin: AsyncClient) -> None:
    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=[], commands={})
    await tell(context, "station.connected")
    await tell(context, "station.booted")
    cookie = (await admin.post("/api/v1/session", json={"key": ADMIN_KEY})).cookies["voltgate_session"]
    headers = [(b"cookie", f"voltgate_session={cookie}".encode()), (b"last-event-id", b"1"), (b"accept-encoding", b"gzip"), (b"host", b"x")]
    status, told, body = await over_asgi(app, headers, b"station.booted")
    assert status == 200
    assert told[b"content-type"].startswith(b"text/event-stream")
    assert b"content-encoding" not in told
    assert told[b"cache-control"] == b"no-cache, no-transform"
    assert body.startswith(RETRY + b"id: 2\nevent: station.booted\n")
    assert not context.bus._ears
