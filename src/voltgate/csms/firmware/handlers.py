"""What stations tell about firmware updates."""

from voltgate.csms.firmware.store import keep_status
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21

FAILURES = frozenset({"DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature"})


async def handle_firmware_status_notification(
    request: v21.FirmwareStatusNotificationRequest, session: Session
) -> v21.FirmwareStatusNotificationResponse:
    """L01: keep the step; a failure is an alarm."""
    info = None if request.statusInfo is None else request.statusInfo.additionalInfo or request.statusInfo.reasonCode
    keep_status(session.work, session.station_id, to_ms(session.now), request.requestId, request.status, info)
    session.tell("firmware.status", status=request.status, request_id=request.requestId)
    if request.status in FAILURES:
        session.raise_alarm("firmware", f"The firmware update failed: {request.status}", request_id=request.requestId)
    return v21.FirmwareStatusNotificationResponse()


HANDLERS = {"FirmwareStatusNotification": handle_firmware_status_notification}
