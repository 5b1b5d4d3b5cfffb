"""What we say to stations outside of the specification."""

from collections.abc import Mapping

from voltgate.csms.context import Context
from voltgate.csms.data_transfer.store import keep_transfer
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21


async def data_transfer(
    context: Context, station_id: str, request: v21.DataTransferRequest, *, timeout: float | None = None
) -> v21.DataTransferResponse:
    """P01: say it, and keep it with the answer. Raises as `Context.ask`."""
    answer = await context.ask(station_id, request, timeout=timeout)
    work = Work()
    keep_transfer(work, station_id, to_ms(context.clock.now()), "out", request, answer)
    await context.database.commit(work)
    return answer


COMMANDS: Mapping[str, object] = {"DataTransfer": data_transfer}
