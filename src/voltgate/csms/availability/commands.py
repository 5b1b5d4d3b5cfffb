"""Switching stations, EVSEs and connectors off and on: direct, and remembered."""

from collections.abc import Mapping

from voltgate.csms.availability.store import keep_wish
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event, Work
from voltgate.ocpp import v21


async def change_availability(
    context: Context, station_id: str, request: v21.ChangeAvailabilityRequest, *, timeout: float | None = None
) -> v21.ChangeAvailabilityResponse:
    """G03, G04: ask, and keep what was wanted with the answer; the station itself remembers it (G03.FR.08). Raises as `Context.ask`."""
    answer = await context.ask(station_id, request, timeout=timeout)
    now_ms, evse, info = to_ms(context.clock.now()), request.evse, answer.statusInfo
    place = (0, 0) if evse is None else (evse.id, evse.connectorId or 0)
    reason = None if info is None else info.additionalInfo or info.reasonCode
    work = Work()
    keep_wish(work, station_id, place, request.operationalStatus, answer.status, reason, now_ms)
    told = {"evse_id": place[0], "connector_id": place[1], "wanted": request.operationalStatus, "answered": answer.status}
    work.tell(Event("availability.asked", now_ms, station_id, told))
    await context.database.commit(work)
    return answer


COMMANDS: Mapping[str, object] = {"ChangeAvailability": change_availability}
