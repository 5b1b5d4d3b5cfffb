"""Transactions that a restart interrupted: resumed or ended (E17)."""

from voltgate.ocpp import v21
from voltgate.station.evses import Evse
from voltgate.station.station import Station
from voltgate.station.transactions import events
from voltgate.station.transactions.lifecycle import Cause, end_now, settle


def recover(station: Station, saved_ms: int, reason: v21.BootReasonEnumType, *, resume: bool) -> None:
    """Deal with what was going on when the station stopped, at about `saved_ms`; `resume`: the restart asked for it (B13)."""
    timeout_ms = station.variables.integer("TxCtrlr", "ResumptionTimeout") * 1_000
    resume = resume or (timeout_ms > 0 and station.now_ms - saved_ms <= timeout_ms)
    for evse in station.evses:
        if evse.transaction is None:
            evse.authorisation = None
            if evse.plugged:
                settle(station, evse, Cause("CablePluggedIn"))
        elif resume:
            _resume(station, evse)  # E17.FR.10
        else:
            # E17.FR.21, E17.FR.22
            stopped: v21.ReasonEnumType = "PowerLoss" if reason in ("PowerUp", "Unknown") else "Reboot"
            end_now(station, evse, Cause("AbnormalCondition", stopped))
        station.save_evse(evse)


def _resume(station: Station, evse: Evse) -> None:
    transaction = evse.transaction
    if transaction is None:
        return
    if transaction.charging_state == "Charging" and not station.variables.flag("TxCtrlr", "AllowEnergyTransferResumption"):
        evse.suspended = True  # E17.FR.12
    events.schedule_samples(station, evse)
    if evse.row.closed:
        evse.hardware.lock()
        evse.hardware.close_contactor()
    evse.points_before = evse.points()
    events.update(station, evse, "TxResumed")  # E17.FR.14
