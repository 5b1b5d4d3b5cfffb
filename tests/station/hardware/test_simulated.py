import pytest

from voltgate.station.hardware import PowerSpec, SimulatedEvse, Vehicle

AC11, AC22, DC150 = PowerSpec("AC", 11_000), PowerSpec("AC", 22_000), PowerSpec("DC", 150_000)


def charging(spec: PowerSpec, vehicle: Vehicle, seed: int = 1) -> SimulatedEvse:
    evse = SimulatedEvse(spec, seed)
    evse.plug_in(1, vehicle)
    evse.lock()
    evse.close_contactor()
    return evse


@pytest.mark.parametrize(
    ("spec", "vehicle", "watts"),
    [
        (AC11, Vehicle(), 11_000),
        (AC22, Vehicle(), 11_000),  # the car's charger is the limit
        (AC22, Vehicle(max_ac_w=22_000), 22_000),
        (AC11, Vehicle(max_ac_w=7_400, ac_phases=1), 3_666),  # one phase of an 11 kW EVSE
        (DC150, Vehicle(max_dc_w=100_000), 100_000),
    ],
)
def test_power_is_what_both_can(spec: PowerSpec, vehicle: Vehicle, watts: int) -> None:
    evse = charging(spec, vehicle)
    evse.advance(30_000)
    assert evse.read().power_mw // 1_000 == watts


def test_dc_power_tapers_with_the_state_of_charge() -> None:
    evse = charging(DC150, Vehicle(max_dc_w=150_000, target_mwh=60_000_000))
    powers: dict[int, int] = {}
    while evse.ev_wants_energy:
        evse.advance(10_000)
        reading = evse.read()
        assert reading.soc_percent is not None
        powers[reading.soc_percent] = reading.power_mw
    assert powers[40] > powers[65] > powers[80] > powers[95]


def test_what_the_meter_counts_is_what_the_vehicle_has() -> None:
    vehicle = Vehicle(stored_mwh=18_000_000, target_mwh=20_000_000)
    evse = charging(AC11, vehicle)
    while evse.ev_wants_energy:
        evse.advance(7_321)
    assert 0 <= vehicle.stored_mwh - 20_000_000 < 4  # it is told by the millisecond
    assert evse.read().register_mwh == vehicle.stored_mwh - 18_000_000
    assert evse.read().power_mw == 0


def test_phases_add_up_and_carry_current_only_where_used() -> None:
    evse = charging(AC11, Vehicle(max_ac_w=7_400, ac_phases=1))
    evse.advance(20_000)
    reading = evse.read()
    assert sum(phase.power_mw for phase in reading.phases) == reading.power_mw
    assert [phase.current_ma > 0 for phase in reading.phases] == [True, False, False]
    assert all(225_000 < phase.voltage_mv < 235_000 for phase in reading.phases)


def test_the_same_seed_reads_the_same() -> None:
    one, other = charging(AC11, Vehicle(), seed=7), charging(AC11, Vehicle(), seed=7)
    for evse in (one, other):
        evse.advance(60_000)
    assert [one.read() for _ in range(5)] == [other.read() for _ in range(5)]


def test_nothing_flows_through_an_open_contactor() -> None:
    evse = charging(AC11, Vehicle())
    evse.advance(60_000)
    evse.open_contactor()
    before = evse.read().register_mwh
    evse.advance(60_000)
    assert evse.read().register_mwh == before > 0


def test_a_restart_keeps_the_register_and_the_vehicle() -> None:
    evse = charging(DC150, Vehicle())
    evse.advance(61_234)
    again = SimulatedEvse(DC150, 1)
    again.load(evse.dump())
    assert again.meter == evse.meter
    assert again.vehicle == evse.vehicle
    assert again.plugged_connector == 1
    assert not again.energised


def test_a_broken_lock_stays_as_it_is() -> None:
    evse = charging(AC11, Vehicle())
    evse.lock_broken = True
    assert not evse.unlock()
    assert evse.locked
    evse.lock_broken = False
    assert evse.unlock()
