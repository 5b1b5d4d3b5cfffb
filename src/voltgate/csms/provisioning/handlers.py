"""How stations are let in, and what they report about themselves."""

from voltgate.csms import stations
from voltgate.csms.provisioning.model import follow_report, interval_of, is_secret
from voltgate.csms.provisioning.store import FULL, INCOMPLETE, drop_unreported, keep_report_part, keep_reported, read_report, take_effect
from voltgate.csms.provisioning.translating import key_of, told_by
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21


async def handle_boot_notification(request: v21.BootNotificationRequest, session: Session) -> v21.BootNotificationResponse:
    """B01 to B03: accept the station, let it wait or reject it, as the operator decided (B01.FR.02)."""
    known = await stations.read_registration(session.context.database, session.station_id)
    before, decided = known or (None, None)
    registration = decided or "Accepted"
    told = request.chargingStation
    boot = {
        "vendor": told.vendorName,
        "model": told.model,
        "serial_number": told.serialNumber,
        "firmware_version": told.firmwareVersion,
    }
    stations.keep_boot(session.work, session.station_id, boot, registration, to_ms(session.now))
    session.registration, session.booted = registration, True
    if request.reason != "Triggered":
        take_effect(session.work, session.station_id)
    session.tell("station.booted", registration=registration, reason=request.reason, **boot)
    if before is not None and before != registration:
        session.tell("station.registration", registration=registration)
    settings = session.context.settings.ocpp
    interval = interval_of(registration, settings.heartbeat_interval, settings.retry_boot_interval)
    return v21.BootNotificationResponse(currentTime=session.now, interval=interval, status=registration)


async def handle_notify_report(request: v21.NotifyReportRequest, session: Session) -> v21.NotifyReportResponse:
    """B07, B08: keep a part of a report; after the last part of a full inventory what it did not mention is gone."""
    now_ms = to_ms(session.now)
    connectors: set[tuple[int, int]] = set()
    for data in request.reportData or []:
        for attribute in data.variableAttribute:
            key = key_of(data.component, data.variable, attribute.type)
            told = told_by(attribute, data.variableCharacteristics)
            if is_secret(key.variable):  # B07.FR.03: nobody should tell it, but nobody must find it here if it is told
                told["value"] = None
            keep_reported(session.work, session.station_id, key, told, request.requestId, now_ms)
        evse = data.component.evse
        if evse is not None and data.component.name == "Connector" and evse.connectorId:
            connectors.add((evse.id, evse.connectorId))
    stations.write_topology(session.work, session.station_id, sorted(connectors))
    await _follow(request, session)
    return v21.NotifyReportResponse()


async def _follow(request: v21.NotifyReportRequest, session: Session) -> None:
    """How far the report is; parts are numbered from 0 without gaps (B07.FR.10, B08.FR.14). Nobody may have asked for it."""
    report = await read_report(session.context.database, session.station_id, request.requestId)
    last = not request.tbc
    status = "unasked"
    if report is not None:
        status, parts = follow_report(report["status"], report["parts"], request.seqNo, last=last)
        keep_report_part(session.work, session.station_id, request.requestId, parts, status)
        if last and report["kind"] == FULL and status == "complete":
            drop_unreported(session.work, session.station_id, request.requestId, report["at_ms"])
    if last:
        kind = None if report is None else report["kind"]
        session.tell("station.reported", request_id=request.requestId, kind=kind, complete=status != INCOMPLETE)


HANDLERS = {"BootNotification": handle_boot_notification, "NotifyReport": handle_notify_report}
