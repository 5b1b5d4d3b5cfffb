"""What the central system's answer to a transaction event does to the transaction (E05)."""

from voltgate.ocpp import v21
from voltgate.station.authorization import learn
from voltgate.station.evses import Evse, Transaction, same_token
from voltgate.station.station import Station
from voltgate.station.transactions.lifecycle import Cause, end_now, settle

_ENDING_POINTS = {"Authorized", "PowerPathClosed", "EnergyTransfer"}


def hear_answer(station: Station, request: v21.TransactionEventRequest, answer: v21.TransactionEventResponse) -> None:
    """Hear what the central system thinks of the token in `request`."""
    info = answer.idTokenInfo
    if info is None or request.idToken is None:
        return
    learn(station, request.idToken, info)
    evse = station.transaction_evse(request.transactionInfo.transactionId)
    if evse is None or evse.transaction is None or evse.authorisation is None:
        return
    if not same_token(evse.authorisation.token, request.idToken):
        return
    if info.status == "Accepted":
        evse.authorisation.group = info.groupIdToken
        station.save_evse(evse)
    else:
        _deauthorise(station, evse, evse.transaction)


def watch_invalid(station: Station, evse: Evse) -> None:
    """Hold the energy back once an invalid token has had its allowance (E05.FR.03)."""
    transaction = evse.transaction
    if transaction is None or transaction.invalid_until_mwh is None or evse.suspended:
        return
    if evse.hardware.read().register_mwh >= transaction.invalid_until_mwh:
        _suspend(station, evse)


def _deauthorise(station: Station, evse: Evse, transaction: Transaction) -> None:
    if not station.variables.flag("TxCtrlr", "StopTxOnInvalidId"):
        allowance_wh = station.variables.integer("TxCtrlr", "MaxEnergyOnInvalidId")
        transaction.invalid_until_mwh = transaction.start_mwh + allowance_wh * 1_000
        watch_invalid(station, evse)  # E05.FR.02, E05.FR.03
        return
    cause = Cause("Deauthorized", "DeAuthorized")
    transaction.deauthorised, transaction.stopping = True, cause.reason
    if _ENDING_POINTS & set(station.variables.members("TxCtrlr", "TxStopPoint")):
        end_now(station, evse, cause)  # E05.FR.10
    else:
        evse.authorisation = None
        settle(station, evse, cause)  # E05.FR.09
    station.save_evse(evse)


def _suspend(station: Station, evse: Evse) -> None:
    evse.suspended = True
    settle(station, evse, Cause("ChargingStateChanged", "DeAuthorized"))
