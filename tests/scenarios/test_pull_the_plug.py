"""Pull the plug: the central system is killed twenty times while a fleet charges, and nothing that it acknowledged is lost or doubled."""

import asyncio
import logging
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import websockets

from tests.scenarios.foreign import eventually
from tests.scenarios.plug.judging import Figures, judge, reading
from tests.scenarios.plug.ledger import Ledger
from tests.scenarios.plug.process import CsmsProcess, StationProcess
from tests.scenarios.plug.wire import PATIENCE, Wire, at, event, open_wire
from voltgate.station.fleet import Fleet, mixed_specs

logger = logging.getLogger("plug")

SEED = int(os.environ.get("PLUG_SEED", "20260101"))
KILLS = 20
STATIONS = 12
TOKENS = ("04A1B2C3", "04D4E5F6", "CAFE0001")
IMPATIENT = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "1",
    "OCPPCommCtrlr.MessageTimeout[Default]": "20",
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "1",
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
    fleet.dismiss_drivers()
    async with asyncio.timeout(90):
        while [number for number in range(STATIONS) if not _is_done(fleet, number)]:
            await asyncio.sleep(0.1)


def counted_energies(fleet: Fleet) -> dict[tuple[str, int], int]:
    """What the meters show, mWh by station and EVSE; they began at 0."""
    evses = [(program.spec.id, evse) for program in fleet.programs for evse in program.station.evses]
    return {(station_id, evse.id): evse.hardware.read().register_mwh for station_id, evse in evses}


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
    logger.warning("PLUG_SEED=%s", SEED)  # pytest shows it when this fails
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
            energies = counted_energies(fleet)
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
    logger.warning("%s; starts of the central system, s: %s", figures, [round(seconds, 2) for seconds in csms.start_seconds])
    assert figures.sessions >= KILLS
    assert figures.events >= 10 * KILLS


FLOOD = 8
IN_FLIGHT = 6


class Flooding:
    """A station that tells events of one endless transaction as fast as they are acknowledged, several at once, and repeats the rest."""

    def __init__(self, url: str, station_id: str) -> None:
        self.station_id = station_id
        self.acknowledged: set[int] = set()
        self.stopping = False
        self._url = url
        self._next = 0
        self._waiting: list[int] = []
        """Sent, and not acknowledged on a connection that was lost."""

    async def run(self) -> None:
        """Until `stopping`, and then until everything that was said is acknowledged."""
        while not self.stopping or self._waiting:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                wire = await open_wire(self._url, self.station_id)
                try:
                    await wire.boot()
                    for end in await asyncio.gather(*(self._tell(wire) for _ in range(IN_FLIGHT)), return_exceptions=True):
                        if isinstance(end, BaseException):
                            raise end
                finally:
                    await wire.close()
            await asyncio.sleep(0.05)

    async def _tell(self, wire: Wire) -> None:
        while self._waiting or not self.stopping:
            number = self._waiting.pop(0) if self._waiting else self._next
            self._next = max(self._next, number + 1)
            kind = "Started" if number == 0 else "Updated"
            try:
                answer = await wire.ask("TransactionEvent", event(kind, number, number, "endless", 1000 + number))
                assert answer[0] == 3, answer
                self.acknowledged.add(number)
            except BaseException:
                self._waiting.append(number)
                raise


@pytest.mark.requirement("E12", "E13")
async def test_kills_under_full_load_lose_and_double_nothing(tmp_path: Path) -> None:
    """Saturated: every station always has several messages under way, so each kill hits hundreds of half-done ones."""
    chance = random.Random(SEED)
    csms = CsmsProcess(tmp_path, AUTHORIZATION_UNKNOWN_TOKENS="accept", AUTHORIZATION_CONCURRENT_TRANSACTIONS="accept")
    stations = [Flooding(csms.ocpp_url, f"FLOOD-{number}") for number in range(FLOOD)]
    running = [asyncio.ensure_future(station.run()) for station in stations]
    try:
        for end in (csms.kill, csms.stop, csms.kill, csms.stop, csms.kill):  # an end in good order loses nothing either
            await csms.start()
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            await end()
            before = {station.station_id: set(station.acknowledged) for station in stations}
            with reading(csms.database) as database:
                for station_id, numbers in before.items():
                    assert numbers <= _stored(database, station_id)  # on the disk before it was acknowledged
        await csms.start()
        for station in stations:
            station.stopping = True
        async with asyncio.timeout(2 * PATIENCE):
            await asyncio.gather(*running)
        await csms.stop()
    finally:
        for task in running:
            task.cancel()
        await csms.kill()
    with reading(csms.database) as database:
        for station in stations:
            assert _stored(database, station.station_id) == station.acknowledged
            rows = database.execute("SELECT COUNT(*), COUNT(DISTINCT at_ms) FROM meter_values WHERE station_id = ?", (station.station_id,))
            assert tuple(rows.fetchone()) == (len(station.acknowledged),) * 2
            (told,) = database.execute("SELECT energy_milli, doubts FROM transactions WHERE station_id = ?", (station.station_id,))
            assert tuple(told) == ((len(station.acknowledged) - 1) * 1000, "[]")
    logger.warning("%s events acknowledged under full load", sum(len(station.acknowledged) for station in stations))
    assert sum(len(station.acknowledged) for station in stations) > 1000


def _stored(database: sqlite3.Connection, station_id: str) -> set[int]:
    numbers = [row["seq_no"] for row in database.execute("SELECT seq_no FROM transaction_events WHERE station_id = ?", (station_id,))]
    assert len(numbers) == len(set(numbers)), "stored twice"
    return set(numbers)


async def keep_charging(station: StationProcess) -> None:
    """Whatever state it is in: a vehicle, and a token."""
    state = await station.state()
    if state["evses"][0]["plugged_connector"] is None:
        await station.do("plug-in", evse_id=1)
    if state["evses"][0]["id_token"] is None:
        await station.do("present-token", token=TOKENS[0], evse_id=1)


async def leave(station: StationProcess) -> int:
    """End the session and wait until it is told; the register of the meter, mWh."""

    async def told() -> Any:
        state = await station.state()
        evse = state["evses"][0]
        if evse["transaction_id"] is not None or evse["id_token"] is not None:
            await station.do("stop", evse_id=1)
        elif evse["plugged_connector"] is not None:
            await station.do("unplug", evse_id=1)
        elif state["waiting_events"] == 0 and state["registration"] == "Accepted":
            return evse["register_mwh"]
        return None

    return int(await eventually(told, 60))


@pytest.mark.requirement("E12", "E13", "E17", "E01.FR.07")
async def test_both_ends_are_killed_in_turn(tmp_path: Path) -> None:
    """Central system and stations lose power at random, each in its turn: the meters and the books agree to the mWh."""
    chance = random.Random(SEED)
    csms = CsmsProcess(tmp_path, AUTHORIZATION_UNKNOWN_TOKENS="accept", AUTHORIZATION_CONCURRENT_TRANSACTIONS="accept")
    patience = {"OCPPCommCtrlr__RetryBackOffWaitMinimum": 0, "OCPPCommCtrlr__RetryBackOffRandomRange": 1}
    stations = [
        StationProcess(
            tmp_path, name, version, csms.ocpp_url, SampledDataCtrlr__TxUpdatedInterval=1, TxCtrlr__ResumptionTimeout=seconds, **patience
        )
        for name, version, seconds in (("A", "1.6", 600), ("B", "2.0.1", 0), ("C", "2.1", 600), ("D", "1.6", 0))
    ]
    logger.warning("PLUG_SEED=%s", SEED)
    try:
        await asyncio.gather(csms.start(), *(station.start() for station in stations))
        for _ in range(8):
            await asyncio.gather(*(keep_charging(station) for station in stations))
            await asyncio.sleep(chance.uniform(0.1, 1.2))
            victims: list[CsmsProcess | StationProcess] = chance.sample([csms, *stations], chance.choice((1, 2)))
            await asyncio.gather(*(victim.kill() for victim in victims))
            await asyncio.gather(*(victim.start() for victim in victims))
        registers = dict(zip("ABCD", await asyncio.gather(*(leave(station) for station in stations)), strict=True))
        await csms.stop()
    finally:
        await asyncio.gather(csms.kill(), *(station.close() for station in stations))
    with reading(csms.database) as database:
        rows = database.execute("SELECT * FROM transactions ORDER BY station_id, started_ms").fetchall()
        assert [(row["station_id"], row["doubts"]) for row in rows if row["open"] or row["doubts"] != "[]"] == []
        counted = {name: sum(row["energy_milli"] for row in rows if row["station_id"] == name) for name in registers}
        assert counted == registers
        # A stop of 1.6 may tell the samples of its session once more: those are another message.
        twice = database.execute(
            "SELECT station_id, transaction_id, meter_values.at_ms, measurand, phase, COUNT(*) FROM meter_values "
            "JOIN transaction_events USING (station_id, transaction_id) WHERE event_key = message_key AND type = 'Updated' "
            "GROUP BY 1, 2, 3, 4, 5 HAVING COUNT(*) > COUNT(DISTINCT value_milli)"
        ).fetchall()
        assert [tuple(row) for row in twice] == []
        ends = database.execute(
            "SELECT COUNT(*) FROM transaction_events WHERE type IN ('Started', 'Ended') GROUP BY station_id, transaction_id"
        ).fetchall()
        assert {row[0] for row in ends} == {2}
    logger.warning("%s sessions, registers %s", len(rows), registers)
    assert all(registers.values())


async def test_alarms_and_wishes_survive_kills(tmp_path: Path) -> None:
    """What follows from a message is done after its commit, by whoever lives then: once."""
    chance = random.Random(SEED)
    key = "vg_a-key-of-the-tests-with-enough-letters"
    csms = CsmsProcess(tmp_path, ADMIN_KEY=key, OCPP_SETTLE_SECONDS="0.05")
    headers = {"authorization": f"Bearer {key}"}
    try:
        for kill in range(6):
            await csms.start()
            wire = await open_wire(csms.ocpp_url, "CS-1", "1.6")
            await wire.boot("1.6")
            for number in range(30):
                start = {"connectorId": 1, "idTag": f"STRANGER{number}", "meterStart": 0, "timestamp": at(1000 * kill + number)}
                wire.say("StartTransaction", start)
            await asyncio.sleep(chance.uniform(0.0, 0.1))
            if kill == 5:
                await wire.close()
                async with httpx.AsyncClient(base_url=csms.api_url, headers=headers) as api:
                    wish = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "123"}
                    assert (await api.patch("/stations/CS-1/variables", json=[wish])).status_code == 200
            await csms.kill()
            await wire.close()
        await csms.start()
        with reading(csms.database) as database:
            (stored,) = database.execute("SELECT COUNT(*) FROM transactions").fetchone()
        async with httpx.AsyncClient(base_url=csms.api_url, headers=headers) as api:

            async def counted() -> bool:
                alarms = (await api.get("/alarms")).json()["items"]
                return [alarm["count"] for alarm in alarms if alarm["kind"] == "transaction.token"] == [stored]

            async def fulfilled() -> bool:
                (variable,) = (await api.get("/stations/CS-1/variables", params={"search": "HeartbeatInterval"})).json()["items"]
                return (variable["status"], variable["desired"]) == ("done", "123")

            await eventually(counted, PATIENCE)
            wire = await open_wire(csms.ocpp_url, "CS-1", "1.6")
            await eventually(fulfilled, PATIENCE)
            assert [frame[3] for frame in wire.asked if frame[2] == "ChangeConfiguration"] == [{"key": "HeartbeatInterval", "value": "123"}]
            await wire.close()
        await csms.stop()
    finally:
        await csms.kill()
    logger.warning("%s alarms counted", stored)
    assert stored > 30
