"""The composition root: builds a central system from its parts, starts them in order, and stops them in reverse. Knows every part."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from voltgate.csms.api.app import create_api
from voltgate.csms.backoffice.alarms import Alarms
from voltgate.csms.backoffice.operators import first_key
from voltgate.csms.blocks import COMMANDS, HANDLERS, RECONCILERS, ROUTES
from voltgate.csms.context import Context
from voltgate.csms.exchange import TRANSACTION_NUMBERS
from voltgate.csms.gateway import Gateway
from voltgate.csms.message_log import FrameIds, last_frame_id
from voltgate.csms.migrations import FOLDER
from voltgate.csms.retention import keep_retention
from voltgate.csms.schema import metadata
from voltgate.csms.services import Services
from voltgate.csms.settings import Settings
from voltgate.csms.ui.pages import PAGES
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import Clock, SystemClock
from voltgate.infrastructure.database.migrations import Migrations
from voltgate.infrastructure.database.outbox import Outbox
from voltgate.infrastructure.database.sequences import Numbers
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.infrastructure.http_server import CannotListen, HttpServer, open_socket
from voltgate.infrastructure.keyfile import read_or_create_key
from voltgate.infrastructure.metrics import Metrics
from voltgate.links import websocket_server

DATABASE_FILE = "voltgate.db"
KEY_FILE = "station.key"

_log = structlog.get_logger("voltgate.csms")


class NotOffered(Exception):
    """A setting asks for something that this release does not have; the text says what."""


class Csms:
    """A central system. ``async with Csms(settings) as csms:`` serves inside the block.

    Raises `NotOffered`, `CannotOpen`, `CannotListen` or `KeyUnusable` when it cannot start; nothing is left running then.
    """

    context: Context
    gateway: Gateway
    admin_key: str | None = None
    """The first admin key, if this start created it: it can be shown now and never again."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.ready = False
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()
        self._ocpp: websocket_server.Server
        self._http: HttpServer

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    @property
    def ocpp_port(self) -> int:
        """The port that stations connect to."""
        return self._ocpp.port

    @property
    def ocpp_url(self) -> str:
        """Where stations connect; a slash and their identity follow."""
        return f"ws://{_shown(self.settings.ocpp.listen)}:{self.ocpp_port}/ocpp"

    @property
    def http_url(self) -> str:
        """Where people and programs connect."""
        return f"http://{_shown(self.settings.http.listen)}:{self._http.port}"

    async def start(self) -> None:
        """Open, migrate, and serve."""
        _refuse_what_is_not_offered(self.settings)
        async with AsyncExitStack() as stack:
            await self._build(stack)
            self._stack = stack.pop_all()
        self.ready = True

    async def stop(self) -> None:
        """Let nobody in any more, store what was received, close everything; no-op the second time."""
        self.ready = False
        await self._stack.aclose()

    async def _build(self, stack: AsyncExitStack) -> None:
        settings, metrics, bus = self.settings, Metrics(), LocalBus()
        data = Path(settings.data)
        stack.push_async_callback(bus.close)
        database = await SqliteDatabase.open(data / DATABASE_FILE, Migrations(FOLDER, metadata), bus=bus, observe=metrics.commit)
        stack.push_async_callback(database.close)
        key = read_or_create_key(data / KEY_FILE)
        services = Services(database, bus, self._clock, Numbers(database), settings, key)
        self.context = services
        await services.numbers.open(TRANSACTION_NUMBERS)
        frame_ids = FrameIds(await last_frame_id(database))
        self.gateway = services.gateway = Gateway(services, HANDLERS, RECONCILERS, metrics, frame_ids)
        outbox = Outbox(database, bus)
        stack.push_async_callback(outbox.close)
        Alarms(services).start(outbox)
        _in_background(stack, "retention", lambda: keep_retention(services, outbox))
        await self._serve(stack, services, outbox, metrics)
        # Last: a start that fails after it would have made a key that nobody ever saw.
        self.admin_key = await first_key(services)

    async def _serve(self, stack: AsyncExitStack, services: Services, outbox: Outbox, metrics: Metrics) -> None:
        await self.gateway.start()
        api = create_api(
            services,
            outbox=outbox,
            rooms_routes=ROUTES,
            commands=COMMANDS,
            is_ready=lambda: self.ready,
            metrics=metrics.exposition,
            pages=PAGES,
        )
        self._http = HttpServer(api, open_socket(*_address(self.settings.http.listen)))
        await self._http.start()
        stack.push_async_callback(self._http.stop)
        self._ocpp = await self._listen()
        stack.push_async_callback(self._ocpp.close, 1001, "the central system is going down")
        stack.push_async_callback(self.gateway.drain)

    async def _listen(self) -> websocket_server.Server:
        ocpp = self.settings.ocpp
        limits = websocket_server.Limits(
            frame_bytes=ocpp.max_frame_bytes,
            handshake_seconds=ocpp.handshake_timeout,
            ping_interval_seconds=ocpp.ping_interval,
            ping_timeout_seconds=ocpp.ping_timeout,
        )
        host, port = _address(ocpp.listen)
        try:
            return await websocket_server.serve(
                host, port, self.gateway.admit, limits=limits, unsupported_subprotocol=ocpp.unsupported_subprotocol
            )
        except OSError as error:
            raise CannotListen(f"cannot listen on {ocpp.listen}: {error.strerror or error}") from error


def _refuse_what_is_not_offered(settings: Settings) -> None:
    if settings.database:
        raise NotOffered("this release stores in SQLite inside the data directory only: leave `database` empty")
    if settings.bus:
        raise NotOffered("this release has the bus inside the process only: leave `bus` empty")
    if not settings.http.login_required and not _is_loopback(_address(settings.http.listen)[0]):
        raise NotOffered("without log-in anybody is admin: let `http.listen` be a loopback address, or leave `http.login_required` true")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_background(stack: AsyncExitStack, name: str, job: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        try:
            await job()
        except Exception:
            _log.exception("background job failed", job=name)

    task = asyncio.create_task(run(), name=name)
    stack.callback(task.cancel)


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise CannotListen(f"{listen!r} is no address: write HOST:PORT, e.g. 127.0.0.1:9000")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - no host means all of them


def _shown(listen: str) -> str:
    """The host of an address as a person can use it in a URL."""
    host = _address(listen)[0]
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown, not bound
