"""From the message to the model: what matters of a TransactionEvent, and by what a repetition is recognised."""

from msgspec.structs import replace

from voltgate.csms.meter_values import Sample, Summary, message_key
from voltgate.csms.transactions.model import Event
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21


def event_key(request: v21.TransactionEventRequest, numbered: bool) -> int:
    """The same number for an event and its repetition.

    A station that was offline in between may set `offline` in the repetition. Where it does not number its events, only what it said itself
    counts: number and EVSE were added by the translation, and so were trigger and state when it told a meter value.
    """
    if numbered:
        return message_key(replace(request, offline=None))
    told = () if request.meterValue else (request.triggerReason, request.transactionInfo.chargingState)
    said = (request.eventType, request.timestamp, request.meterValue, request.idToken, request.transactionInfo.stoppedReason)
    return message_key((*said, request.customData, *told))


def hear(
    request: v21.TransactionEventRequest,
    samples: list[Sample],
    measured: Summary,
    *,
    received_ms: int,
    numbered: bool,
    token_status: str | None,
) -> Event:
    """What matters of `request`; `token_status` is how its token was judged."""
    info, token, moments = request.transactionInfo, request.idToken, [sample.at_ms for sample in samples]
    return Event(
        type=request.eventType,
        trigger=request.triggerReason,
        at_ms=to_ms(request.timestamp),
        received_ms=received_ms,
        number=request.seqNo if numbered else None,
        evse_id=request.evse.id if request.evse else None,
        connector_id=request.evse.connectorId if request.evse else None,
        id_token=token.idToken if token else None,
        id_token_type=token.type if token else None,
        token_status=token_status,
        charging_state=info.chargingState,
        stopped_reason=info.stoppedReason,
        remote_start_id=info.remoteStartId,
        reservation_id=request.reservationId,
        offline=bool(request.offline),
        measured=measured if samples else None,
        samples_from_ms=min(moments, default=None),
        samples_to_ms=max(moments, default=None),
    )
