"""A simulated EVSE: contactor, lock, meter and the vehicle at its plug. Time moves it, and nothing else.

Power follows the vehicle's curve in steps of at most `STEP_MS`; the meter counts each step exactly. While energy flows the voltages wander
around their nominal value, drawn from a seeded generator, so two runs with one seed read the same. Reading changes nothing.
"""

import random

import msgspec
from msgspec import Struct

from voltgate.station.hardware.meter import MW_MS_PER_MWH, Meter
from voltgate.station.hardware.port import Phase, PhaseReading, PowerSpec, Reading
from voltgate.station.hardware.vehicle import Vehicle

STEP_MS = 5_000
NOMINAL_AC_MV = 230_000
NOMINAL_DC_MV = 400_000
_PHASES: tuple[Phase, ...] = ("L1", "L2", "L3")


class _Saved(Struct):
    meter: Meter
    vehicle: Vehicle | None = None
    plugged_connector: int | None = None
    locked: bool = False


class SimulatedEvse:
    """One EVSE without copper. See `EvseHardware`."""

    def __init__(self, spec: PowerSpec, seed: int = 0) -> None:
        self.spec = spec
        self.meter = Meter()
        self.vehicle: Vehicle | None = None
        self.locked = False
        self.lock_broken = False
        self._plugged_connector: int | None = None
        self._energised = False
        self._energised_ms = 0
        self._power_mw = 0
        self._noise = random.Random(seed)  # noise, not a secret
        self._voltages_mv = [NOMINAL_DC_MV] if spec.kind == "DC" else [NOMINAL_AC_MV] * spec.phases

    @property
    def plugged_connector(self) -> int | None:
        return self._plugged_connector

    @property
    def ev_wants_energy(self) -> bool:
        return self.vehicle is not None and self.vehicle.wants_energy

    @property
    def energised(self) -> bool:
        return self._energised

    @property
    def phases_in_use(self) -> int:
        return 0 if self.vehicle is None else self.vehicle.phases_used(self.spec)

    # ---- what the driver does

    def plug_in(self, connector: int, vehicle: Vehicle | None = None) -> None:
        """A vehicle arrives; without one, an ordinary car."""
        self._plugged_connector = connector
        self.vehicle = Vehicle() if vehicle is None else vehicle

    def unplug(self) -> None:
        """The vehicle leaves; it can always let go of its own end of the cable."""
        self.open_contactor()
        self._plugged_connector = None
        self.vehicle = None

    # ---- what the station does

    def close_contactor(self) -> None:
        if not self._energised:
            self._energised, self._energised_ms = True, 0

    def open_contactor(self) -> None:
        self._energised = False
        self._power_mw = 0

    def lock(self) -> bool:
        if not self.lock_broken and self._plugged_connector is not None:
            self.locked = True
        return self.locked

    def unlock(self) -> bool:
        if self.lock_broken:
            return False
        self.locked = False
        return True

    def read(self) -> Reading:
        phases = self._phase_readings()
        soc = self.vehicle.soc_percent if self.vehicle is not None and self.spec.kind == "DC" else None
        return Reading(self.meter.register_mwh, self._power_mw, phases, soc)

    def advance(self, elapsed_ms: int) -> None:
        while elapsed_ms > 0 and self._energised and self.vehicle is not None:
            step = min(elapsed_ms, STEP_MS)
            elapsed_ms -= step
            self._step(self.vehicle, step)

    def dump(self) -> bytes:
        return msgspec.json.encode(_Saved(self.meter, self.vehicle, self._plugged_connector, self.locked))

    def load(self, data: bytes) -> None:
        saved = msgspec.json.decode(data, type=_Saved)
        self.meter, self.vehicle = saved.meter, saved.vehicle
        self._plugged_connector, self.locked = saved.plugged_connector, saved.locked

    # ---- inside

    def _step(self, vehicle: Vehicle, step_ms: int) -> None:
        self._energised_ms += step_ms
        self._wander()
        self._power_mw = power_mw = vehicle.draws_mw(self.spec, self._energised_ms)
        if power_mw == 0:
            return
        # The car stops the moment it has what it wants, not at the end of the step.
        needed = (vehicle.target_mwh - vehicle.stored_mwh) * MW_MS_PER_MWH - self.meter.rest
        vehicle.stored_mwh += self.meter.count(power_mw, min(step_ms, -(-needed // power_mw)))
        if not vehicle.wants_energy:
            self._power_mw = 0

    def _wander(self) -> None:
        nominal = NOMINAL_DC_MV if self.spec.kind == "DC" else NOMINAL_AC_MV
        for i, voltage in enumerate(self._voltages_mv):
            pull = (nominal - voltage) // 10
            self._voltages_mv[i] = voltage + pull + self._noise.randint(-600, 600)

    def _phase_readings(self) -> tuple[PhaseReading, ...]:
        if self.spec.kind == "DC":
            voltage = self._voltages_mv[0]
            return (PhaseReading(None, voltage, self._power_mw * 1_000 // voltage, self._power_mw),)
        used = max(1, self.phases_in_use)
        share, rest = divmod(self._power_mw, used)
        powers = [share + (1 if i < rest else 0) if i < used else 0 for i in range(self.spec.phases)]
        return tuple(
            PhaseReading(_PHASES[i], voltage, powers[i] * 1_000 // voltage, powers[i]) for i, voltage in enumerate(self._voltages_mv)
        )
