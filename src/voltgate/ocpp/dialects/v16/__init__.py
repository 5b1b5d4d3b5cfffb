"""The dialect of 1.6: a translation, one module per block.

Connector n is EVSE n, connector 1; connector 0 is the station. What 1.6 says and 2.1 has no word for is kept (`kept.py`);
what 2.1 asks and 1.6 cannot say raises `PeerCannot` before anything is said. Each module lists its dialogues by the message they take.
"""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from voltgate.ocpp.dialects.v16 import (
    authorization,
    availability,
    data_transfer,
    meter_values,
    progress,
    provisioning,
    remote_control,
    transactions,
    variables,
)
from voltgate.ocpp.dialects.v16.memory import Memory, dump, load
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import ActionNotSupported, PeerCannot
from voltgate.ocpp.messages import Request
from voltgate.ocpp.traits import Traits

Entry = Callable[[Any, Talk[Memory]], Dialogue]

BLOCKS: tuple[ModuleType, ...] = (
    authorization,
    availability,
    data_transfer,
    meter_values,
    progress,
    provisioning,
    remote_control,
    transactions,
    variables,
)

NOT_YET = frozenset(
    {
        "CancelReservation",
        "CertificateSigned",
        "ClearChargingProfile",
        "DeleteCertificate",
        "GetCompositeSchedule",
        "GetInstalledCertificateIds",
        "GetLocalListVersion",
        "GetLog",
        "InstallCertificate",
        "ReserveNow",
        "ReservationStatusUpdate",
        "SendLocalList",
        "SetChargingProfile",
        "UpdateFirmware",
    }
)
"""2.1 actions that 1.6 could express, but this dialect does not yet."""


def _gather(table: str) -> Mapping[type, Entry]:
    return {kind: entry for block in BLOCKS for kind, entry in getattr(block, table, {}).items()}


HEAR_STATION = _gather("HEAR_STATION")
SAY_STATION = _gather("SAY_STATION")
HEAR_CSMS = _gather("HEAR_CSMS")
SAY_CSMS = _gather("SAY_CSMS")


class Dialect16:
    """1.6 on both sides."""

    traits = Traits(
        version="1.6",
        hears=frozenset(kind.action for kind in SAY_STATION),  # type: ignore[attr-defined]  # every request has its action
        numbers_events=False,
        reports_device_model=False,
        answers_broken_results=False,
        raw_password=True,
        triggers_every_status=True,
    )

    def hear_station(self, request: Request, talk: Talk[Memory]) -> Dialogue:
        """A 1.6 request of a station. Raises ActionNotSupported when it is not one of a station's."""
        return _heard(HEAR_STATION, request)(request, talk)

    def say_station(self, request: Request, talk: Talk[Memory]) -> Dialogue:
        """A 2.1 request for a station. Raises PeerCannot, here or at the first step."""
        return _said(SAY_STATION, request)(request, talk)

    def hear_csms(self, request: Request, talk: Talk[Memory]) -> Dialogue:
        """A 1.6 request of the CSMS. Raises ActionNotSupported when it is not translated."""
        return _heard(HEAR_CSMS, request)(request, talk)

    def say_csms(self, request: Request, talk: Talk[Memory]) -> Dialogue:
        """A 2.1 request for the CSMS. Raises PeerCannot, here or at the first step."""
        return _said(SAY_CSMS, request)(request, talk)

    def new_memory(self) -> Memory:
        """Nothing is known yet."""
        return Memory()

    def load_memory(self, data: bytes) -> Memory:
        """The memory as it was dumped."""
        return load(data)

    def dump_memory(self, memory: Memory) -> bytes:
        """The memory as JSON, a few hundred bytes."""
        return dump(memory)


def _heard(table: Mapping[type, Entry], request: Request) -> Entry:
    entry = table.get(type(request))
    if entry is None:
        raise ActionNotSupported(f"{request.action} is not offered")
    return entry


def _said(table: Mapping[type, Entry], request: Request) -> Entry:
    entry = table.get(type(request))
    if entry is None:
        reason = "it is not translated to OCPP 1.6 yet" if request.action in NOT_YET else "OCPP 1.6 has no such message"
        raise PeerCannot(request.action, reason)
    return entry
