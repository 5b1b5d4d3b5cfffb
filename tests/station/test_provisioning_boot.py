import pytest

from tests.station.harness import Bench, Refuse
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.ocpp import v21
from voltgate.ocpp.errors import SecurityError

pytestmark = pytest.mark.action("2.1:BootNotification")


def answering(bench: Bench, status: v21.RegistrationStatusEnumType, interval: int) -> None:
    bench.answers["BootNotification"] = lambda _request: v21.BootNotificationResponse(
        currentTime=from_ms(bench.now_ms), interval=interval, status=status
    )


def boots(bench: Bench) -> int:
    return bench.names().count("BootNotification")


@pytest.mark.requirement("B01.FR.01", "B01.FR.05", "B01.FR.09")
def test_boot_comes_first_and_the_connectors_after_acceptance() -> None:
    bench = Bench(boot=False)
    bench.connect()
    assert bench.names() == ["BootNotification", "StatusNotification", "StatusNotification"]
    assert bench.said[0].reason == "PowerUp"


@pytest.mark.requirement("B02.FR.02", "B02.FR.04", "B02.FR.08", "B01.FR.08")
@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_until_it_is_accepted_it_only_boots_again_after_the_interval(status: v21.RegistrationStatusEnumType) -> None:
    bench = Bench(boot=False)
    answering(bench, status, 40)
    bench.connect()
    bench.plug_in()
    bench.wait(39)
    assert bench.names() == ["BootNotification"]
    bench.wait(2)
    assert bench.names() == ["BootNotification"] * 2
    answering(bench, "Accepted", 300)
    bench.wait(41)
    assert bench.statuses() == [(1, "Occupied"), (2, "Available")]


@pytest.mark.requirement("B02.FR.07", "B03.FR.05")
def test_without_an_interval_it_chooses_its_own() -> None:
    bench = Bench(boot=False)
    answering(bench, "Pending", 0)
    bench.connect()
    bench.wait(95)
    assert 2 <= boots(bench) <= 5


@pytest.mark.requirement("B02.FR.01", "B02.FR.05", "B02.FR.02")
def test_while_pending_it_answers_and_tells_what_it_is_asked() -> None:
    bench = Bench(boot=False)
    answering(bench, "Pending", 600)
    bench.connect()
    token = v21.IdTokenType(idToken="A", type="Central")
    assert bench.ask(v21.RequestStartTransactionRequest(idToken=token, remoteStartId=1, evseId=1)).status == "Rejected"
    assert bench.ask(v21.GetBaseReportRequest(requestId=3, reportBase="SummaryInventory")).status == "Accepted"
    assert bench.names()[1:] == ["NotifyReport"]
    bench.said.clear()
    assert bench.ask(v21.TriggerMessageRequest(requestedMessage="BootNotification")).status == "Accepted"
    assert bench.said[0].reason == "Triggered"
    bench.ask(v21.TriggerMessageRequest(requestedMessage="StatusNotification", evse=v21.EVSEType(id=2, connectorId=1)))
    assert bench.statuses() == [(2, "Available")]


@pytest.mark.requirement("B03.FR.08")
def test_while_rejected_it_does_not_listen() -> None:
    bench = Bench(boot=False)
    answering(bench, "Rejected", 600)
    bench.connect()
    with pytest.raises(SecurityError):
        bench.ask(v21.ClearCacheRequest())


def test_a_boot_that_fails_is_tried_again() -> None:
    bench = Bench(boot=False)

    def refuse(_request: object) -> v21.BootNotificationResponse:
        raise Refuse("InternalError")

    bench.answers["BootNotification"] = refuse
    bench.connect()
    del bench.answers["BootNotification"]
    bench.wait(31)
    assert boots(bench) == 2
    assert bench.station.registration == "Accepted"


@pytest.mark.requirement("B04.FR.01", "B04.FR.02")
def test_after_a_reconnection_only_changes_are_told_unless_it_took_long() -> None:
    bench = Bench(OCPPCommCtrlr__OfflineThreshold="60")
    bench.disconnect()
    bench.plug_in(1)
    bench.wait(10)
    bench.connect()
    assert bench.statuses() == [(1, "Occupied")]
    assert boots(bench) == 0
    bench.said.clear()
    bench.disconnect()
    bench.wait(61)
    bench.connect()
    assert bench.statuses() == [(1, "Occupied"), (2, "Available")]


@pytest.mark.requirement("B01.FR.06", "G02.FR.03")
def test_the_clock_follows_the_central_system_only_when_told_to() -> None:
    central = from_ms(to_ms(from_ms(0)) + 1_800_000_000_000)
    for source, followed in (("Heartbeat", True), ("NTP", False)):
        bench = Bench(boot=False, ClockCtrlr__TimeSource=source)
        bench.answers["BootNotification"] = lambda _request: v21.BootNotificationResponse(
            currentTime=central, interval=60, status="Accepted"
        )
        bench.connect()
        assert (bench.said[-1].timestamp == central) is followed
