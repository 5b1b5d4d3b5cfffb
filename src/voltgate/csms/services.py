"""The `Context` of the running program: its services, and the way to the stations through the gateway."""

from dataclasses import dataclass
from typing import TypeVar

from voltgate.csms.correspondent import Correspondent
from voltgate.csms.gateway import Gateway
from voltgate.csms.settings import Settings
from voltgate.infrastructure.bus import Bus
from voltgate.infrastructure.clock import Clock
from voltgate.infrastructure.database import Database
from voltgate.infrastructure.database.sequences import Numbers
from voltgate.ocpp.errors import NotConnected
from voltgate.ocpp.messages import Answer, Call
from voltgate.ocpp.traits import Traits

AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(eq=False)
class Services:
    """Implements `Context`. `gateway` is set once it exists, because it needs the context itself."""

    database: Database
    bus: Bus
    clock: Clock
    numbers: Numbers
    settings: Settings
    station_key: bytes
    gateway: Gateway | None = None

    def traits(self, station_id: str) -> Traits | None:
        """What a connected station can do; None when it is not connected."""
        who = None if self.gateway is None else self.gateway.connected(station_id)
        return None if who is None else who.dialect.traits

    async def ask(self, station_id: str, request: Call[AnswerT], *, timeout: float | None = None) -> AnswerT:
        """See `Context.ask`."""
        gateway, who = self._reach(station_id)
        return await gateway.exchange.ask(who, request, timeout or self.settings.ocpp.call_timeout)

    async def wire_call(self, station_id: str, action: str, payload: bytes, *, timeout: float | None = None) -> bytes:
        """See `Context.wire_call`."""
        gateway, who = self._reach(station_id)
        return await gateway.exchange.wire_call(who, action, payload, timeout or self.settings.ocpp.call_timeout)

    async def hang_up(self, station_id: str, reason: str) -> None:
        """See `Context.hang_up`."""
        if self.gateway is not None:
            self.gateway.hang_up(station_id, reason)

    def _reach(self, station_id: str) -> tuple[Gateway, Correspondent]:
        who = None if self.gateway is None else self.gateway.connected(station_id)
        if self.gateway is None or who is None:
            raise NotConnected(f"{station_id} is not connected")
        return self.gateway, who
