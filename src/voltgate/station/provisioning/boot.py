"""Boot and registration (B01, B02, B03)."""

from voltgate.ocpp import v21
from voltgate.ocpp.messages import Answer
from voltgate.station import availability
from voltgate.station.station import Station

OWN_RETRY_SECONDS = 30
"""The wait when the central system names none (B02.FR.07, B03.FR.05), or does not answer."""


def watch_boot(station: Station) -> None:
    """Send BootNotification when its time has come."""
    if station.connected and station.boot_due_ms is not None and station.boot_due_ms <= station.now_ms:
        boot_now(station, station.memory.next_boot_reason)


def boot_now(station: Station, reason: v21.BootReasonEnumType) -> None:
    """Send BootNotification."""
    spec = station.spec
    station.boot_due_ms = None
    request = v21.BootNotificationRequest(
        reason=reason,
        chargingStation=v21.ChargingStationType(
            model=spec.model, vendorName=spec.vendor, serialNumber=spec.serial_number, firmwareVersion=spec.firmware_version
        ),
    )
    station.outbox.tell(request, lambda answer: _hear(station, answer), solicited=True, urgent=True)


def _hear(station: Station, answer: Answer | None) -> None:
    if not isinstance(answer, v21.BootNotificationResponse):
        _try_again(station, OWN_RETRY_SECONDS if station.connected else 0)
        return
    station.registration = answer.status
    if answer.status != "Accepted":
        station.log(f"the central system answers {answer.status}")
        _try_again(station, answer.interval if answer.interval > 0 else OWN_RETRY_SECONDS)  # B02.FR.07, B02.FR.08
        return
    _be_accepted(station, answer)


def _be_accepted(station: Station, answer: v21.BootNotificationResponse) -> None:
    station.boot_due_ms = None
    station.memory.accepted_once = True
    station.memory.next_boot_reason = "PowerUp"
    if answer.interval > 0:
        station.variables.put("OCPPCommCtrlr", "HeartbeatInterval", str(answer.interval))  # B01.FR.04
    availability.set_clock(station, answer.currentTime)
    station.next_heartbeat_ms = station.now_ms + station.variables.integer("OCPPCommCtrlr", "HeartbeatInterval") * 1_000
    availability.forget_reports(station)
    station.save()


def _try_again(station: Station, seconds: int) -> None:
    station.boot_due_ms = station.now_ms + seconds * 1_000
