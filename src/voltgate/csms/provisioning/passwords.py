"""A new password of a station, set through its device model: both count until it is certain which one the station uses."""

from collections.abc import Awaitable, Callable, Sequence

from voltgate.csms import security
from voltgate.csms.context import Context
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21
from voltgate.ocpp.errors import (
    CallRefused,
    MessageError,
    NotConnected,
    OccurrenceConstraintViolation,
    PeerCannot,
    PropertyConstraintViolation,
)


def check(given: Sequence[str]) -> None:
    """Raises: MessageError when it cannot be the password of a station (A00.FR.205), or when it is more than one."""
    shortest, longest = security.SHORTEST_PASSWORD, security.LONGEST_PASSWORD
    if len(given) > 1:
        raise OccurrenceConstraintViolation("a station has one password - at `$.setVariableData`")
    if given and not shortest <= len(given[0]) <= longest:
        raise PropertyConstraintViolation(f"a password has {shortest} to {longest} characters - at `$.setVariableData`")


async def tell(
    context: Context, station_id: str, password: str, ask: Callable[[], Awaitable[v21.SetVariablesResponse]]
) -> v21.SetVariablesResponse:
    """Keep the new password beside the old one, then `ask`: the station may come back with it before its answer is here.

    When the answer is lost both count, until the station has shown which one it uses.
    """
    work = Work()
    security.keep_next_password(work, station_id, password, context.station_key)
    await context.database.commit(work)
    try:
        return await ask()
    except (NotConnected, PeerCannot, CallRefused, MessageError):  # the station has not taken it
        work = Work()
        security.drop_next_password(work, station_id)
        await context.database.commit(work)
        raise


def settle(work: Work, station_id: str, status: v21.SetVariableStatusEnumType) -> None:
    """The station has answered. RebootRequired: it uses the old password until it has booted."""
    if status == "Accepted":
        security.confirm_next_password(work, station_id)  # A01.FR.03
    elif status != "RebootRequired":
        security.drop_next_password(work, station_id)  # A01.FR.04
