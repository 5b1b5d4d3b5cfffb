"""What operators may ask of a station about authorization, and grants for starts they ask for."""

from datetime import timedelta

from voltgate.csms.authorization.store import read_token, write_grant
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21

GRANT_LASTS = timedelta(hours=1)
"""Long enough to walk to the car and plug in, short enough that the token is no key to the station."""


async def clear_cache(context: Context, station_id: str, request: v21.ClearCacheRequest) -> v21.ClearCacheResponse:
    """Ask a station to forget the tokens in its authorization cache (C11). Raises as `Context.ask`."""
    return await context.ask(station_id, request)


async def grant(context: Context, station_id: str, id_token: str) -> bool:
    """Let a token that we do not know start a transaction at one station soon, because an operator asked for it.

    Returns False, and does nothing, for a token we know: its status decides.
    """
    if await read_token(context.database, id_token) is not None:
        return False
    now, work = context.clock.now(), Work()
    write_grant(work, station_id, id_token, to_ms(now), to_ms(now + GRANT_LASTS))
    await context.database.commit(work)
    return True


COMMANDS = {"ClearCache": clear_cache}
