"""Pull the plug: the central system is killed twenty times while a fleet charges, and nothing that it acknowledged is lost or doubled."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.scenarios.plug.judging import Figures, judge, reading
from tests.scenarios.plug.ledger import Ledger
from tests.scenarios.plug.process import CsmsProcess
from voltgate.station.drivers import Drivers
from voltgate.station.fleet import Fleet, mixed_specs

SEED = int(os.environ.get("PLUG_SEED", "20260101"))
KILLS = 20
STATIONS = 12
TOKENS = ("04A1B2C3", "04D4E5F6", "CAFE0001")
IMPATIENT = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "1",
    "OCPPCommCtrlr.MessageTimeout[Default]": "5",
    "SampledDataCtrlr.TxUpdatedInterval": "1",
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true",
}


@asynccontextmanager
async def charging_fleet(url: str) -> AsyncIterator[tuple[Fleet, list[Ledger]]]:
    """A dozen stations of all versions with drivers, and the book of each."""
    specs = [msgspec.structs.replace(spec, variables=IMPATIENT) for spec in mixed_specs(STATIONS, url=url, seed=SEED)]
    fleet = Fleet(specs, time_factor=600, seed=SEED, tokens=TOKENS, arrivals_per_hour=4)
    await fleet.start()
    ledgers = [Ledger(spec.id, spec.version) for spec in specs]
    for ledger, program in zip(ledgers, fleet.programs, strict=True):
        ledger.follow(program)
    try:
        yield fleet, ledgers
    finally:
        await fleet.stop()


async def end_all(fleet: Fleet) -> None:
    """Nobody comes any more, everybody leaves, every queue drains."""
    fleet._drivers = Drivers((), (), 0)
    async with asyncio.timeout(30):
        while not all([_is_done(fleet, number) for number in range(STATIONS)]):
            await asyncio.sleep(0.1)


def _is_done(fleet: Fleet, number: int) -> bool:
    """Send everybody away from one station; whether it is idle and has told everything."""
    operations, station = fleet.operations[number], fleet.programs[number].station
    for evse in station.evses:
        if evse.authorisation is not None:
            operations.stop(evse.id)
        if evse.plugged:
            operations.unplug(evse.id)
    waiting = station.outbox.events or station.outbox.urgent or station.outbox.notes
    busy = any(evse.transaction or evse.authorisation or evse.authorising or evse.plugged for evse in station.evses)
    return not waiting and not busy


@pytest.mark.requirement("E12", "E13", "E04.FR.01", "E01.FR.07")
@pytest.mark.action("1.6:StartTransaction", "1.6:StopTransaction", "1.6:MeterValues", "2.0.1:TransactionEvent", "2.1:TransactionEvent")
async def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    csms = CsmsProcess(tmp_path, AUTHORIZATION_UNKNOWN_TOKENS="accept", AUTHORIZATION_CONCURRENT_TRANSACTIONS="accept")
    print(f"PLUG_SEED={SEED}")
    try:
        async with charging_fleet(csms.ocpp_url) as (fleet, ledgers):
            for kill in range(KILLS):
                if kill % 5 == 4:  # also while it starts
                    await csms.spawn()
                    await asyncio.sleep(chance.uniform(0.3, 1.0))
                    await csms.kill()
                await csms.start()
                await asyncio.sleep(chance.uniform(0.2, 1.5))
                await csms.kill()
            await csms.start()
            await end_all(fleet)
            await csms.stop()
            energies = {
                (program.spec.id, evse.id): evse.hardware.read().register_mwh
                for program in fleet.programs
                for evse in program.station.evses
            }
            assert sum(program.station.outbox.dropped for program in fleet.programs) == 0
    finally:
        await csms.kill()
    figures = Figures(0, 0, 0, 0)
    with reading(csms.database) as database:
        for ledger in ledgers:
            figures += judge(database, ledger)
        counted = {
            (row["station_id"], row["evse_id"]): row["energy"]
            for row in database.execute("SELECT station_id, evse_id, SUM(energy_milli) AS energy FROM transactions GROUP BY 1, 2")
        }
        assert counted == {place: energy for place, energy in energies.items() if energy or place in counted}
        (doubted,) = database.execute("SELECT COUNT(*) FROM alarms WHERE kind LIKE 'transaction.%'").fetchone()
        assert doubted == 0
    print(figures, f"slowest start {max(csms.start_seconds):.2f} s, mean {sum(csms.start_seconds) / len(csms.start_seconds):.2f} s")
    assert figures.sessions >= KILLS
    assert figures.events >= 10 * KILLS
