"""Samples and what they say about an EVSE."""

from typing import Any

import pytest

from tests.csms.builders import NOON_MS, a_sample, after, measured, register
from voltgate.csms.meter_values import Interval, Register, message_key, read_samples, summarise
from voltgate.ocpp import v21

REGISTER = "Energy.Active.Import.Register"


def summary(*samples: v21.SampledValueType) -> Any:
    return summarise(read_samples([measured(after(), *samples)]))


@pytest.mark.requirement("J02.FR.03", "J02.FR.04", "J02.FR.05", "J02.FR.06")
def test_what_is_left_out_has_the_meaning_of_the_specification() -> None:
    [sample] = read_samples([measured(after(), a_sample(5.0))])
    assert (sample.measurand, sample.context, sample.location, sample.phase) == (REGISTER, "Sample.Periodic", "Outlet", None)
    assert (sample.at_ms, sample.value_milli, sample.unit) == (NOON_MS, 5000, "Wh")
    assert (sample.original_value, sample.original_unit, sample.multiplier, sample.signed) == ("5", "Wh", 0, None)


def test_signed_data_is_kept_whole() -> None:
    signed = v21.SignedMeterValueType(signedMeterData="b64", encodingMethod="OCMF", publicKey="key")
    [sample] = read_samples([measured(after(), a_sample(5.0, signedMeterValue=signed))])
    assert sample.signed == '{"signedMeterData":"b64","encodingMethod":"OCMF","publicKey":"key"}'


@pytest.mark.parametrize(
    ("samples", "milli"),
    [
        ([a_sample(10.0, REGISTER)], 10_000),
        ([a_sample(1.0, REGISTER, phase="L1"), a_sample(2.0, REGISTER, phase="L2"), a_sample(3.0, REGISTER, phase="L3")], 6_000),
        ([a_sample(1.0, REGISTER, phase="L1-N"), a_sample(2.0, REGISTER, phase="L2-N")], 3_000),
        ([a_sample(1.0, REGISTER, phase="L1"), a_sample(9.0, REGISTER)], 9_000),
        ([a_sample(7.0, REGISTER, location="Inlet"), a_sample(9.0, REGISTER, location="Outlet")], 9_000),
        ([a_sample(7.0, REGISTER, location="Inlet")], 7_000),
    ],
)
def test_the_register_of_the_outlet_without_phase_counts_first(samples: list[v21.SampledValueType], milli: int) -> None:
    assert summary(*samples).registers == (Register(NOON_MS, milli, "Sample.Periodic"),)


def test_upstream_is_never_the_evse() -> None:
    assert summary(a_sample(7.0, REGISTER, location="Upstream"), a_sample(900.0, "Power.Active.Import", location="Upstream")).at_ms is None


@pytest.mark.parametrize(
    ("samples", "milliwatts"),
    [
        ([a_sample(7.4, "Power.Active.Import", unit="kW")], 7_400_000),
        ([a_sample(2300.0, "Power.Active.Import", phase=phase) for phase in ("L1", "L2", "L3")], 6_900_000),
        ([a_sample(5000.0, "Power.Active.Export")], -5_000_000),
        ([a_sample(0.0, "Power.Active.Import"), a_sample(5000.0, "Power.Active.Export")], -5_000_000),
        ([a_sample(10.0, "Current.Import", phase="L1"), a_sample(230.0, "Voltage", phase="L1-N")], 2_300_000),
        ([a_sample(100.0, "Current.Import"), a_sample(400.0, "Voltage")], 40_000_000),
        ([a_sample(10.0, "Current.Import")], None),
    ],
)
def test_power_is_measured_or_volts_times_amperes(samples: list[v21.SampledValueType], milliwatts: int | None) -> None:
    assert summary(*samples).power_milli == milliwatts


def test_current_is_the_largest_phase_and_voltage_their_mean() -> None:
    phases = zip(("L1", "L2", "L3"), (10.0, 16.0, 0.5), (230.0, 229.0, 231.0), strict=True)
    samples = [s for p, a, v in phases for s in (a_sample(a, "Current.Import", phase=p), a_sample(v, "Voltage", phase=f"{p}-N"))]
    found = summary(*samples, a_sample(3.0, "Current.Import", phase="N"), a_sample(41.0, "SoC", location="EV"))
    assert (found.current_milli, found.voltage_milli, found.soc_milli) == (16_000, 230_000, 41_000)


def test_the_newest_moment_counts_for_power_and_every_moment_for_registers() -> None:
    early = measured(after(0), a_sample(1000.0, "Power.Active.Import"), a_sample(1.0, REGISTER))
    late = measured(after(5), a_sample(2000.0, "Power.Active.Import"), a_sample(2.0, REGISTER))
    found = summarise(read_samples([late, early]))
    assert found.power_milli == 2_000_000
    assert sorted(register.milli for register in found.registers) == [1_000, 2_000]


def test_intervals_know_whether_the_clock_made_them() -> None:
    found = summary(a_sample(5.0, "Energy.Active.Import.Interval"), a_sample(7.0, "Energy.Active.Import.Interval", context="Sample.Clock"))
    assert set(found.intervals) == {Interval(5_000, False), Interval(7_000, True)}


def test_a_value_beyond_64_bits_is_kept_as_text_and_says_nothing() -> None:
    values = read_samples([measured(after(), a_sample(1e300, REGISTER))])
    assert (values[0].value_milli, values[0].original_value) == (None, "1e+300")
    assert summarise(values).registers == ()


def test_a_repeated_message_has_the_same_key() -> None:
    said = [v21.MeterValuesRequest(evseId=1, meterValue=[register(after(), wh)]) for wh in (1.0, 1.0, 2.0)]
    first, repeated, other = map(message_key, said)
    assert first == repeated != other
