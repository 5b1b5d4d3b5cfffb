import pytest

from tests.station.harness import OTHER, TOKEN, Bench, Refuse
from voltgate.infrastructure.clock import from_ms
from voltgate.ocpp import v21
from voltgate.station.hardware import Vehicle

pytestmark = pytest.mark.action("2.1:TransactionEvent")


def refused(status: v21.AuthorizationStatusEnumType) -> v21.IdTokenInfoType:
    return v21.IdTokenInfoType(status=status)


@pytest.mark.requirement("E01.FR.05", "E02.FR.13", "E07.FR.02", "E06.FR.06")
def test_cable_first_token_then_and_token_to_stop() -> None:
    bench = Bench()
    bench.plug_in()
    bench.present()
    bench.wait(20)
    bench.present()
    bench.unplug()
    assert bench.story() == [
        ("Started", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
        ("Ended", "StopAuthorized", "EVConnected"),
    ]
    assert bench.events()[-1].transactionInfo.stoppedReason == "Local"
    assert bench.events()[-1].idToken == TOKEN
    assert bench.statuses() == [(1, "Occupied"), (1, "Available")]


@pytest.mark.requirement("E03.FR.01", "E01.FR.16", "E01.FR.10")
def test_token_first_then_cable() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="Authorized")
    bench.present()
    bench.wait(5)
    bench.plug_in()
    assert bench.story() == [
        ("Started", "Authorized", "Idle"),
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]
    started, plugged, charging = bench.events()
    assert started.idToken == TOKEN
    assert started.evse == v21.EVSEType(id=1)
    assert plugged.idToken is None
    assert plugged.evse == v21.EVSEType(id=1, connectorId=1)
    assert charging.evse is None
    assert charging.numberOfPhasesUsed == 3


@pytest.mark.requirement("E01.FR.02", "E02.FR.20", "E02.FR.01")
def test_a_transaction_may_start_with_the_cable() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="EVConnected,Authorized", TxCtrlr__TxStopPoint="EVConnected")
    bench.plug_in()
    bench.present()
    bench.wait(5)
    bench.present()
    bench.unplug()
    assert bench.story() == [
        ("Started", "CablePluggedIn", "EVConnected"),
        ("Updated", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
        ("Updated", "StopAuthorized", "Charging"),
        ("Updated", "ChargingStateChanged", "EVConnected"),
        ("Ended", "EVCommunicationLost", "Idle"),
    ]
    assert [event.seqNo for event in bench.events()] == [0, 1, 2, 3, 4, 5]
    assert bench.events()[-1].transactionInfo.stoppedReason == "Local"


@pytest.mark.requirement("E01.FR.06", "E06.FR.07")
def test_a_transaction_may_be_the_energy_transfer_only() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="EnergyTransfer", TxCtrlr__TxStopPoint="EnergyTransfer")
    bench.plug_in(vehicle=Vehicle(stored_mwh=1_000_000, target_mwh=1_010_000))
    assert bench.events() == []
    bench.present()
    bench.wait(30)
    assert bench.story() == [("Started", "ChargingStateChanged", "Charging"), ("Ended", "ChargingStateChanged", "SuspendedEV")]
    assert bench.events()[0].idToken == TOKEN
    assert bench.events()[1].transactionInfo.stoppedReason == "StoppedByEV"


def test_after_the_end_the_same_cable_starts_nothing_but_a_token_does() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="EVConnected,Authorized", TxCtrlr__TxStopPoint="Authorized")
    bench.charge()
    bench.present()
    first = len(bench.events())
    bench.wait(300)
    assert len(bench.events()) == first
    bench.present()
    assert bench.events()[first].eventType == "Started"
    assert len({event.transactionInfo.transactionId for event in bench.events()}) == 2


@pytest.mark.requirement("E02.FR.13", "E01.FR.19")
def test_a_full_vehicle_suspends_and_says_so_once() -> None:
    bench = Bench()
    bench.plug_in(vehicle=Vehicle(stored_mwh=1_000_000, target_mwh=1_020_000))
    bench.present()
    bench.wait(50)
    assert bench.story()[2:] == [("Updated", "ChargingStateChanged", "SuspendedEV")]
    assert 20_000 <= bench.hardware().meter.register_mwh < 20_004


def test_the_station_may_hold_back_and_go_on() -> None:
    bench = Bench()
    bench.charge()
    bench.core.suspend(bench.evse(), True, bench.now_ms)
    bench.core.suspend(bench.evse(), False, bench.now_ms)
    bench.pump()
    assert bench.story()[2:] == [("Updated", "ChargingStateChanged", "SuspendedEVSE"), ("Updated", "ChargingStateChanged", "Charging")]


@pytest.mark.requirement("E03.FR.05")
def test_nobody_plugs_in() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="Authorized", TxCtrlr__EVConnectionTimeOut="30")
    bench.present()
    bench.wait(31)
    assert bench.story() == [("Started", "Authorized", "Idle"), ("Ended", "EVConnectTimeout", "Idle")]
    assert bench.events()[1].transactionInfo.stoppedReason == "Timeout"
    bench.plug_in()
    assert len(bench.events()) == 2


def test_without_a_transaction_the_authorisation_lapses_quietly() -> None:
    bench = Bench(TxCtrlr__EVConnectionTimeOut="30")
    bench.present()
    bench.wait(31)
    bench.plug_in()
    assert bench.events() == []


@pytest.mark.requirement("J02.FR.11", "E01.FR.09", "E06.FR.11", "J02.FR.16")
def test_samples_at_start_at_intervals_and_at_the_end() -> None:
    bench = Bench(SampledDataCtrlr__TxUpdatedInterval="10", SampledDataCtrlr__TxEndedInterval="20")
    bench.charge(seconds=45)
    bench.present()
    periodic = [event for event in bench.events() if event.triggerReason == "MeterValuePeriodic"]
    assert len(periodic) == 4
    values = periodic[0].meterValue
    assert values is not None
    shown = [(value.measurand, value.phase) for value in values[0].sampledValue]
    assert shown[:2] == [("Energy.Active.Import.Register", None), ("Power.Active.Import", None)]
    assert ("Current.Import", "L2") in shown
    assert ("Voltage", "L3-N") in shown
    last = bench.events()[-1].meterValue
    assert last is not None
    contexts = [value.sampledValue[0].context for value in last]
    assert contexts == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]
    registers = [value.sampledValue[0].value for value in last]
    assert registers == sorted(registers)
    assert registers[-1] * 1_000 == bench.hardware().meter.register_mwh


@pytest.mark.requirement("J01.FR.14", "J01.FR.22")
def test_clock_aligned_samples() -> None:
    bench = Bench(AlignedDataCtrlr__Interval="900")
    bench.charge()
    bench.said.clear()
    bench.wait(900, step=5)
    aligned = [event for event in bench.events() if event.triggerReason == "MeterValueClock"]
    assert [event.timestamp.minute % 15 for event in aligned] == [0]
    assert [message.evseId for message in bench.said if isinstance(message, v21.MeterValuesRequest)] == [2]


@pytest.mark.requirement("E05.FR.10")
def test_an_invalid_token_ends_the_transaction() -> None:
    bench = Bench()
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=refused("Blocked") if request.eventType == "Started" else None
    )
    bench.plug_in()
    bench.present()
    assert bench.story()[-1] == ("Ended", "Deauthorized", "EVConnected")
    assert bench.events()[-1].transactionInfo.stoppedReason == "DeAuthorized"
    assert not bench.hardware().energised


@pytest.mark.requirement("E05.FR.02")
def test_an_invalid_token_may_only_stop_the_energy() -> None:
    bench = Bench(TxCtrlr__StopTxOnInvalidId="false")
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=refused("Expired") if request.idToken else None
    )
    bench.plug_in()
    bench.present()
    assert bench.story()[-1] == ("Updated", "ChargingStateChanged", "SuspendedEVSE")
    assert bench.evse().transaction is not None
    assert not bench.hardware().energised


@pytest.mark.requirement("E05.FR.03")
def test_an_invalid_token_may_have_an_allowance() -> None:
    bench = Bench(TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="100")
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=refused("Expired") if request.idToken else None
    )
    bench.plug_in()
    bench.present()
    bench.wait(20)
    assert bench.hardware().energised
    bench.wait(60)
    assert not bench.hardware().energised
    assert 100_000 <= bench.hardware().meter.register_mwh < 105_000


@pytest.mark.requirement("E05.FR.09")
def test_deauthorised_where_the_cable_decides_the_end() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="EVConnected", TxCtrlr__TxStopPoint="EVConnected")
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=refused("Invalid") if request.idToken else None
    )
    bench.plug_in()
    bench.present()
    assert bench.story()[-1] == ("Updated", "Deauthorized", "EVConnected")
    bench.unplug()
    assert bench.story()[-1] == ("Ended", "EVCommunicationLost", "Idle")


@pytest.mark.requirement("E06.FR.16")
def test_a_fault_ends_the_transaction_and_shows() -> None:
    bench = Bench()
    bench.charge()
    bench.core.fault(bench.evse(), "GroundFailure", bench.now_ms)
    bench.pump()
    assert bench.story()[-1] == ("Ended", "AbnormalCondition", "SuspendedEVSE")
    assert bench.events()[-1].transactionInfo.stoppedReason == "GroundFault"
    assert bench.statuses()[-1] == (1, "Faulted")
    bench.present()
    assert bench.evse().transaction is None
    bench.core.fault(bench.evse(), None, bench.now_ms)
    bench.pump()
    assert bench.statuses()[-1] == (1, "Occupied")


@pytest.mark.requirement("C09.FR.03", "E07.FR.02")
def test_only_the_same_group_may_stop() -> None:
    group = v21.IdTokenType(idToken="FAMILY", type="Central")
    bench = Bench()
    bench.answers["TransactionEvent"] = lambda _request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Accepted", groupIdToken=group)
    )
    bench.charge()
    bench.present(OTHER)
    assert bench.evse().transaction is not None
    bench.answers["Authorize"] = lambda _request: v21.AuthorizeResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Accepted", groupIdToken=group)
    )
    bench.present(OTHER)
    assert bench.events()[-1].eventType == "Ended"
    assert bench.events()[-1].idToken == OTHER


@pytest.mark.requirement("E12.FR.01", "E12.FR.02", "E11.FR.07", "E04.FR.03")
def test_offline_events_are_queued_and_marked() -> None:
    bench = Bench(AuthCtrlr__LocalAuthorizeOffline="true")
    bench.charge()
    bench.present()
    bench.unplug()
    bench.said.clear()
    bench.disconnect()
    bench.charge()
    bench.present()
    assert bench.said == []
    assert [event.request.offline for event in bench.station.outbox.events] == [True, True, True]
    bench.connect()
    assert [event.offline for event in bench.events()] == [True, True, True]
    assert bench.names()[0] == "StatusNotification"
    assert "BootNotification" not in bench.names()


@pytest.mark.requirement("E13.FR.02", "E13.FR.03", "E13.FR.04")
def test_events_that_are_not_processed_are_sent_again_and_given_up() -> None:
    bench = Bench(
        **{"OCPPCommCtrlr__MessageAttempts[TransactionEvent]": "3", "OCPPCommCtrlr__MessageAttemptInterval[TransactionEvent]": "10"}
    )

    def refuse(_request: object) -> v21.TransactionEventResponse:
        raise Refuse("InternalError")

    bench.answers["TransactionEvent"] = refuse
    bench.plug_in()
    bench.present()
    times = []
    for _ in range(120):
        before = len(bench.events())
        bench.wait(1)
        times += [bench.now_ms] * (len(bench.events()) - before)
    first = [event for event in bench.events() if event.eventType == "Started"]
    assert len(first) == 3
    start = times[0] - 10_000
    assert [(time - start) // 1_000 for time in times[:2]] == [10, 30]
    assert bench.station.outbox.dropped >= 2
    assert bench.events()[3].eventType == "Updated"


@pytest.mark.requirement("E14.FR.01", "E14.FR.02", "E14.FR.03", "E14.FR.04", "E14.FR.06")
@pytest.mark.action("2.1:GetTransactionStatus")
def test_the_status_of_a_transaction() -> None:
    bench = Bench()
    running = bench.charge()
    ask = v21.GetTransactionStatusRequest
    assert bench.ask(ask(transactionId=running)) == v21.GetTransactionStatusResponse(messagesInQueue=False, ongoingIndicator=True)
    assert bench.ask(ask(transactionId="unknown")) == v21.GetTransactionStatusResponse(messagesInQueue=False, ongoingIndicator=False)
    assert bench.ask(ask()) == v21.GetTransactionStatusResponse(messagesInQueue=False)
    bench.disconnect()
    bench.present()
    assert bench.core.hear(ask(transactionId=running), bench.now_ms) == v21.GetTransactionStatusResponse(
        messagesInQueue=True, ongoingIndicator=False
    )


def test_two_evses_do_not_mix() -> None:
    bench = Bench()
    one, two = bench.charge(1), bench.charge(2)
    assert one != two
    bench.present(evse_id=2)
    assert bench.events()[-1].transactionInfo.transactionId == two
    assert bench.evse(1).transaction is not None


@pytest.mark.requirement("G02.FR.01", "B01.FR.04")
def test_heartbeats_follow_the_interval_of_the_boot() -> None:
    bench = Bench(boot=False)
    bench.answers["BootNotification"] = lambda _request: v21.BootNotificationResponse(
        currentTime=from_ms(bench.now_ms), interval=60, status="Accepted"
    )
    bench.connect()
    bench.said.clear()
    bench.wait(181)
    assert bench.names() == ["Heartbeat"] * 3


def test_a_lock_that_sticks_is_a_fault_until_it_works() -> None:
    bench = Bench()
    bench.hardware().lock_broken = True
    bench.plug_in()
    bench.present()
    bench.wait(5)
    assert not bench.hardware().energised
    assert bench.story() == [("Started", "Authorized", "EVConnected"), ("Updated", "ChargingStateChanged", "SuspendedEVSE")]
    assert bench.statuses()[-1] == (1, "Faulted")
    bench.hardware().lock_broken = False
    bench.core.fault(bench.evse(), None, bench.now_ms)
    bench.pump()
    assert bench.hardware().energised
    assert bench.statuses()[-1] == (1, "Occupied")
