"""What every room may rely on; built once in `app.py` and passed in."""

from typing import Any, Protocol, TypeVar

from voltgate.csms.settings import Settings
from voltgate.infrastructure.bus import Bus
from voltgate.infrastructure.clock import Clock
from voltgate.infrastructure.database import Database
from voltgate.infrastructure.database.sequences import Numbers
from voltgate.ocpp.messages import Answer, Call
from voltgate.ocpp.traits import Traits

AnswerT = TypeVar("AnswerT", bound=Answer)


class Context(Protocol):
    """The services of the program and the way to a station."""

    database: Database
    bus: Bus
    clock: Clock
    numbers: Numbers
    settings: Settings
    station_key: bytes
    """The installation's key for the digests of station passwords; from a file beside the database, never in it."""

    def traits(self, station_id: str) -> Traits | None:
        """What a connected station can do; None when it is not connected."""
        ...

    async def ask(self, station_id: str, request: Call[AnswerT], *, timeout: float | None = None) -> AnswerT:
        """Say a 2.1 request to a station in its own version and return its answer in 2.1.

        Raises `NotConnected`, `PeerCannot`, `CallRefused`, `CallTimedOut`, `LinkLost` or `InvalidAnswer`.
        """
        ...

    async def wire_call(self, station_id: str, action: str, payload: bytes, *, timeout: float | None = None) -> bytes:
        """Send a CALL verbatim and return the payload of its CALLRESULT verbatim. Raises as `ask`."""
        ...

    async def hang_up(self, station_id: str, reason: str) -> None:
        """Close the link of a station; no-op when there is none."""
        ...


JsonObject = dict[str, Any]
