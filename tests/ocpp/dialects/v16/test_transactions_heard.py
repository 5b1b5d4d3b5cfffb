"""StartTransaction and StopTransaction of a 1.6 station, as the CSMS's rooms hear them."""

from typing import Any, get_args

import msgspec
import pytest

from tests.ocpp.dialects.v16.talking import (
    ACCEPTED,
    DIALECT,
    NOW,
    facts,
    hear,
    later,
    run,
    start,
    status,
    talk,
    token,
    values,
    wh,
)
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.memory import RemoteStart
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import InternalError

EVSE_1 = v21.EVSEType(id=1, connectorId=1)


def started(number: int = 7, **changes: Any) -> v21.TransactionEventRequest:
    event = v21.TransactionEventRequest(
        eventType="Started",
        timestamp=NOW,
        triggerReason="Authorized",
        seqNo=0,
        transactionInfo=v21.TransactionType(transactionId=str(number)),
        meterValue=[wh(100, NOW, "Transaction.Begin")],
        evse=EVSE_1,
        idToken=token("TAG"),
    )
    return msgspec.structs.replace(event, **changes)


def stop(number: int = 7, meter: int = 900, **more: Any) -> v16.StopTransactionRequest:
    return v16.StopTransactionRequest(meterStop=meter, timestamp=later(60), transactionId=number, **more)


def ended(number: int = 7, seq: int = 1, **changes: Any) -> v21.TransactionEventRequest:
    event = v21.TransactionEventRequest(
        eventType="Ended",
        timestamp=later(60),
        triggerReason="StopAuthorized",
        seqNo=seq,
        transactionInfo=v21.TransactionType(transactionId=str(number), stoppedReason="Local"),
        meterValue=[wh(900, later(60), "Transaction.End")],
        evse=EVSE_1,
    )
    return msgspec.structs.replace(event, **changes)


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_becomes_a_started_event_and_gets_the_next_number() -> None:
    answer = v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Accepted", cacheExpiryDateTime=later(9), groupIdToken=token("GROUP"))
    )
    assert play(DIALECT.hear_station(start(), talk()), [(started(), answer)]) == v16.StartTransactionResponse(
        transactionId=7, idTagInfo=v16.IdTagInfo(status="Accepted", expiryDate=later(9), parentIdTag="GROUP")
    )


@pytest.mark.action("1.6:StartTransaction")
def test_a_repeated_start_gets_the_number_it_has() -> None:
    here = talk()
    first, second, other = (run(DIALECT.hear_station(start(at=at), here)) for at in (NOW, NOW, later(1)))
    assert first == second
    assert (first[1].transactionId, other[1].transactionId) == (7, 8)


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_that_could_not_be_stored_keeps_its_number_for_the_next_try() -> None:
    here = talk()
    with pytest.raises(InternalError):
        play(DIALECT.hear_station(start(), here), [(started(), InternalError("disk full"))])
    assert run(DIALECT.hear_station(start(), here))[1].transactionId == 7


@pytest.mark.action("1.6:StartTransaction")
def test_a_repeated_start_is_known_after_the_transaction_ended() -> None:
    here = talk()
    hear(here, start(), stop())
    assert run(DIALECT.hear_station(start(), here))[1].transactionId == 7


@pytest.mark.action("1.6:StartTransaction")
def test_a_history_told_again_gets_the_numbers_it_had() -> None:
    here = talk()
    history = [start(at=later(number)) for number in range(30)]
    for number, one in enumerate(history, 7):
        hear(here, one, stop(number))
    assert [run(DIALECT.hear_station(one, here))[1].transactionId for one in history] == list(range(7, 37))


@pytest.mark.action("1.6:StartTransaction")
@pytest.mark.parametrize("status_21", get_args(v21.AuthorizationStatusEnumType))
def test_every_status_of_a_token_has_a_word(status_21: v21.AuthorizationStatusEnumType) -> None:
    answer = v21.TransactionEventResponse(idTokenInfo=v21.IdTokenInfoType(status=status_21))
    heard: Any = play(DIALECT.hear_station(start(), talk()), [(started(), answer)])
    assert (heard.idTagInfo.status == "Accepted") is (status_21 == "Accepted")
    encode(heard)


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_without_verdict_is_accepted_and_an_endless_group_is_left_out() -> None:
    heard: Any = play(DIALECT.hear_station(start(), talk()), [(started(), v21.TransactionEventResponse())])
    assert heard.idTagInfo == v16.IdTagInfo(status="Accepted")
    info = v21.IdTokenInfoType(status="Blocked", groupIdToken=token("G" * 36))
    heard = play(DIALECT.hear_station(start(), talk()), [(started(), v21.TransactionEventResponse(idTokenInfo=info))])
    assert heard.idTagInfo == v16.IdTagInfo(status="Blocked")


@pytest.mark.action("1.6:StartTransaction", "1.6:RemoteStartTransaction")
@pytest.mark.parametrize(("connector", "tag", "fits"), [(1, "TAG", True), (None, "tag", True), (2, "TAG", False), (1, "other", False)])
def test_a_start_is_recognised_as_the_one_we_asked_for(connector: int | None, tag: str, fits: bool) -> None:
    here = talk()
    here.memory.expect_start(RemoteStart(42, tag, connector))
    (event,) = hear(here, start())
    assert event.transactionInfo.remoteStartId == (42 if fits else None)
    assert event.triggerReason == ("RemoteStart" if fits else "Authorized")
    assert len(here.memory.remote_starts) == (0 if fits else 1)


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_keeps_the_reservation_and_what_has_no_word() -> None:
    assert hear(talk(), start(reservationId=5))[0].reservationId == 5
    (event,) = hear(talk(), start(connector=-1, reservationId=-5))
    assert (event.reservationId, event.evse) == (None, None)
    assert event.customData == facts(reservationId=-5, connectorId=-1)
    encode(event)


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_on_a_connector_says_what_its_status_said() -> None:
    here = talk()
    assert hear(here, status("Charging"), start())[-1].transactionInfo.chargingState == "Charging"
    assert hear(here, status("Finishing", connector=2), start(connector=2))[-1].transactionInfo.chargingState is None


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_without_tag_was_authorised_by_nobody() -> None:
    assert hear(talk(), start(tag=""))[0].idToken == v21.IdTokenType(idToken="", type="NoAuthorization")


@pytest.mark.action("1.6:StopTransaction")
def test_a_stop_becomes_an_ended_event() -> None:
    here = talk()
    hear(here, start())
    assert play(DIALECT.hear_station(stop(), here), [(ended(), v21.TransactionEventResponse())]) == v16.StopTransactionResponse()


@pytest.mark.action("1.6:StopTransaction")
def test_the_tag_of_a_stop_is_answered() -> None:
    here = talk()
    hear(here, start())
    answer = v21.TransactionEventResponse(idTokenInfo=ACCEPTED)
    heard = play(DIALECT.hear_station(stop(idTag="TAG"), here), [(ended(idToken=token("TAG")), answer)])
    assert heard == v16.StopTransactionResponse(idTagInfo=v16.IdTagInfo(status="Accepted"))


@pytest.mark.action("1.6:StopTransaction")
@pytest.mark.parametrize("reason", get_args(v16.Reason))
def test_every_reason_has_a_word_and_loses_nothing(reason: v16.Reason) -> None:
    (event,) = hear(talk(), stop(reason=reason))
    encode(event)
    stopped = event.transactionInfo.stoppedReason
    assert stopped == reason or event.customData == facts(reason=reason)


@pytest.mark.action("1.6:StopTransaction")
@pytest.mark.parametrize("number", [0, -1, 4711])
def test_a_stop_of_a_transaction_we_do_not_know_is_stored_and_answered(number: int) -> None:
    here = talk()
    said, answer = run(DIALECT.hear_station(stop(number), here))
    assert said == [ended(number, seq=said[0].seqNo, evse=None)]
    assert answer == v16.StopTransactionResponse()
    encode(said[0])
    assert hear(here, stop(number)) == said


@pytest.mark.action("1.6:StopTransaction")
def test_stops_without_number_are_not_one_transaction() -> None:
    here = talk()
    first, second = hear(here, stop(-1), v16.StopTransactionRequest(meterStop=5, timestamp=later(3600), transactionId=-1))
    assert first.seqNo != second.seqNo
    assert here.memory.transactions == []


@pytest.mark.action("1.6:StopTransaction")
def test_a_repeated_stop_is_the_same_event() -> None:
    here = talk()
    hear(here, start())
    assert hear(here, stop()) == hear(here, stop())


@pytest.mark.action("1.6:StopTransaction", "1.6:MeterValues")
def test_readings_after_the_stop_are_later_events_of_the_same_transaction() -> None:
    here = talk()
    hear(here, start(), stop())
    late = v16.MeterValuesRequest(connectorId=1, transactionId=7, meterValue=[values(v16.SampledValue(value="950"))])
    (event,) = hear(here, late)
    assert (event.eventType, event.transactionInfo.transactionId, event.seqNo) == ("Updated", "7", 2)
    assert here.memory.open_on(1) is None


@pytest.mark.action("1.6:StopTransaction")
def test_readings_of_a_stop_come_with_the_register_once() -> None:
    fine = v16.SampledValue(value="0.9004", unit="kWh", context="Transaction.End", measurand="Energy.Active.Import.Register")
    other = v16.SampledValue(value="230", measurand="Voltage", unit="V")
    (event,) = hear(talk(), stop(transactionData=[values(fine, other, at=later(60))]))
    assert [sample.value for value in event.meterValue for sample in value.sampledValue] == [0.9004, 230.0]
    wrong = msgspec.structs.replace(fine, value="0.7")
    (event,) = hear(talk(), stop(transactionData=[values(wrong)]))
    assert event.meterValue[-1] == wh(900, later(60), "Transaction.End")


@pytest.mark.action("1.6:StopTransaction")
def test_unreadable_readings_of_a_stop_are_kept() -> None:
    odd = v16.SampledValue(value="21", measurand="Temperature", unit="Celcius")
    (event,) = hear(talk(), stop(transactionData=[values(odd), values()]))
    assert event.meterValue == [wh(900, later(60), "Transaction.End")]
    assert event.customData == facts(
        meterValue=[
            {"timestamp": "2026-01-01T12:00:00Z", "sampledValue": [{"value": "21", "measurand": "Temperature", "unit": "Celcius"}]},
            {"timestamp": "2026-01-01T12:00:00Z", "sampledValue": []},
        ]
    )
    encode(event)
