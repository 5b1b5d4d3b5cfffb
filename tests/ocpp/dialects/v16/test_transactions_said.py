"""Transaction events of a station that thinks in 2.1, as it says them to a 1.6 CSMS."""

from typing import Any, get_args

import msgspec
import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, facts, later, start, talk, token, wh
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialogue import Talk, play
from voltgate.ocpp.errors import CallRefused, LinkLost, PeerCannot

EVSE_1 = v21.EVSEType(id=1, connectorId=1)
INFO = v16.IdTagInfo(status="Accepted")
GIVEN = v16.StartTransactionResponse(transactionId=17, idTagInfo=INFO)
GRANTED = v21.TransactionEventResponse(idTokenInfo=v21.IdTokenInfoType(status="Accepted"))
NOTHING = v21.TransactionEventResponse()
STOPPED = v16.StopTransactionResponse()
TOLD = v16.StatusNotificationResponse()


def event(kind: v21.TransactionEventEnumType, state: v21.ChargingStateEnumType | None = None, **more: Any) -> v21.TransactionEventRequest:
    info = v21.TransactionType(transactionId="tx", chargingState=state, stoppedReason=more.pop("reason", None))
    fields: dict[str, Any] = {"timestamp": NOW, "triggerReason": "Authorized", "seqNo": 0, "evse": EVSE_1}
    return v21.TransactionEventRequest(eventType=kind, transactionInfo=info, **fields | more)


def started(**more: Any) -> v21.TransactionEventRequest:
    fields: dict[str, Any] = {"idToken": token("TAG"), "meterValue": [wh(100, NOW, "Transaction.Begin")]}
    return event("Started", **fields | more)


def word(said: v16.ChargePointStatus, **more: Any) -> v16.StatusNotificationRequest:
    fields: dict[str, Any] = {"connectorId": 1, "errorCode": "NoError", "timestamp": NOW}
    return v16.StatusNotificationRequest(status=said, **fields | more)


def say(here: Talk[Memory], request: Any, *script: Any) -> Any:
    answer = play(DIALECT.say_csms(request, here), script)
    for line in script:
        encode(line[0])
    return answer


def occupied(here: Talk[Memory]) -> None:
    """The cable is in."""
    say(
        here,
        v21.StatusNotificationRequest(timestamp=NOW, connectorStatus="Occupied", evseId=1, connectorId=1),
        (word("Preparing"), TOLD),
    )


def begun() -> Talk[Memory]:
    """A talk with a running transaction, number 17, that charges."""
    here = talk()
    occupied(here)
    say(here, started(state="Charging"), (start(), GIVEN), (word("Charging"), TOLD))
    return here


@pytest.mark.action("1.6:StartTransaction")
def test_a_started_event_is_a_start_and_then_a_status() -> None:
    here = talk()
    occupied(here)
    assert say(here, started(state="Charging"), (start(), GIVEN), (word("Charging"), TOLD)) == GRANTED
    assert here.memory.numbered(17) is not None


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_before_anybody_is_authorised_waits_for_the_token() -> None:
    here = talk()
    occupied(here)
    assert say(here, started(idToken=None, state="EVConnected", reservationId=3)) == NOTHING
    late = event("Updated", "Charging", idToken=token("TAG"), timestamp=later(5), seqNo=1)
    script = [(start(reservationId=3), GIVEN), (word("Charging", timestamp=later(5)), TOLD)]
    assert say(here, late, *script) == GRANTED


@pytest.mark.action("1.6:StartTransaction")
def test_energy_without_a_token_starts_with_an_empty_tag() -> None:
    here = talk()
    occupied(here)
    say(here, started(idToken=None, state="Charging"), (start(tag=""), GIVEN), (word("Charging"), TOLD))


@pytest.mark.action("1.6:StartTransaction")
def test_what_ends_before_it_began_for_16_is_not_told() -> None:
    here = talk()
    say(here, started(idToken=None, state="EVConnected"), (word("Preparing"), TOLD))
    assert say(here, event("Ended", reason="EVDisconnected", seqNo=1), (word("Available"), TOLD)) == NOTHING


@pytest.mark.action("1.6:StartTransaction", "1.6:MeterValues")
def test_a_first_register_with_fractions_is_told_again_exactly() -> None:
    reading = wh(100.4, NOW, "Transaction.Begin")
    sample = v16.SampledValue(value="100.4", context="Transaction.Begin", measurand="Energy.Active.Import.Register", unit="Wh")
    exact = v16.MeterValuesRequest(connectorId=1, transactionId=17, meterValue=[v16.MeterValue(timestamp=NOW, sampledValue=[sample])])
    script = [(start(), GIVEN), (exact, v16.MeterValuesResponse())]
    say(talk(), started(meterValue=[reading]), *script)


@pytest.mark.action("1.6:StartTransaction")
def test_a_refused_start_is_tried_again_as_a_start() -> None:
    here = talk()
    occupied(here)
    with pytest.raises(CallRefused):
        say(here, started(), (start(), CallRefused("InternalError")))
    assert say(here, started(), (start(), GIVEN)) == GRANTED


@pytest.mark.action("1.6:StartTransaction")
def test_after_a_lost_link_the_event_continues_where_it_stopped() -> None:
    here = talk()
    occupied(here)
    with pytest.raises(LinkLost):
        say(here, started(state="Charging"), (start(), GIVEN), (word("Charging"), LinkLost("gone")))
    assert say(here, started(state="Charging"), (word("Charging"), TOLD)) == GRANTED


@pytest.mark.action("1.6:StatusNotification")
def test_a_refused_status_does_not_hold_up_the_transaction() -> None:
    here = talk()
    occupied(here)
    script = [(start(), GIVEN), (word("Charging"), CallRefused("GenericError"))]
    assert say(here, started(state="Charging"), *script) == GRANTED


@pytest.mark.action("1.6:StatusNotification")
def test_changes_of_the_charging_state_are_statuses() -> None:
    here = begun()
    for state, said in [("SuspendedEV", "SuspendedEV"), ("SuspendedEVSE", "SuspendedEVSE"), ("EVConnected", "Finishing")]:
        request = event("Updated", msgspec.convert(state, v21.ChargingStateEnumType), triggerReason="ChargingStateChanged")
        assert say(here, request, (word(msgspec.convert(said, v16.ChargePointStatus)), TOLD)) == NOTHING
    assert say(here, event("Updated", "EVConnected")) == NOTHING


@pytest.mark.action("1.6:MeterValues")
def test_readings_of_an_event_are_meter_values_with_the_number() -> None:
    reading = wh(250.5, later(9), "Sample.Periodic")
    sample = v16.SampledValue(value="250.5", context="Sample.Periodic", measurand="Energy.Active.Import.Register", unit="Wh")
    value = v16.MeterValue(timestamp=later(9), sampledValue=[sample])
    said = v16.MeterValuesRequest(connectorId=1, transactionId=17, meterValue=[value])
    say(begun(), event("Updated", meterValue=[reading]), (said, v16.MeterValuesResponse()))


@pytest.mark.action("1.6:StopTransaction")
def test_an_ended_event_is_a_stop_and_then_a_status() -> None:
    reading = wh(900.6, later(60), "Transaction.End")
    sample = v16.SampledValue(value="900.6", context="Transaction.End", measurand="Energy.Active.Import.Register", unit="Wh")
    stop = v16.StopTransactionRequest(
        meterStop=901,
        timestamp=NOW,
        transactionId=17,
        idTag="TAG",
        reason="Local",
        transactionData=[v16.MeterValue(timestamp=later(60), sampledValue=[sample])],
    )
    here = begun()
    answer = v16.StopTransactionResponse(idTagInfo=INFO)
    said = event("Ended", reason="Local", idToken=token("TAG"), meterValue=[reading])
    assert say(here, said, (stop, answer), (word("Finishing"), TOLD)) == GRANTED
    assert here.memory.open_on(1) is None


@pytest.mark.action("1.6:StopTransaction")
def test_a_stop_without_readings_tells_the_register_of_the_start() -> None:
    stop = v16.StopTransactionRequest(meterStop=100, timestamp=NOW, transactionId=17, reason="Local")
    say(begun(), event("Ended"), (stop, STOPPED), (word("Finishing"), TOLD))


@pytest.mark.action("1.6:StopTransaction")
def test_a_stop_that_was_answered_is_not_said_again() -> None:
    here = begun()
    stop = v16.StopTransactionRequest(meterStop=100, timestamp=NOW, transactionId=17, reason="Local")
    with pytest.raises(LinkLost):
        say(here, event("Ended"), (stop, STOPPED), (word("Finishing"), LinkLost("gone")))
    assert say(here, event("Ended"), (word("Finishing"), TOLD)) == NOTHING


@pytest.mark.action("1.6:StopTransaction")
@pytest.mark.parametrize("reason", get_args(v21.ReasonEnumType))
def test_every_reason_has_a_word(reason: v21.ReasonEnumType) -> None:
    dialogue = DIALECT.say_csms(event("Ended", reason=reason), begun())
    said: Any = next(dialogue)
    encode(said)
    assert said.reason == reason or said.reason in ("Local", "Other", "HardReset")


@pytest.mark.action("1.6:StopTransaction")
def test_resets_and_unlocks_are_told_apart() -> None:
    here = begun()
    here.memory.reset = "Soft"
    soft: Any = next(DIALECT.say_csms(event("Ended", reason="ImmediateReset"), here))
    assert soft.reason == "SoftReset"
    unlock: Any = next(DIALECT.say_csms(event("Ended", reason="Other", triggerReason="UnlockCommand"), begun()))
    assert unlock.reason == "UnlockCommand"
    before: Any = next(DIALECT.say_csms(event("Ended", reason="ImmediateReset", customData=facts(reason="SoftReset")), begun()))
    assert before.reason == "SoftReset"


@pytest.mark.action("1.6:StopTransaction", "1.6:MeterValues")
def test_a_transaction_whose_start_was_never_delivered_is_minus_one() -> None:
    """1.6 errata 3.18."""
    here = talk()
    update: Any = next(DIALECT.say_csms(event("Updated", meterValue=[wh(5, NOW, "Sample.Periodic")]), here))
    stop: Any = next(DIALECT.say_csms(event("Ended"), here))
    assert (update.transactionId, stop.transactionId) == (-1, -1)
    nowhere = v16.StopTransactionRequest(meterStop=0, timestamp=NOW, transactionId=-1, reason="Local")
    assert say(talk(), event("Ended", evse=None), (nowhere, STOPPED)) == NOTHING


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"evse": None}, "needs a connector"),
        ({"evse": v21.EVSEType(id=1, connectorId=2)}, "no number of its own"),
        ({"idToken": token("x" * 21)}, "has room for 20"),
        (
            {
                "idToken": v21.IdTokenType(
                    idToken="x", type="Central", additionalInfo=[v21.AdditionalInfoType(additionalIdToken="y", type="z")]
                )
            },
            "additionalInfo",
        ),
    ],
)
def test_what_16_cannot_say_is_refused_before_anything_is_said(changes: dict[str, Any], reason: str) -> None:
    here = talk()
    with pytest.raises(PeerCannot, match=reason):
        say(here, started(**changes))
    assert here.memory.transactions == []


@pytest.mark.action("1.6:StartTransaction", "1.6:StopTransaction")
def test_the_register_of_the_station_counts_where_no_energy_is_measured() -> None:
    def register(value: float) -> dict[str, Any]:
        return {"vendorId": "org.voltgate", "registerWh": value}

    here = talk()
    occupied(here)
    say(here, started(meterValue=None, customData=register(1234.4)), (start(meter=1234), GIVEN))
    end = event("Ended", customData=register(5678.6), triggerReason="StopAuthorized", reason="Local")
    stop = v16.StopTransactionRequest(meterStop=5679, timestamp=NOW, transactionId=17, reason="Local")
    say(here, end, (stop, STOPPED), (word("Finishing"), TOLD))
