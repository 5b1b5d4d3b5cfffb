"""Block F, remote control: start, stop, unlock and trigger, asked for by the central system."""

from collections.abc import Callable

from voltgate.ocpp import v21
from voltgate.station import availability, provisioning, transactions
from voltgate.station.evses import Evse
from voltgate.station.station import Station

_Trigger = Callable[[Station, v21.TriggerMessageRequest], v21.TriggerMessageStatusEnumType]


def handle_request_start(request: v21.RequestStartTransactionRequest, station: Station) -> v21.RequestStartTransactionResponse:
    """F01, F02."""
    evse = _evse_for(station, request.evseId)
    if station.registration != "Accepted" or evse is None or not transactions.is_free(station, evse):
        return v21.RequestStartTransactionResponse(status="Rejected")  # B02.FR.05, F01.FR.23, F01.FR.24
    running = None if evse.transaction is None else evse.transaction.id  # F01.FR.13
    station.later(lambda: _start(station, evse, request))
    return v21.RequestStartTransactionResponse(status="Accepted", transactionId=running)


def handle_request_stop(request: v21.RequestStopTransactionRequest, station: Station) -> v21.RequestStopTransactionResponse:
    """F03."""
    evse = station.transaction_evse(request.transactionId)
    if station.registration != "Accepted" or evse is None:
        return v21.RequestStopTransactionResponse(status="Rejected")  # B02.FR.05, F03.FR.08
    station.later(lambda: transactions.remote_stop(station, evse))
    return v21.RequestStopTransactionResponse(status="Accepted")


def handle_unlock(request: v21.UnlockConnectorRequest, station: Station) -> v21.UnlockConnectorResponse:
    """F05."""
    evse = station.evse(request.evseId)
    if evse is None or request.connectorId not in evse.connectors:
        return v21.UnlockConnectorResponse(status="UnknownConnector")
    if evse.transaction is not None and evse.authorisation is not None and evse.transaction.connector_id in (None, request.connectorId):
        return v21.UnlockConnectorResponse(status="OngoingAuthorizedTransaction")  # F05.FR.02
    return v21.UnlockConnectorResponse(status="Unlocked" if evse.release() else "UnlockFailed")


def handle_trigger(request: v21.TriggerMessageRequest, station: Station) -> v21.TriggerMessageResponse:
    """F06."""
    trigger = _TRIGGERS.get(request.requestedMessage)
    if trigger is None:
        return v21.TriggerMessageResponse(status="NotImplemented")  # F06.FR.08
    return v21.TriggerMessageResponse(status=trigger(station, request))


def _evse_for(station: Station, evse_id: int | None) -> Evse | None:
    if evse_id is not None:
        return station.evse(evse_id)
    free = [evse for evse in station.evses if transactions.is_free(station, evse)]
    return next((evse for evse in free if evse.plugged), free[0] if free else None)  # F01.FR.20


def _start(station: Station, evse: Evse, request: v21.RequestStartTransactionRequest) -> None:
    # F01.FR.12: without smart charging a profile in the request is ignored.
    transactions.remote_start(station, evse, request.idToken, request.remoteStartId, request.groupIdToken)


def _trigger_boot(station: Station, _request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    if station.registration == "Accepted":
        return "Rejected"  # F06.FR.17
    station.later(lambda: provisioning.boot_now(station, "Triggered"))
    return "Accepted"


def _trigger_heartbeat(station: Station, _request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    station.later(lambda: availability.beat(station, solicited=True))
    return "Accepted"


def _trigger_status(station: Station, request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    if request.evse is None:
        chosen = [(evse, connector) for evse in station.evses for connector in evse.connectors]
    else:
        evse = station.evse(request.evse.id)
        if evse is None or (request.evse.connectorId or 1) not in evse.connectors:
            return "Rejected"
        chosen = [(evse, connector) for connector in evse.connectors if request.evse.connectorId in (None, connector)]

    def tell() -> None:
        for evse, connector in chosen:
            availability.report(station, evse, connector, solicited=True)

    station.later(tell)
    return "Accepted"


def _trigger_meter_values(station: Station, request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    evses = _chosen_evses(station, request)

    def measure() -> list[v21.MeterValuesRequest]:
        measured = ((evse, transactions.sample(station, evse, "AlignedDataCtrlr", "Measurands", "Trigger")) for evse in evses)  # F06.FR.06
        return [v21.MeterValuesRequest(evseId=evse.id, meterValue=[value]) for evse, value in measured if value is not None]

    def tell() -> None:
        for message in measure():
            station.outbox.tell(message, solicited=True)

    if not measure():
        return "Rejected"  # F06.FR.10: what is accepted must be sent
    station.later(tell)
    return "Accepted"


def _trigger_transaction_event(station: Station, request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    evses = [evse for evse in _chosen_evses(station, request) if evse.transaction is not None]
    if not evses:
        return "Rejected"
    station.later(lambda: transactions.tell_now(station, evses))
    return "Accepted"


def _trigger_log_status(station: Station, _request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    station.later(lambda: station.outbox.tell(v21.LogStatusNotificationRequest(status="Idle"), solicited=True))  # F06.FR.15
    return "Accepted"


def _trigger_firmware_status(station: Station, _request: v21.TriggerMessageRequest) -> v21.TriggerMessageStatusEnumType:
    station.later(lambda: station.outbox.tell(v21.FirmwareStatusNotificationRequest(status="Idle"), solicited=True))  # F06.FR.16
    return "Accepted"


def _chosen_evses(station: Station, request: v21.TriggerMessageRequest) -> list[Evse]:
    if request.evse is None or request.evse.id == 0:
        return station.evses  # F06.FR.11
    evse = station.evse(request.evse.id)
    return [] if evse is None else [evse]


_TRIGGERS: dict[str, _Trigger] = {
    "BootNotification": _trigger_boot,
    "Heartbeat": _trigger_heartbeat,
    "StatusNotification": _trigger_status,
    "MeterValues": _trigger_meter_values,
    "TransactionEvent": _trigger_transaction_event,
    "LogStatusNotification": _trigger_log_status,
    "FirmwareStatusNotification": _trigger_firmware_status,
}

HANDLERS = {
    "RequestStartTransaction": handle_request_start,
    "RequestStopTransaction": handle_request_stop,
    "UnlockConnector": handle_unlock,
    "TriggerMessage": handle_trigger,
}
