"""uvicorn in our own loop: no signal handlers, no log configuration, and a port that is known before it serves."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

CLOSE_SECONDS = 3


class CannotListen(Exception):
    """The address cannot be listened on; the text says which and why."""


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises: CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    # Inherited by every connection: head and body are two writes, and Nagle would hold the second one back for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class HttpServer:
    """Serves an ASGI application on a socket."""

    def __init__(self, app: Any, listening: socket.socket) -> None:
        self._socket = listening
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Serve; returns when requests are answered."""
        self._serving = asyncio.create_task(self._server.serve([self._socket]), name="http")
        starting = asyncio.create_task(self._server.has_started.wait())
        await asyncio.wait([self._serving, starting], return_when=asyncio.FIRST_COMPLETED)
        starting.cancel()
        if self._serving.done():
            self._serving.result()

    async def stop(self) -> None:
        """Finish what is being answered and close; streams are cut after a moment."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        self._socket.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and tell when it is done."""
        await super().startup(sockets)
        self.has_started.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The program handles signals, not its HTTP server."""
        yield
