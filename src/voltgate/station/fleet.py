"""Many stations in one process and in the caller's loop: one timer for all of them, and drivers that come and go."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from voltgate.infrastructure.clock import Clock, SystemClock
from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram
from voltgate.station.drivers import Drivers, Due, Place, Visit
from voltgate.station.hardware import PowerSpec
from voltgate.station.keeping import open_store
from voltgate.station.operations import CannotDo, Operations
from voltgate.station.settings import EvseSpec, StationSpec

logger = logging.getLogger("voltgate.station.fleet")

SLICES = 10
"""Stations tick in turn, a tenth of them at a time, so that no tick delays the others' messages."""
SLICE_SECONDS = 0.05
CALLED_SECONDS = 4.0
"""How long an EVSE that was started from afar waits for its driver, in real time."""


class FleetView(Struct):
    """How a fleet stands."""

    stations: int
    connected: int
    charging: int
    """EVSEs with energy flowing."""
    plugged: int
    power_w: float
    energy_wh: float
    """All registers together."""
    sessions: int
    """Visits that have begun."""
    waiting_events: int
    why_offline: str
    """Why one of those that are not connected is not; empty when all are."""


class Fleet:
    """Runs stations between `start` and `stop`. `programs` and `operations` are there for whoever wants to reach in."""

    def __init__(
        self,
        specs: Iterable[StationSpec],
        *,
        time_factor: float = 1.0,
        seed: int = 0,
        data_dir: Path | None = None,
        tokens: Sequence[str] = ("DEADBEEF",),
        arrivals_per_hour: float = 1.0,
        starts_per_second: float = 200.0,
        clock: Clock | None = None,
    ) -> None:
        """`time_factor` makes vehicles charge, come and go faster; times in messages stay real.

        `arrivals_per_hour` is per EVSE and hour of simulated time; 0: nobody comes. `data_dir` None: nothing survives a restart.
        """
        self.specs = tuple(specs)
        self.programs: list[StationProgram] = []
        self.operations: list[Operations] = []
        self._clock: Clock = SystemClock() if clock is None else clock
        self._time_factor = time_factor
        self._data_dir = data_dir
        self._starts_per_second = starts_per_second
        places = [Place(i, number, evse.power) for i, spec in enumerate(self.specs) for number, evse in enumerate(spec.evses, 1)]
        self._drivers = Drivers(places, tokens, arrivals_per_hour, seed)
        self._visits: dict[Place, Visit] = {}
        """Whose vehicle is where."""
        self._calling: dict[Place, float] = {}
        """Since when an EVSE is authorised from afar and has no vehicle."""
        self._sessions = 0
        self._simulated_ms = 0.0
        self._seen = 0.0
        self._close_store: Callable[[], Awaitable[None]] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def time_factor(self) -> float:
        """How much faster simulated time runs; may be changed at any time."""
        return self._time_factor

    @time_factor.setter
    def time_factor(self, value: float) -> None:
        if value <= 0:
            raise ValueError("time does not stand still or run backwards")
        self._time_factor = value
        for program in self.programs:
            program.time_factor = value

    async def start(self) -> None:
        """Start all stations, a few at a time, and the timer. Raises CannotKeep when the data directory cannot be used."""
        store, self._close_store = await open_store(self._data_dir)
        self._seen = self._clock.monotonic()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="fleet")
        for number, spec in enumerate(self.specs):
            program = StationProgram(msgspec.structs.replace(spec, time_factor=self._time_factor), store, clock=self._clock)
            self.operations.append(Operations(program))
            await program.start()
            self._send_away(program)
            self.programs.append(program)
            if number % 10 == 9:
                await asyncio.sleep(10 / self._starts_per_second)

    async def stop(self, *, end_transactions: bool | None = None) -> None:
        """Stop all stations. Their transactions are ended first (default without `data_dir`) or stay open, as when the power goes."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._data_dir is None if end_transactions is None else end_transactions:
            await asyncio.gather(*(program.wind_down() for program in self.programs))
        await asyncio.gather(*(program.stop() for program in self.programs))
        if self._close_store is not None:
            await self._close_store()
            self._close_store = None

    def view(self) -> FleetView:
        """How it stands."""
        evses = [evse for program in self.programs for evse in program.station.evses]
        readings = [evse.hardware.read() for evse in evses]
        return FleetView(
            stations=len(self.specs),
            connected=sum(program.connected for program in self.programs),
            charging=sum(evse.state == "energised" and evse.hardware.energised for evse in evses),
            plugged=sum(evse.plugged for evse in evses),
            power_w=sum(reading.power_mw for reading in readings) / 1_000,
            energy_wh=sum(reading.register_mwh for reading in readings) / 1_000,
            sessions=self._sessions,
            waiting_events=sum(len(program.station.outbox.events) for program in self.programs),
            why_offline=next((program.why_offline for program in self.programs if not program.connected), ""),
        )

    def dismiss_drivers(self) -> None:
        """From now on nobody comes or goes; whoever is plugged in stays."""
        self._drivers = Drivers((), (), 0)

    # ---- inside

    def _send_away(self, program: StationProgram) -> None:
        """Vehicles of an earlier run have no driver any more."""
        for evse in program.station.evses:
            if evse.plugged:
                self.operations[-1].unplug(evse.id)

    async def _run(self) -> None:
        turn = 0
        while True:
            for number in range(turn, len(self.programs), SLICES):
                program = self.programs[number]
                try:
                    program.tick()
                except Exception:
                    logger.exception("%s: the tick failed", program.spec.id)
                self._call_drivers(number, program)
            turn = (turn + 1) % SLICES
            self._move_drivers()
            await asyncio.sleep(SLICE_SECONDS)

    def _call_drivers(self, number: int, program: StationProgram) -> None:
        """A remote start at a free EVSE brings a driver, as it would in life."""
        now = self._clock.monotonic()
        for evse in program.station.evses:
            place = Place(number, evse.id, evse.spec.power)
            if evse.authorisation is None or evse.authorisation.remote_start_id is None or evse.plugged:
                self._calling.pop(place, None)
            elif now - self._calling.setdefault(place, now) >= CALLED_SECONDS:
                self._calling[place] = now
                self._drivers.call(place, int(self._simulated_ms))

    def _move_drivers(self) -> None:
        now = self._clock.monotonic()
        elapsed, self._seen = now - self._seen, now
        self._simulated_ms += elapsed * 1_000 * self._time_factor
        for due in self._drivers.due(int(self._simulated_ms)):
            try:
                self._do(due)
            except CannotDo as error:
                logger.debug("%s", error)
            except Exception:
                logger.exception("a driver failed")

    def _do(self, due: Due) -> None:
        deed, place, visit = due
        if visit is None or place.station >= len(self.operations):
            return
        operations = self.operations[place.station]
        evse = operations.program.station.evses[place.evse_id - 1]
        if deed == "plug_in":
            operations.plug_in(place.evse_id, vehicle=msgspec.structs.replace(visit.vehicle))
            self._visits[place] = visit
            self._sessions += 1
        elif deed == "present_token" and evse.authorisation is None:
            operations.present_token(visit.token, place.evse_id)
        elif self._visits.get(place) is not visit:
            return  # somebody else's vehicle stands there
        elif deed == "stop" and evse.authorisation is not None:
            operations.present_token(evse.authorisation.token.idToken, place.evse_id)
        elif deed == "unplug":
            del self._visits[place]
            operations.unplug(place.evse_id)


POWERS = (PowerSpec("AC", 11_000), PowerSpec("AC", 22_000), PowerSpec("DC", 50_000), PowerSpec("AC", 11_000), PowerSpec("DC", 150_000))
"""The powers of a mixed fleet, dealt out in turn."""


def mixed_specs(
    stations: int,
    versions: Sequence[Version] = ("1.6", "2.0.1", "2.1"),
    *,
    url: str = "ws://127.0.0.1:9000/ocpp",
    prefix: str = "FLEET-",
    password: str | None = None,
    evses: int = 2,
    seed: int = 0,
) -> list[StationSpec]:
    """Stations of several versions and powers with identities ``PREFIX0001`` and so on."""
    return [
        StationSpec(
            id=f"{prefix}{number:04}",
            url=url,
            version=versions[number % len(versions)],
            password=password,
            evses=tuple(EvseSpec(POWERS[number % len(POWERS)]) for _ in range(evses)),
            serial_number=f"VG-{number:06}",
            seed=seed + number,
        )
        for number in range(1, stations + 1)
    ]
