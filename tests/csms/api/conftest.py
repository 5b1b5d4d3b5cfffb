"""The real application over a real database, with a made-up station at the end of every call."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from voltgate.csms.api.app import create_api
from voltgate.csms.backoffice.operators import first_key
from voltgate.csms.settings import HttpSettings, Settings
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import ManualClock
from voltgate.infrastructure.database.outbox import Outbox
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp.errors import NotConnected

ADMIN_KEY = "vg_the-key-of-the-tests"


@dataclass
class FakeContext:
    """A `Context` whose stations answer what a test wants."""

    database: SqliteDatabase
    bus: LocalBus
    clock: ManualClock
    settings: Settings = field(default_factory=Settings)
    numbers: Any = None
    station_key: bytes = b"k" * 32
    asked: list[Any] = field(default_factory=list)
    on_ask: Callable[[str, Any], Any] | None = None
    on_wire_call: Callable[[str, str, bytes], bytes] | None = None

    def traits(self, station_id: str) -> None:
        return None

    async def ask(self, station_id: str, request: Any, *, timeout: float | None = None) -> Any:
        self.asked.append((station_id, request, timeout))
        if self.on_ask is None:
            raise NotConnected
        return self.on_ask(station_id, request)

    async def wire_call(self, station_id: str, action: str, payload: bytes, *, timeout: float | None = None) -> bytes:
        self.asked.append((station_id, action, payload, timeout))
        if self.on_wire_call is None:
            raise NotConnected
        return self.on_wire_call(station_id, action, payload)

    async def hang_up(self, station_id: str, reason: str) -> None:
        self.asked.append((station_id, reason))


@pytest.fixture
async def context(database: SqliteDatabase, bus: LocalBus, clock: ManualClock) -> FakeContext:
    """A context with the admin key of the tests."""
    context = FakeContext(database, bus, clock)
    await first_key(context, {"VOLTGATE_ADMIN_KEY": ADMIN_KEY})
    return context


@pytest.fixture
def routes() -> list[Any]:
    """More routes below /api/v1, for a test to override."""
    return []


@pytest.fixture
def commands() -> dict[str, Any]:
    """What rooms do for actions, for a test to override."""
    return {}


def client_of(app: Any) -> AsyncClient:
    """A client of an application in this process."""
    transport = ASGITransport(app=app, raise_app_exceptions=False, client=("192.0.2.1", 5000))
    return AsyncClient(transport=transport, base_url="http://voltgate.test")


@pytest.fixture
async def stranger(context: FakeContext, routes: list[Any], commands: dict[str, Any]) -> AsyncIterator[AsyncClient]:
    """A client without key or session."""
    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=routes, commands=commands)
    async with client_of(app) as client:
        yield client


@pytest.fixture
def admin(stranger: AsyncClient) -> AsyncClient:
    """A client with the admin key."""
    stranger.headers["authorization"] = f"Bearer {ADMIN_KEY}"
    return stranger


def with_login(required: bool) -> Settings:
    """Settings with or without log-in."""
    return Settings(http=HttpSettings(login_required=required))
