"""Units: what a station measured, in thousandths of one base unit per quantity, exact.

The value as it was said is kept beside it. Energy becomes Wh (varh, VAh), power W (var, VA), temperature Celsius; a unit that is not
known stays as it is, in thousandths.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

_LARGEST = 2**63 - 1
_SURE_DIGITS = 15
_SURE = 10**_SURE_DIGITS
_POWERS: tuple[int, ...] = tuple(10**exponent for exponent in range(_SURE_DIGITS + 1))
_MOST_DIGITS = 300  # a multiplier beyond this is no measurement; Decimal would give up on it

# unit as spelled in the specification -> (base unit, power of ten)
_UNITS: dict[str, tuple[str, int]] = {
    "Wh": ("Wh", 0),
    "kWh": ("Wh", 3),
    "MWh": ("Wh", 6),
    "varh": ("varh", 0),
    "kvarh": ("varh", 3),
    "VAh": ("VAh", 0),
    "kVAh": ("VAh", 3),
    "W": ("W", 0),
    "kW": ("W", 3),
    "MW": ("W", 6),
    "mW": ("W", -3),
    "var": ("var", 0),
    "kvar": ("var", 3),
    "VA": ("VA", 0),
    "kVA": ("VA", 3),
    "A": ("A", 0),
    "mA": ("A", -3),
    "V": ("V", 0),
    "kV": ("V", 3),
    "mV": ("V", -3),
    "Hz": ("Hz", 0),
    "mHz": ("Hz", -3),
    "Percent": ("Percent", 0),
    "%": ("Percent", 0),
    "Celsius": ("Celsius", 0),
    "Celcius": ("Celsius", 0),  # so spelled by 1.6 and its errata
    "K": ("K", 0),
    "Fahrenheit": ("Fahrenheit", 0),
}
_CARELESS = {unit.casefold(): unit for unit in reversed(_UNITS) if unit not in {"MW", "mW", "MWh"}}

# What a value without a unit is in; the specification says Wh for energy and leaves the rest open.
_DEFAULTS = (
    ("Energy.Reactive", "varh"),
    ("Energy.Apparent", "VAh"),
    ("Energy", "Wh"),
    ("Power.Factor", ""),
    ("Power.Reactive", "var"),
    ("Power", "W"),
    ("Current", "A"),
    ("Voltage", "V"),
    ("Frequency", "Hz"),
    ("SoC", "Percent"),
    ("Display.PresentSOC", "Percent"),
    ("Display.MinimumSOC", "Percent"),
    ("Display.TargetSOC", "Percent"),
    ("Display.MaximumSOC", "Percent"),
    ("Display.RemainingTime", "s"),
    ("Display.BatteryEnergyCapacity", "Wh"),
    ("Temperature", "Celsius"),
)


Quantity = tuple[int | None, str]
"""Thousandths of a base unit (None when they do not fit into 64 bits), and the unit."""


def normalise(value: float, unit: str | None, multiplier: int | None, measurand: str) -> Quantity:
    """`value` x 10^`multiplier` `unit` in thousandths of the base unit; half a thousandth is rounded to even."""
    base, exponent = _base_of(unit, multiplier, measurand)
    if base == "K":
        return _offset(scale(value, exponent), -273_150), "Celsius"
    if base == "Fahrenheit":
        return _celsius(scale(value, exponent)), "Celsius"
    return scale(value, exponent), base


@lru_cache(maxsize=256)
def default_unit(measurand: str) -> str:
    """The unit of a value that was sent without one."""
    return next((unit for prefix, unit in _DEFAULTS if measurand.startswith(prefix)), "")


def scale(value: float, exponent: int) -> int | None:
    """`value` x 10^`exponent` as an integer, taking the float as the shortest decimal that reads back as it; None beyond 64 bits."""
    if 0 <= exponent <= _SURE_DIGITS and -_SURE < value < _SURE:
        power = _POWERS[exponent]
        whole = round(value * power)
        # Up to 15 digits a decimal and its float are one to one, so dividing back shows whether nothing was rounded.
        if -_SURE < whole < _SURE and whole / power == value:
            return whole
    if abs(exponent) > _MOST_DIGITS:
        return None
    whole = int(Decimal(repr(value)).scaleb(exponent).to_integral_value(ROUND_HALF_EVEN))
    return whole if -_LARGEST <= whole <= _LARGEST else None


def fit(milli: int) -> int:
    """`milli` as it fits into a column of 64 bits; what is beyond is no measurement."""
    return max(-_LARGEST, min(_LARGEST, milli))


def as_said(value: float) -> str:
    """A value as text, without the ``.0`` that a float adds."""
    return str(int(value)) if value % 1 == 0 and abs(value) < 1e16 else repr(value)


@lru_cache(maxsize=256)
def _base_of(unit: str | None, multiplier: int | None, measurand: str) -> tuple[str, int]:
    """The base unit, and the power of ten that leads to thousandths of it."""
    said = unit or default_unit(measurand)
    base, exponent = _UNITS.get(said) or _UNITS.get(_CARELESS.get(said.strip().casefold(), ""), (said, 0))
    return base, exponent + (multiplier or 0) + 3


def _offset(milli: int | None, by: int) -> int | None:
    return None if milli is None else milli + by


def _celsius(milli_fahrenheit: int | None) -> int | None:
    # The one inexact conversion: thousandths of a degree are more than any sensor tells.
    return None if milli_fahrenheit is None else round(Decimal(milli_fahrenheit - 32_000) * 5 / 9)
