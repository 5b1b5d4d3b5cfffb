"""A connection of the `websockets` library as our `Socket`, for both ends, and the loop that reads it."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from websockets.asyncio.connection import Connection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from voltgate.links.port import Listener

logger = logging.getLogger("voltgate.links")

_MAX_CLOSE_REASON_BYTES = 123

NO_CLOSE_FRAME = 1006


class ClosesInTime(Connection):
    """A connection that is cut when its peer broke the protocol or said goodbye, and then keeps the TCP connection open.

    The library sets the deadline, but only watches it while somebody closes or sends.
    """

    _cut: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._cut is None and self.protocol.close_expected() and self.close_timeout is not None:
            self._cut = self.loop.call_later(self.close_timeout, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None


class WebSocketSocket:
    """`Socket` over a `websockets` connection."""

    def __init__(self, connection: Connection, *, write_buffer_bytes: int) -> None:
        self._connection = connection
        self._write_buffer_bytes = write_buffer_bytes
        self._remote_address = address_text(connection.remote_address)
        self._reading = asyncio.Event()
        self._reading.set()
        self._closing: asyncio.Task[None] | None = None

    @property
    def remote_address(self) -> str:
        """Host and port of the peer."""
        return self._remote_address

    def send(self, text: str) -> None:
        """Send at once, without flow control; who does not read what it asked for is cut off at the limit of the write buffer."""
        if self._connection.state is not State.OPEN:
            return
        broadcast([self._connection], text)
        if self._connection.transport.get_write_buffer_size() > self._write_buffer_bytes:
            logger.warning("%s does not read what is sent to it", self._remote_address)
            self.abort()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Begin the closing handshake in the background."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(code, _shorten(reason)))
            self._reading.set()

    async def _close(self, code: int, reason: str) -> None:
        try:
            await self._connection.close(code, reason)
        except Exception:
            logger.exception("closing the connection of %s failed", self._remote_address)
            self.abort()

    def abort(self) -> None:
        """Cut the TCP connection."""
        self._connection.transport.abort()
        self._reading.set()

    def pause_reading(self) -> None:
        """Stop the reading loop before its next message."""
        self._reading.clear()

    def resume_reading(self) -> None:
        """Let the reading loop go on."""
        self._reading.set()

    async def run(self, make_listener: Callable[["WebSocketSocket"], Listener]) -> tuple[int, str]:
        """Feed the listener until the connection is gone; returns how it was closed. Cancelling closes the connection."""
        listener = make_listener(self)
        try:
            await self._read(listener)
        except ConnectionClosed:
            pass
        except Exception:
            logger.exception("the listener of %s failed", self._remote_address)
            self.close(1011, "internal error")
        finally:
            code, reason = await self._finish()
            _tell_closed(listener, code, reason)
        return code, reason

    async def _read(self, listener: Listener) -> None:
        while True:
            message = await self._connection.recv()
            if self._closing is not None:
                return
            if not isinstance(message, str):
                self.close(1003, "OCPP-J is text")
                return
            listener.received(message)
            if not self._reading.is_set():
                await self._wait_until_reading()

    async def _wait_until_reading(self) -> None:
        """Wait for `resume_reading`, or for the end of the connection."""
        gone = asyncio.ensure_future(self._connection.wait_closed())
        resumed = asyncio.ensure_future(self._reading.wait())
        try:
            await asyncio.wait((gone, resumed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            resumed.cancel()

    async def _finish(self) -> tuple[int, str]:
        if self._closing is not None:
            await asyncio.shield(self._closing)
        else:
            await self._connection.close()
        return self._connection.close_code or NO_CLOSE_FRAME, self._connection.close_reason or ""


def _tell_closed(listener: Listener, code: int, reason: str) -> None:
    try:
        listener.closed(code, reason)
    except Exception:
        logger.exception("a listener failed when its connection closed")


def _shorten(reason: str) -> str:
    return reason.encode()[:_MAX_CLOSE_REASON_BYTES].decode(errors="ignore")


def address_text(address: Any) -> str:
    """``192.0.2.1:5050`` of what asyncio calls peername; empty if it has none."""
    if not isinstance(address, tuple) or len(address) < 2:
        return ""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
