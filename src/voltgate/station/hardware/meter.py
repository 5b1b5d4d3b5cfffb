"""An energy meter that loses nothing: power in milliwatts and time in milliseconds become milliwatt-hours in exact integers."""

from msgspec import Struct

MW_MS_PER_MWH = 3_600_000
"""Milliwatt-milliseconds in one milliwatt-hour."""


class Meter(Struct):
    """A register that only grows; what is less than one mWh waits in `rest`."""

    register_mwh: int = 0
    rest: int = 0
    """Milliwatt-milliseconds not yet in the register, below `MW_MS_PER_MWH`."""

    def count(self, power_mw: int, elapsed_ms: int) -> int:
        """Count `power_mw` over `elapsed_ms`; returns the mWh that entered the register. Raises ValueError on negative values."""
        if power_mw < 0 or elapsed_ms < 0:
            raise ValueError("an import register does not run backwards")
        counted, self.rest = divmod(self.rest + power_mw * elapsed_ms, MW_MS_PER_MWH)
        self.register_mwh += counted
        return counted
