"""Remote start and stop, unlock, trigger."""

from collections.abc import Generator, Mapping
from typing import Any

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.limits import connector_of
from voltgate.ocpp.dialects.v16.memory import Memory, RemoteStart
from voltgate.ocpp.dialects.v16.tokens import hear_tag, say_tag
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import CallRefused, PeerCannot

START = "RequestStartTransaction"
STOP = "RequestStopTransaction"

_TRIGGERS: Mapping[str, v16.MessageTrigger] = {
    "BootNotification": "BootNotification",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "Heartbeat": "Heartbeat",
    "MeterValues": "MeterValues",
    "StatusNotification": "StatusNotification",
    "TransactionEvent": "MeterValues",
}
_EXTENDED_TRIGGERS: Mapping[str, v16.MessageTriggerEnumType] = {
    "LogStatusNotification": "LogStatusNotification",
    "SignChargingStationCertificate": "SignChargePointCertificate",
}
"""Only the security extension of 1.6 has these."""

_TRIGGERS_HEARD: Mapping[str, v21.MessageTriggerEnumType] = {
    "BootNotification": "BootNotification",
    "DiagnosticsStatusNotification": "LogStatusNotification",
    "LogStatusNotification": "LogStatusNotification",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "Heartbeat": "Heartbeat",
    "MeterValues": "MeterValues",
    "SignChargePointCertificate": "SignChargingStationCertificate",
    "StatusNotification": "StatusNotification",
}


def say_start(request: v21.RequestStartTransactionRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS starts a transaction; the station does not hear its id, so we remember it for the start that follows.

    groupIdToken is left out: the station hears the group with the answer to its Authorize.req or StartTransaction.req.
    """
    if request.chargingProfile is not None:
        raise PeerCannot(START, "charging profiles are not translated to OCPP 1.6 yet")
    tag = say_tag(START, request.idToken)
    # Expected before it is said: the start may arrive together with the answer, or before it.
    expected = RemoteStart(request.remoteStartId, tag, request.evseId)
    talk.memory.expect_start(expected)
    answer: v16.RemoteStartTransactionResponse
    try:
        answer = yield v16.RemoteStartTransactionRequest(idTag=tag, connectorId=request.evseId)
    except CallRefused:
        talk.memory.forget_start(expected)
        raise
    if answer.status != "Accepted":
        talk.memory.forget_start(expected)
    return v21.RequestStartTransactionResponse(status=answer.status)


def hear_start(request: v16.RemoteStartTransactionRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is to start a transaction; we number the request. Without smart charging a profile is ignored (1.6 §5.11)."""
    connector = request.connectorId
    if connector is not None and connector < 1:
        return v16.RemoteStartTransactionResponse(status="Rejected")
    talk.memory.remote_start_id += 1
    answer: v21.RequestStartTransactionResponse = yield v21.RequestStartTransactionRequest(
        idToken=hear_tag(request.idTag), remoteStartId=talk.memory.remote_start_id, evseId=connector
    )
    return v16.RemoteStartTransactionResponse(status=answer.status)


def say_stop(request: v21.RequestStopTransactionRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS stops a transaction by its number. Raises PeerCannot when the id is no number."""
    try:
        number = int(request.transactionId)
    except ValueError:
        raise PeerCannot(STOP, f"{request.transactionId!r} is not a transaction number of OCPP 1.6") from None
    answer: v16.RemoteStopTransactionResponse = yield v16.RemoteStopTransactionRequest(transactionId=number)
    return v21.RequestStopTransactionResponse(status=answer.status)


def hear_stop(request: v16.RemoteStopTransactionRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is to stop a transaction; a number that it never got is refused."""
    transaction = talk.memory.numbered(request.transactionId)
    if transaction is None or transaction.ended is not None:
        return v16.RemoteStopTransactionResponse(status="Rejected")
    answer: v21.RequestStopTransactionResponse = yield v21.RequestStopTransactionRequest(transactionId=transaction.id)
    return v16.RemoteStopTransactionResponse(status=answer.status)


def say_unlock(request: v21.UnlockConnectorRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS unlocks a connector. 1.6 says NotSupported for "no lock" and "no such connector" alike."""
    number = connector_of("UnlockConnector", request.evseId, request.connectorId)
    answer: v16.UnlockConnectorResponse = yield v16.UnlockConnectorRequest(connectorId=number)
    if answer.status == "NotSupported":
        info = v21.StatusInfoType(reasonCode="NotSupported", additionalInfo="no lock on this connector, or no such connector")
        return v21.UnlockConnectorResponse(status="UnlockFailed", statusInfo=info)
    return v21.UnlockConnectorResponse(status=answer.status)


def hear_unlock(request: v16.UnlockConnectorRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is to unlock a connector; a transaction there is finished first (1.6 §5.18)."""
    if request.connectorId < 1:
        return v16.UnlockConnectorResponse(status="NotSupported")
    unlock = v21.UnlockConnectorRequest(evseId=request.connectorId, connectorId=1)
    answer: v21.UnlockConnectorResponse = yield unlock
    transaction = talk.memory.open_on(request.connectorId)
    if answer.status == "OngoingAuthorizedTransaction" and transaction is not None:
        transaction.why = "UnlockCommand"
        yield v21.RequestStopTransactionRequest(transactionId=transaction.id)
        answer = yield unlock
    if answer.status == "UnknownConnector":
        return v16.UnlockConnectorResponse(status="NotSupported")
    return v16.UnlockConnectorResponse(status="Unlocked" if answer.status == "Unlocked" else "UnlockFailed")


def say_trigger(request: v21.TriggerMessageRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS asks for a message. Raises PeerCannot for one that 1.6 cannot trigger."""
    before = talk.memory.boot_reason
    wire = _triggered(request)
    if request.requestedMessage == "BootNotification":
        talk.memory.boot_reason = "Triggered"
    answer: v16.TriggerMessageResponse | v16.ExtendedTriggerMessageResponse = yield wire
    if answer.status != "Accepted":
        talk.memory.boot_reason = before
    return v21.TriggerMessageResponse(status=answer.status)


def _triggered(request: v21.TriggerMessageRequest) -> v16.TriggerMessageRequest | v16.ExtendedTriggerMessageRequest:
    """The plain trigger, or the extended one for what only that one knows."""
    wanted, evse = request.requestedMessage, request.evse
    number = connector_of("TriggerMessage", evse.id, evse.connectorId) if evse else None
    if wanted in _TRIGGERS:
        return v16.TriggerMessageRequest(requestedMessage=_TRIGGERS[wanted], connectorId=number)
    if wanted in _EXTENDED_TRIGGERS:
        return v16.ExtendedTriggerMessageRequest(requestedMessage=_EXTENDED_TRIGGERS[wanted], connectorId=number)
    raise PeerCannot("TriggerMessage", f"OCPP 1.6 cannot trigger {wanted}")


def hear_trigger(request: v16.TriggerMessageRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is asked for a message."""
    talk.memory.diagnostics = request.requestedMessage == "DiagnosticsStatusNotification" or talk.memory.diagnostics
    status = yield from _pull(request, talk.memory)
    return v16.TriggerMessageResponse(status=status)


def hear_extended_trigger(request: v16.ExtendedTriggerMessageRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is asked for a message by the security extension."""
    talk.memory.diagnostics = request.requestedMessage != "LogStatusNotification" and talk.memory.diagnostics
    status = yield from _pull(request, talk.memory)
    return v16.ExtendedTriggerMessageResponse(status=status)


_Trigger = v16.TriggerMessageRequest | v16.ExtendedTriggerMessageRequest


def _pull(request: _Trigger, memory: Memory) -> Generator[Any, Any, v21.TriggerMessageStatusEnumType]:
    """Ask for the message; for meter values of all connectors (1.6 §5.17) one by one, if a transaction runs at some of them."""
    wanted, number = _TRIGGERS_HEARD[request.requestedMessage], request.connectorId
    running = {one.connector for one in memory.transactions if one.ended is None and one.number is not None}
    metered = wanted == "MeterValues"
    everywhere = sorted({*running, *(place for place in memory.connectors if place > 0)})
    numbers = everywhere if metered and running and number is None else [number]
    status: v21.TriggerMessageStatusEnumType = "Rejected"
    for place in numbers:
        # MeterValues of a running transaction are its event in 2.1.
        message: v21.MessageTriggerEnumType = "TransactionEvent" if metered and place in running else wanted
        evse = v21.EVSEType(id=place, connectorId=1) if place is not None and place > 0 else None
        answer: v21.TriggerMessageResponse = yield v21.TriggerMessageRequest(requestedMessage=message, evse=evse)
        status = answer.status if status != "Accepted" else status
    return status


SAY_STATION = {
    v21.RequestStartTransactionRequest: say_start,
    v21.RequestStopTransactionRequest: say_stop,
    v21.UnlockConnectorRequest: say_unlock,
    v21.TriggerMessageRequest: say_trigger,
}
HEAR_CSMS = {
    v16.RemoteStartTransactionRequest: hear_start,
    v16.RemoteStopTransactionRequest: hear_stop,
    v16.UnlockConnectorRequest: hear_unlock,
    v16.TriggerMessageRequest: hear_trigger,
    v16.ExtendedTriggerMessageRequest: hear_extended_trigger,
}
