"""What stations tell about their availability."""

from voltgate.csms import stations
from voltgate.csms.availability.model import plausible_ms
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21


async def handle_heartbeat(request: v21.HeartbeatRequest, session: Session) -> v21.HeartbeatResponse:
    """G02: tell the time (G02.FR.02)."""
    return v21.HeartbeatResponse(currentTime=session.now)


async def handle_status_notification(request: v21.StatusNotificationRequest, session: Session) -> v21.StatusNotificationResponse:
    """G01: keep what the connector is up to. EVSE 0 is the station as a whole."""
    since_ms = plausible_ms(to_ms(request.timestamp), to_ms(session.now))
    evse_id, connector_id, status = request.evseId, request.connectorId, request.connectorStatus
    stations.keep_connector_status(session.work, session.station_id, evse_id, connector_id, status, since_ms)
    session.tell("connector.status", evse_id=evse_id, connector_id=connector_id, status=status, error_code=None)
    return v21.StatusNotificationResponse()


HANDLERS = {"Heartbeat": handle_heartbeat, "StatusNotification": handle_status_notification}
