"""A whole day of a station through 1.6 and back: what arrives is what was said, except for a written list.

The list (`LOST`, `EXTRA`) is also the table in docs/decisions/011-what-the-way-through-1-6-changes.md; a difference that no longer
occurs must leave both.
"""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.ocpp.dialects.pipe import Pipe, differences
from tests.ocpp.dialects.v16.talking import ACCEPTED, NOW, answer_of, later, token, wh
from voltgate.ocpp import v21
from voltgate.ocpp.dialects.v16.transactions import NO_NUMBER
from voltgate.ocpp.errors import CallRefused, InternalError, PeerCannot, Version

RECORD = Path(__file__).parents[3] / "docs" / "decisions" / "011-what-the-way-through-1-6-changes.md"

LOST = {
    "BootNotification.reason",
    "TransactionEvent.transactionInfo.transactionId",
    "TransactionEvent.transactionInfo.remoteStartId",
    "TransactionEvent.transactionInfo.timeSpentCharging",
    "TransactionEvent.transactionInfo.chargingState",
    "TransactionEvent.seqNo",
    "TransactionEvent.triggerReason",
    "TransactionEvent.customData",
    "TransactionEvent.offline",
    "TransactionEvent.numberOfPhasesUsed",
    "TransactionEvent.cableMaxCurrent",
    "TransactionEvent.idToken.type",
    "TransactionEvent.meterValue[].sampledValue[].signedMeterValue.publicKey",
    "TransactionEvent.meterValue[].sampledValue[].signedMeterValue.signingMethod",
    "TransactionEvent.meterValue[].sampledValue[].unitOfMeasure.multiplier",
    "TransactionEvent.meterValue[].sampledValue[].value",
    "Authorize.idToken.type",
    "StatusNotification.customData",
    "NotifyEvent.eventData[].eventId",
    "NotifyEvent.eventData[].component.name",
    "NotifyEvent.eventData[].customData",
    "FirmwareStatusNotification.customData",
    "SignCertificate.requestId",
    "DataTransfer.data",
    "DataTransfer.data.free",
    "RequestStartTransaction.remoteStartId",
    "RequestStartTransaction.groupIdToken.idToken",
    "RequestStartTransaction.groupIdToken.type",
    "RequestStartTransaction.idToken.type",
    "RequestStopTransaction.transactionId",
    "Reset.type",
    "Reset.customData",
    "ChangeAvailability.evse.connectorId",
    "TriggerMessage.requestedMessage",
}
"""Fields that arrive differently or not at all."""

EXTRA = {
    "TransactionEvent -> StatusNotification",
    "TransactionEvent -> TransactionEvent",
    "NotifyEvent -> StatusNotification",
}
"""Messages that arrive in addition, because one message of 1.6 carries several facts."""

EVSE_1 = v21.EVSEType(id=1, connectorId=1)
SIGNED = v21.SignedMeterValueType(signedMeterData="OCMF|{}|", encodingMethod="OCMF", signingMethod="ECDSA", publicKey="30")


def connector(status: v21.ConnectorStatusEnumType, seconds: float = 0, evse: int = 1) -> v21.StatusNotificationRequest:
    return v21.StatusNotificationRequest(timestamp=later(seconds), connectorStatus=status, evseId=evse, connectorId=1)


def event(
    kind: v21.TransactionEventEnumType,
    seconds: float,
    trigger: v21.TriggerReasonEnumType,
    info: dict[str, Any] | None = None,
    **more: Any,
) -> v21.TransactionEventRequest:
    fields: dict[str, Any] = {"seqNo": int(seconds), "evse": EVSE_1}
    return v21.TransactionEventRequest(
        eventType=kind,
        timestamp=later(seconds),
        triggerReason=trigger,
        transactionInfo=v21.TransactionType(transactionId="0b6f-uuid", **(info or {})),
        **fields | more,
    )


def measured(seconds: float, context: v21.ReadingContextEnumType) -> list[v21.MeterValueType]:
    """Energy with a signature, power in kW, voltage of a phase, frequency."""
    energy = wh(1234.5, later(seconds), context).sampledValue[0]
    samples = [
        msgspec.structs.replace(energy, signedMeterValue=SIGNED),
        v21.SampledValueType(
            value=11.0, measurand="Power.Active.Import", context=context, unitOfMeasure=v21.UnitOfMeasureType(unit="W", multiplier=3)
        ),
        v21.SampledValueType(
            value=230.1,
            measurand="Voltage",
            phase="L1-N",
            location="Inlet",
            context=context,
            unitOfMeasure=v21.UnitOfMeasureType(unit="V", multiplier=0),
        ),
        v21.SampledValueType(
            value=50.0, measurand="Frequency", context=context, unitOfMeasure=v21.UnitOfMeasureType(unit="Hz", multiplier=0)
        ),
    ]
    return [v21.MeterValueType(timestamp=later(seconds), sampledValue=samples)]


def problem(*, cleared: bool) -> v21.NotifyEventRequest:
    data = v21.EventDataType(
        eventId=77,
        timestamp=later(70),
        trigger="Alerting",
        actualValue="false" if cleared else "true",
        cleared=cleared or None,
        eventNotificationType="HardWiredNotification",
        component=v21.ComponentType(name="TemperatureSensor", evse=EVSE_1),
        variable=v21.VariableType(name="Problem"),
        techCode="HighTemperature",
        techInfo=None if cleared else "68 C",
    )
    return v21.NotifyEventRequest(generatedAt=NOW, seqNo=0, eventData=[data])


def station_state() -> v21.NotifyEventRequest:
    data = v21.EventDataType(
        eventId=76,
        timestamp=NOW,
        trigger="Delta",
        actualValue="Available",
        eventNotificationType="HardWiredNotification",
        component=v21.ComponentType(name="ChargingStation"),
        variable=v21.VariableType(name="AvailabilityState"),
    )
    return v21.NotifyEventRequest(generatedAt=NOW, seqNo=0, eventData=[data])


CARD = v21.IdTokenType(idToken="04A2B3", type="ISO15693")
STATION = v21.ChargingStationType(
    model="Model",
    vendorName="Vendor",
    serialNumber="S1",
    firmwareVersion="1.0",
    modem=v21.ModemType(iccid="89", imsi="26"),
)

DAY: list[Any] = [
    v21.BootNotificationRequest(chargingStation=STATION, reason="LocalReset"),
    station_state(),
    connector("Available"),
    connector("Available", evse=2),
    v21.HeartbeatRequest(),
    v21.SecurityEventNotificationRequest(type="StartupOfTheDevice", timestamp=NOW, techInfo="x"),
    v21.SignCertificateRequest(csr="CSR", certificateType="ChargingStationCertificate", requestId=3),
    v21.MeterValuesRequest(evseId=0, meterValue=[wh(5, later(5), "Sample.Clock")]),
    connector("Occupied", 10),
    v21.AuthorizeRequest(idToken=CARD),
    event(
        "Started",
        11,
        "CablePluggedIn",
        {"chargingState": "EVConnected", "remoteStartId": 5},
        idToken=CARD,
        reservationId=9,
        offline=False,
        numberOfPhasesUsed=3,
        cableMaxCurrent=32,
        meterValue=[wh(1000, later(11), "Transaction.Begin")],
    ),
    event("Updated", 12, "ChargingStateChanged", {"chargingState": "Charging", "timeSpentCharging": 0}),
    event("Updated", 20, "MeterValuePeriodic", meterValue=measured(20, "Sample.Periodic")),
    event("Updated", 30, "ChargingStateChanged", {"chargingState": "SuspendedEV"}, meterValue=measured(30, "Trigger")),
    event("Updated", 40, "MeterValueClock", {"chargingState": "SuspendedEV"}, meterValue=measured(40, "Sample.Clock")),
    problem(cleared=False),
    problem(cleared=True),
    event("Updated", 50, "ChargingStateChanged", {"chargingState": "EVConnected"}),
    event(
        "Ended",
        60,
        "StopAuthorized",
        {"stoppedReason": "Local"},
        idToken=CARD,
        meterValue=[wh(5000.25, later(60), "Transaction.End"), *measured(60, "Transaction.End")],
    ),
    connector("Available", 90),
    v21.DataTransferRequest(vendorId="v", messageId="m", data={"free": 1}),
    v21.FirmwareStatusNotificationRequest(status="Downloading", requestId=4),
    v21.LogStatusNotificationRequest(status="Uploading", requestId=4),
]

ORDERS: list[Any] = [
    v21.RequestStartTransactionRequest(idToken=CARD, remoteStartId=99, evseId=1, groupIdToken=token("GROUP")),
    v21.ClearCacheRequest(),
    v21.ResetRequest(type="Immediate"),
    v21.ResetRequest(type="OnIdle"),
    v21.ChangeAvailabilityRequest(operationalStatus="Inoperative"),
    v21.ChangeAvailabilityRequest(operationalStatus="Operative", evse=EVSE_1),
    v21.UnlockConnectorRequest(evseId=1, connectorId=1),
    v21.TriggerMessageRequest(requestedMessage="StatusNotification", evse=EVSE_1),
    v21.TriggerMessageRequest(requestedMessage="TransactionEvent", evse=EVSE_1),
    v21.TriggerMessageRequest(requestedMessage="SignChargingStationCertificate"),
    v21.DataTransferRequest(vendorId="v", data="text"),
]


def csms_room(request: Any) -> Any:
    answers: dict[str, Any] = {
        "Heartbeat": v21.HeartbeatResponse(currentTime=NOW),
        "Authorize": v21.AuthorizeResponse(idTokenInfo=ACCEPTED),
        "SignCertificate": v21.SignCertificateResponse(status="Accepted"),
        "DataTransfer": v21.DataTransferResponse(status="Accepted", data="back"),
    }
    return answers.get(request.action) or answer_of(request)


def station_room(request: Any) -> Any:
    answer = type(request).__orig_bases__[0].__args__[0]
    fields: dict[str, Any] = {"data": "back"} if request.action == "DataTransfer" else {}
    return answer(status="Unlocked" if request.action == "UnlockConnector" else "Accepted", **fields)


def counterpart(said: Any, heard: list[Any]) -> Any:
    """The message that says the same: of its action and, of several, the one with the readings."""
    same = [one for one in heard if one.action == said.action]
    return max(same, key=lambda one: bool(getattr(one, "meterValue", None)))


def compare(said: Any, heard: list[Any], lost: Counter[str], extra: Counter[str]) -> None:
    main = counterpart(said, heard)
    lost.update(differences(said, main))
    extra.update(f"{said.action} -> {one.action}" for one in heard if one is not main)


@pytest.mark.action(
    "1.6:BootNotification",
    "1.6:StatusNotification",
    "1.6:Heartbeat",
    "1.6:Authorize",
    "1.6:StartTransaction",
    "1.6:MeterValues",
    "1.6:StopTransaction",
    "1.6:DataTransfer",
    "1.6:SecurityEventNotification",
    "1.6:SignCertificate",
    "1.6:SignedFirmwareStatusNotification",
    "1.6:LogStatusNotification",
    "1.6:RemoteStartTransaction",
    "1.6:RemoteStopTransaction",
    "1.6:UnlockConnector",
    "1.6:Reset",
    "1.6:ChangeAvailability",
    "1.6:ClearCache",
    "1.6:TriggerMessage",
    "1.6:ExtendedTriggerMessage",
)
def test_a_day_through_16_differs_only_by_the_list() -> None:
    pipe = Pipe("1.6", csms_room, station_room)
    lost: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    for said in DAY:
        answer = pipe.to_csms(said)
        compare(said, pipe.heard, lost, extra)
        assert answer == csms_room(said), said
    for orders in (lambda: ORDERS, lambda: running(pipe)):
        for order in orders():
            answer = pipe.to_station(order)
            compare(order, pipe.heard, lost, extra)
            assert answer == station_room(order), order
    assert set(lost) == LOST
    assert set(extra) == EXTRA


def running(pipe: Pipe) -> list[Any]:
    """Orders about a transaction that runs."""
    info = v21.TransactionType(transactionId="0b70-uuid", chargingState="Charging", remoteStartId=1)
    pipe.to_csms(msgspec.structs.replace(event("Started", 100, "RemoteStart", idToken=CARD), transactionInfo=info))
    started = pipe.heard[0]
    assert (started.triggerReason, started.transactionInfo.remoteStartId) == ("RemoteStart", 99)
    return [
        v21.RequestStopTransactionRequest(transactionId=started.transactionInfo.transactionId),
        v21.TriggerMessageRequest(requestedMessage="MeterValues", evse=EVSE_1),
    ]


def test_the_list_is_the_one_in_the_record() -> None:
    """The table of the decision names every entry in its first column, and nothing else."""
    rows = [line.split("|")[1] for line in RECORD.read_text().splitlines() if line.startswith("| `")]
    assert {cell.strip(" `") for cell in rows} == LOST | EXTRA


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_the_same_day_through_2x_loses_nothing(version: Version) -> None:
    pipe = Pipe(version, csms_room, station_room)
    for said in DAY:
        answer = pipe.to_csms(said)
        assert (answer, pipe.heard) == (csms_room(said), [said_in_201(said) if version == "2.0.1" else said])
    for order in ORDERS:
        assert (pipe.to_station(order), pipe.heard) == (station_room(order), [order])


def said_in_201(said: Any) -> Any:
    """2.0.1 has one field less for the request of a certificate."""
    return msgspec.structs.replace(said, requestId=None) if said.action == "SignCertificate" else said


def test_variables_pass_the_pipe_in_both_directions() -> None:
    stored = {"HeartbeatInterval": "300", "RateUnit": "A,W", "BasicAuthPassword": "secret!", "VendorKey": "x"}

    def device(request: Any) -> Any:
        if request.action == "GetVariables":
            return v21.GetVariablesResponse(getVariableResult=[told(one) for one in request.getVariableData])
        (wish,) = request.setVariableData
        stored[wish.variable.name] = wish.attributeValue
        result = v21.SetVariableResultType(attributeStatus="Accepted", component=wish.component, variable=wish.variable)
        return v21.SetVariablesResponse(setVariableResult=[result])

    def told(one: v21.GetVariableDataType) -> v21.GetVariableResultType:
        value = stored.get(one.variable.name)
        status: v21.GetVariableStatusEnumType = "Accepted" if value is not None else "UnknownVariable"
        return v21.GetVariableResultType(attributeStatus=status, attributeValue=value, component=one.component, variable=one.variable)

    pipe = Pipe("1.6", csms_room, device)
    places = [("OCPPCommCtrlr", "HeartbeatInterval"), ("SmartChargingCtrlr", "RateUnit"), ("SecurityCtrlr", "BasicAuthPassword")]
    places += [("OCPP16", "VendorKey"), ("OCPP16", "NoSuchKey")]
    components = [(v21.ComponentType(name=component), v21.VariableType(name=variable)) for component, variable in places]
    wanted = [v21.GetVariableDataType(component=component, variable=variable) for component, variable in components]
    request = v21.GetVariablesRequest(getVariableData=wanted)
    assert pipe.to_station(request) == device(request)
    wishes = [v21.SetVariableDataType(component=one, variable=two, attributeValue="A") for one, two in components[:4]]
    answer = pipe.to_station(v21.SetVariablesRequest(setVariableData=wishes))
    assert [one.attributeStatus for one in answer.setVariableResult] == ["Accepted"] * 4
    assert set(stored.values()) == {"A"}
    pipe.to_station(v21.GetBaseReportRequest(requestId=1, reportBase="FullInventory"))
    (report,) = pipe.at_csms.later
    assert isinstance(report, v21.NotifyReportRequest)
    assert {one.variable.name for one in report.reportData or []} == set(stored) - {"VendorKey"}


@pytest.mark.action("1.6:StartTransaction", "1.6:StopTransaction")
def test_a_start_that_the_csms_cannot_store_is_said_again_and_is_one_transaction() -> None:
    failures = [InternalError("disk full")]

    def room(request: Any) -> Any:
        if request.action == "TransactionEvent" and failures:
            raise failures.pop()
        return csms_room(request)

    pipe = Pipe("1.6", room, station_room)
    started = event("Started", 1, "Authorized", idToken=CARD)
    with pytest.raises(CallRefused) as refusal:
        pipe.to_csms(started)
    assert refusal.value.code == "InternalError"
    pipe.to_csms(started)
    ids = {one.transactionInfo.transactionId for one in pipe.heard}
    pipe.to_csms(event("Ended", 2, "StopAuthorized", {"stoppedReason": "Local"}))
    assert ids == {pipe.heard[0].transactionInfo.transactionId} == {"1001"}


@pytest.mark.action("1.6:StartTransaction")
def test_a_start_whose_answer_was_lost_is_one_transaction() -> None:
    pipe = Pipe("1.6", csms_room, station_room)
    started = event("Started", 1, "Authorized", idToken=CARD)
    pipe.to_csms(started)
    pipe.at_station.memory = pipe.dialect.new_memory()
    pipe.to_csms(started)
    assert [type(one).__name__ for one in pipe.wire] == ["StartTransactionRequest"] * 2
    assert pipe.at_station.memory.find("0b6f-uuid").number == 1001
    assert len(pipe.at_csms.memory.transactions) == 1


@pytest.mark.action("1.6:StopTransaction", "1.6:MeterValues")
def test_a_transaction_whose_start_was_given_up_is_stored_and_its_retries_end() -> None:
    pipe = Pipe("1.6", csms_room, station_room)
    pipe.to_csms(event("Updated", 5, "MeterValuePeriodic", meterValue=[wh(1, later(5), "Sample.Periodic")]))
    assert [one.action for one in pipe.heard] == ["MeterValues"]
    pipe.to_csms(event("Ended", 6, "StopAuthorized", {"stoppedReason": "Local"}))
    (ended,) = [one for one in pipe.heard if one.action == "TransactionEvent"]
    assert (ended.eventType, ended.transactionInfo.transactionId) == ("Ended", str(NO_NUMBER))


@pytest.mark.action("1.6:StopTransaction")
def test_what_comes_after_the_stop_does_not_open_the_transaction_again() -> None:
    pipe = Pipe("1.6", csms_room, station_room)
    pipe.to_csms(event("Started", 1, "Authorized", {"chargingState": "Charging"}, idToken=CARD))
    pipe.to_csms(event("Ended", 2, "StopAuthorized", {"stoppedReason": "Local"}))
    pipe.to_csms(event("Updated", 1, "MeterValuePeriodic", meterValue=[wh(1, later(1), "Sample.Periodic")]))
    assert [(one.eventType, one.transactionInfo.transactionId) for one in pipe.heard] == [("Updated", "1001")]
    assert pipe.at_csms.memory.open_on(1) is None


def test_events_are_numbered_in_order_at_the_csms() -> None:
    pipe = Pipe("1.6", csms_room, station_room)
    numbers: list[int] = []
    for said in DAY:
        pipe.to_csms(said)
        numbers += [one.seqNo for one in pipe.heard if one.action == "TransactionEvent"]
    assert numbers[0] == 0
    assert all(later_one == earlier + 1 for earlier, later_one in pairwise(numbers))


def test_what_cannot_pass_is_refused_and_nothing_is_on_the_wire() -> None:
    pipe = Pipe("1.6", csms_room, station_room)
    with pytest.raises(PeerCannot):
        pipe.to_csms(v21.NotifyReportRequest(requestId=1, generatedAt=NOW, seqNo=0))
    with pytest.raises(PeerCannot):
        pipe.to_station(v21.GetTransactionStatusRequest())
    assert pipe.wire == []
