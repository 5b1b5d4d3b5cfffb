"""StartTransaction, StopTransaction and TransactionEvent.

1.6 has two messages with a number given by the CSMS, 2.1 one message with an id given by the station and a running seqNo.
At the CSMS the number as decimal text is the id, and `memory` counts the events.
At the station a 1.6 transaction begins when somebody is authorised (or energy flows): an event that starts a 2.1 transaction earlier
(cable plugged in) is remembered and told then. Follow-up messages of one event (readings, status) come after the start or the stop;
an event that is said again after a failure continues where it stopped.
"""

from collections.abc import Generator, Mapping
from typing import Any

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.availability import say_word
from voltgate.ocpp.dialects.v16.kept import keep, kept
from voltgate.ocpp.dialects.v16.limits import connector_of, evse_of
from voltgate.ocpp.dialects.v16.memory import Memory, Transaction, fingerprint
from voltgate.ocpp.dialects.v16.meter_values import (
    energy_at,
    hear_values,
    last_energy,
    register,
    say_values,
    unknown,
)
from voltgate.ocpp.dialects.v16.tokens import NO_TAG, hear_info, hear_starter, hear_tag, say_info, say_tag
from voltgate.ocpp.dialects.v16.words import CHARGING_STATES
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import PeerCannot

ACTION = "TransactionEvent"
NO_NUMBER = -1
"""What a station calls a transaction whose StartTransaction.req never got an answer (1.6 errata 3.18)."""

Talking = Generator[Any, Any, None]

_REASON_HEARD: Mapping[v16.Reason, tuple[v21.ReasonEnumType, v21.TriggerReasonEnumType]] = {
    "EmergencyStop": ("EmergencyStop", "AbnormalCondition"),
    "EVDisconnected": ("EVDisconnected", "EVCommunicationLost"),
    "HardReset": ("ImmediateReset", "ResetCommand"),
    "Local": ("Local", "StopAuthorized"),
    "Other": ("Other", "AbnormalCondition"),
    "PowerLoss": ("PowerLoss", "AbnormalCondition"),
    "Reboot": ("Reboot", "ResetCommand"),
    "Remote": ("Remote", "RemoteStop"),
    "SoftReset": ("ImmediateReset", "ResetCommand"),
    "UnlockCommand": ("Other", "UnlockCommand"),
    "DeAuthorized": ("DeAuthorized", "Deauthorized"),
}

_REASON_SAID: Mapping[str, v16.Reason] = {
    "DeAuthorized": "DeAuthorized",
    "EmergencyStop": "EmergencyStop",
    "EVDisconnected": "EVDisconnected",
    "ImmediateReset": "HardReset",
    "Local": "Local",
    "MasterPass": "Local",
    "StoppedByEV": "Local",
    "PowerLoss": "PowerLoss",
    "Reboot": "Reboot",
    "Remote": "Remote",
}
"""Every other reason of 2.1 is Other; StoppedByEV is Local by the description of Local in 1.6 §7.36."""


def hear_start(request: v16.StartTransactionRequest, talk: Talk[Memory]) -> Dialogue:
    """A start gets the next number; a repeated start the number it has."""
    memory = talk.memory
    mark = fingerprint(request)
    transaction = memory.started(mark) or _begin(request, talk, mark)
    memory.connector(request.connectorId).freed = False
    remote_start = memory.take_remote_start(request.connectorId, request.idTag)
    answer: v21.TransactionEventResponse = yield v21.TransactionEventRequest(
        eventType="Started",
        timestamp=request.timestamp,
        triggerReason="Authorized" if remote_start is None else "RemoteStart",
        seqNo=0,
        transactionInfo=v21.TransactionType(transactionId=transaction.id, chargingState=transaction.state, remoteStartId=remote_start),
        meterValue=[register(request.timestamp, request.meterStart, "Transaction.Begin")],
        reservationId=_positive(request.reservationId),
        evse=evse_of(request.connectorId),
        idToken=hear_starter(request.idTag),
        customData=keep(reservationId=_negative(request.reservationId), connectorId=_negative(request.connectorId)),
    )
    return v16.StartTransactionResponse(idTagInfo=say_info(answer.idTokenInfo), transactionId=transaction.number or 0)


def _begin(request: v16.StartTransactionRequest, talk: Talk[Memory], mark: str) -> Transaction:
    number = talk.number()
    word = talk.memory.connector(request.connectorId).word
    state = CHARGING_STATES.get(word) if word not in (None, "Finishing") else None
    transaction = Transaction(str(number), request.connectorId, number=number, print=mark, state=state)
    talk.memory.keep(transaction)
    return transaction


def _positive(number: int | None) -> int | None:
    return number if number is not None and number >= 0 else None


def _negative(number: int | None) -> int | None:
    return number if number is not None and number < 0 else None


def hear_stop(request: v16.StopTransactionRequest, talk: Talk[Memory]) -> Dialogue:
    """A stop ends the transaction it names, also one we never started: whoever stores it decides, the station gets its answer."""
    memory = talk.memory
    transaction = memory.find(str(request.transactionId)) or unknown(memory, request.transactionId, 0, request.timestamp)
    if transaction.ended is None:
        transaction.ended = transaction.seq = transaction.seq + 1
    stopped, trigger = _REASON_HEARD[request.reason or "Local"]
    values, unread = hear_values(request.transactionData or [])
    answer: v21.TransactionEventResponse = yield v21.TransactionEventRequest(
        eventType="Ended",
        timestamp=request.timestamp,
        triggerReason=trigger,
        seqNo=transaction.ended,
        transactionInfo=v21.TransactionType(transactionId=transaction.id, stoppedReason=stopped),
        meterValue=_with_end(values, request),
        evse=evse_of(transaction.connector),
        idToken=None if request.idTag is None else hear_tag(request.idTag),
        customData=keep(meterValue=unread or None, reason=request.reason if request.reason not in (None, stopped) else None),
    )
    memory.trim()
    return v16.StopTransactionResponse(idTagInfo=say_info(answer.idTokenInfo) if answer.idTokenInfo else None)


def _with_end(values: list[v21.MeterValueType], request: v16.StopTransactionRequest) -> list[v21.MeterValueType]:
    """The readings with meterStop, unless they have it already, more finely (meterStop is in whole Wh)."""
    told = energy_at(values, "Transaction.End")
    if told is not None and abs(told - request.meterStop) < 1:
        return values
    return [*values, register(request.timestamp, request.meterStop, "Transaction.End")]


def say_transaction_event(request: v21.TransactionEventRequest, talk: Talk[Memory]) -> Dialogue:
    """A station tells an event: as a start, a stop, readings, a status, or several of them.

    Fields that 1.6 has no place for are left out, they describe and do not decide: offline, numberOfPhasesUsed, cableMaxCurrent,
    timeSpentCharging, operationMode, limits, tariff and costs.
    """
    transaction = _known(request, talk.memory)
    if request.eventType == "Ended":
        yield from _say_stop(request, transaction, talk.memory)
    elif transaction.number is None and _begins(request):
        yield from _say_start(request, transaction)
    yield from _say_state(request, transaction, talk.memory)
    if request.eventType != "Ended":
        yield from _say_readings(request, transaction)
    info = transaction.info if request.idToken is not None else None
    return v21.TransactionEventResponse(idTokenInfo=hear_info(info) if info else None)


def _known(request: v21.TransactionEventRequest, memory: Memory) -> Transaction:
    """The transaction of an event; the start of a new one is remembered. Raises PeerCannot before anything is said."""
    token, evse = request.idToken, request.evse
    if token is not None:
        say_tag(ACTION, token)
    connector = connector_of(ACTION, evse.id, evse.connectorId) if evse else 0
    transaction = memory.find(request.transactionInfo.transactionId)
    if transaction is None:
        started = request.eventType == "Started"
        if started and not connector:
            raise PeerCannot(ACTION, "a transaction needs a connector in OCPP 1.6")
        transaction = Transaction(request.transactionInfo.transactionId, connector, number=None if started else NO_NUMBER)
        transaction.began = request.timestamp
        memory.keep(transaction)
        memory.connector(connector).charged = False
    values = request.meterValue or []
    transaction.reservation = request.reservationId if request.reservationId is not None else transaction.reservation
    if request.eventType == "Started":
        transaction.meter_start = _register_of(request) or energy_at(values, "Transaction.Begin") or last_energy(values) or 0.0
    return transaction


def _register_of(request: v21.TransactionEventRequest) -> float | None:
    """The register in Wh as our station adds it: its measurands may be configured without energy."""
    told = (request.customData or {}).get("registerWh")
    return float(told) if isinstance(told, int | float) else None


def _begins(request: v21.TransactionEventRequest) -> bool:
    """Whether this event begins the transaction in the sense of 1.6."""
    return request.idToken is not None or request.transactionInfo.chargingState == "Charging"


def _say_start(request: v21.TransactionEventRequest, transaction: Transaction) -> Talking:
    answer: v16.StartTransactionResponse = yield v16.StartTransactionRequest(
        connectorId=transaction.connector,
        idTag=say_tag(ACTION, request.idToken) if request.idToken else NO_TAG,
        meterStart=round(transaction.meter_start),
        timestamp=transaction.began or request.timestamp,
        reservationId=transaction.reservation,
    )
    transaction.number, transaction.info = answer.transactionId, answer.idTagInfo


def _say_readings(request: v21.TransactionEventRequest, transaction: Transaction) -> Talking:
    """The readings of an event, except a first register that the start told exactly."""
    values = request.meterValue or []
    exact = register(request.timestamp, round(transaction.meter_start), "Transaction.Begin")
    if request.eventType == "Started" and len(values) == 1 and _same_reading(values[0], exact):
        return
    said = say_values(values, kept(request.customData, "meterValue"))
    if said:
        yield v16.MeterValuesRequest(connectorId=transaction.connector, meterValue=said, transactionId=transaction.number)


def _same_reading(one: v21.MeterValueType, other: v21.MeterValueType) -> bool:
    return (
        one.timestamp == other.timestamp
        and len(one.sampledValue) == 1
        and one.sampledValue[0].signedMeterValue is None
        and energy_at([one], "Transaction.Begin") == energy_at([other], "Transaction.Begin")
    )


def _say_stop(request: v21.TransactionEventRequest, transaction: Transaction, memory: Memory) -> Talking:
    """The stop; nothing when 1.6 never saw a start, or when the stop was answered before."""
    if transaction.number is None or transaction.ended is not None:
        transaction.ended = request.seqNo
        return
    values = request.meterValue or []
    told = (_register_of(request), energy_at(values, "Transaction.End"), last_energy(values), transaction.meter_start)
    stop = next(register for register in told if register is not None)
    answer: v16.StopTransactionResponse = yield v16.StopTransactionRequest(
        meterStop=round(stop),
        timestamp=request.timestamp,
        transactionId=transaction.number,
        idTag=say_tag(ACTION, request.idToken) if request.idToken else None,
        reason=_reason(request, transaction, memory),
        transactionData=say_values(values, kept(request.customData, "meterValue")) or None,
    )
    transaction.ended, transaction.info = request.seqNo, answer.idTagInfo
    memory.trim()


def _reason(request: v21.TransactionEventRequest, transaction: Transaction, memory: Memory) -> v16.Reason:
    """The reason in 1.6: the one it had there before, or the kind of reset, which 2.1 does not tell apart."""
    if transaction.why is not None and request.triggerReason == "RemoteStop":
        return transaction.why
    before = kept(request.customData, "reason")
    if before in _REASON_HEARD:
        reason: v16.Reason = before
        return reason
    stopped = request.transactionInfo.stoppedReason or "Local"
    if stopped == "ImmediateReset" and memory.reset == "Soft":
        return "SoftReset"
    if request.triggerReason == "UnlockCommand":
        return "UnlockCommand"
    return _REASON_SAID.get(stopped, "Other")


def _say_state(request: v21.TransactionEventRequest, transaction: Transaction, memory: Memory) -> Talking:
    """The status of the connector, where the event changed it."""
    state = request.transactionInfo.chargingState
    if state is None and transaction.ended is None:
        return
    transaction.state = state or transaction.state
    if state == "Charging" or (transaction.ended is not None and transaction.number is not None):
        memory.connector(transaction.connector).charged = True
    yield from say_word(transaction.connector, memory, request.timestamp)


HEAR_STATION = {v16.StartTransactionRequest: hear_start, v16.StopTransactionRequest: hear_stop}
SAY_CSMS = {v21.TransactionEventRequest: say_transaction_event}
