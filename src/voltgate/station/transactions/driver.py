"""What a driver does at an EVSE, or the central system in the driver's name."""

from voltgate.ocpp import v21
from voltgate.station.authorization import CENTRAL, NO_AUTHORIZATION, Verdict, cached_verdict, is_master_pass, judge, spell
from voltgate.station.evses import Authorisation, Evse, same_token
from voltgate.station.station import Station
from voltgate.station.transactions.lifecycle import Cause, settle


def plug_in(station: Station, evse: Evse) -> None:
    """The hardware has noticed a vehicle."""
    if evse.authorisation is not None:
        evse.authorisation.plug_deadline_ms = None
    settle(station, evse, Cause("CablePluggedIn"))
    if evse.authorisation is None and not station.variables.flag("AuthCtrlr", "Enabled"):
        _grant(station, evse, v21.IdTokenType(idToken="", type=NO_AUTHORIZATION), Verdict("Accepted"), Cause("Authorized"))


def unplug(station: Station, evse: Evse) -> None:
    """The hardware has noticed that the vehicle is gone (E09, E10)."""
    evse.suspended = False
    evse.authorisation = None  # E09.FR.01: one authorisation, one vehicle
    settle(station, evse, Cause("EVCommunicationLost", "EVDisconnected"))
    evse.release()


def present_token(station: Station, evse: Evse, token: v21.IdTokenType) -> None:
    """A token is held to the reader: it starts (E03), or it stops what it or its group has started (E07); a master pass stops all (C16)."""
    current = evse.authorisation
    if evse.held_for is not None and same_token(evse.held_for, token):
        evse.release()  # E05.FR.11, C15.FR.05
        station.save_evse(evse)
    elif current is None:
        if not _usable(station, evse):
            station.log(f"EVSE {evse.id}: the token is not read now")
            return
        evse.authorising = True
        judge(station, token, lambda verdict: _hear_start(station, evse, token, verdict), evse_id=evse.id)
    elif same_token(current.token, token) or _of_same_group(current, cached_verdict(station, token)):  # E07.FR.01, C09.FR.07
        _stop(station, evse, Cause("StopAuthorized", "Local", token))
    else:
        judge(station, token, lambda verdict: _hear_stop(station, evse, token, verdict))


def stop_locally(station: Station, evse: Evse) -> None:
    """The stop button."""
    if evse.authorisation is not None:
        _stop(station, evse, Cause("StopAuthorized", "Local", evse.authorisation.token))


def remote_start(station: Station, evse: Evse, token: v21.IdTokenType, remote_start_id: int, group: v21.IdTokenType | None) -> None:
    """The central system has asked to start (F01, F02); its answer has been given."""
    cause = Cause("RemoteStart")
    if token.type == CENTRAL or not station.variables.flag("AuthCtrlr", "AuthorizeRemoteStart"):
        _grant(station, evse, token, Verdict("Accepted", group), cause, remote_start_id)  # F01.FR.02, C05.FR.01
        return
    evse.authorising = True

    def hear(verdict: Verdict) -> None:  # F01.FR.01
        evse.authorising = False
        if verdict.accepted and is_free(station, evse) and not is_master_pass(station, verdict):  # C16.FR.03
            _grant(station, evse, token, verdict, cause, remote_start_id)

    judge(station, token, hear, evse_id=evse.id)


def remote_stop(station: Station, evse: Evse) -> None:
    """The central system has asked to stop (F03.FR.02, F03.FR.03)."""
    _stop(station, evse, Cause("RemoteStop", "Remote"))


def is_free(station: Station, evse: Evse) -> bool:
    """Whether a new authorisation may be given here; a transaction that was authorised once stays its driver's (F01.FR.23, F01.FR.24)."""
    taken = evse.transaction is not None and evse.transaction.token is not None
    return evse.authorisation is None and not taken and _usable(station, evse)


def _usable(station: Station, evse: Evse) -> bool:
    leaving = station.closing or station.reboot is not None or station.reset_scheduled or evse.reset_scheduled
    connector = evse.hardware.plugged_connector or 0
    return evse.fault is None and not leaving and evse.is_operative(station.memory.operative, connector) and not evse.authorising


def _hear_start(station: Station, evse: Evse, token: v21.IdTokenType, verdict: Verdict) -> None:
    evse.authorising = False
    if is_master_pass(station, verdict):
        _stop_all(station, token)
    elif not verdict.accepted:
        station.log(f"EVSE {evse.id}: {spell(token)} is refused: {verdict.status}")
    elif _belongs_to_another(evse, token):
        station.log(f"EVSE {evse.id}: {spell(token)} is refused: the transaction is another driver's")
    elif evse.authorisation is None and _usable(station, evse):
        _grant(station, evse, token, verdict, Cause("Authorized"))


def _hear_stop(station: Station, evse: Evse, token: v21.IdTokenType, verdict: Verdict) -> None:
    """Another token of the same group may stop (C09.FR.03)."""
    current = evse.authorisation
    if is_master_pass(station, verdict):
        _stop_all(station, token)
    elif current is not None and _of_same_group(current, verdict):
        _stop(station, evse, Cause("StopAuthorized", "Local", token))
    else:
        station.log(f"EVSE {evse.id}: {spell(token)} does not stop what another token started")


def _of_same_group(current: Authorisation, verdict: Verdict | None) -> bool:
    """Whether an accepted token shares the group of the one that charges (C09.FR.03, C09.FR.11)."""
    if verdict is None or not verdict.accepted or verdict.group is None or current.group is None:
        return False
    return same_token(verdict.group, current.group)


def _belongs_to_another(evse: Evse, token: v21.IdTokenType) -> bool:
    """Whether the running transaction was authorised with another token (C01.FR.23)."""
    owner = None if evse.transaction is None else evse.transaction.token
    return owner is not None and not same_token(owner, token)


def _stop_all(station: Station, token: v21.IdTokenType) -> None:
    """A master pass stops every transaction (C16.FR.02, C16.FR.08)."""
    for evse in station.evses:
        if evse.transaction is not None:
            _stop(station, evse, Cause("StopAuthorized", "MasterPass", token))


def _grant(
    station: Station, evse: Evse, token: v21.IdTokenType, verdict: Verdict, cause: Cause, remote_start_id: int | None = None
) -> None:
    deadline = None if evse.plugged else station.now_ms + station.variables.integer("TxCtrlr", "EVConnectionTimeOut") * 1_000
    evse.authorisation = Authorisation(token, verdict.group, deadline, remote_start_id)
    settle(station, evse, cause)


def _stop(station: Station, evse: Evse, cause: Cause) -> None:
    evse.authorisation = None
    evse.suspended = False
    if evse.transaction is not None:
        evse.transaction.stopping = cause.reason
    settle(station, evse, cause)
    if evse.transaction is not None:
        evse.release()  # F03.FR.02
