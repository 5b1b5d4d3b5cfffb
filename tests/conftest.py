"""Fixtures for all tests: a clock that stands still, a bus, and a database per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voltgate.csms.schema import metadata
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import ManualClock
from voltgate.infrastructure.database.sqlite import SqliteDatabase


@pytest.fixture
def clock() -> ManualClock:
    """2026-01-01 00:00 UTC until it is advanced."""
    return ManualClock()


@pytest.fixture
async def bus() -> AsyncIterator[LocalBus]:
    """An empty bus."""
    bus = LocalBus()
    yield bus
    await bus.close()


@pytest.fixture(params=["sqlite"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, bus: LocalBus) -> AsyncIterator[SqliteDatabase]:
    """An empty database with the tables of all rooms that were imported; tests run once per implementation."""
    database = await SqliteDatabase.open(tmp_path / f"test-{request.param}.db", metadata, bus=bus)
    yield database
    await database.close()
