"""Reset: direct, with an honest end; what the station said is an event that stays."""

from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event, Work
from voltgate.ocpp import v21


async def reset(context: Context, station_id: str, request: v21.ResetRequest, *, timeout: float | None = None) -> v21.ResetResponse:
    """B11, B12: reset a station or one of its EVSEs; its boot is news of its own. Raises as `Context.ask`."""
    answer = await context.ask(station_id, request, timeout=timeout)
    info = answer.statusInfo
    told = {
        "type": request.type,
        "evse_id": request.evseId,
        "status": answer.status,
        "reason": None if info is None else info.additionalInfo or info.reasonCode,
    }
    work = Work()
    work.tell(Event("station.reset", to_ms(context.clock.now()), station_id, told))
    await context.database.commit(work)
    return answer
