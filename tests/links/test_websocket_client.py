"""The client that stays connected, over loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from voltgate.links import Link, Peer, Socket, basic_auth
from voltgate.links.backoff import BackOff
from voltgate.links.websocket_client import Client, ClientOptions

OFFERED = "Sec-WebSocket-Protocol"


class Csms:
    """A foreign CSMS: the library's own server, which echoes each CALL as an empty result."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.connections: list[ServerConnection] = []
        self.refuse_with: list[int] = []
        self.subprotocol: str | None = "ocpp2.0.1"
        self.port = 0

    def process_request(self, connection: ServerConnection, request: Any) -> Any:
        self.requests.append(request)
        return connection.respond(self.refuse_with.pop(0), "no\n") if self.refuse_with else None

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for message in connection:
            await connection.send(f"[3,{str(message).split(',')[1]},{{}}]")


@pytest.fixture
async def csms() -> AsyncIterator[Csms]:
    csms = Csms()
    async with serve(
        csms.handle,
        "127.0.0.1",
        0,
        process_request=csms.process_request,
        select_subprotocol=lambda _, offered: csms.subprotocol if csms.subprotocol in offered else None,  # type: ignore[arg-type, return-value]
        close_timeout=0.3,
    ) as server:
        csms.port = next(iter(server.sockets)).getsockname()[1]
        yield csms


class Log:
    """What the client reported, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = asyncio.Event()

    def add(self, line: str) -> None:
        self.lines.append(line)
        self._changed.set()

    async def until(self, line: str, count: int = 1) -> None:
        async with asyncio.timeout(5):
            while self.lines.count(line) < count:
                self._changed.clear()
                await self._changed.wait()


Start = Callable[..., Awaitable[tuple[Client, Log]]]


@pytest.fixture
async def start(csms: Csms) -> AsyncIterator[Start]:
    clients: list[Client] = []

    async def begin(**kwargs: Any) -> tuple[Client, Log]:
        log = Log()

        def make_link(socket: Socket, peer: Peer) -> Link:
            return Link(socket, peer, on_call=lambda link, call: None)

        arguments: dict[str, Any] = {
            "versions": ("2.0.1", "1.6"),
            "backoff": BackOff(0, 0, 0),
            "options": ClientOptions(close_seconds=0.3),
            "on_connected": lambda link: log.add(f"connected {link.peer.version}"),
            "on_disconnected": lambda code, reason: log.add(f"disconnected {code}"),
            "on_failed": log.add,
        }
        client = Client(f"ws://127.0.0.1:{csms.port}/ocpp/", "RDAM 123", make_link, **(arguments | kwargs))
        clients.append(client)
        client.start()
        return client, log

    yield begin
    for client in clients:
        await client.stop()


async def test_it_connects_and_calls(start: Start, csms: Csms) -> None:
    client, log = await start()
    await log.until("connected 2.0.1")
    assert client.link is not None
    assert client.link.peer == Peer(identity="RDAM 123", version="2.0.1", remote_address=f"127.0.0.1:{csms.port}", secured=False)
    assert await client.link.call("Heartbeat", b"{}", 5) == b"{}"
    assert csms.requests[0].path == "/ocpp/RDAM%20123"
    assert csms.requests[0].headers[OFFERED] == "ocpp2.0.1, ocpp1.6"
    assert "User-Agent" not in csms.requests[0].headers


@pytest.mark.requirement("A00.FR.203", "A00.FR.205")
@pytest.mark.parametrize("password", ["0123456789abcdef", b"\x00\x01\xff" * 6])
async def test_it_authenticates_with_every_request(start: Start, csms: Csms, password: str | bytes) -> None:
    csms.refuse_with = [401]
    _, log = await start(password=password)
    await log.until("connected 2.0.1")
    assert log.lines[0] == "HTTP 401"
    assert [request.headers["Authorization"] for request in csms.requests] == [basic_auth.header("RDAM 123", password)] * 2


async def test_the_csms_chooses_the_version(start: Start, csms: Csms) -> None:
    csms.subprotocol = "ocpp1.6"
    client, log = await start()
    await log.until("connected 1.6")
    assert client.link is not None
    assert client.link.peer.version == "1.6"


async def test_it_backs_off_after_each_failure_and_starts_over_after_success(start: Start, csms: Csms) -> None:
    waits: list[float] = []

    class Told(BackOff):
        def next(self) -> float:
            waits.append(super().next())
            return 0.0

    csms.refuse_with = [404, 404, 503]
    client, log = await start(backoff=Told(10, 0, 5))
    await log.until("connected 2.0.1")
    assert (log.lines[:3], waits) == (["HTTP 404", "HTTP 404", "HTTP 503"], [10, 20, 40])
    await csms.connections[0].close(1001)
    await log.until("connected 2.0.1", 2)
    assert (log.lines[4], waits) == ("disconnected 1001", [10, 20, 40, 10])
    assert client.link is not None


async def test_a_csms_without_a_common_version_is_left(start: Start, csms: Csms) -> None:
    csms.subprotocol = None
    client, log = await start()
    await log.until("the CSMS speaks none of our versions", 2)
    assert client.link is None
    csms.subprotocol = "ocpp2.0.1"
    await log.until("connected 2.0.1")


async def test_a_csms_that_is_not_there_is_tried_again(start: Start) -> None:
    client, log = await start()
    await log.until("connected 2.0.1")
    there, client.endpoint = client.endpoint, "ws://127.0.0.1:1/ocpp"
    client.reconnect()
    async with asyncio.timeout(5):
        while len(log.lines) < 4:
            await asyncio.sleep(0.001)
    client.endpoint = there
    await log.until("connected 2.0.1", 2)


async def test_a_lost_network_is_reported_and_repaired(start: Start, csms: Csms) -> None:
    _, log = await start()
    await log.until("connected 2.0.1")
    csms.connections[0].transport.abort()
    await log.until("connected 2.0.1", 2)
    assert log.lines[1] == "disconnected 1006"


@pytest.mark.parametrize(("abruptly", "code"), [(False, 1001), (True, 1006)])
async def test_it_goes_offline_and_online_again(start: Start, csms: Csms, abruptly: bool, code: int) -> None:
    client, log = await start(backoff=BackOff(60, 0, 0))
    await log.until("connected 2.0.1")
    client.go_offline(1001, "night", abruptly=abruptly)
    await log.until(f"disconnected {code}")
    await asyncio.sleep(0.02)
    assert (client.link, len(csms.connections)) == (None, 1)
    client.go_online()
    await log.until("connected 2.0.1", 2)


async def test_going_online_does_not_wait_for_the_back_off(start: Start, csms: Csms) -> None:
    csms.refuse_with = [503]
    client, log = await start(backoff=BackOff(60, 0, 0))
    await log.until("HTTP 503")
    client.go_online()
    await log.until("connected 2.0.1")


async def test_it_stops_while_connected_and_while_it_waits(start: Start, csms: Csms) -> None:
    client, log = await start()
    await log.until("connected 2.0.1")
    await client.stop(1000, "bye")
    assert log.lines[-1] == "disconnected 1000"
    await client.stop()
    csms.refuse_with = [503]
    waiting, log = await start(backoff=BackOff(60, 0, 0))
    await log.until("HTTP 503")
    async with asyncio.timeout(1):
        await waiting.stop()


@pytest.mark.parametrize(
    ("versions", "compression", "offers"), [(("2.1", "1.6"), True, True), (("2.0.1",), False, False), (("1.6",), True, False)]
)
async def test_it_offers_deflate_except_to_16(start: Start, csms: Csms, versions: tuple[str, ...], compression: bool, offers: bool) -> None:
    csms.subprotocol = {"2.1": "ocpp2.1", "2.0.1": "ocpp2.0.1", "1.6": "ocpp1.6"}[versions[0]]
    client, log = await start(versions=versions, options=ClientOptions(compression=compression))
    await log.until(f"connected {versions[0]}")
    offered = csms.requests[0].headers.get("Sec-WebSocket-Extensions", "")
    assert offered == ("permessage-deflate; server_no_context_takeover; client_no_context_takeover" if offers else "")
    assert client.link is not None
    assert await client.link.call("Heartbeat", b"{}", 5) == b"{}"


async def test_it_pings_and_drops_a_silent_csms(start: Start, csms: Csms) -> None:
    _, log = await start(options=ClientOptions(ping_interval_seconds=0.02, ping_timeout_seconds=0.03, close_seconds=0.05))
    await log.until("connected 2.0.1")
    csms.connections[0].transport.pause_reading()
    await log.until("connected 2.0.1", 2)
    assert log.lines[1].startswith("disconnected")


async def test_a_station_that_cannot_build_its_link_tries_again(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    client, log = await start(backoff=BackOff(60, 0, 0))
    await log.until("connected 2.0.1")

    def bug(*_: object) -> Link:
        raise RuntimeError("a bug")

    client._make_link = bug
    client.reconnect()
    await log.until("disconnected 1000")
    client.go_online()
    await log.until("a bug")
    assert "connecting failed" in caplog.text
