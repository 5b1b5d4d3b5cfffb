"""Remote start and stop, unlock, trigger, in both directions."""

from typing import Any, get_args

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, hear, run, start, talk, token
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.memory import Memory, Transaction
from voltgate.ocpp.dialogue import Talk, play
from voltgate.ocpp.errors import CallRefused, CallTimedOut, PeerCannot

START_21 = v21.RequestStartTransactionRequest(idToken=token("TAG"), remoteStartId=42, evseId=1)
START_16 = v16.RemoteStartTransactionRequest(idTag="TAG", connectorId=1)
UNLOCK_21 = v21.UnlockConnectorRequest(evseId=1, connectorId=1)
UNLOCK_16 = v16.UnlockConnectorRequest(connectorId=1)


def station(*, running: bool = True) -> Talk[Memory]:
    """At the station, with transaction 17 on connector 1."""
    here = talk()
    here.memory.keep(Transaction("uuid", 1, number=17, ended=None if running else 5))
    return here


@pytest.mark.action("1.6:RemoteStartTransaction", "1.6:StartTransaction")
def test_a_remote_start_is_found_again_in_the_start() -> None:
    here = talk()
    script = [(START_16, v16.RemoteStartTransactionResponse(status="Accepted"))]
    assert play(DIALECT.say_station(START_21, here), script) == v21.RequestStartTransactionResponse(status="Accepted")
    assert hear(here, start())[0].transactionInfo.remoteStartId == 42


@pytest.mark.action("1.6:RemoteStartTransaction", "1.6:StartTransaction")
def test_a_start_that_overtakes_the_answer_is_found_too() -> None:
    here = talk()
    assert next(DIALECT.say_station(START_21, here)) == START_16
    assert hear(here, start())[0].transactionInfo.remoteStartId == 42


@pytest.mark.action("1.6:RemoteStartTransaction")
def test_a_remote_start_without_answer_may_still_happen() -> None:
    here = talk()
    with pytest.raises(CallTimedOut):
        play(DIALECT.say_station(START_21, here), [(START_16, CallTimedOut("30 s"))])
    assert hear(here, start())[0].transactionInfo.remoteStartId == 42


@pytest.mark.action("1.6:RemoteStartTransaction")
def test_a_refused_remote_start_is_not_expected() -> None:
    here = talk()
    script = [(START_16, v16.RemoteStartTransactionResponse(status="Rejected"))]
    assert play(DIALECT.say_station(START_21, here), script) == v21.RequestStartTransactionResponse(status="Rejected")
    with pytest.raises(CallRefused):
        play(DIALECT.say_station(START_21, here), [(START_16, CallRefused("NotSupported"))])
    assert here.memory.remote_starts == []


@pytest.mark.action("1.6:RemoteStartTransaction")
def test_a_remote_start_with_a_profile_or_a_long_token_is_refused() -> None:
    period = v21.ChargingSchedulePeriodType(startPeriod=0, limit=16.0)
    schedule = v21.ChargingScheduleType(id=1, chargingRateUnit="A", chargingSchedulePeriod=[period])
    profile = v21.ChargingProfileType(
        id=1, stackLevel=0, chargingProfilePurpose="TxProfile", chargingProfileKind="Absolute", chargingSchedule=[schedule]
    )
    for request, reason in [
        (v21.RequestStartTransactionRequest(idToken=token("TAG"), remoteStartId=1, chargingProfile=profile), "profiles"),
        (v21.RequestStartTransactionRequest(idToken=token("x" * 21), remoteStartId=1), "idToken"),
    ]:
        with pytest.raises(PeerCannot, match=reason):
            play(DIALECT.say_station(request, talk()), [])


@pytest.mark.action("1.6:RemoteStartTransaction")
def test_a_station_numbers_remote_starts() -> None:
    here = talk()
    for number in (1, 2):
        heard = v21.RequestStartTransactionRequest(idToken=token("TAG"), remoteStartId=number, evseId=1)
        script = [(heard, v21.RequestStartTransactionResponse(status="Accepted"))]
        assert play(DIALECT.hear_csms(START_16, here), script) == v16.RemoteStartTransactionResponse(status="Accepted")


@pytest.mark.action("1.6:RemoteStartTransaction")
def test_connector_0_is_no_place_to_charge() -> None:
    request = v16.RemoteStartTransactionRequest(idTag="TAG", connectorId=0)
    assert play(DIALECT.hear_csms(request, talk()), []) == v16.RemoteStartTransactionResponse(status="Rejected")


@pytest.mark.action("1.6:RemoteStopTransaction")
def test_a_remote_stop_goes_by_number() -> None:
    wire, answer = v16.RemoteStopTransactionRequest(transactionId=17), v16.RemoteStopTransactionResponse(status="Accepted")
    request = v21.RequestStopTransactionRequest(transactionId="17")
    assert play(DIALECT.say_station(request, talk()), [(wire, answer)]) == v21.RequestStopTransactionResponse(status="Accepted")
    heard = v21.RequestStopTransactionRequest(transactionId="uuid")
    assert play(DIALECT.hear_csms(wire, station()), [(heard, v21.RequestStopTransactionResponse(status="Accepted"))]) == answer
    with pytest.raises(PeerCannot, match="not a transaction number"):
        play(DIALECT.say_station(heard, talk()), [])


@pytest.mark.action("1.6:RemoteStopTransaction")
@pytest.mark.parametrize("here", [talk(), station(running=False)])
def test_a_station_refuses_to_stop_what_does_not_run(here: Talk[Memory]) -> None:
    wire = v16.RemoteStopTransactionRequest(transactionId=17)
    assert play(DIALECT.hear_csms(wire, here), []) == v16.RemoteStopTransactionResponse(status="Rejected")


@pytest.mark.action("1.6:UnlockConnector")
@pytest.mark.parametrize(("said", "status"), [("Unlocked", "Unlocked"), ("UnlockFailed", "UnlockFailed"), ("NotSupported", "UnlockFailed")])
def test_an_unlock_is_answered(said: v16.UnlockStatus, status: str) -> None:
    answer: Any = play(DIALECT.say_station(UNLOCK_21, talk()), [(UNLOCK_16, v16.UnlockConnectorResponse(status=said))])
    assert answer.status == status
    assert (answer.statusInfo is not None) is (said == "NotSupported")
    encode(answer)


@pytest.mark.action("1.6:UnlockConnector")
@pytest.mark.parametrize(
    ("heard", "status"), [("Unlocked", "Unlocked"), ("UnlockFailed", "UnlockFailed"), ("UnknownConnector", "NotSupported")]
)
def test_a_station_unlocks(heard: v21.UnlockStatusEnumType, status: v16.UnlockStatus) -> None:
    script = [(UNLOCK_21, v21.UnlockConnectorResponse(status=heard))]
    assert play(DIALECT.hear_csms(UNLOCK_16, talk()), script) == v16.UnlockConnectorResponse(status=status)
    assert play(DIALECT.hear_csms(v16.UnlockConnectorRequest(connectorId=0), talk()), []) == v16.UnlockConnectorResponse(
        status="NotSupported"
    )


@pytest.mark.action("1.6:UnlockConnector")
def test_a_station_ends_the_transaction_before_it_unlocks() -> None:
    ongoing = v21.UnlockConnectorResponse(status="OngoingAuthorizedTransaction")
    stop = v21.RequestStopTransactionRequest(transactionId="uuid")
    script = [
        (UNLOCK_21, ongoing),
        (stop, v21.RequestStopTransactionResponse(status="Accepted")),
        (UNLOCK_21, v21.UnlockConnectorResponse(status="Unlocked")),
    ]
    assert play(DIALECT.hear_csms(UNLOCK_16, station()), script) == v16.UnlockConnectorResponse(status="Unlocked")
    assert play(DIALECT.hear_csms(UNLOCK_16, talk()), [(UNLOCK_21, ongoing)]) == v16.UnlockConnectorResponse(status="UnlockFailed")


@pytest.mark.action("1.6:TriggerMessage", "1.6:ExtendedTriggerMessage")
@pytest.mark.parametrize("wanted", get_args(v21.MessageTriggerEnumType))
def test_every_trigger_is_said_or_refused(wanted: v21.MessageTriggerEnumType) -> None:
    request = v21.TriggerMessageRequest(requestedMessage=wanted, evse=v21.EVSEType(id=1))
    dialogue = DIALECT.say_station(request, talk())
    try:
        said: Any = next(dialogue)
    except PeerCannot as refusal:
        assert wanted in refusal.reason  # noqa: PT017  # either outcome is right, depending on the word
        return
    encode(said)
    assert said.connectorId == 1


@pytest.mark.action("1.6:TriggerMessage")
def test_a_triggered_boot_says_so() -> None:
    here = talk()
    script = [(v16.TriggerMessageRequest(requestedMessage="BootNotification"), v16.TriggerMessageResponse(status="Accepted"))]
    play(DIALECT.say_station(v21.TriggerMessageRequest(requestedMessage="BootNotification"), here), script)
    boot = v16.BootNotificationRequest(chargePointVendor="v", chargePointModel="m")
    assert hear(here, boot)[0].reason == "Triggered"
    refused = [(script[0][0], v16.TriggerMessageResponse(status="Rejected"))]
    play(DIALECT.say_station(v21.TriggerMessageRequest(requestedMessage="BootNotification"), here), refused)
    assert hear(here, boot)[0].reason == "PowerUp"


@pytest.mark.action("1.6:TriggerMessage", "1.6:ExtendedTriggerMessage")
def test_a_station_understands_every_trigger() -> None:
    for words, kind in [
        (get_args(v16.MessageTrigger), v16.TriggerMessageRequest),
        (get_args(v16.MessageTriggerEnumType), v16.ExtendedTriggerMessageRequest),
    ]:
        for word in words:
            dialogue = DIALECT.hear_csms(kind(requestedMessage=word, connectorId=2), talk())
            heard: Any = next(dialogue)
            encode(heard)
            assert heard.evse == v21.EVSEType(id=2, connectorId=1)
            with pytest.raises(StopIteration) as end:
                dialogue.send(v21.TriggerMessageResponse(status="NotImplemented"))
            assert end.value.value.status == "NotImplemented"


@pytest.mark.action("1.6:TriggerMessage", "1.6:MeterValues")
@pytest.mark.parametrize(
    ("connector", "wanted"), [(None, "TransactionEvent"), (1, "TransactionEvent"), (2, "MeterValues"), (0, "MeterValues")]
)
def test_triggered_readings_of_a_running_transaction_are_its_event(connector: int | None, wanted: str) -> None:
    heard: Any = next(DIALECT.hear_csms(v16.TriggerMessageRequest(requestedMessage="MeterValues", connectorId=connector), station()))
    assert heard.requestedMessage == wanted


@pytest.mark.action("1.6:TriggerMessage", "1.6:DiagnosticsStatusNotification", "1.6:LogStatusNotification")
def test_progress_is_told_by_the_name_it_was_asked_for() -> None:
    here = talk()
    progress = v21.LogStatusNotificationRequest(status="UploadFailure")
    assert run(DIALECT.say_csms(progress, here))[0] == [v16.LogStatusNotificationRequest(status="UploadFailure")]
    next(DIALECT.hear_csms(v16.TriggerMessageRequest(requestedMessage="DiagnosticsStatusNotification"), here))
    assert run(DIALECT.say_csms(progress, here))[0] == [v16.DiagnosticsStatusNotificationRequest(status="UploadFailed")]
    next(DIALECT.hear_csms(v16.ExtendedTriggerMessageRequest(requestedMessage="LogStatusNotification"), here))
    assert run(DIALECT.say_csms(progress, here))[0] == [v16.LogStatusNotificationRequest(status="UploadFailure")]


@pytest.mark.action("1.6:UnlockConnector", "1.6:StopTransaction")
def test_a_stop_for_the_sake_of_unlocking_says_so() -> None:
    here = station()
    ongoing = v21.UnlockConnectorResponse(status="OngoingAuthorizedTransaction")
    stop = v21.RequestStopTransactionRequest(transactionId="uuid")
    script = [
        (UNLOCK_21, ongoing),
        (stop, v21.RequestStopTransactionResponse(status="Accepted")),
        (UNLOCK_21, v21.UnlockConnectorResponse(status="Unlocked")),
    ]
    assert play(DIALECT.hear_csms(UNLOCK_16, here), script) == v16.UnlockConnectorResponse(status="Unlocked")
    ended = v21.TransactionEventRequest(
        eventType="Ended",
        timestamp=NOW,
        triggerReason="RemoteStop",
        seqNo=3,
        transactionInfo=v21.TransactionType(transactionId="uuid", stoppedReason="Remote"),
    )
    said = next(DIALECT.say_csms(ended, here))
    assert isinstance(said, v16.StopTransactionRequest)
    assert said.reason == "UnlockCommand"


@pytest.mark.action("1.6:RemoteStartTransaction")
def test_a_profile_is_ignored_without_smart_charging() -> None:
    period = v16.ChargingSchedulePeriod(startPeriod=0, limit=16.0)
    schedule = v16.ChargingSchedule(chargingRateUnit="A", chargingSchedulePeriod=[period])
    profile = v16.ChargingProfile(
        chargingProfileId=1, stackLevel=0, chargingProfilePurpose="TxProfile", chargingProfileKind="Relative", chargingSchedule=schedule
    )
    request = v16.RemoteStartTransactionRequest(idTag="TAG", connectorId=1, chargingProfile=profile)
    heard = v21.RequestStartTransactionRequest(idToken=token("TAG"), remoteStartId=1, evseId=1)
    script = [(heard, v21.RequestStartTransactionResponse(status="Accepted"))]
    assert play(DIALECT.hear_csms(request, talk()), script) == v16.RemoteStartTransactionResponse(status="Accepted")


@pytest.mark.action("1.6:TriggerMessage", "1.6:MeterValues")
def test_meter_values_of_all_connectors_are_told_with_and_without_transaction() -> None:
    here = station()
    here.memory.connector(2)
    accepted = v21.TriggerMessageResponse(status="Accepted")
    script = [
        (v21.TriggerMessageRequest(requestedMessage="TransactionEvent", evse=v21.EVSEType(id=1, connectorId=1)), accepted),
        (v21.TriggerMessageRequest(requestedMessage="MeterValues", evse=v21.EVSEType(id=2, connectorId=1)), accepted),
    ]
    request = v16.TriggerMessageRequest(requestedMessage="MeterValues")
    assert play(DIALECT.hear_csms(request, here), script) == v16.TriggerMessageResponse(status="Accepted")
