"""Status and availability of the station against their requirements (G01, G03, G04, G05, B04)."""

import pytest

from tests.station.harness import Bench
from voltgate.ocpp import v21
from voltgate.station.core import Core
from voltgate.station.settings import EvseSpec, StationSpec
from voltgate.station.station import Station

pytestmark = pytest.mark.action("2.1:ChangeAvailability", "2.1:StatusNotification")


def change(bench: Bench, status: v21.OperationalStatusEnumType, evse: int | None = None, connector: int | None = None) -> str:
    place = None if evse is None else v21.EVSEType(id=evse, connectorId=connector)
    answer: v21.ChangeAvailabilityResponse = bench.ask(v21.ChangeAvailabilityRequest(operationalStatus=status, evse=place))
    return answer.status


@pytest.mark.requirement("G01.FR.03", "G01.FR.04", "TC_G_01_CS", "TC_G_02_CS")
def test_a_vehicle_comes_and_goes() -> None:
    bench = Bench()
    bench.plug_in()
    bench.unplug()
    assert bench.statuses() == [(1, "Occupied"), (1, "Available")]


@pytest.mark.requirement("G01.FR.05", "G03.FR.05", "TC_G_11_CS")
def test_what_was_scheduled_is_unavailable_once_the_transaction_has_ended() -> None:
    bench = Bench()
    bench.charge()
    assert change(bench, "Inoperative", 1) == "Scheduled"
    assert bench.statuses() == [(1, "Occupied")]
    bench.present()
    bench.unplug()
    assert bench.statuses()[-1] == (1, "Unavailable")
    bench.plug_in()
    bench.present()
    assert bench.evse().transaction is None


@pytest.mark.requirement("G01.FR.08")
def test_of_the_other_connectors_of_an_evse_in_use_nothing_is_told() -> None:
    bench = Bench(boot=False)
    bench.station = Station(StationSpec(id="BENCH", evses=(EvseSpec(connectors=2),)), bench.now_ms)
    bench.core = Core(bench.station)
    bench.core.start(bench.now_ms, saved_ms=None)
    bench.connect()
    bench.said.clear()
    bench.plug_in()
    assert [(one.connectorId, one.connectorStatus) for one in bench.said if isinstance(one, v21.StatusNotificationRequest)] == [
        (1, "Occupied")
    ]


@pytest.mark.requirement("G03.FR.06", "G03.FR.07", "G04.FR.05", "G04.FR.07", "G04.FR.08")
def test_operative_again_means_as_it_was_before() -> None:
    bench = Bench()
    change(bench, "Inoperative", 1)
    bench.core.fault(bench.evse(2), "GroundFailure", bench.now_ms)
    bench.pump()
    bench.said.clear()
    assert change(bench, "Inoperative") == "Accepted"
    assert bench.statuses() == [], "one is Unavailable already, the other Faulted"
    assert change(bench, "Operative") == "Accepted"
    assert [bench.evse(number).status(True, 1) for number in (1, 2)] == ["Unavailable", "Faulted"]
    bench.core.fault(bench.evse(2), None, bench.now_ms)
    bench.pump()
    assert bench.statuses() == [(2, "Available")]


@pytest.mark.requirement("G04.FR.04", "G03.FR.03", "TC_G_12_CS", "TC_G_13_CS", "TC_G_15_CS", "TC_G_16_CS", "TC_G_09_CS", "TC_G_10_CS")
@pytest.mark.parametrize("place", [(None, None), (0, None), (1, None), (1, 1)])
def test_the_same_again_is_accepted_and_changes_nothing(place: tuple[int | None, int | None]) -> None:
    bench = Bench()
    assert change(bench, "Operative", *place) == "Accepted"
    assert bench.statuses() == []
    change(bench, "Inoperative", *place)
    before = bench.statuses()
    assert change(bench, "Inoperative", *place) == "Accepted"
    assert bench.statuses() == before != []


@pytest.mark.requirement("G04.FR.09", "G03.FR.08", "G01.FR.02", "B01.FR.07", "TC_G_18_CS", "TC_G_19_CS", "TC_G_21_CS", "TC_B_23_CS")
@pytest.mark.parametrize("place", [(None, None), (2, None), (2, 1)])
@pytest.mark.parametrize("charging", [False, True])
def test_what_was_set_or_scheduled_survives_a_loss_of_power(place: tuple[int | None, int | None], charging: bool) -> None:
    bench = Bench()
    if charging:
        bench.charge(2)
    assert change(bench, "Inoperative", *place) == ("Scheduled" if charging else "Accepted")
    again = Bench(boot=False)
    again.station.restore_memory(bench.station.document("memory"))
    again.connect()
    assert (2, "Unavailable") in again.statuses()


@pytest.mark.requirement("G05.FR.01", "G05.FR.02", "TC_G_20_CS")
@pytest.mark.action("2.1:NotifyEvent")
def test_a_lock_that_fails_is_told_and_nothing_is_charged() -> None:
    bench = Bench()
    bench.hardware().lock_broken = True
    bench.plug_in()
    bench.present()
    bench.wait(5)
    assert not bench.hardware().energised
    (event,) = [message.eventData[0] for message in bench.said if isinstance(message, v21.NotifyEventRequest)]
    assert (event.component.name, event.variable.name, event.actualValue, event.trigger) == (
        "ConnectorPlugRetentionLock",
        "Problem",
        "true",
        "Delta",
    )
    assert event.component.evse == v21.EVSEType(id=1, connectorId=1)


@pytest.mark.action("2.1:NotifyEvent")
def test_one_problem_ends_when_another_component_has_one() -> None:
    bench = Bench()
    for fault in ("ConnectorLockFailure", "GroundFailure", "HighTemperature", None):
        bench.core.fault(bench.evse(), fault, bench.now_ms)
        bench.pump()
    events = [message.eventData[0] for message in bench.said if isinstance(message, v21.NotifyEventRequest)]
    lock, connector = "ConnectorPlugRetentionLock", "Connector"
    assert [(event.component.name, event.techCode, event.actualValue) for event in events] == [
        (lock, "ConnectorLockFailure", "true"),
        (lock, "ConnectorLockFailure", "false"),
        (connector, "GroundFailure", "true"),
        (connector, "HighTemperature", "true"),
        (connector, "HighTemperature", "false"),
    ]
    assert len({event.eventId for event in events}) == len(events)


@pytest.mark.requirement("B04.FR.02", "TC_B_52_CS")
def test_a_change_that_was_undone_while_offline_is_not_told() -> None:
    bench = Bench()
    bench.disconnect()
    bench.plug_in()
    bench.unplug()
    bench.wait(5)
    bench.connect()
    assert bench.statuses() == []


@pytest.mark.action("1.6:StatusNotification")
def test_a_central_system_that_cannot_read_the_state_of_the_station_is_told_it() -> None:
    """1.6 errata 3.22: connector 0 and all connectors, after every accepted boot."""
    bench = Bench(boot=False)
    bench.station.tells_whole = True
    bench.connect()
    assert bench.names() == ["BootNotification", "NotifyEvent", "StatusNotification", "StatusNotification"]
    change(bench, "Inoperative")
    bench.disconnect()
    change(bench, "Operative")
    bench.connect()
    told = [message.eventData[0] for message in bench.said if isinstance(message, v21.NotifyEventRequest)]
    assert [(event.component.name, event.variable.name, event.actualValue) for event in told] == [
        ("ChargingStation", "AvailabilityState", value) for value in ("Available", "Unavailable", "Available")
    ]


def test_others_read_it() -> None:
    bench = Bench(boot=False)
    bench.connect()
    change(bench, "Inoperative")
    assert "NotifyEvent" not in bench.names()
