"""A central system without ports, for tests with both ends in memory."""

import pytest

from tests.csms.pair import Office, open_office
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.database.sqlite import SqliteDatabase


@pytest.fixture
async def office(database: SqliteDatabase, bus: LocalBus) -> Office:
    """All rooms, no reconcilers, unknown stations refused."""
    return await open_office(database, bus)
