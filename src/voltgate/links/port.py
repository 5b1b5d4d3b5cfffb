"""What a WebSocket library must offer us, so that another one can take its place.

A server asks `Admit` about each `Upgrade` before it answers 101. An `Admission` names the subprotocol and says who will listen;
a `Refusal` is the HTTP answer instead. A `Socket` sends; its `Listener` hears. All callbacks are synchronous and run in the event loop.

Back-pressure: whoever cannot take more calls `Socket.pause_reading`; the server reads no further, TCP slows the peer down,
and at most one more message arrives. `resume_reading` undoes it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Socket(Protocol):
    """One open WebSocket connection, either end."""

    @property
    def remote_address(self) -> str:
        """Host and port of the peer, ``192.0.2.1:5050`` or ``[2001:db8::1]:5050``."""

    def send(self, text: str) -> None:
        """Send one text message. Never blocks, never raises; a message to a closed socket is dropped."""

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Begin the closing handshake; `Listener.closed` follows. A second call does nothing."""

    def abort(self) -> None:
        """Cut the TCP connection without a closing handshake, as a lost network does."""

    def pause_reading(self) -> None:
        """Read no further message for now. Pings are still answered while the library's own buffer lasts."""

    def resume_reading(self) -> None:
        """Read on."""


class Listener(Protocol):
    """Whoever hears a socket. What it raises is logged and closes the connection with 1011."""

    def received(self, frame: str) -> None:
        """A text message came. Binary messages and bad UTF-8 never get here (1003, 1007)."""

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone; called exactly once. 1006 if there was no closing handshake."""


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """What a client asked for, before the 101."""

    identity: str
    """Last segment of the path, percent-decoded once."""
    path: str
    """As sent, with query."""
    headers: Mapping[str, str]
    """Names in lower case; a header sent several times is joined by ``, ``."""
    offered: Sequence[str]
    """Subprotocols in the order of the client's preference; empty if it sent none."""
    remote_address: str
    secured: bool
    """Whether the connection is TLS."""
    client_certificate: bytes | None = None
    """DER; None if the client showed none."""

    @property
    def authorization(self) -> str | None:
        """The Authorization header; see `basic_auth.parse`."""
        return self.headers.get("authorization")


@dataclass(frozen=True)
class Admission:
    """Come in. ``listener`` is called once the handshake is done, and not at all if the client goes away before."""

    subprotocol: str | None
    """One of those offered; None answers without the header, for stations that offer none and are known to speak a version."""
    listener: Callable[[Socket], Listener]


@dataclass(frozen=True)
class Refusal:
    """Stay out. ``unsupported_subprotocol`` lets the server's setting decide how (see `websocket_server.serve`)."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    unsupported_subprotocol: bool = False


Admit = Callable[[Upgrade], Awaitable[Admission | Refusal]]


def unauthorized(realm: str = "OCPP") -> Refusal:
    """401: wrong or missing password."""
    return Refusal(401, "Wrong or missing credentials\n", {"WWW-Authenticate": f'Basic realm="{realm}", charset="UTF-8"'})


def unknown_station() -> Refusal:
    """404: nobody is registered under the identity (part 4 §3.2)."""
    return Refusal(404, "Unknown charging station\n")


def too_busy(retry_after_seconds: int, status: int = 503) -> Refusal:
    """503, or 429 if it is this client that asks too often."""
    return Refusal(status, "Try again later\n", {"Retry-After": str(retry_after_seconds)})


def no_common_subprotocol() -> Refusal:
    """The client offers no OCPP version that we speak."""
    return Refusal(400, "No common subprotocol\n", unsupported_subprotocol=True)


def choose_subprotocol(offered: Sequence[str], supported: Sequence[str]) -> str | None:
    """The first the client offers that we speak: its order decides (part 4 of 2.1 §3.1.2). Exact, lower case."""
    return next((name for name in offered if name in supported), None)
