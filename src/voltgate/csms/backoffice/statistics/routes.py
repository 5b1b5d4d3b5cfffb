"""HTTP: statistics."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from litestar import get
from litestar.params import QueryParameter

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import Page
from voltgate.csms.api.problems import BadRequest
from voltgate.csms.backoffice.statistics.power import PowerPoint, power_over_time
from voltgate.csms.backoffice.statistics.store import DAY, Day, Overview, count_evses, count_overview, energy_by_day

MOST_DAYS = 366
MOST_MINUTES = 24 * 60
MOST_POINTS = 500

Midnight = Annotated[datetime | None, QueryParameter(description="When today began where you are; midnight UTC when left out.")]
Days = Annotated[int, QueryParameter(ge=1, le=MOST_DAYS, description="How many days, today included.")]

Minutes = Annotated[int, QueryParameter(ge=1, le=MOST_MINUTES, description="How far back.")]
Points = Annotated[int, QueryParameter(ge=2, le=MOST_POINTS, description="How many points.")]


@get("/statistics/overview", tags=["statistics"], summary="The installation in numbers")
async def show_overview(context: TheContext, midnight: Midnight = None) -> Overview:
    """Stations, connections, power, and what happened today."""
    return await count_overview(context.database, _midnight(midnight, context.clock.now()))


@get("/statistics/evses", tags=["statistics"], summary="EVSEs by state")
async def show_evses(context: TheContext) -> dict[str, int]:
    """How many EVSEs are in each state; a state without any is left out."""
    return await count_evses(context.database)


@get("/statistics/days", tags=["statistics"], summary="Energy and sessions by day")
async def show_days(context: TheContext, days: Days = 30, midnight: Midnight = None) -> list[Day]:
    """One entry per day, oldest first; a session counts for the day on which it started."""
    return await energy_by_day(context.database, _midnight(midnight, context.clock.now()), days)


@get("/statistics/power", tags=["statistics"], summary="Power over time")
async def show_power(context: TheContext, minutes: Minutes = 30, points: Points = 60) -> Page[PowerPoint]:
    """Power of all transactions together up to now, oldest first; always one page."""
    return Page(await power_over_time(context.database, context.clock.now(), minutes, points))


def _midnight(given: datetime | None, now: datetime) -> datetime:
    """Raises: BadRequest when what was given is not within a day of now."""
    if given is None:
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = given if given.tzinfo is not None else given.replace(tzinfo=UTC)
    if not now - 2 * DAY < midnight < now + timedelta(hours=14):
        raise BadRequest("this is not when today began", field="midnight")
    return midnight


ROUTES: list[Any] = [show_overview, show_evses, show_days, show_power]
