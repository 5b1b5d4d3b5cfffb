import pytest

from tests.station.harness import Bench
from voltgate.station.core import Core
from voltgate.station.station import Station


def restarted(bench: Bench, seconds: int, *, resume: bool = False) -> Bench:
    """The same station after an interruption: only what was dumped comes back."""
    again = Bench(boot=False)
    again.now_ms = bench.now_ms + seconds * 1_000
    again.station = station = Station(bench.station.spec, again.now_ms)
    station.restore_memory(bench.station.document("memory"))
    station.memory.resume = resume
    for old, new in zip(bench.station.evses, station.evses, strict=True):
        new.load(old.dump(bench.now_ms))
    station.outbox.restore([(event.place, _payload(bench, event.place), event.attempts) for event in bench.station.outbox.events])
    again.core = Core(station)
    again.core.start(again.now_ms, saved_ms=bench.now_ms)
    again.said.clear()
    again.connect()
    return again


def _payload(bench: Bench, place: int) -> bytes:
    payloads = [change.payload for change in bench.station.outbox.changes if change.place == place]
    assert payloads[-1] is not None
    return payloads[-1]


@pytest.mark.requirement("E17.FR.20", "E17.FR.21")
def test_without_resumption_a_loss_of_power_ends_the_transaction() -> None:
    bench = Bench()
    transaction_id = bench.charge()
    before = bench.hardware().meter.register_mwh
    again = restarted(bench, 5)
    (ended,) = again.events()
    assert (ended.eventType, ended.triggerReason, ended.transactionInfo.stoppedReason) == ("Ended", "AbnormalCondition", "PowerLoss")
    assert ended.transactionInfo.transactionId == transaction_id
    assert ended.seqNo == bench.events()[-1].seqNo + 1
    assert ended.meterValue is not None
    assert ended.meterValue[-1].sampledValue[0].value * 1_000 == before
    assert again.evse().plugged


@pytest.mark.requirement("E17.FR.10", "E17.FR.11", "E17.FR.14")
def test_a_short_interruption_is_resumed() -> None:
    bench = Bench(TxCtrlr__ResumptionTimeout="60")
    bench.charge()
    before = bench.hardware().meter.register_mwh
    again = restarted(bench, 59)
    assert again.story() == [("Updated", "TxResumed", "Charging")]
    assert again.hardware().energised
    again.wait(10)
    assert again.hardware().meter.register_mwh > before
    again.present()
    assert again.story()[-1] == ("Ended", "StopAuthorized", "EVConnected")


@pytest.mark.requirement("E17.FR.20")
def test_a_long_interruption_is_not() -> None:
    bench = Bench(TxCtrlr__ResumptionTimeout="60")
    bench.charge()
    assert restarted(bench, 61).story()[-1][0] == "Ended"


@pytest.mark.requirement("E17.FR.12")
def test_resumption_may_hold_the_energy_back() -> None:
    bench = Bench(TxCtrlr__ResumptionTimeout="60", TxCtrlr__AllowEnergyTransferResumption="false")
    bench.charge()
    again = restarted(bench, 5)
    assert again.story() == [("Updated", "TxResumed", "SuspendedEVSE")]
    assert not again.hardware().energised


@pytest.mark.requirement("B13", "E17.FR.14")
def test_a_reset_with_resumption_resumes_however_long_it_takes() -> None:
    bench = Bench(TxCtrlr__ResumptionTimeout="60")
    bench.charge()
    assert restarted(bench, 600, resume=True).story() == [("Updated", "TxResumed", "Charging")]


@pytest.mark.requirement("E11.FR.07", "E12.FR.01")
def test_the_queue_comes_first_and_is_marked_offline() -> None:
    bench = Bench(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    bench.disconnect()
    bench.charge()
    again = restarted(bench, 5)
    assert [(event.seqNo, event.offline) for event in again.events()] == [(0, True), (1, True), (2, True)]


@pytest.mark.requirement("E01.FR.08")
def test_places_in_the_queue_are_not_used_twice() -> None:
    bench = Bench(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    bench.disconnect()
    bench.charge()
    again = restarted(bench, 5)
    assert not again.station.outbox.events
    places = [change.place for change in again.station.outbox.changes if change.payload is not None]
    assert min(places) > max(event.place for event in bench.station.outbox.events)
