"""A database with the table of notes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.infrastructure.database.notes import METADATA
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.database.sqlite import SqliteDatabase

Open = Callable[[], Awaitable[SqliteDatabase]]


@pytest.fixture(params=["sqlite"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path, bus: LocalBus) -> AsyncIterator[Open]:
    """Opens the test's database, closing the one opened before."""
    databases: list[SqliteDatabase] = []

    async def open_again() -> SqliteDatabase:
        for database in databases:
            await database.close()
        databases.append(await SqliteDatabase.open(tmp_path / "notes.db", METADATA, bus=bus))
        return databases[-1]

    yield open_again
    for database in databases:
        await database.close()


@pytest.fixture
async def database(opened: Open) -> SqliteDatabase:
    """An open database with the table of notes."""
    return await opened()
