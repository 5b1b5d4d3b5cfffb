"""What the central system may ask about transactions."""

from voltgate.ocpp import v21
from voltgate.station.station import Station


def handle_get_transaction_status(request: v21.GetTransactionStatusRequest, station: Station) -> v21.GetTransactionStatusResponse:
    """E14."""
    wanted = request.transactionId
    waiting = station.outbox.waiting_for(wanted)
    ongoing = None if wanted is None else station.transaction_evse(wanted) is not None  # E14.FR.06
    return v21.GetTransactionStatusResponse(messagesInQueue=waiting, ongoingIndicator=ongoing)


HANDLERS = {"GetTransactionStatus": handle_get_transaction_status}
