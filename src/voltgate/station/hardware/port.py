"""What the station asks of the hardware of one EVSE: contactor, meter, lock, plug and reader."""

from typing import Literal, Protocol

from msgspec import Struct

Kind = Literal["AC", "DC"]
Phase = Literal["L1", "L2", "L3"]


class PowerSpec(Struct, frozen=True):
    """What an EVSE can deliver."""

    kind: Kind = "AC"
    max_power_w: int = 11_000
    phases: int = 3
    """Phases of the supply, 1 or 3. A DC EVSE measures on its output and has none there."""

    @property
    def max_current_a(self) -> int:
        """Amperes per phase at 230 V (AC), or at 400 V (DC)."""
        return self.max_power_w // (230 * self.phases if self.kind == "AC" else 400)


class PhaseReading(Struct, frozen=True):
    """One phase at one moment; `phase` is None on DC."""

    phase: Phase | None
    voltage_mv: int
    current_ma: int
    power_mw: int


class Reading(Struct, frozen=True):
    """Everything the meter shows at one moment."""

    register_mwh: int
    """Energy delivered since the meter was made; never falls."""
    power_mw: int
    phases: tuple[PhaseReading, ...]
    soc_percent: int | None
    """State of charge; only a DC EVSE knows it."""


class EvseHardware(Protocol):
    """One EVSE. It never calls back: the station reads its properties after `advance`."""

    spec: PowerSpec

    @property
    def plugged_connector(self) -> int | None:
        """The connector a vehicle is connected to."""
        ...

    @property
    def ev_wants_energy(self) -> bool:
        """False when the vehicle holds off, e.g. because it is full."""
        ...

    @property
    def energised(self) -> bool:
        """True while the contactor is closed."""
        ...

    @property
    def phases_in_use(self) -> int:
        """Phases the vehicle draws from (E02.FR.18); 0 on DC."""
        ...

    def close_contactor(self) -> None:
        """Offer energy."""
        ...

    def open_contactor(self) -> None:
        """Stop offering energy."""
        ...

    def lock(self) -> bool:
        """Lock the cable; False when the lock fails."""
        ...

    def unlock(self) -> bool:
        """Unlock the cable; False when the lock fails."""
        ...

    def read(self) -> Reading:
        """Read the meter."""
        ...

    def advance(self, elapsed_ms: int) -> None:
        """Let time pass."""
        ...

    def dump(self) -> bytes:
        """What must survive a restart: the meter and, in a simulation, the vehicle."""
        ...

    def load(self, data: bytes) -> None:
        """Restore what `dump` gave."""
        ...
