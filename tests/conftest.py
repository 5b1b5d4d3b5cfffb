"""Fixtures for all tests: a clock that stands still, a bus, and a database per test."""

import os
import shutil
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


def chromium() -> str | None:
    """The path of Chromium; None if there is none."""
    names = (os.environ.get("VOLTGATE_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests of pages where they cannot run."""
    if item.get_closest_marker("browser") and chromium() is None:
        pytest.skip("no Chromium: install chromium or set VOLTGATE_CHROMIUM")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; for tests marked `browser`."""
    path = chromium()
    assert path is not None
    return path
