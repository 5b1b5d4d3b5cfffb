"""DataTransfer of stations."""

from collections.abc import Awaitable, Callable, Mapping

from voltgate.csms.data_transfer.store import keep_transfer
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21

VendorHandler = Callable[[v21.DataTransferRequest, Session], Awaitable[v21.DataTransferResponse]]

VENDORS: Mapping[tuple[str, str | None], VendorHandler] = {}
"""Handlers by vendorId and messageId; a messageId of None takes what the vendor's other entries do not."""


async def handle_data_transfer(request: v21.DataTransferRequest, session: Session) -> v21.DataTransferResponse:
    """P02: keep it, and let the vendor's handler answer (P02.FR.06, P02.FR.07)."""
    answer = await answer_vendor(request, session, VENDORS)
    keep_transfer(session.work, session.station_id, to_ms(session.now), "in", request, answer)
    return answer


async def answer_vendor(
    request: v21.DataTransferRequest, session: Session, vendors: Mapping[tuple[str, str | None], VendorHandler]
) -> v21.DataTransferResponse:
    """The answer of the handler in `vendors`, or the status that says what is unknown: the vendor or the message."""
    handler = vendors.get((request.vendorId, request.messageId)) or vendors.get((request.vendorId, None))
    if handler is not None:
        return await handler(request, session)
    known = any(vendor == request.vendorId for vendor, _ in vendors)
    return v21.DataTransferResponse(status="UnknownMessageId" if known else "UnknownVendorId")


HANDLERS = {"DataTransfer": handle_data_transfer}
