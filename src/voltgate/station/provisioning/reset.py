"""Reset (B11, B12, B13): now, when idle, or of one EVSE. The restart itself is done by whoever runs the station: see `Station.reboot`."""

from voltgate.ocpp import v21
from voltgate.station.evses import Evse
from voltgate.station.station import Reboot, Station
from voltgate.station.transactions import Cause, end_now

PATIENCE_MS = 5_000
"""How long a restart waits for the answers to the last transaction events (B12.FR.05)."""

_RESET = Cause("ResetCommand", "ImmediateReset")


def handle_reset(request: v21.ResetRequest, station: Station) -> v21.ResetResponse:
    """B11, B12, B13."""
    if request.evseId is not None and request.evseId != 0:
        evse = station.evse(request.evseId)
        return v21.ResetResponse(status="Rejected" if evse is None else _reset_evse(station, evse, request.type))
    return v21.ResetResponse(status=_reset_station(station, request.type))


def watch_reset(station: Station) -> None:
    """Carry out what waited until all was idle (B12.FR.03, B12.FR.07)."""
    for evse in station.evses:
        if evse.reset_scheduled and _is_idle(evse):
            evse.reset_scheduled = False
    if station.reset_scheduled and all(map(_is_idle, station.evses)):
        station.reset_scheduled = False
        _reboot(station, "ScheduledReset")


def _reset_station(station: Station, kind: v21.ResetEnumType) -> v21.ResetStatusEnumType:
    if kind == "ImmediateAndResume":
        if station.variables.integer("TxCtrlr", "ResumptionTimeout") == 0:
            return "Rejected"  # B13.FR.01
        station.memory.resume = True
        station.later(lambda: _reboot(station))
        return "Accepted"
    if kind == "OnIdle" and not all(map(_is_idle, station.evses)):
        station.reset_scheduled = True
        return "Scheduled"  # B12.FR.01
    station.later(lambda: _end_all_and_reboot(station))
    return "Accepted"


def _reset_evse(station: Station, evse: Evse, kind: v21.ResetEnumType) -> v21.ResetStatusEnumType:
    if kind == "ImmediateAndResume":
        return "Rejected"
    if kind == "OnIdle" and not _is_idle(evse):
        evse.reset_scheduled = True
        return "Scheduled"
    station.later(lambda: end_now(station, evse, _RESET))  # B12.FR.08
    return "Accepted"


def _is_idle(evse: Evse) -> bool:
    """Nobody charges here, and nobody has shown or is showing a token to (B11, remark on the idle state)."""
    return evse.transaction is None and evse.authorisation is None and not evse.authorising


def _end_all_and_reboot(station: Station) -> None:
    for evse in station.evses:
        end_now(station, evse, _RESET)  # B12.FR.04
    _reboot(station)


def _reboot(station: Station, reason: v21.BootReasonEnumType = "RemoteReset") -> None:
    station.memory.next_boot_reason = reason  # B01.FR.09
    station.save()
    station.reboot = Reboot(reason, station.now_ms + PATIENCE_MS)
