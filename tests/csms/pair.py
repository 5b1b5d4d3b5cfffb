"""Both ends in memory: the whole central system behind sockets that are lists."""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

from voltgate.csms.blocks import HANDLERS
from voltgate.csms.correspondent import Correspondent
from voltgate.csms.exchange import TRANSACTION_NUMBERS
from voltgate.csms.gateway import Gateway
from voltgate.csms.security import keep_password
from voltgate.csms.services import Services
from voltgate.csms.settings import OcppSettings, Settings
from voltgate.csms.stations import register_station
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import ManualClock, to_ms
from voltgate.infrastructure.database import Database, Event, Work
from voltgate.infrastructure.database.sequences import Numbers
from voltgate.infrastructure.metrics import Metrics
from voltgate.links import Admission, Link, Refusal, Upgrade

KEY = b"k" * 32
PASSWORD = "0123456789abcdef0123"


@dataclass
class ListSocket:
    """A socket that keeps what is sent, and does as it is told."""

    sent: list[Any] = field(default_factory=list)
    closed_with: tuple[int, str] | None = None
    paused: bool = False
    remote_address: str = "192.0.2.1:5050"

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed_with = self.closed_with or (code, reason)

    def abort(self) -> None:
        self.close(1006)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


@dataclass
class Wire:
    """A station at the other end of a link."""

    link: Link
    socket: ListSocket

    def says(self, frame: str | list[Any]) -> None:
        self.link.received(frame if isinstance(frame, str) else json.dumps(frame))

    async def hears(self, message_id: str | None = None) -> list[Any]:
        """The answer with this id; the next frame of any kind without one."""
        async with asyncio.timeout(5):
            while True:
                for frame in self.socket.sent:
                    if message_id is None or frame[1] == message_id:
                        self.socket.sent.remove(frame)
                        return list(frame)
                await asyncio.sleep(0)

    async def asks(self, action: str, payload: Any, message_id: str = "1") -> list[Any]:
        self.says([2, message_id, action, payload])
        return await self.hears(message_id)

    async def boots(self, version: str = "2.1") -> list[Any]:
        told = {"reason": "PowerUp", "chargingStation": {"model": "Wall", "vendorName": "Acme", "firmwareVersion": "1"}}
        told16 = {"chargePointVendor": "Acme", "chargePointModel": "Wall", "firmwareVersion": "1"}
        return await self.asks("BootNotification", told16 if version == "1.6" else told, "boot")

    def goes(self, code: int = 1006) -> None:
        self.link.closed(code, "")


@dataclass
class Office:
    """A central system without ports."""

    services: Services
    gateway: Gateway
    clock: ManualClock

    async def register(self, station_id: str, password: str | None = None, **known: Any) -> None:
        work = Work()
        register_station(work, station_id, to_ms(self.clock.now()), known)
        keep_password(work, station_id, password, KEY)
        await self.services.database.commit(work)

    async def admit(
        self, identity: str, *, subprotocols: tuple[str, ...] = ("ocpp2.1",), user: str = "", password: str | bytes = b"", **other: Any
    ) -> Any:
        secret = password.encode() if isinstance(password, str) else password
        headers = {"authorization": "Basic " + base64.b64encode((user or identity).encode() + b":" + secret).decode()} if secret else {}
        upgrade = Upgrade(
            identity=identity, path=f"/{identity}", headers=headers, offered=subprotocols, remote_address="192.0.2.1:5050", secured=False
        )
        return await self.gateway.admit(upgrade)

    async def connect(self, identity: str, version: str = "2.1", **credentials: Any) -> Wire:
        admission = await self.admit(identity, subprotocols=(f"ocpp{version}",), **credentials)
        assert isinstance(admission, Admission), admission
        socket = ListSocket()
        link = admission.listener(socket)
        assert isinstance(link, Link)
        return Wire(link, socket)

    async def settle(self) -> None:
        """Wait until everything that was begun is in the database."""
        work = Work()
        work.tell(Event("test.settled", 0, None, {}))  # commits are in order, so this is the last
        await self.services.database.commit(work)
        await asyncio.sleep(0)

    def who(self, station_id: str) -> Correspondent:
        found = self.gateway.connected(station_id)
        assert found is not None
        return found


async def open_office(database: Database, bus: LocalBus, *, handlers: Any = HANDLERS, reconcilers: Any = (), **ocpp: Any) -> Office:
    """A central system over `database`; `ocpp` are settings of that section."""
    clock = ManualClock()
    settings = Settings(ocpp=OcppSettings(**{"settle_seconds": 0.0, **ocpp}))
    services = Services(database, bus, clock, Numbers(database), settings, KEY)
    await services.numbers.open(TRANSACTION_NUMBERS)
    gateway = services.gateway = Gateway(services, handlers, reconcilers, Metrics())
    return Office(services, gateway, clock)


def is_refusal(decision: Any, status: int) -> bool:
    """Whether a decision of the gateway is this HTTP status."""
    return isinstance(decision, Refusal) and decision.status == status
