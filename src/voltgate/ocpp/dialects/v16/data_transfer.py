"""DataTransfer in both directions. 1.6 carries text, 2.1 any JSON: what is no text is said as JSON text."""

from typing import Any

import msgspec

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialogue import Dialogue, Talk


def hear(request: v16.DataTransferRequest, talk: Talk[Memory]) -> Dialogue:
    """Either side sends data in 1.6."""
    answer: v21.DataTransferResponse = yield v21.DataTransferRequest(
        vendorId=request.vendorId, messageId=request.messageId, data=request.data
    )
    return v16.DataTransferResponse(status=answer.status, data=_text(answer.data))


def say(request: v21.DataTransferRequest, talk: Talk[Memory]) -> Dialogue:
    """Either side sends data to a 1.6 peer."""
    answer: v16.DataTransferResponse = yield v16.DataTransferRequest(
        vendorId=request.vendorId, messageId=request.messageId, data=_text(request.data)
    )
    return v21.DataTransferResponse(status=answer.status, data=answer.data)


def _text(data: Any) -> str | None:
    return data if data is None or isinstance(data, str) else msgspec.json.encode(data).decode()


HEAR_STATION = {v16.DataTransferRequest: hear}
SAY_STATION = {v21.DataTransferRequest: say}
HEAR_CSMS = {v16.DataTransferRequest: hear}
SAY_CSMS = {v21.DataTransferRequest: say}
