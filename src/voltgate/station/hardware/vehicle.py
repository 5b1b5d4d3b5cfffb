"""A simulated vehicle: a battery, what it takes at which state of charge, and how much its driver wants."""

from itertools import pairwise

from msgspec import Struct

from voltgate.station.hardware.port import PowerSpec

RAMP_MS = 8_000
"""A vehicle raises its power over this time after the contactor closes."""

# State of charge in percent -> share of the highest DC power in percent; straight lines between.
DC_CURVE: tuple[tuple[int, int], ...] = ((0, 70), (5, 100), (50, 100), (60, 82), (70, 64), (80, 42), (90, 20), (100, 4))
AC_CURVE: tuple[tuple[int, int], ...] = ((0, 100), (96, 100), (100, 30))


class Vehicle(Struct):
    """A car at the plug."""

    battery_mwh: int = 60_000_000
    stored_mwh: int = 18_000_000
    target_mwh: int = 48_000_000
    """It stops asking for energy when this is stored."""
    max_ac_w: int = 11_000
    max_dc_w: int = 120_000
    ac_phases: int = 3
    holds_off: bool = False
    """The driver or the car paused charging."""

    @property
    def soc_percent(self) -> int:
        """State of charge, rounded down."""
        return min(100, self.stored_mwh * 100 // self.battery_mwh)

    @property
    def wants_energy(self) -> bool:
        """True until the target is stored, unless the car holds off."""
        return not self.holds_off and self.stored_mwh < self.target_mwh

    def draws_mw(self, spec: PowerSpec, energised_ms: int) -> int:
        """Power it takes from an EVSE that has offered energy for `energised_ms`, in milliwatts."""
        if not self.wants_energy:
            return 0
        highest_w = min(spec.max_power_w, self.max_dc_w) if spec.kind == "DC" else self._highest_ac_w(spec)
        share = _share_ppm(DC_CURVE if spec.kind == "DC" else AC_CURVE, self.stored_mwh * 1_000_000 // self.battery_mwh)
        ramp = min(RAMP_MS, max(energised_ms, RAMP_MS // 8))
        return highest_w * share // 1_000 * ramp // RAMP_MS

    def phases_used(self, spec: PowerSpec) -> int:
        """Phases it draws from; 0 on DC."""
        return 0 if spec.kind == "DC" else min(self.ac_phases, spec.phases)

    def _highest_ac_w(self, spec: PowerSpec) -> int:
        phases = self.phases_used(spec)
        return min(spec.max_power_w * phases // spec.phases, self.max_ac_w * phases // self.ac_phases)


def _share_ppm(curve: tuple[tuple[int, int], ...], soc_ppm: int) -> int:
    """The share of the highest power at a state of charge, both in millionths."""
    soc = min(max(soc_ppm, 0), 1_000_000)
    for (left, low), (right, high) in pairwise(curve):
        if soc <= right * 10_000:
            return low * 10_000 + (high - low) * (soc - left * 10_000) // (right - left)
    return curve[-1][1] * 10_000
