"""2.0.1: all 64 messages there and back, and every difference by name."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.ocpp.dialects.v16.talking import NOW
from tests.ocpp.schemas import messages
from tests.ocpp.strategies import messages_of
from voltgate.ocpp import v21, v201
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialects.v201 import FILLED_IN_21, FILLED_IN_201, LEFT_OUT, narrow, widen
from voltgate.ocpp.dialogue import Talk, play
from voltgate.ocpp.errors import CallRefused, InternalError, PeerCannot, PropertyConstraintViolation

MESSAGES_201 = [kind for version, kind in messages() if version == "2.0.1"]
MESSAGES_21 = [kind for version, kind in messages() if version == "2.1"]
ONLY_21 = [kind for kind in MESSAGES_21 if not hasattr(v201, kind.__name__)]

TALK = Talk(None, NOW, lambda: 1)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def name(kind: type[msgspec.Struct]) -> str:
    return kind.__name__


def numbers(plain: Any) -> Iterator[int]:
    """The size of every integer in a message."""
    if isinstance(plain, int):
        yield abs(plain)
    for inner in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
        yield from numbers(inner)


def event_201(**fields: Any) -> v201.TransactionEventRequest:
    given_fields: dict[str, Any] = {
        "eventType": "Updated",
        "timestamp": NOW,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 3,
        "transactionInfo": v201.TransactionType(transactionId="tx"),
    }
    return v201.TransactionEventRequest(**given_fields | fields)


def event_21(**fields: Any) -> v21.TransactionEventRequest:
    given_fields: dict[str, Any] = {
        "eventType": "Updated",
        "timestamp": NOW,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 3,
        "transactionInfo": v21.TransactionType(transactionId="tx"),
    }
    return v21.TransactionEventRequest(**given_fields | fields)


def test_there_are_64_pairs() -> None:
    assert len(MESSAGES_201) == 128


@pytest.mark.parametrize("kind", MESSAGES_201, ids=name)
@FEW
@given(data=st.data())
def test_widening_is_valid_and_narrowing_undoes_it(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    said = data.draw(messages_of(kind))
    # 2.1 turned some integers into numbers, which are exact up to here.
    assume(kind is not v201.NotifyEVChargingNeedsRequest or max(numbers(msgspec.to_builtins(said)), default=0) < 2**53)
    try:
        heard = widen(said)
    except PropertyConstraintViolation as error:
        refusal = error.description
    else:
        refusal = ""
    if refusal:
        event("refused")
        assert ">= " in refusal or "<= " in refusal, "only a required number that 2.1 does not allow may be refused"
        return
    assert type(heard) is getattr(v21, kind.__name__)
    encode(heard)
    assert narrow(heard) == said


@pytest.mark.parametrize("kind", [kind for kind in MESSAGES_21 if kind not in ONLY_21], ids=name)
@FEW
@given(data=st.data())
def test_narrowing_says_it_or_says_why_not(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    said = data.draw(messages_of(kind))
    try:
        narrowed = narrow(said)
    except (PeerCannot, InternalError):
        return
    encode(narrowed)


@pytest.mark.parametrize("kind", ONLY_21, ids=name)
@settings(FEW, max_examples=1)
@given(data=st.data())
def test_messages_of_21_alone_cannot_be_said(kind: type[Any], data: st.DataObject) -> None:
    message = data.draw(messages_of(kind))
    with pytest.raises(PeerCannot, match="no such message") as refusal:
        narrow(message)
    assert refusal.value.action == kind.action


@pytest.mark.action("2.0.1:TransactionEvent")
def test_an_optional_number_that_21_forbids_travels_beside_the_message() -> None:
    said = event_201(reservationId=-1, evse=v201.EVSEType(id=-2), numberOfPhasesUsed=5, customData={"vendorId": "a.b", "more": 1})
    heard = widen(said)
    assert (heard.reservationId, heard.evse, heard.numberOfPhasesUsed) == (None, None, None)
    assert heard.customData == {
        "vendorId": "a.b",
        "more": 1,
        "ocpp201": {"reservationId": -1, "evse": {"id": -2}, "numberOfPhasesUsed": 5},
    }
    assert narrow(heard) == said


@pytest.mark.action("2.0.1:TransactionEvent")
def test_a_required_number_that_21_forbids_is_refused_by_name() -> None:
    with pytest.raises(PropertyConstraintViolation, match="seqNo"):
        widen(event_201(seqNo=-1))


@pytest.mark.action("2.0.1:TransactionEvent")
def test_a_token_has_the_same_words_in_both() -> None:
    token = v201.IdTokenType(idToken="04A2", type="ISO14443")
    heard = widen(event_201(idToken=token))
    assert heard.idToken == v21.IdTokenType(idToken="04A2", type="ISO14443")
    assert narrow(heard).idToken == token


@pytest.mark.parametrize(
    ("request_21", "named"),
    [
        (event_21(triggerReason="LimitSet"), "triggerReason"),
        (event_21(evseSleep=True), "evseSleep"),
        (event_21(idToken=v21.IdTokenType(idToken="VIN", type="VIN")), "idToken.type"),
        (event_21(idToken=v21.IdTokenType(idToken="x" * 37, type="Central")), "idToken.idToken"),
        (v21.ResetRequest(type="ImmediateAndResume"), "type"),
        (v21.TriggerMessageRequest(requestedMessage="CustomTrigger", customTrigger="x"), "requestedMessage|customTrigger"),
        (v21.GetLogRequest(log=v21.LogParametersType(remoteLocation="u"), logType="DataCollectorLog", requestId=1), "logType"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.action,
)
def test_what_201_has_no_word_for_is_refused_by_name(request_21: Any, named: str) -> None:
    with pytest.raises(PeerCannot, match=named):
        narrow(request_21)


@pytest.mark.action("2.0.1:TransactionEvent")
def test_an_answer_leaves_out_what_201_does_not_know() -> None:
    answer = v21.TransactionEventResponse(
        totalCost=1.5,
        transactionLimit=v21.TransactionLimitType(maxCost=3.0),
        updatedPersonalMessage=v21.MessageContentType(format="QRCODE", content="x"),
        idTokenInfo=v21.IdTokenInfoType(status="Accepted", personalMessage=v21.MessageContentType(format="UTF8", content="x" * 600)),
    )
    assert narrow(answer) == v201.TransactionEventResponse(totalCost=1.5, idTokenInfo=v201.IdTokenInfoType(status="Accepted"))


@pytest.mark.action("2.0.1:ClearDisplayMessage")
def test_an_answer_that_cannot_be_said_at_all_is_our_error() -> None:
    with pytest.raises(InternalError, match="status"):
        narrow(v21.ClearDisplayMessageResponse(status="Rejected"))


@pytest.mark.action("2.0.1:NotifyMonitoringReport")
def test_a_monitor_gets_and_loses_the_type_that_only_21_tells() -> None:
    monitor = v201.VariableMonitoringType(id=1, transaction=False, value=1.0, type="Delta", severity=5)
    item = v201.MonitoringDataType(
        component=v201.ComponentType(name="EVSE"), variable=v201.VariableType(name="Power"), variableMonitoring=[monitor]
    )
    said = v201.NotifyMonitoringReportRequest(requestId=1, seqNo=0, generatedAt=NOW, monitor=[item])
    heard = widen(said)
    assert heard.monitor[0].variableMonitoring[0].eventNotificationType == "CustomMonitor"
    assert narrow(heard) == said


@pytest.mark.action("2.0.1:SetNetworkProfile")
def test_what_only_201_requires_is_filled_in() -> None:
    profile = v21.NetworkConnectionProfileType(
        ocppInterface="Wired0", ocppTransport="JSON", messageTimeout=30, ocppCsmsUrl="wss://example.org", securityProfile=1
    )
    narrowed = narrow(v21.SetNetworkProfileRequest(configurationSlot=1, connectionData=profile))
    assert narrowed.connectionData.ocppVersion == "OCPP20"
    signed = v21.SignedMeterValueType(signedMeterData="OCMF|", encodingMethod="OCMF")
    value = v21.MeterValueType(timestamp=NOW, sampledValue=[v21.SampledValueType(value=1.0, signedMeterValue=signed)])
    narrowed = narrow(v21.MeterValuesRequest(evseId=1, meterValue=[value]))
    assert narrowed.meterValue[0].sampledValue[0].signedMeterValue.publicKey == ""


def test_the_tables_name_fields_that_differ() -> None:
    """Nothing is listed that both versions have, so the tables cannot hide a loss."""
    for owner, field in LEFT_OUT:
        assert field in getattr(v21, owner).__struct_fields__
        assert field not in getattr(v201, owner).__struct_fields__
    for owner, field in FILLED_IN_201:
        assert required(v201, owner, field)
        assert not required(v21, owner, field)
    for owner, field in FILLED_IN_21:
        assert required(v21, owner, field)


def required(package: Any, owner: str, field: str) -> bool:
    fields = msgspec.structs.fields(getattr(package, owner))
    return next(one.required for one in fields if one.name == field)


@pytest.mark.parametrize("way", ["hear_station", "hear_csms"])
def test_hearing_widens_the_request_and_narrows_the_answer(way: str) -> None:
    answer = v21.DataTransferResponse(status="Accepted", data={"a": [1]})
    script = [(v21.DataTransferRequest(vendorId="v", data=1.5), answer)]
    dialogue = getattr(DIALECTS["2.0.1"], way)(v201.DataTransferRequest(vendorId="v", data=1.5), TALK)
    assert play(dialogue, script) == v201.DataTransferResponse(status="Accepted", data={"a": [1]})


@pytest.mark.parametrize("way", ["say_station", "say_csms"])
def test_saying_narrows_the_request_and_widens_the_answer(way: str) -> None:
    answer = v201.DataTransferResponse(status="UnknownVendorId")
    dialogue = getattr(DIALECTS["2.0.1"], way)(v21.DataTransferRequest(vendorId="v"), TALK)
    assert play(dialogue, [(v201.DataTransferRequest(vendorId="v"), answer)]) == v21.DataTransferResponse(status="UnknownVendorId")


def test_a_refusal_passes_through() -> None:
    dialogue = DIALECTS["2.0.1"].say_station(v21.ResetRequest(type="OnIdle"), TALK)
    with pytest.raises(CallRefused):
        play(dialogue, [(v201.ResetRequest(type="OnIdle"), CallRefused("NotSupported"))])
