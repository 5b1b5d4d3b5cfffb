import asyncio
from typing import Any

from tests.csms.pair import Wire, open_office
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp.errors import CallTimedOut


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_it_begins_after_an_accepted_boot_and_when_an_accepted_station_comes_back(database: SqliteDatabase, bus: LocalBus) -> None:
    done: list[tuple[str, str]] = []

    async def failing(context: Any, station_id: str) -> None:
        done.append(("failing", station_id))
        raise CallTimedOut("no answer")

    async def broken(context: Any, station_id: str) -> None:
        raise ZeroDivisionError

    async def second(context: Any, station_id: str) -> None:
        done.append(("second", station_id))

    office = await open_office(database, bus, reconcilers=(failing, broken, second))
    await office.register("CS-1")
    await office.register("WAITS", next_boot="Pending")
    wire = await office.connect("CS-1")
    await (await office.connect("WAITS")).boots()
    await turns()
    assert done == []
    await wire.boots()
    await turns()
    assert done == [("failing", "CS-1"), ("second", "CS-1")]
    wire.goes()
    await office.connect("CS-1")
    await turns()
    assert len(done) == 4
    await office.gateway.drain(0)


async def test_it_ends_with_the_link(database: SqliteDatabase, bus: LocalBus) -> None:
    ended: list[str] = []

    async def long(context: Any, station_id: str) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(station_id)
            raise

    office = await open_office(database, bus, reconcilers=(long,))
    await office.register("CS-1")
    wire: Wire = await office.connect("CS-1")
    await wire.boots()
    await turns()
    wire.goes()
    await turns()
    assert ended == ["CS-1"]
