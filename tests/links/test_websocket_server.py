"""The server over loopback, with clients that behave and clients that do not."""

import asyncio
import hmac
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, PerMessageDeflate

from tests.links.rawsocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, RawSocket
from voltgate.links import Admission, Link, Peer, Refusal, Socket, Upgrade, basic_auth, port
from voltgate.links.link import SUBPROTOCOLS
from voltgate.links.websocket_server import Limits, Server, serve
from voltgate.ocpp.errors import LinkLost
from voltgate.ocpp.rpc import CallReceived

HEARTBEAT = b'[2,"1","Heartbeat",{}]'
ANSWER = [3, "1", {}]
PASSWORD = b"\x00\xffkey:with colon"


class Csms:
    """Knows some stations and their passwords, and answers each call at once unless it holds its answers back."""

    def __init__(self) -> None:
        self.passwords: dict[str, bytes | None] = {
            "CS1": None,
            "RDAM 123": None,
            "a/b": None,
            "SEC": b"\x00\xffkey:with colon",
            "OLD": None,
        }
        self.links: dict[str, Link] = {}
        self.upgrades: list[Upgrade] = []
        self.calls: list[CallReceived] = []
        self.closed: list[tuple[str, int, str]] = []
        self.gone = asyncio.Event()
        self.holding = False
        self.on_call: Callable[[Link, CallReceived], None] = self.answer

    async def admit(self, upgrade: Upgrade) -> Admission | Refusal:
        self.upgrades.append(upgrade)
        if upgrade.identity == "BUG":
            raise RuntimeError("a bug")
        if upgrade.identity == "BUSY":
            return port.too_busy(30)
        if upgrade.identity not in self.passwords:
            return port.unknown_station()
        if not self.authentic(upgrade):
            return port.unauthorized()
        chosen = port.choose_subprotocol(upgrade.offered, tuple(SUBPROTOCOLS))
        if chosen is None and not (upgrade.identity == "OLD" and not upgrade.offered):
            return port.no_common_subprotocol()
        return Admission(chosen, lambda socket: self.listen(socket, upgrade, chosen))

    def authentic(self, upgrade: Upgrade) -> bool:
        password = self.passwords[upgrade.identity]
        credentials = basic_auth.parse(upgrade.authorization)
        if password is None:
            return True
        return credentials is not None and credentials.user == upgrade.identity and hmac.compare_digest(credentials.password, password)

    def listen(self, socket: Socket, upgrade: Upgrade, chosen: str | None) -> Link:
        version = SUBPROTOCOLS[chosen or "ocpp1.6"]
        peer = Peer(identity=upgrade.identity, version=version, remote_address=socket.remote_address)
        link = Link(socket, peer, on_call=self.on_call, on_closed=self.on_closed)
        old = self.links.get(upgrade.identity)
        self.links[upgrade.identity] = link
        if old is not None:
            old.close(1008, "a newer connection took over")
        return link

    def answer(self, link: Link, call: CallReceived) -> None:
        self.calls.append(call)
        if not self.holding:
            link.answer(call, b"{}")

    def on_closed(self, link: Link, code: int, reason: str) -> None:
        self.closed.append((link.peer.identity, code, reason))
        self.gone.set()


@pytest.fixture
def csms() -> Csms:
    return Csms()


Start = Callable[..., Awaitable[Server]]


@pytest.fixture
async def start(csms: Csms) -> AsyncIterator[Start]:
    servers: list[Server] = []

    async def begin(**kwargs: Any) -> Server:
        limits = Limits(**({"close_seconds": 0.3} | kwargs.pop("limits", {})))
        servers.append(await serve("127.0.0.1", 0, csms.admit, limits=limits, **kwargs))
        return servers[-1]

    yield begin
    for server in servers:
        await server.close()


@asynccontextmanager
async def raw(server: Server, path: str | None = "/ocpp/CS1", **headers: str | None) -> AsyncIterator[RawSocket]:
    socket = await RawSocket.connect(server.port)
    if path is not None:
        assert (await socket.upgrade(path, **headers)).status == 101
    yield socket
    await socket.close()


def client(server: Server, path: str = "/ocpp/CS1", versions: tuple[str, ...] = ("ocpp2.0.1",), **kwargs: Any) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}{path}", subprotocols=versions, proxy=None, **kwargs)  # type: ignore[arg-type]


# ---- who gets in


async def test_a_station_is_served(start: Start, csms: Csms) -> None:
    server = await start()
    async with client(server, "/any/path/CS1?x=1") as station:
        await station.send(HEARTBEAT.decode())
        assert json.loads(await station.recv()) == ANSWER
        assert server.connections == 1
        upgrade = csms.upgrades[0]
        assert (upgrade.identity, upgrade.path, upgrade.secured, upgrade.client_certificate) == ("CS1", "/any/path/CS1?x=1", False, None)
        assert upgrade.remote_address == csms.links["CS1"].peer.remote_address
        assert upgrade.headers["host"] == f"127.0.0.1:{server.port}"
    await csms.gone.wait()
    assert csms.closed == [("CS1", 1000, "")]


async def test_the_csms_calls_a_station(start: Start, csms: Csms) -> None:
    server = await start()
    async with client(server) as station:
        await station.send(HEARTBEAT.decode())
        await station.recv()
        asking = asyncio.create_task(csms.links["CS1"].call("Reset", b'{"type":"Immediate"}', 5))
        _, message_id, action, payload = json.loads(await station.recv())
        assert (action, payload) == ("Reset", {"type": "Immediate"})
        await station.send(json.dumps([3, message_id, {"status": "Accepted"}]))
        assert json.loads(await asking) == {"status": "Accepted"}


async def test_the_path_is_decoded_once(start: Start, csms: Csms) -> None:
    server = await start()
    async with raw(server, "/ocpp/RDAM%20123"), raw(server, "/ocpp/a%2Fb"):
        assert [upgrade.identity for upgrade in csms.upgrades] == ["RDAM 123", "a/b"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ocpp/NOBODY", 404),
        ("/ocpp/", 404),
        ("/", 404),
        ("/ocpp/%zz", 400),
        ("/ocpp/%00", 400),
        ("/ocpp/%FF", 400),
        ("/ocpp/" + "x" * 256, 400),
        ("/ocpp/BUG", 500),
    ],
)
async def test_who_is_not_known_is_refused_before_the_upgrade(start: Start, path: str, status: int) -> None:
    async with raw(await start(), None) as socket:
        assert (await socket.upgrade(path)).status == status


async def test_a_busy_csms_says_when_to_come_again(start: Start) -> None:
    async with raw(await start(), None) as socket:
        response = await socket.upgrade("/ocpp/BUSY")
        assert (response.status, response.headers["retry-after"]) == (503, "30")


@pytest.mark.requirement("A00.FR.207", "TC_A_02_CSMS", "TC_A_03_CSMS")
@pytest.mark.parametrize("sent", [None, basic_auth.header("SEC", "wrong"), basic_auth.header("CS1", PASSWORD), "Basic !", "Bearer x"])
async def test_a_wrong_password_is_refused_before_the_upgrade(start: Start, sent: str | None) -> None:
    async with raw(await start(), None) as socket:
        response = await socket.upgrade("/ocpp/SEC", Authorization=sent)
        assert response.status == 401
        assert response.headers["www-authenticate"].startswith("Basic realm=")


async def test_the_right_password_may_be_any_bytes(start: Start) -> None:
    async with raw(await start(), "/ocpp/SEC", Authorization=basic_auth.header("SEC", PASSWORD)):
        pass


async def test_a_plain_http_request_is_told_to_upgrade(start: Start, csms: Csms) -> None:
    async with raw(await start(), None) as socket:
        assert (await socket.upgrade("/ocpp/CS1", Upgrade=None, Connection=None)).status == 426
        assert csms.upgrades == []


async def test_nobody_gets_in_without_saying_a_word(start: Start) -> None:
    async with raw(await start(limits={"handshake_seconds": 0.05}), None) as socket:
        assert await socket.reader.read() == b""


async def test_garbage_instead_of_http_ends_the_connection(start: Start) -> None:
    server = await start()
    for garbage in (b"\x16\x03\x01\x02\x00\x01\x00", b"\xff" * 100, b"SSH-2.0-OpenSSH\r\n\r\n", b"GET /" + b"x" * 20_000):
        async with raw(server, None) as socket:
            socket.writer.write(garbage + b"\r\n\r\n")
            socket.writer.write_eof()
            with suppress(ConnectionResetError):
                assert b" 101 " not in await socket.reader.read()


async def test_connections_per_address_are_counted(start: Start) -> None:
    server = await start(limits={"connections_per_address": 2})
    async with raw(server), raw(server, "/ocpp/RDAM%20123"), raw(server, None) as third:
        response = await third.upgrade("/ocpp/CS1")
        assert (response.status, response.headers["retry-after"]) == (429, "60")
    await asyncio.sleep(0.05)
    async with raw(server):
        pass


# ---- subprotocols


async def test_the_order_of_the_client_decides(start: Start) -> None:
    server = await start()
    for offered, chosen in (("ocpp2.0.1, ocpp2.1,ocpp1.6", "ocpp2.0.1"), ("soap, ocpp1.6, ocpp2.1", "ocpp1.6"), ("ocpp2.1", "ocpp2.1")):
        async with raw(server, None) as socket:
            response = await socket.upgrade("/ocpp/CS1", Sec_WebSocket_Protocol=offered)
            assert response.headers["sec-websocket-protocol"] == chosen


@pytest.mark.parametrize("offered", ["ocpp0.1", "OCPP1.6", None])
async def test_without_a_common_subprotocol_the_handshake_completes_and_the_connection_closes(
    start: Start, csms: Csms, offered: str | None
) -> None:
    async with raw(await start(), None) as socket:
        response = await socket.upgrade("/ocpp/CS1", Sec_WebSocket_Protocol=offered)
        assert (response.status, "sec-websocket-protocol" in response.headers) == (101, False)
        assert (await socket.receive()).close_code == 1002
    assert csms.links == {}


@pytest.mark.requirement("TC_B_58_CSMS")
@pytest.mark.parametrize("offered", ["ocpp0.1", None])
async def test_without_a_common_subprotocol_the_upgrade_can_be_refused(start: Start, offered: str | None) -> None:
    async with raw(await start(unsupported_subprotocol="refuse"), None) as socket:
        assert (await socket.upgrade("/ocpp/CS1", Sec_WebSocket_Protocol=offered)).status == 400


async def test_a_station_without_subprotocols_may_be_known_to_speak_a_version(start: Start) -> None:
    async with raw(await start(), "/ocpp/OLD", Sec_WebSocket_Protocol=None) as socket:
        socket.send(TEXT, HEARTBEAT)
        assert json.loads((await socket.receive()).payload) == ANSWER


# ---- one identity, one connection


async def test_the_newest_connection_wins(start: Start, csms: Csms) -> None:
    server = await start()
    async with client(server) as old, client(server) as new:
        with pytest.raises(ConnectionClosed) as closed:
            await old.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "a newer connection took over")
        await new.send(HEARTBEAT.decode())
        assert json.loads(await new.recv()) == ANSWER


# ---- frames


async def test_fragments_and_control_frames_in_between_make_one_message(start: Start) -> None:
    async with raw(await start()) as socket:
        socket.send(TEXT, HEARTBEAT[:3], final=False)
        socket.send(PING, b"hello")
        for at in range(3, len(HEARTBEAT)):
            socket.send(CONTINUATION, HEARTBEAT[at : at + 1], final=False)
        socket.send(CONTINUATION, b"")
        assert await socket.receive() == Frame(PONG, b"hello")
        assert json.loads((await socket.receive()).payload) == ANSWER


@pytest.mark.parametrize(
    ("opcode", "payload", "code"),
    [
        (TEXT, b'[2,"\xff","Heartbeat",{}]', 1007),
        (BINARY, HEARTBEAT, 1003),
        (TEXT, b"x" * (64 * 1024 + 1), 1009),
        (3, b"", 1002),
        (CONTINUATION, b"x", 1002),
    ],
)
async def test_a_frame_against_the_rules_closes_with_its_code(start: Start, csms: Csms, opcode: int, payload: bytes, code: int) -> None:
    async with raw(await start(limits={"frame_bytes": 64 * 1024})) as socket:
        socket.send(opcode, payload)
        answer = await socket.receive()
        assert answer.close_code == code
        socket.send(CLOSE, answer.payload)
        await csms.gone.wait()
    assert csms.calls == []
    assert len(csms.closed) == 1


async def test_the_default_limit_is_a_mebibyte(start: Start) -> None:
    server = await start()
    async with raw(server) as socket:
        socket.send(TEXT, b'[2,"1","DataTransfer",{"data":"' + b"x" * ((1 << 20) - 34) + b'"}]')
        assert json.loads((await socket.receive()).payload) == ANSWER
    async with raw(server) as socket:
        socket.send(TEXT, b"x" * ((1 << 20) + 1))
        assert (await socket.receive()).close_code == 1009


async def test_junk_is_answered_and_the_connection_lives(start: Start) -> None:
    async with raw(await start()) as socket:
        for junk in (b"", b"nonsense", b"{}", b'[2,"x"]'):
            socket.send(TEXT, junk)
            assert json.loads((await socket.receive()).payload)[0] == 4
        socket.send(TEXT, HEARTBEAT)
        assert json.loads((await socket.receive()).payload) == ANSWER


async def test_who_never_hangs_up_is_hung_up(start: Start, csms: Csms) -> None:
    async with raw(await start(limits={"close_seconds": 0.05})) as socket:
        socket.send(CLOSE, b"")
        assert (await socket.receive()).opcode == CLOSE
        async with asyncio.timeout(5):
            await csms.gone.wait()
            with suppress(ConnectionResetError):
                assert await socket.reader.read() == b""


async def test_a_lost_connection_is_reported_once(start: Start, csms: Csms) -> None:
    async with raw(await start()) as socket:
        socket.send(TEXT, HEARTBEAT)
        await socket.receive()
        asking = asyncio.create_task(csms.links["CS1"].call("Reset", b"{}", 5))
        await socket.receive()
    with pytest.raises(LinkLost):
        await asking
    await csms.gone.wait()
    assert csms.closed == [("CS1", 1006, "")]


async def test_the_server_pings_and_drops_the_silent(start: Start, csms: Csms) -> None:
    async with raw(await start(limits={"ping_interval_seconds": 0.02, "ping_timeout_seconds": 0.05})) as socket:
        first = await socket.receive()
        socket.send(PONG, first.payload)
        second = await socket.receive()
        assert (first.opcode, second.opcode) == (PING, PING)
        while (frame := await socket.receive()).opcode == PING:
            pass
        assert frame.close_code == 1011
        await csms.gone.wait()


# ---- compression


@pytest.mark.requirement("part 4 §3.3")
async def test_deflate_is_negotiated_without_context_takeover(start: Start) -> None:
    server = await start()
    async with client(server, compression=None, extensions=[ClientPerMessageDeflateFactory()]) as station:
        (extension,) = station.protocol.extensions
        assert isinstance(extension, PerMessageDeflate)
        assert extension.local_no_context_takeover
        assert extension.remote_no_context_takeover
        for _ in range(3):
            await station.send(HEARTBEAT.decode())
            assert json.loads(await station.recv()) in (ANSWER, [4])
            await station.send('[2,"2","StatusNotification",{}]')
            assert json.loads(await station.recv()) == [3, "2", {}]


async def test_without_an_offer_nothing_is_compressed(start: Start) -> None:
    async with raw(await start(), None) as socket:
        response = await socket.upgrade("/ocpp/CS1")
        assert "sec-websocket-extensions" not in response.headers
        socket.send(TEXT, HEARTBEAT)
        assert not (await socket.receive()).compressed


async def test_a_small_frame_cannot_inflate_to_a_large_one(start: Start) -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (deflater.compress(b"x" * (8 << 20)) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
    async with raw(await start(), Sec_WebSocket_Extensions="permessage-deflate") as socket:
        socket.send(TEXT, bomb, compressed=True)
        assert (await socket.receive()).close_code == 1009


# ---- back-pressure


async def test_a_full_mailbox_stops_the_reading(start: Start, csms: Csms) -> None:
    """A station that sends without waiting is read only as far as its mailbox goes."""

    def fill(link: Link, call: CallReceived) -> None:
        csms.calls.append(call)
        if len(csms.calls) % 10 == 0:
            link.pause()

    csms.on_call = fill
    async with raw(await start()) as socket:
        for number in range(100):
            socket.send(TEXT, b'[2,"n%d","DataTransfer",{"data":"%s"}]' % (number, b"x" * 1000))
        for ten in range(1, 11):
            async with asyncio.timeout(5):
                while len(csms.calls) < 10 * ten:
                    await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            assert len(csms.calls) == 10 * ten
            for call in csms.calls[-10:]:
                csms.links["CS1"].answer(call, b"{}")
            csms.links["CS1"].resume()
        assert [json.loads((await socket.receive()).payload)[1] for _ in range(100)] == [f"n{number}" for number in range(100)]


async def test_a_paused_connection_can_still_be_closed(start: Start, csms: Csms) -> None:
    csms.on_call = lambda link, call: link.pause()
    async with client(await start()) as station:
        await station.send(HEARTBEAT.decode())
        await asyncio.sleep(0.02)
        csms.links["CS1"].close(1001, "x" * 200)
        with pytest.raises(ConnectionClosed) as closed:
            await station.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.reason == "x" * 123


async def test_who_does_not_read_is_cut_off(start: Start, csms: Csms) -> None:
    csms.on_call = lambda link, call: link.answer(call, b'{"data":"%s"}' % (b"x" * 500_000)) and None
    async with raw(await start(limits={"write_buffer_bytes": 1 << 16})) as socket:
        socket.writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        for number in range(60):
            socket.send(TEXT, b'[2,"n%d","DataTransfer",{}]' % number)
        async with asyncio.timeout(5):
            await csms.gone.wait()


# ---- the end


async def test_closing_the_server_closes_its_links(start: Start, csms: Csms) -> None:
    server = await start()
    async with client(server) as station:
        await server.close(1012, "restart")
        with pytest.raises(ConnectionClosed) as closed:
            await station.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, csms.closed) == (1012, [("CS1", 1012, "restart")])


async def test_a_listener_that_fails_costs_its_connection_only(start: Start, csms: Csms) -> None:
    class Bug:
        def received(self, frame: str) -> None:
            raise RuntimeError(frame)

        def closed(self, code: int, reason: str) -> None:
            raise RuntimeError(reason)

    csms.listen = lambda *_: Bug()  # type: ignore[method-assign, assignment, return-value]
    server = await start()
    async with client(server) as station:
        await station.send("x")
        with pytest.raises(ConnectionClosed) as closed:
            await station.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011
    with pytest.raises(InvalidStatus):
        async with client(server, "/ocpp/NOBODY"):
            pass
