"""WebSocket client that stays connected: the station's end.

It offers its OCPP versions in order of preference, authenticates with every request (A00.FR.203), and connects again with the back-off of
the specification after any failure. It can be told to go offline and online again.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.typing import Subprotocol

from voltgate.links import basic_auth, identity
from voltgate.links.backoff import BackOff
from voltgate.links.link import SUBPROTOCOLS, Link, Peer
from voltgate.links.port import Socket
from voltgate.links.websocket_socket import ClosesInTime, WebSocketSocket
from voltgate.ocpp.errors import Version

logger = logging.getLogger("voltgate.links.client")

# A back-off of nothing must not become a busy loop.
_SHORTEST_WAIT_SECONDS = 0.01

MakeLink = Callable[[Socket, Peer], Link]


@dataclass(frozen=True, kw_only=True)
class ClientOptions:
    """How a client connects. Times in seconds."""

    ping_interval_seconds: float | None = 60.0
    """WebSocketPingInterval; 0 or None: the client does not ping."""
    ping_timeout_seconds: float | None = 30.0
    """An unanswered ping closes the connection, and the client connects again."""
    handshake_seconds: float = 30.0
    close_seconds: float = 5.0
    frame_bytes: int = 1 << 20
    write_buffer_bytes: int = 16 << 20
    compression: bool = True
    """Offer permessage-deflate; never done where 1.6 is all we speak, because old servers stumble."""


def _nothing(*_: object) -> None:
    return None


class Client:
    """Keeps one connection to a CSMS. Use `start` and `stop`; `link` is the connection while there is one."""

    def __init__(
        self,
        endpoint: str,
        station: str,
        make_link: MakeLink,
        *,
        versions: Sequence[Version] = ("2.1", "2.0.1", "1.6"),
        password: str | bytes | None = None,
        backoff: BackOff | None = None,
        ssl: ssl.SSLContext | None = None,
        options: ClientOptions | None = None,
        on_connected: Callable[[Link], None] = _nothing,
        on_disconnected: Callable[[int, str], None] = _nothing,
        on_failed: Callable[[str], None] = _nothing,
    ) -> None:
        """``endpoint`` is the URL without the identity. ``make_link`` builds the link of each new connection, with the station's handlers.

        ``on_disconnected`` hears close code and reason, ``on_failed`` why an attempt failed ("HTTP 401", ...).
        """
        self.endpoint, self.station, self.password, self.versions = endpoint, station, password, tuple(versions)
        self.backoff = BackOff() if backoff is None else backoff
        self.options = ClientOptions() if options is None else options
        self._ssl = ssl
        self._make_link = make_link
        self._on_connected, self._on_disconnected, self._on_failed = on_connected, on_disconnected, on_failed
        self._link: Link | None = None
        self._wanted = asyncio.Event()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def link(self) -> Link | None:
        """The link while connected."""
        return self._link if self._link is not None and self._link.is_open else None

    @property
    def url(self) -> str:
        """Where it connects to."""
        return identity.url(self.endpoint, self.station)

    def start(self) -> None:
        """Connect, and stay connected until `stop`."""
        if self._task is None:
            self._wanted.set()
            self._task = asyncio.get_running_loop().create_task(self._stay_connected(), name=f"client {self.station}")

    async def stop(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye and end."""
        task, self._task = self._task, None
        if task is None:
            return
        if self._link is None:
            task.cancel()
        self.go_offline(code, reason)
        await asyncio.wait((task,), timeout=self.options.close_seconds + 1.0)
        task.cancel()
        await asyncio.wait((task,))

    def go_offline(self, code: int = 1000, reason: str = "", *, abruptly: bool = False) -> None:
        """Disconnect and stay so. ``abruptly``: without goodbye, as when the network is gone."""
        self._wanted.clear()
        if self._link is not None:
            self._link.abort() if abruptly else self._link.close(code, reason)

    def go_online(self) -> None:
        """Connect again, at once."""
        self.backoff.reset()
        self._wanted.set()
        self._hurry.set()

    def reconnect(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; the next one uses what was changed meanwhile (password, versions, endpoint)."""
        if self._link is not None:
            self._link.close(code, reason)

    # ---- inside

    async def _stay_connected(self) -> None:
        while True:
            await self._wanted.wait()
            self._hurry.clear()
            await self._connect_once()
            if self._task is None:
                return
            if self._wanted.is_set():
                await self._back_off()

    async def _back_off(self) -> None:
        wait = max(self.backoff.next(), _SHORTEST_WAIT_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), wait)

    async def _connect_once(self) -> None:
        try:
            async with connect(self.url, **self._arguments()) as connection:
                socket = WebSocketSocket(connection, write_buffer_bytes=self.options.write_buffer_bytes)
                version = SUBPROTOCOLS.get(connection.subprotocol or "")
                if version is None:
                    self._fail("the CSMS speaks none of our versions")
                    await connection.close(1002, "no common subprotocol")
                    return
                await self._converse(socket, version)
        except InvalidStatus as error:
            self._fail(f"HTTP {error.response.status_code}")
        except (OSError, TimeoutError, WebSocketException) as error:
            self._fail(str(error) or type(error).__name__)
        except Exception as error:
            logger.exception("%s: connecting failed", self.station)
            self._fail(str(error) or type(error).__name__)

    async def _converse(self, socket: WebSocketSocket, version: Version) -> None:
        if not self._wanted.is_set():  # told to go offline during the handshake
            return
        self.backoff.reset()
        peer = Peer(identity=self.station, version=version, remote_address=socket.remote_address, secured=self.url.startswith("wss:"))

        def listen(_: WebSocketSocket) -> Link:
            self._link = self._make_link(socket, peer)
            self._on_connected(self._link)
            return self._link

        try:
            code, reason = await socket.run(listen)
        finally:
            self._link = None
        self._on_disconnected(code, reason)

    def _fail(self, reason: str) -> None:
        logger.info("%s: no connection to %s: %s", self.station, self.endpoint, reason)
        self._on_failed(reason)

    def _arguments(self) -> dict[str, Any]:
        options = self.options
        names = {version: name for name, version in SUBPROTOCOLS.items()}
        deflate = options.compression and any(version != "1.6" for version in self.versions)
        arguments: dict[str, Any] = {
            "subprotocols": [Subprotocol(names[version]) for version in self.versions],
            "compression": None,
            "extensions": [_DEFLATE] if deflate else None,
            "open_timeout": options.handshake_seconds,
            "close_timeout": options.close_seconds,
            "ping_interval": options.ping_interval_seconds or None,
            "ping_timeout": options.ping_timeout_seconds,
            "max_size": options.frame_bytes,
            "proxy": None,
            "user_agent_header": None,
            "logger": logger,
            "create_connection": _Connection,
        }
        if self.password is not None:
            arguments["additional_headers"] = {"Authorization": basic_auth.header(self.station, self.password)}
        if self._ssl is not None:
            arguments["ssl"] = self._ssl
        return arguments


class _Connection(ClosesInTime, ClientConnection):
    """The client's end."""


_DEFLATE = ClientPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    client_max_window_bits=None,
    compress_settings={"memLevel": 5},
)
