"""StatusNotification, ChangeAvailability, Heartbeat, and errors as events.

One 1.6 StatusNotification carries three facts: the state of the connector, of the charging, and an error. The CSMS hears them as
StatusNotification, TransactionEvent and NotifyEvent. A station that thinks in 2.1 tells them one by one; `memory` puts them together.
"""

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any, get_args

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.kept import keep, kept
from voltgate.ocpp.dialects.v16.limits import connector_of
from voltgate.ocpp.dialects.v16.memory import Connector, Memory, Transaction
from voltgate.ocpp.dialects.v16.words import CHARGING_STATES, CONNECTOR_STATUSES
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import CallRefused, PeerCannot

STATION = "ChargingStation"
CONNECTOR = "Connector"
AVAILABILITY = "AvailabilityState"
PROBLEM = "Problem"
TRUE = "true"
FALSE = "false"

_ERRORS = frozenset(get_args(v16.ChargePointErrorCode))
_WORDS = frozenset(get_args(v16.ChargePointStatus))
_STATION_WORDS = ("Available", "Unavailable", "Faulted")
"""1.6 §4.9: connector 0 has only these."""

_MAX_INFO = 50


def hear_status(request: v16.StatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """The three facts of one status, in one unit of work."""
    at = request.timestamp or talk.now
    connector = talk.memory.connector(request.connectorId)
    events = [*_station_state(request, talk, at), *_problem(request, connector, talk, at)]
    if request.connectorId > 0:
        yield _connector_state(request, at)
        connector.freed = connector.freed or request.status == "Available"
        transaction = None if connector.freed else talk.memory.open_on(request.connectorId)
        state = CHARGING_STATES.get(request.status)
        if transaction is not None and state is not None and state != transaction.state:
            transaction.seq, transaction.state = transaction.seq + 1, state
            yield _charging_state(transaction, request, at)
    if events:
        yield v21.NotifyEventRequest(generatedAt=talk.now, seqNo=0, eventData=events)
    connector.word, connector.error, connector.detail = request.status, request.errorCode, _detail(request)
    return v16.StatusNotificationResponse()


def _connector_state(request: v16.StatusNotificationRequest, at: datetime) -> v21.StatusNotificationRequest:
    return v21.StatusNotificationRequest(
        timestamp=at,
        connectorStatus=CONNECTOR_STATUSES[request.status],
        evseId=request.connectorId,
        connectorId=1,
        customData=_facts(request),
    )


def _facts(request: v16.StatusNotificationRequest) -> dict[str, Any] | None:
    return keep(
        status=request.status,
        errorCode=request.errorCode,
        info=request.info,
        vendorId=request.vendorId,
        vendorErrorCode=request.vendorErrorCode,
        connectorId=request.connectorId if request.connectorId < 0 else None,
    )


def _charging_state(transaction: Transaction, request: v16.StatusNotificationRequest, at: datetime) -> v21.TransactionEventRequest:
    return v21.TransactionEventRequest(
        eventType="Updated",
        timestamp=at,
        triggerReason="ChargingStateChanged",
        seqNo=transaction.seq,
        transactionInfo=v21.TransactionType(transactionId=transaction.id, chargingState=transaction.state),
        evse=v21.EVSEType(id=request.connectorId, connectorId=1),
        customData=keep(status=request.status),
    )


def _station_state(request: v16.StatusNotificationRequest, talk: Talk[Memory], at: datetime) -> Iterator[v21.EventDataType]:
    """Connector 0 is the station, which has no StatusNotification in 2.1. It is told every time, as a status is."""
    if request.connectorId <= 0:
        yield v21.EventDataType(
            eventId=talk.memory.next_event(),
            timestamp=at,
            trigger="Delta",
            actualValue=CONNECTOR_STATUSES[request.status],
            eventNotificationType="HardWiredNotification",
            component=v21.ComponentType(name=STATION),
            variable=v21.VariableType(name=AVAILABILITY),
            customData=_facts(request),
        )


def _problem(request: v16.StatusNotificationRequest, before: Connector, talk: Talk[Memory], at: datetime) -> Iterator[v21.EventDataType]:
    """The error that went away and the one that came; nothing while it stays the same."""
    if (request.errorCode, _detail(request)) == (before.error, before.detail):
        return
    if before.error not in ("NoError", request.errorCode):
        yield _event(request, before.error, talk, at, cleared=True)
    if request.errorCode != "NoError":
        yield _event(request, request.errorCode, talk, at, cleared=False)


def _event(
    request: v16.StatusNotificationRequest, code: v16.ChargePointErrorCode, talk: Talk[Memory], at: datetime, cleared: bool
) -> v21.EventDataType:
    """An error as the Problem of its component; techCode is the 1.6 word."""
    on_connector = request.connectorId > 0
    return v21.EventDataType(
        eventId=talk.memory.next_event(),
        timestamp=at,
        trigger="Alerting",
        actualValue=FALSE if cleared else TRUE,
        cleared=cleared or None,
        eventNotificationType="HardWiredNotification",
        component=v21.ComponentType(
            name=CONNECTOR if on_connector else STATION,
            evse=v21.EVSEType(id=request.connectorId, connectorId=1) if on_connector else None,
        ),
        variable=v21.VariableType(name=PROBLEM),
        techCode=code,
        techInfo=None if cleared else request.info,
        customData=None if cleared else keep(vendorErrorCode=request.vendorErrorCode, vendorId=request.vendorId),
    )


def _detail(request: v16.StatusNotificationRequest) -> str:
    """What tells two errors with the same code apart. Without an error the texts mean nothing."""
    return "" if request.errorCode == "NoError" else "\n".join((request.vendorErrorCode or "", request.info or ""))


def say_status(request: v21.StatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """A station tells the status of a connector, always: the CSMS may have asked for it."""
    number = connector_of("StatusNotification", request.evseId, request.connectorId)
    connector = talk.memory.connector(number)
    connector.status = request.connectorStatus
    if request.connectorStatus == "Available":
        connector.charged = False
    before = kept(request.customData, "status")
    word = before if before in _WORDS else _word(number, talk.memory)
    yield _notification(number, connector, word, request.timestamp)
    connector.word = word
    return v21.StatusNotificationResponse()


def say_word(number: int, memory: Memory, at: datetime) -> Generator[Any, Any, None]:
    """Tell the status of a connector if it is another word than before.

    A refusal is passed over: the event that changed the word was told, and the next status says it again.
    """
    if number <= 0:
        return
    connector = memory.connector(number)
    word = _word(number, memory)
    if word == connector.word:
        return
    try:
        yield _notification(number, connector, word, at)
    except CallRefused:
        return
    connector.word = word


def _word(number: int, memory: Memory) -> v16.ChargePointStatus:
    """The 1.6 word for what is known about a connector (1.6 §4.9)."""
    connector = memory.connector(number)
    if connector.status is not None and connector.status != "Occupied":
        return connector.status
    transaction = memory.open_on(number)
    state = transaction.state if transaction else None
    if state in ("Charging", "SuspendedEV", "SuspendedEVSE"):
        return state
    if transaction is None and connector.status is None:
        return "Available"
    return "Finishing" if connector.charged else "Preparing"


def _notification(
    number: int, connector: Connector, word: v16.ChargePointStatus, at: datetime, info: str | None = None, vendor_code: str | None = None
) -> v16.StatusNotificationRequest:
    return v16.StatusNotificationRequest(
        connectorId=number, errorCode=connector.error, status=word, timestamp=at, info=info, vendorErrorCode=vendor_code
    )


def say_events(request: v21.NotifyEventRequest, talk: Talk[Memory]) -> Dialogue:
    """A station tells events: problems and the state of the whole station are statuses in 1.6, nothing else is."""
    for event in request.eventData:
        if not _is_problem(event) and not _is_station_state(event):
            raise PeerCannot("NotifyEvent", f"OCPP 1.6 has no event for {event.component.name}.{event.variable.name}")
    # All of them are put into words before the first is said, so that a refusal comes before anything is sent.
    said = [_say_event(event, talk.memory) for event in request.eventData]
    for notification in said:  # noqa: UP028  # `yield from` a list cannot take the answers
        yield notification
    return v21.NotifyEventResponse()


def _is_problem(event: v21.EventDataType) -> bool:
    return event.variable.name == PROBLEM or event.techCode in _ERRORS


def _is_station_state(event: v21.EventDataType) -> bool:
    return event.component.name == STATION and event.variable.name == AVAILABILITY and event.actualValue in _STATION_WORDS


def _say_event(event: v21.EventDataType, memory: Memory) -> v16.StatusNotificationRequest:
    evse = event.component.evse
    number = connector_of("NotifyEvent", evse.id, evse.connectorId) if evse else 0
    connector = memory.connector(number)
    if _is_station_state(event):
        connector.status = event.actualValue  # type: ignore[assignment]  # one of `_STATION_WORDS`
        return _notification(number, connector, _word(number, memory), event.timestamp)
    known = event.techCode in _ERRORS
    over = event.cleared or event.actualValue == FALSE
    connector.error = "NoError" if over else event.techCode if known else "OtherError"  # type: ignore[assignment]  # checked above
    vendor_code = kept(event.customData, "vendorErrorCode") or (None if known else event.techCode)
    info = event.techInfo[:_MAX_INFO] if event.techInfo else None
    return _notification(number, connector, _word(number, memory), event.timestamp, info, vendor_code)


def hear_heartbeat(request: v16.HeartbeatRequest, talk: Talk[Memory]) -> Dialogue:
    """A station is alive."""
    answer: v21.HeartbeatResponse = yield v21.HeartbeatRequest()
    return v16.HeartbeatResponse(currentTime=answer.currentTime)


def say_heartbeat(request: v21.HeartbeatRequest, talk: Talk[Memory]) -> Dialogue:
    """A station says that it is alive."""
    answer: v16.HeartbeatResponse = yield v16.HeartbeatRequest()
    return v21.HeartbeatResponse(currentTime=answer.currentTime)


def say_change_availability(request: v21.ChangeAvailabilityRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS opens or closes the station (connector 0) or one EVSE."""
    evse = request.evse
    number = connector_of("ChangeAvailability", evse.id, evse.connectorId) if evse else 0
    answer: v16.ChangeAvailabilityResponse = yield v16.ChangeAvailabilityRequest(connectorId=number, type=request.operationalStatus)
    return v21.ChangeAvailabilityResponse(status=answer.status)


def hear_change_availability(request: v16.ChangeAvailabilityRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is opened or closed; a connector that cannot exist is refused."""
    if request.connectorId < 0:
        return v16.ChangeAvailabilityResponse(status="Rejected")
    evse = v21.EVSEType(id=request.connectorId) if request.connectorId else None
    answer: v21.ChangeAvailabilityResponse = yield v21.ChangeAvailabilityRequest(operationalStatus=request.type, evse=evse)
    return v16.ChangeAvailabilityResponse(status=answer.status)


HEAR_STATION = {v16.StatusNotificationRequest: hear_status, v16.HeartbeatRequest: hear_heartbeat}
SAY_STATION = {v21.ChangeAvailabilityRequest: say_change_availability}
HEAR_CSMS = {v16.ChangeAvailabilityRequest: hear_change_availability}
SAY_CSMS = {
    v21.StatusNotificationRequest: say_status,
    v21.NotifyEventRequest: say_events,
    v21.HeartbeatRequest: say_heartbeat,
}
