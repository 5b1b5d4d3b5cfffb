"""When a transaction starts, changes and ends.

`settle` is called after anything has happened at an EVSE. It looks at the points EVConnected, Authorized, PowerPathClosed, EnergyTransfer:

1. what must not carry energy is opened first, so that the event tells the state after that;
2. no transaction: one starts when a point of TxStartPoint has just become true (E01.FR.02..06);
3. a transaction: it ends when a point of TxStopPoint was true in it and is no more (E06.FR.02..07), else the event is told;
4. what may carry energy is closed, and the change of the charging state is told in an event of its own (E02.FR.13).
"""

from collections.abc import Mapping

from msgspec import Struct

from voltgate.ocpp import v21
from voltgate.station.evses import LOCK_FAULT, Evse, Transaction
from voltgate.station.station import Station
from voltgate.station.transactions import events

_STOPS = ("StopAuthorized", "RemoteStop")
_FOLLOWING = ("ChargingStateChanged", "EVCommunicationLost")


class Cause(Struct, frozen=True):
    """What happened: the trigger of the event, and the reason to give if the transaction ends of it (E06.FR.08)."""

    trigger: v21.TriggerReasonEnumType
    reason: v21.ReasonEnumType = "Other"
    token: v21.IdTokenType | None = None
    """The token that stopped the transaction (E07.FR.02)."""


def settle(station: Station, evse: Evse, cause: Cause) -> None:
    """Bring contactor and transaction in line with the facts at `evse`, and tell."""
    before = evse.points_before
    if not evse.row.closed:
        evse.hardware.open_contactor()
    elif cause.trigger == "ChargingStateChanged":
        _close(evse)  # nothing else to tell before
    running = evse.transaction
    if running is None:
        _start(station, evse, cause, before)
    else:
        _go_on(station, evse, running, cause)
    if running is None or evse.transaction is not None:
        _switch(station, evse, cause, before)
    evse.points_before = evse.points()
    station.save_evse(evse)


def end_now(station: Station, evse: Evse, cause: Cause) -> None:
    """End the transaction whatever TxStopPoint says; no-op without one."""
    if evse.transaction is None:
        return
    evse.authorisation = None
    evse.hardware.open_contactor()
    events.finish(station, evse, cause.trigger, cause.reason, token=cause.token)
    evse.points_before = evse.points()


def _start(station: Station, evse: Evse, cause: Cause, before: Mapping[str, bool]) -> None:
    points = evse.points()
    if any(points[point] and not before.get(point, False) for point in station.variables.members("TxCtrlr", "TxStartPoint")):
        events.begin(station, evse, cause.trigger)
        _mark_reached(evse)


def _go_on(station: Station, evse: Evse, transaction: Transaction, cause: Cause) -> None:
    _mark_reached(evse)
    points = evse.points()
    if any(point in transaction.reached and not points[point] for point in station.variables.members("TxCtrlr", "TxStopPoint")):
        events.finish(station, evse, cause.trigger, _reason(transaction, cause), token=cause.token)
    elif cause.trigger in _STOPS:
        # E07, alternative scenario: the authorisation ends first, the change of the charging state is told after that.
        events.update(station, evse, cause.trigger, token=cause.token, state=transaction.charging_state)
    elif cause.trigger != "ChargingStateChanged" or transaction.charging_state != evse.charging_state:
        events.update(station, evse, cause.trigger, token=cause.token)


def _reason(transaction: Transaction, cause: Cause) -> v21.ReasonEnumType:
    """Why the transaction ends: what stopped it earlier counts before what only follows from that (E07.FR.05, E07.FR.06)."""
    return (transaction.stopping if cause.trigger in _FOLLOWING else None) or cause.reason


def _switch(station: Station, evse: Evse, cause: Cause, before: Mapping[str, bool]) -> None:
    """Close the contactor if the facts allow; tell the new charging state."""
    _close(evse)
    change = Cause("ChargingStateChanged", cause.reason)
    if evse.transaction is None:
        _start(station, evse, change, before)
    else:
        _go_on(station, evse, evse.transaction, change)


def _close(evse: Evse) -> None:
    """Close the contactor if the facts allow and the cable can be locked; a lock that sticks is a fault."""
    if not evse.row.closed or evse.hardware.energised:
        return
    if evse.hardware.lock():
        evse.hardware.close_contactor()
    else:
        evse.fault = LOCK_FAULT


def _mark_reached(evse: Evse) -> None:
    if evse.transaction is not None:
        evse.transaction.reached.update(point for point, true in evse.points().items() if true)
