"""Choosing where a station keeps what must survive: a database file, or memory only."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from voltgate.station.store import MemoryStore, Store


async def _nothing_to_close() -> None:
    return None


async def open_store(data: Path | None) -> tuple[Store, Callable[[], Awaitable[None]]]:
    """The store in directory `data`, and what closes it in the end; without a directory, memory. Raises CannotKeep."""
    if data is None:
        return MemoryStore(), _nothing_to_close
    from voltgate.station.database_store import open_database  # a station that keeps nothing needs no database and starts sooner

    return await open_database(data / "stations.db")
