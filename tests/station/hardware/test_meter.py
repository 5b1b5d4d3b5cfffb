import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.station.hardware.meter import MW_MS_PER_MWH, Meter


def test_one_kilowatt_for_one_hour() -> None:
    meter = Meter()
    for _ in range(3_600):
        meter.count(1_000_000, 1_000)
    assert meter.register_mwh == 1_000_000
    assert meter.rest == 0


@given(st.lists(st.tuples(st.integers(0, 400_000_000), st.integers(0, 10_000)), max_size=50))
def test_nothing_is_lost_however_time_is_cut(steps: list[tuple[int, int]]) -> None:
    meter, counted = Meter(), 0
    for power_mw, elapsed_ms in steps:
        counted += meter.count(power_mw, elapsed_ms)
    assert meter.register_mwh == counted
    assert meter.register_mwh * MW_MS_PER_MWH + meter.rest == sum(power * elapsed for power, elapsed in steps)


def test_a_register_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        Meter().count(-1, 10)
    with pytest.raises(ValueError, match="backwards"):
        Meter().count(1, -10)
