"""Units: every one the specification lists, exact."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.csms.meter_values.units import as_said, normalise, scale


@pytest.mark.parametrize(
    ("value", "unit", "multiplier", "measurand", "milli", "base"),
    [
        (12.345, "kWh", None, "Energy.Active.Import.Register", 12_345_000, "Wh"),
        (0.1, "Wh", None, "Energy.Active.Import.Register", 100, "Wh"),
        (1234.0, None, None, "Energy.Active.Import.Register", 1_234_000, "Wh"),
        (12.0, "Wh", 3, "Energy.Active.Import.Register", 12_000_000, "Wh"),
        (12.0, "kWh", -3, "Energy.Active.Import.Register", 12_000, "Wh"),
        (7.4, "kW", None, "Power.Active.Import", 7_400_000, "W"),
        (7400.0, None, None, "Power.Active.Import", 7_400_000, "W"),
        (16.0, "A", None, "Current.Import", 16_000, "A"),
        (16000.0, "mA", None, "Current.Import", 16_000, "A"),
        (230.4, None, None, "Voltage", 230_400, "V"),
        (49.98, "Hz", None, "Frequency", 49_980, "Hz"),
        (49980.0, "mHz", None, "Frequency", 49_980, "Hz"),
        (55.0, "Percent", None, "SoC", 55_000, "Percent"),
        (55.0, "%", None, "SoC", 55_000, "Percent"),
        (1.5, "kvarh", None, "Energy.Reactive.Import.Register", 1_500_000, "varh"),
        (1.5, None, None, "Energy.Reactive.Import.Register", 1_500, "varh"),
        (1.5, "kVA", None, "Power.Offered", 1_500_000, "VA"),
        (0.98, None, None, "Power.Factor", 980, ""),
        (293.15, "K", None, "Temperature", 20_000, "Celsius"),
        (68.0, "Fahrenheit", None, "Temperature", 20_000, "Celsius"),
        (20.0, "Celcius", None, "Temperature", 20_000, "Celsius"),
        (1.0, "KWH", None, "Energy.Active.Import.Register", 1_000_000, "Wh"),
        (5.0, "furlong", None, "Current.Import", 5_000, "furlong"),
        (1e300, "kWh", None, "Energy.Active.Import.Register", None, "Wh"),
        (1.0, "Wh", 10**18, "Energy.Active.Import.Register", None, "Wh"),
        (1.0, "Wh", -(10**18), "Energy.Active.Import.Register", None, "Wh"),
    ],
)
def test_normalises(value: float, unit: str | None, multiplier: int | None, measurand: str, milli: int | None, base: str) -> None:
    assert normalise(value, unit, multiplier, measurand) == (milli, base)


@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_a_decimal_of_three_places_is_exact(thousandths: int, places: int) -> None:
    assert scale(float(f"{thousandths}e-3"), 3) == thousandths


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-400, 400))
def test_scaling_never_fails_and_never_leaves_64_bits(value: float, exponent: int) -> None:
    whole = scale(value, exponent)
    assert whole is None or -(2**63) < whole < 2**63


@given(st.floats(-1e17, 1e17), st.integers(-3, 9))
def test_the_short_way_is_the_exact_way(value: float, exponent: int) -> None:
    exact = Decimal(repr(value)).scaleb(exponent).to_integral_value(ROUND_HALF_EVEN)
    assert scale(value, exponent) == (int(exact) if abs(exact) < 2**63 else None)


@pytest.mark.parametrize(("value", "text"), [(1234.0, "1234"), (0.1, "0.1"), (-3.0, "-3"), (1e300, "1e+300")])
def test_a_value_is_kept_as_it_was_said(value: float, text: str) -> None:
    assert as_said(value) == text
