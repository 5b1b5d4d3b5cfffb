"""What stations report about their security."""

from voltgate.csms.security.model import is_alarming
from voltgate.csms.security.store import add_event
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21


async def handle_security_event_notification(
    request: v21.SecurityEventNotificationRequest, session: Session
) -> v21.SecurityEventNotificationResponse:
    """A04: keep the event; a critical one also becomes an alarm (A04.FR.02)."""
    at_ms = to_ms(request.timestamp)
    add_event(session.work, session.station_id, request.type, at_ms, to_ms(session.now), request.techInfo)
    if is_alarming(request.type):
        told = f": {request.techInfo}" if request.techInfo else ""
        session.raise_alarm("security", f"{request.type}{told}", type=request.type)
    return v21.SecurityEventNotificationResponse()


HANDLERS = {"SecurityEventNotification": handle_security_event_notification}
