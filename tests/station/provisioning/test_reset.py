import pytest

from tests.station.harness import Bench
from voltgate.ocpp import v21

pytestmark = pytest.mark.action("2.1:Reset")


@pytest.mark.requirement("B11.FR.01", "B11.FR.03")
def test_reset_without_transactions() -> None:
    bench = Bench()
    assert bench.ask(v21.ResetRequest(type="OnIdle")).status == "Accepted"
    reboot = bench.core.reboot_due(bench.now_ms)
    assert reboot is not None
    assert bench.station.memory.next_boot_reason == "RemoteReset"


@pytest.mark.requirement("B12.FR.02", "B12.FR.04", "B12.FR.05")
def test_an_immediate_reset_ends_transactions_and_waits_a_little_for_their_delivery() -> None:
    bench = Bench()
    bench.charge()
    assert bench.core.hear(v21.ResetRequest(type="Immediate"), bench.now_ms).status == "Accepted"  # type: ignore[attr-defined]  # a ResetResponse
    assert bench.evse().transaction is not None, "the answer goes first"
    bench.core.after_answer(bench.now_ms)
    (ended,) = [event.request for event in bench.station.outbox.events]
    assert (ended.eventType, ended.triggerReason, ended.transactionInfo.stoppedReason) == ("Ended", "ResetCommand", "ImmediateReset")
    assert bench.core.reboot_due(bench.now_ms) is None
    assert bench.core.reboot_due(bench.now_ms + 6_000) is not None
    bench.pump()
    assert bench.core.reboot_due(bench.now_ms) is not None


@pytest.mark.requirement("B12.FR.01", "B12.FR.03")
def test_a_reset_on_idle_waits_and_nobody_else_may_start() -> None:
    bench = Bench()
    bench.charge()
    assert bench.ask(v21.ResetRequest(type="OnIdle")).status == "Scheduled"
    bench.plug_in(2)
    bench.present(evse_id=2)
    assert bench.evse(2).transaction is None
    bench.wait(30)
    assert bench.core.reboot_due(bench.now_ms) is None
    bench.present()
    assert bench.core.reboot_due(bench.now_ms) is not None


@pytest.mark.requirement("B12.FR.07", "B12.FR.08", "B11.FR.08")
def test_one_evse_is_reset_alone() -> None:
    bench = Bench()
    bench.charge(1)
    bench.charge(2)
    assert bench.ask(v21.ResetRequest(type="Immediate", evseId=1)).status == "Accepted"
    assert bench.evse(1).transaction is None
    assert bench.evse(2).transaction is not None
    assert bench.ask(v21.ResetRequest(type="OnIdle", evseId=2)).status == "Scheduled"
    assert bench.ask(v21.ResetRequest(type="Immediate", evseId=9)).status == "Rejected"
    assert bench.core.reboot_due(bench.now_ms) is None


@pytest.mark.requirement("B13.FR.01")
def test_resuming_needs_the_ability_to_resume() -> None:
    assert Bench().ask(v21.ResetRequest(type="ImmediateAndResume")).status == "Rejected"
    bench = Bench(TxCtrlr__ResumptionTimeout="60")
    bench.charge()
    assert bench.ask(v21.ResetRequest(type="ImmediateAndResume")).status == "Accepted"
    assert bench.evse().transaction is not None
    assert bench.station.memory.resume
    assert bench.core.reboot_due(bench.now_ms) is not None
