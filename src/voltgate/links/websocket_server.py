"""WebSocket server: one port for every OCPP version, by subprotocol.

Whatever goes wrong before the 101 gets an HTTP status: 400 unreadable identity, 404 no or unknown identity, 401 wrong password, 426 no
WebSocket request, 429 and 503 too much of it. The order of the client's subprotocols decides.

No common subprotocol: the specification completes the handshake without ``Sec-WebSocket-Protocol`` and closes at once (part 4 §3.2),
certification test TC_B_58_CSMS expects no upgrade. A client sees a failure either way. ``unsupported_subprotocol`` chooses:
"close" (the text, default) or "refuse" (HTTP 400).

permessage-deflate is accepted when offered (part 4 §3.3), without context takeover in both directions: a compression context per idle
connection would cost more memory than everything else. `Limits.frame_bytes` bounds the inflated size.
"""

import asyncio
import logging
import ssl
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from websockets.asyncio.server import Server as _WebSocketsServer
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as _serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from voltgate.links import identity
from voltgate.links.port import Admission, Admit, Refusal, Upgrade, too_busy
from voltgate.links.websocket_socket import ClosesInTime, WebSocketSocket, address_text

logger = logging.getLogger("voltgate.links.server")

UnsupportedSubprotocol = Literal["close", "refuse"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one connection may cost."""

    frame_bytes: int = 1 << 20
    """Largest message, inflated; a larger one closes with 1009."""
    handshake_seconds: float = 10.0
    """For the TLS handshake, and again for the upgrade with its admission."""
    ping_interval_seconds: float | None = 60.0
    """The server pings as well; None: it does not."""
    ping_timeout_seconds: float | None = 60.0
    """A ping without an answer closes with 1011."""
    close_seconds: float = 5.0
    """For the closing handshake."""
    queued_frames: int = 4
    """Frames read ahead of a slow listener."""
    write_buffer_bytes: int = 4 << 20
    """What may wait for a peer that does not read before it is cut off."""
    connections_per_address: int | None = None
    """More get 429. None where stations share an address, e.g. behind a load balancer."""


class Server:
    """A listening server; see `serve`."""

    def __init__(self, admit: Admit, limits: Limits, unsupported_subprotocol: UnsupportedSubprotocol) -> None:
        self._admit = admit
        self._limits = limits
        self._unsupported_subprotocol = unsupported_subprotocol
        self._admissions: dict[ServerConnection, Admission | None] = {}
        self._per_host: Counter[str] = Counter()
        self._server: _WebSocketsServer

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each socket that listens."""
        return [socket.getsockname()[:2] for socket in self._server.sockets]

    @property
    def port(self) -> int:
        """The port that was bound, of interest after asking for port 0."""
        return self.addresses[0][1]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.connections)

    async def close(self, code: int = 1001, reason: str = "") -> None:
        """Stop listening, close all connections, and wait until their listeners have heard of it."""
        self._server.close(code=code, reason=reason)
        await self._server.wait_closed()

    async def start(self, host: str | None, port: int, context: ssl.SSLContext | None) -> None:
        """Bind and listen; `serve` does this."""
        limits = self._limits
        self._server = await _serve(
            self._run,
            host,
            port,
            ssl=context,
            compression=None,
            extensions=[_DEFLATE],
            select_subprotocol=self._select_subprotocol,
            process_request=self._process_request,
            server_header=None,
            open_timeout=limits.handshake_seconds,
            ping_interval=limits.ping_interval_seconds,
            ping_timeout=limits.ping_timeout_seconds,
            close_timeout=limits.close_seconds,
            max_size=limits.frame_bytes,
            max_queue=limits.queued_frames,
            logger=logger,
            create_connection=self._connection_class(),
        )

    def _connection_class(self) -> type[ServerConnection]:
        class OurConnection(_CountedConnection):
            owner = self

        return OurConnection

    async def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        if "websocket" not in ",".join(request.headers.get_all("Upgrade")).lower():
            return None  # the library answers 426
        limit = self._limits.connections_per_address
        if limit is not None and self._per_host[_host(connection)] > limit:
            return _response(connection, too_busy(60, 429))
        try:
            upgrade = _upgrade(connection, request)
        except identity.BadIdentity as error:
            return _response(connection, Refusal(404 if _ends_empty(request.path) else 400, f"{error}\n"))
        return self._decide(connection, await self._admit(upgrade))

    def _decide(self, connection: ServerConnection, decision: Admission | Refusal) -> Response | None:
        if isinstance(decision, Admission):
            self._admissions[connection] = decision
            return None
        if decision.unsupported_subprotocol and self._unsupported_subprotocol == "close":
            self._admissions[connection] = None
            return None
        return _response(connection, decision)

    def _select_subprotocol(self, connection: ServerConnection, offered: Any) -> Subprotocol | None:
        admission = self._admissions.get(connection)
        if admission is None or admission.subprotocol is None or admission.subprotocol not in offered:
            return None
        return Subprotocol(admission.subprotocol)

    async def _run(self, connection: ServerConnection) -> None:
        admission = self._admissions.pop(connection, None)
        if admission is None:
            await connection.close(1002, "no common subprotocol")
            return
        await WebSocketSocket(connection, write_buffer_bytes=self._limits.write_buffer_bytes).run(admission.listener)

    def arrived(self, host: str) -> None:
        """A TCP connection was made; called by the connection itself."""
        self._per_host[host] += 1

    def left(self, connection: ServerConnection, host: str) -> None:
        """A TCP connection is gone, upgraded or not."""
        self._admissions.pop(connection, None)
        self._per_host[host] -= 1
        if not self._per_host[host]:
            del self._per_host[host]


class _CountedConnection(ClosesInTime, ServerConnection):
    """Tells the server of TCP connections from the first byte to the last, handshake or not."""

    owner: ClassVar[Server]
    host = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.host = _host(self)
        self.owner.arrived(self.host)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.owner.left(self, self.host)


_DEFLATE = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    compress_settings={"memLevel": 5},
)


async def serve(
    host: str | None,
    port: int,
    admit: Admit,
    *,
    ssl: ssl.SSLContext | None = None,
    limits: Limits | None = None,
    unsupported_subprotocol: UnsupportedSubprotocol = "close",
) -> Server:
    """Listen; port 0 takes a free one. ``admit`` is asked about each upgrade, and must reserve nothing: the client may go away."""
    server = Server(admit, limits or Limits(), unsupported_subprotocol)
    await server.start(host, port, ssl)
    return server


def _host(connection: ServerConnection) -> str:
    address = connection.remote_address
    return str(address[0]) if isinstance(address, tuple) else ""


def _ends_empty(path: str) -> bool:
    return path.partition("?")[0].endswith("/")


def _upgrade(connection: ServerConnection, request: Request) -> Upgrade:
    headers: dict[str, str] = {}
    for name, value in request.headers.raw_items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    tls = connection.transport.get_extra_info("ssl_object")
    return Upgrade(
        identity=identity.read(request.path),
        path=request.path,
        headers=headers,
        offered=[name.strip() for name in headers.get("sec-websocket-protocol", "").split(",") if name.strip()],
        remote_address=address_text(connection.remote_address),
        secured=tls is not None,
        client_certificate=None if tls is None else tls.getpeercert(binary_form=True),
    )


def _response(connection: ServerConnection, refusal: Refusal) -> Response:
    response = connection.respond(refusal.status, refusal.body)
    for name, value in refusal.headers.items():
        response.headers[name] = value
    return response
