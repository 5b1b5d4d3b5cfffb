"""What we share with one station across its connections: the mailbox, the dialect's memory, and what was answered last."""

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from voltgate.csms.stations import Registration, Station
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.links import Link
from voltgate.ocpp.dialects import Dialect
from voltgate.ocpp.errors import Version
from voltgate.ocpp.messages import Request
from voltgate.ocpp.rpc import AnsweredCalls, CallReceived, SendReceived

_ASKED = 32
_NEVER = from_ms(0)
_BEFORE_ACCEPTANCE = frozenset({"BootNotification"})
_AFTER_ACCEPTANCE = frozenset({"RequestStartTransaction", "RequestStopTransaction"})
_TRIGGERED = {
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignV2G20Certificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
    "SignChargePointCertificate": "SignCertificate",
}
_REPORTED_BY = {"GetBaseReport": "NotifyReport", "GetReport": "NotifyReport"}
_REQUESTED = re.compile(rb'"requestedMessage"\s*:\s*"(\w+)"')


class Mail(Struct):
    """One message of a station that waits for its turn. `raw` is the frame; None if a dialect left the message for later."""

    link: Link | None
    message: CallReceived | SendReceived | Request
    raw: str | None
    now: datetime


@dataclass(slots=True, eq=False)
class Correspondent:
    """One station as long as the program runs. `link` is its newest connection, None while it has none."""

    station: Station
    version: Version
    dialect: Dialect
    registration: Registration
    memory: Any = None
    saved: bytes | None = None
    """The memory as it is in the database."""
    link: Link | None = None
    answered: AnsweredCalls = field(default_factory=AnsweredCalls)
    mailbox: deque[Mail] = field(default_factory=deque)
    busy: bool = False
    paused: Link | None = None
    allowed: frozenset[str] = _BEFORE_ACCEPTANCE
    """What the station may send before it is accepted."""
    heard_at: datetime = _NEVER
    heard: str | None = None
    """The frame that is being read and was not logged yet."""
    answering: bool = False
    """The frame that goes out now was logged with the commit."""
    asked: dict[str, str] = field(default_factory=dict)
    """Action by id of the CALLs that went out lately."""

    @property
    def id(self) -> str:
        return self.station.id

    @property
    def last_seen_ms(self) -> int:
        """When the station was heard last."""
        return to_ms(self.heard_at)

    def speak(self, version: Version, dialect: Dialect, saved: bytes | None) -> None:
        """Use another version from now on; `saved` is what its dialect remembers."""
        self.version, self.dialect, self.saved = version, dialect, saved
        self.recall()

    def recall(self) -> None:
        """The memory as it was saved last: what a message changed that was not stored is forgotten."""
        self.memory = self.dialect.new_memory() if self.saved is None else self.dialect.load_memory(self.saved)

    def changed_memory(self) -> bytes | None:
        """The memory to save; None if it is as it was saved last."""
        if self.memory is None:
            return None
        memory = self.dialect.dump_memory(self.memory)
        return None if memory == self.saved else memory

    def may_send(self, action: str) -> bool:
        """Whether the station may send this now (B01.FR.10, B02.FR.09, B03.FR.07)."""
        return self.registration == "Accepted" or action in self.allowed

    def must_not_be_asked(self, action: str) -> str | None:
        """Why we may not send this to the station now; None if we may."""
        if self.registration == "Rejected":  # B03.FR.03
            return "the station was rejected when it booted"
        if self.registration == "Pending" and action in _AFTER_ACCEPTANCE:  # B02.FR.05
            return "the station is not accepted yet"
        return None

    def was_asked(self, action: str, payload: bytes) -> None:
        """A CALL goes out: before acceptance the station may send what it asks for (B02.FR.02)."""
        if self.registration == "Accepted":
            return
        requested = _REQUESTED.search(payload) if action in ("TriggerMessage", "ExtendedTriggerMessage") else None
        name = requested[1].decode() if requested else _REPORTED_BY.get(action)
        if name is not None:
            self.allowed |= {_TRIGGERED.get(name, name)}

    def settled(self, registration: Registration) -> None:
        """A boot was answered, and the answer stored."""
        self.registration = registration
        self.allowed = _BEFORE_ACCEPTANCE

    def remember_asked(self, message_id: str, action: str) -> None:
        """A CALL went out with this id."""
        self.asked[message_id] = action
        if len(self.asked) > _ASKED:
            del self.asked[next(iter(self.asked))]


def canonical_json(requests: list[Request], wire: object) -> str | None:
    """What a wire message means in 2.1; None if it says the same itself."""
    if not requests or (len(requests) == 1 and requests[0] is wire):
        return None
    said = [{"action": request.action, "payload": request} for request in requests]
    return msgspec.json.encode(said).decode()
