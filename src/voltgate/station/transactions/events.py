"""Transaction events: one function writes them all, so that what is said once is said once (E01.FR.07, E01.FR.10, E01.FR.16)."""

from voltgate.ocpp import v21
from voltgate.station.evses import Evse, Transaction
from voltgate.station.station import Station
from voltgate.station.transactions.sampling import sample

Trigger = v21.TriggerReasonEnumType
Reason = v21.ReasonEnumType


def begin(station: Station, evse: Evse, trigger: Trigger) -> None:
    """Start a transaction at an EVSE and say so."""
    transaction = Transaction(station.new_id(), station.now_ms)  # E01.FR.08: a new UUID each time
    transaction.start_mwh = evse.hardware.read().register_mwh
    evse.transaction = transaction
    schedule_samples(station, evse)
    value = sample(station, evse, "SampledDataCtrlr", "TxStartedMeasurands", "Transaction.Begin")  # E01.FR.09
    first = sample(station, evse, "SampledDataCtrlr", "TxEndedMeasurands", "Transaction.Begin")
    if first is not None:
        transaction.end_samples.append(first)
    _emit(station, evse, "Started", trigger, meter_values=[] if value is None else [value])


def update(
    station: Station,
    evse: Evse,
    trigger: Trigger,
    *,
    value: v21.MeterValueType | None = None,
    token: v21.IdTokenType | None = None,
    state: v21.ChargingStateEnumType | None = None,
) -> None:
    """Say that something happened in the running transaction; `token` is the one that stopped it, if any, `state` the one to tell."""
    _emit(station, evse, "Updated", trigger, meter_values=[] if value is None else [value], token=token, state=state)


def finish(station: Station, evse: Evse, trigger: Trigger, reason: Reason, *, token: v21.IdTokenType | None = None) -> None:
    """End the running transaction and say so; the cable is free (E06.FR.10), or waits for the owner of a refused token (E05.FR.11)."""
    transaction = _running(evse)
    last = sample(station, evse, "SampledDataCtrlr", "TxEndedMeasurands", "Transaction.End")  # E06.FR.11
    values = [*transaction.end_samples, *([] if last is None else [last])]
    _emit(station, evse, "Ended", trigger, meter_values=values, token=token, reason=reason)
    evse.transaction = None
    evse.authorisation = None
    evse.suspended = False
    evse.next_sample_ms = evse.next_end_sample_ms = None
    evse.hardware.open_contactor()
    if trigger == "Deauthorized":
        evse.held_for = transaction.token
    else:
        evse.release()


def schedule_samples(station: Station, evse: Evse) -> None:
    """Set the timers of the periodic samples of a running transaction (J02.FR.11)."""
    updated = station.variables.integer("SampledDataCtrlr", "TxUpdatedInterval")
    ended = station.variables.integer("SampledDataCtrlr", "TxEndedInterval")
    evse.next_sample_ms = station.now_ms + updated * 1_000 if updated else None
    evse.next_end_sample_ms = station.now_ms + ended * 1_000 if ended else None


def _running(evse: Evse) -> Transaction:
    if evse.transaction is None:
        raise RuntimeError(f"no transaction at EVSE {evse.id}")
    return evse.transaction


def _emit(
    station: Station,
    evse: Evse,
    kind: v21.TransactionEventEnumType,
    trigger: Trigger,
    *,
    meter_values: list[v21.MeterValueType],
    token: v21.IdTokenType | None = None,
    reason: Reason | None = None,
    state: v21.ChargingStateEnumType | None = None,
) -> None:
    transaction = _running(evse)
    transaction.charging_state = state or evse.charging_state
    remote_start_id = _untold_remote_start(evse, transaction)
    if remote_start_id is not None and kind != "Ended":
        trigger = "RemoteStart"  # F01.FR.19, F02.FR.21: whatever comes first after the request
    request = v21.TransactionEventRequest(
        eventType=kind,
        timestamp=station.now,
        triggerReason=trigger,
        seqNo=transaction.next_seq_no,
        transactionInfo=v21.TransactionType(
            transactionId=transaction.id,
            chargingState=transaction.charging_state,
            remoteStartId=remote_start_id,
            stoppedReason=reason,
            timeSpentCharging=transaction.charging_ms // 1_000 if kind == "Ended" else None,
        ),
        meterValue=meter_values or None,
        offline=None if station.online else True,
        numberOfPhasesUsed=_untold_phases(evse, transaction),
        evse=_untold_evse(evse, transaction, again=trigger == "Trigger"),
        idToken=_untold_token(evse, transaction) or token,
        customData=_register(station, evse) if kind != "Updated" else None,
    )
    transaction.next_seq_no += 1
    station.outbox.store(request)
    station.save_evse(evse)


def _register(station: Station, evse: Evse) -> dict[str, object] | None:
    """The register in Wh for a wire that has a place of its own for it; never said in 2.x."""
    return {"vendorId": "org.voltgate", "registerWh": evse.hardware.read().register_mwh / 1_000} if station.tells_registers else None


def _untold_remote_start(evse: Evse, transaction: Transaction) -> int | None:
    """F01.FR.25: the remoteStartId is in the next event, once."""
    authorisation = evse.authorisation
    if authorisation is None or authorisation.told:
        return None
    if authorisation.remote_start_id is not None:
        transaction.remote_start_id = authorisation.remote_start_id
    return authorisation.remote_start_id


def _untold_token(evse: Evse, transaction: Transaction) -> v21.IdTokenType | None:
    """E03.FR.01: the token is in the first event after it was authorised, once."""
    authorisation = evse.authorisation
    if authorisation is None or authorisation.told:
        return None
    authorisation.told = True
    transaction.token, transaction.stopping = authorisation.token, None
    return authorisation.token


def _untold_evse(evse: Evse, transaction: Transaction, *, again: bool) -> v21.EVSEType | None:
    """E01.FR.16: EVSE and connector are in the first event after the vehicle is connected, once; before, the EVSE alone.

    `again`: the central system wants to know how things stand, so they are said once more.
    """
    connector = evse.hardware.plugged_connector
    if connector is not None and not transaction.connector_told:
        transaction.connector_told = transaction.evse_told = True
        transaction.connector_id = connector
        return v21.EVSEType(id=evse.id, connectorId=connector)
    if again and connector is not None:
        return v21.EVSEType(id=evse.id, connectorId=connector)
    if again or not transaction.evse_told:
        transaction.evse_told = True
        return v21.EVSEType(id=evse.id)
    return None


def _untold_phases(evse: Evse, transaction: Transaction) -> int | None:
    """E02.FR.18, E02.FR.19: the number of phases when energy begins to flow and when it changes."""
    phases = evse.hardware.phases_in_use
    if transaction.charging_state != "Charging" or phases in (0, transaction.phases_told):
        return None
    transaction.phases_told = phases
    return phases
