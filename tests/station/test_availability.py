import pytest

from tests.station.harness import Bench
from voltgate.ocpp import v21

pytestmark = pytest.mark.action("2.1:ChangeAvailability")


def change(bench: Bench, status: v21.OperationalStatusEnumType, evse: int | None = None, connector: int | None = None) -> str:
    place = None if evse is None else v21.EVSEType(id=evse, connectorId=connector)
    answer: v21.ChangeAvailabilityResponse = bench.ask(v21.ChangeAvailabilityRequest(operationalStatus=status, evse=place))
    return answer.status


@pytest.mark.requirement("G03.FR.01", "G03.FR.03", "G03.FR.04", "G03.FR.07")
@pytest.mark.parametrize("place", [(1, None), (1, 1)])
def test_an_evse_and_a_connector(place: tuple[int, int | None]) -> None:
    bench = Bench()
    assert change(bench, "Inoperative", *place) == "Accepted"
    assert change(bench, "Inoperative", *place) == "Accepted"
    assert change(bench, "Operative", *place) == "Accepted"
    assert bench.statuses() == [(1, "Unavailable"), (1, "Available")]


@pytest.mark.requirement("G04.FR.01", "G04.FR.03")
def test_the_whole_station() -> None:
    bench = Bench()
    assert change(bench, "Inoperative") == "Accepted"
    bench.plug_in()
    bench.present()
    assert bench.events() == []
    assert change(bench, "Operative") == "Accepted"
    assert bench.statuses() == [(1, "Unavailable"), (2, "Unavailable"), (1, "Occupied"), (2, "Available")]


@pytest.mark.requirement("G03.FR.05", "G04.FR.06")
@pytest.mark.parametrize("evse", [1, None])
def test_a_running_transaction_ends_first(evse: int | None) -> None:
    bench = Bench()
    bench.charge()
    assert change(bench, "Inoperative", evse) == "Scheduled"
    assert bench.hardware().energised
    bench.present()
    assert bench.statuses()[-2 if evse is None else -1] == (1, "Unavailable")


def test_changing_ones_mind_before_the_transaction_ends() -> None:
    bench = Bench()
    bench.charge()
    change(bench, "Inoperative", 1)
    assert change(bench, "Operative", 1) == "Accepted"
    bench.present()
    bench.unplug()
    assert bench.statuses()[-1] == (1, "Available")


def test_unknown_places_are_rejected() -> None:
    bench = Bench()
    assert change(bench, "Inoperative", 9) == "Rejected"
    assert change(bench, "Inoperative", 1, 7) == "Rejected"


@pytest.mark.requirement("G03.FR.08", "B01.FR.07", "B11.FR.02")
def test_availability_survives_a_restart() -> None:
    bench = Bench()
    change(bench, "Inoperative", 2)
    change(bench, "Inoperative")
    again = Bench(boot=False)
    again.station.restore_memory(bench.station.document("memory"))
    again.connect()
    assert again.statuses() == [(1, "Unavailable"), (2, "Unavailable")]
    change(again, "Operative")
    assert again.statuses()[2:] == [(1, "Available")]


@pytest.mark.action("2.1:NotifyEvent")
def test_a_fault_is_told_with_its_code_and_when_it_is_gone() -> None:
    bench = Bench()
    bench.core.fault(bench.evse(), "ConnectorLockFailure", bench.now_ms)
    bench.pump()
    bench.core.fault(bench.evse(), None, bench.now_ms)
    bench.pump()
    events = [message.eventData[0] for message in bench.said if isinstance(message, v21.NotifyEventRequest)]
    assert [(event.techCode, event.actualValue, event.cleared) for event in events] == [
        ("ConnectorLockFailure", "true", None),
        ("ConnectorLockFailure", "false", True),
    ]
    assert bench.statuses() == [(1, "Faulted"), (1, "Available")]


@pytest.mark.requirement("G03.FR.05", "G03.FR.08")
@pytest.mark.parametrize("evse", [1, None])
def test_a_scheduled_change_survives_a_restart(evse: int | None) -> None:
    bench = Bench()
    bench.charge()
    assert change(bench, "Inoperative", evse) == "Scheduled"
    again = Bench(boot=False)
    again.station.restore_memory(bench.station.document("memory"))
    again.connect()
    assert (1, "Unavailable") in again.statuses()
