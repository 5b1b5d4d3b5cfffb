"""What stations notice about themselves."""

from voltgate.csms import availability, stations
from voltgate.csms.diagnostics.events import alarm_kind, connector_of, describe, is_alarming, is_over, is_problem
from voltgate.csms.diagnostics.store import keep_event, keep_log_status
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21

LOG_FAILURES = frozenset({"BadMessage", "NotSupportedOperation", "PermissionDenied", "UploadFailure"})


async def handle_notify_event(request: v21.NotifyEventRequest, session: Session) -> v21.NotifyEventResponse:
    """N07: keep every event; states and problems of connectors show at the connector, grave events are alarms (N07.FR.03)."""
    for event in request.eventData:
        _keep(event, session)
        availability.hear_state(event, session)
        if is_problem(event):
            _show_problem(event, session)
        if is_alarming(event):
            session.raise_alarm(alarm_kind(event), describe(event), component=event.component.name, variable=event.variable.name)
        elif is_over(event):
            session.tell("alarm.cleared", kind=alarm_kind(event))
    return v21.NotifyEventResponse()


def _keep(event: v21.EventDataType, session: Session) -> None:
    evse_id, connector_id = connector_of(event)
    keep_event(
        session.work,
        station_id=session.station_id,
        event_id=event.eventId,
        at_ms=to_ms(event.timestamp),
        received_ms=to_ms(session.now),
        trigger=event.trigger,
        kind=event.eventNotificationType,
        component=event.component.name,
        component_instance=event.component.instance,
        evse_id=evse_id,
        connector_id=connector_id,
        variable=event.variable.name,
        variable_instance=event.variable.instance,
        value=event.actualValue,
        cause=event.cause,
        tech_code=event.techCode,
        tech_info=event.techInfo,
        cleared=int(bool(event.cleared)),
        severity=event.severity,
        monitoring_id=event.variableMonitoringId,
        transaction_id=event.transactionId,
    )


def _show_problem(event: v21.EventDataType, session: Session) -> None:
    evse_id, connector_id = connector_of(event)
    if evse_id is None:
        return
    code = None if is_over(event) else event.techCode or "Problem"
    info = None if code is None else event.techInfo
    stations.keep_connector_problem(session.work, session.station_id, evse_id, connector_id or 1, code, info)


async def handle_log_status_notification(request: v21.LogStatusNotificationRequest, session: Session) -> v21.LogStatusNotificationResponse:
    """N01: keep the step of the upload; a failure is an alarm."""
    info = None if request.statusInfo is None else request.statusInfo.additionalInfo or request.statusInfo.reasonCode
    keep_log_status(session.work, session.station_id, to_ms(session.now), request.requestId, request.status, info)
    session.tell("log.status", status=request.status, request_id=request.requestId)
    if request.status in LOG_FAILURES:
        session.raise_alarm("log", f"The upload of a log failed: {request.status}", request_id=request.requestId)
    return v21.LogStatusNotificationResponse()


HANDLERS = {"NotifyEvent": handle_notify_event, "LogStatusNotification": handle_log_status_notification}
