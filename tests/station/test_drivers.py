from voltgate.station.drivers import Drivers, Due, Place
from voltgate.station.hardware import PowerSpec

PLACES = [Place(0, 1, PowerSpec()), Place(0, 2, PowerSpec("DC", 50_000)), Place(1, 1, PowerSpec())]
DAY_MS = 86_400_000


def day(seed: int = 1, arrivals: float = 2.0) -> list[Due]:
    return list(Drivers(PLACES, ["A", "B"], arrivals, seed).due(DAY_MS))


def test_the_same_seed_gives_the_same_day() -> None:
    assert day() == day()
    assert day(seed=2) != day()


def test_visits_at_one_place_follow_each_other() -> None:
    for place in PLACES:
        deeds = [due.deed for due in day() if due.place == place]
        visits = [deeds[i : i + 4] for i in range(0, len(deeds) - 3, 4)]
        assert len(visits) > 3
        assert all(sorted(visit[:2]) == ["plug_in", "present_token"] and visit[2:] == ["stop", "unplug"] for visit in visits)


def test_vehicles_want_something_they_can_hold() -> None:
    vehicles = [due.visit.vehicle for due in day() if due.visit is not None]
    assert all(vehicle.stored_mwh < vehicle.target_mwh <= vehicle.battery_mwh for vehicle in vehicles)


def test_nobody_comes_where_nobody_is_wanted() -> None:
    assert day(arrivals=0) == []


def test_a_called_driver_comes_at_once_and_nobody_follows() -> None:
    drivers = Drivers([], ["A"], 1.0)
    drivers.call(PLACES[0], 1_000)
    assert [(due.deed, due.place) for due in drivers.due(DAY_MS)] == [(deed, PLACES[0]) for deed in ("plug_in", "stop", "unplug")]
    nobody = Drivers([], ["A"], 0)
    nobody.call(PLACES[0], 1_000)
    assert list(nobody.due(DAY_MS)) == []
