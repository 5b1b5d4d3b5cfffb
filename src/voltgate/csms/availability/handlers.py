"""What stations tell about their availability."""

from datetime import datetime

from voltgate.csms import stations
from voltgate.csms.availability.model import STATUSES, plausible_ms
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21


async def handle_heartbeat(request: v21.HeartbeatRequest, session: Session) -> v21.HeartbeatResponse:
    """G02: tell the time (G02.FR.03)."""
    return v21.HeartbeatResponse(currentTime=session.now)


async def handle_status_notification(request: v21.StatusNotificationRequest, session: Session) -> v21.StatusNotificationResponse:
    """G01: keep what the connector is up to."""
    _keep(session, request.evseId, request.connectorId, request.connectorStatus, request.timestamp)
    return v21.StatusNotificationResponse()


def hear_state(event: v21.EventDataType, session: Session) -> None:
    """The same told as an event: the AvailabilityState of a connector (B01.FR.05, B04.FR.01, G01.FR.03 ff.). No-op for other events."""
    evse = event.component.evse
    is_state = (event.component.name.casefold(), event.variable.name.casefold()) == ("connector", "availabilitystate")
    if is_state and evse is not None and event.actualValue in STATUSES:
        _keep(session, evse.id, evse.connectorId or 1, event.actualValue, event.timestamp)


def _keep(session: Session, evse_id: int, connector_id: int, status: str, at: datetime) -> None:
    since_ms = plausible_ms(to_ms(at), to_ms(session.now))
    stations.keep_connector_status(session.work, session.station_id, evse_id, connector_id, status, since_ms)
    session.tell("connector.status", evse_id=evse_id, connector_id=connector_id, status=status, error_code=None)


HANDLERS = {"Heartbeat": handle_heartbeat, "StatusNotification": handle_status_notification}
