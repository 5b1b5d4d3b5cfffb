"""What every room of the station relies on: the time, the variables, the EVSEs, the outbox and the memory that survives a restart.

Nothing here reads a clock: whoever drives the station says what time it is (`Station.now_ms`) before anything else.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from voltgate.infrastructure.clock import from_ms
from voltgate.ocpp import v21
from voltgate.station.device_model import DeviceModel, Key, Variable, station_variables
from voltgate.station.evses import STATUSES, Evse, evse_variables
from voltgate.station.hardware import EvseHardware, SimulatedEvse
from voltgate.station.outbox import Outbox
from voltgate.station.settings import EvseSpec, StationSpec

SAVE_INTERVAL_MS = 10_000
"""While energy flows the register is kept this often; a crash forgets less than this much of a simulated meter's time."""

Registration = Literal["Accepted", "Pending", "Rejected"] | None
"""How the last boot of this run was answered; None before that."""


class CachedToken(Struct):
    """What the central system last said about a token."""

    info: v21.IdTokenInfoType
    learned_ms: int


class Memory(Struct):
    """What a station remembers beside its EVSEs and its queue."""

    operative: bool = True
    pending_operative: bool | None = None
    """Availability of the station, to take effect when no transaction runs any more."""
    variables: dict[str, str] = {}
    next_boot_reason: v21.BootReasonEnumType = "PowerUp"
    resume: bool = False
    """The restart was asked for with resumption of the transactions (B13)."""
    accepted_once: bool = False
    """The central system has accepted this station, in this run or an earlier one."""
    next_event_id: int = 0
    cache: dict[str, CachedToken] = {}
    """The authorization cache, by type and text of the token in lower case."""


class Reboot(Struct):
    """A restart that is due; `deadline_ms` ends the waiting for answers to transaction events (B12.FR.05)."""

    reason: v21.BootReasonEnumType
    deadline_ms: int


def make_hardware(spec: EvseSpec, seed: int) -> EvseHardware:
    """The hardware of one EVSE."""
    return SimulatedEvse(spec.power, seed)


class Station:
    """The state of one station, from boot to boot."""

    def __init__(
        self,
        spec: StationSpec,
        now_ms: int,
        *,
        hardware: Callable[[EvseSpec, int], EvseHardware] = make_hardware,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.spec = spec
        self.now_ms = now_ms
        self.counted_ms = now_ms
        """Up to when the energy has been counted."""
        self.new_id = new_id
        self.memory = Memory()
        self.outbox = Outbox()
        self.time_factor = spec.time_factor
        self.registration: Registration = None
        self.boot_due_ms: int | None = now_ms
        self.connected = False
        self.offline_since_ms: int | None = None
        self.next_heartbeat_ms: int | None = None
        self.next_aligned_ms: int | None = None
        self.next_aligned_end_ms: int | None = None
        """When the next clock-aligned value for the end of transactions is taken."""
        self.clock_offset_ms = 0
        self.tells_registers = False
        """Starts and ends carry the register whatever is configured, because the wire needs it there (1.6 meterStart, meterStop)."""
        self.reboot: Reboot | None = None
        self.reset_scheduled = False
        self.closing = False
        """Nothing new starts any more."""
        self.tells_whole = False
        """The central system cannot read the state of the station as a whole, so it is told (1.6 errata 3.22)."""
        self.whole_told: str | None = None
        """The state of the station as a whole that it knows."""
        self.after_answer: list[Callable[[], None]] = []
        self.dirty: set[str] = set()
        """Names of documents to save: ``memory``, ``cache``, ``evse.1``."""
        self.log: Callable[[str], None] = lambda _text: None
        self.variables = DeviceModel(station_variables(spec))
        self.evses = [Evse(i, evse, hardware(evse, spec.seed * 100 + i)) for i, evse in enumerate(spec.evses, 1)]
        self._add_hall_variables()
        self._apply_factory_values()

    # ---- the time

    @property
    def now(self) -> datetime:
        """The time of day, as messages say it."""
        return from_ms(self.now_ms + self.clock_offset_ms)

    # ---- the hall

    def evse(self, evse_id: int) -> Evse | None:
        """The EVSE with this id."""
        return self.evses[evse_id - 1] if 1 <= evse_id <= len(self.evses) else None

    def transaction_evse(self, transaction_id: str) -> Evse | None:
        """Where a transaction runs."""
        return next((evse for evse in self.evses if evse.transaction is not None and evse.transaction.id == transaction_id), None)

    @property
    def transactions_running(self) -> bool:
        """Whether any EVSE has a transaction."""
        return any(evse.transaction is not None for evse in self.evses)

    @property
    def state(self) -> v21.ConnectorStatusEnumType:
        """The state of the station as a whole."""
        return "Available" if self.memory.operative else "Unavailable"

    @property
    def online(self) -> bool:
        """Whether the central system can be asked something now."""
        return self.connected and self.registration == "Accepted"

    def later(self, what: Callable[[], None]) -> None:
        """Do `what` after the answer to the request in hand has been given (part 2, FR.05; F06.FR.04)."""
        self.after_answer.append(what)

    def offer(self, variables: Iterable[Variable]) -> None:
        """Offer more variables."""
        for variable in variables:
            self.variables.add(variable)

    # ---- the memory

    def save_evse(self, evse: Evse) -> None:
        """Keep this EVSE."""
        self.dirty.add(f"evse.{evse.id}")

    def save(self) -> None:
        """Keep the memory of the station."""
        self.memory.variables = self.variables.changed_values()
        self.dirty.add("memory")

    def document(self, name: str) -> bytes:
        """A document to be saved, by its name."""
        if name == "memory":
            return msgspec.json.encode((self.memory, [(evse.operative, evse.pending) for evse in self.evses]))
        evse = self.evses[int(name.removeprefix("evse.")) - 1]
        evse.next_save_ms = self.now_ms + SAVE_INTERVAL_MS
        return evse.dump(self.now_ms)

    def restore_memory(self, data: bytes) -> None:
        """Take back the document ``memory``."""
        self.memory, availability = msgspec.json.decode(data, type=tuple[Memory, list[tuple[dict[int, bool], dict[int, bool]]]])
        self.variables.restore(self.memory.variables)
        for evse, (operative, pending) in zip(self.evses, availability, strict=False):
            evse.operative.update({connector: value for connector, value in operative.items() if connector in evse.operative})
            evse.pending = {connector: value for connector, value in pending.items() if connector in evse.operative}

    # ---- inside

    def _add_hall_variables(self) -> None:
        add = self.variables.add
        add(Variable("ChargingStation", "AvailabilityState", kind="OptionList", choices=STATUSES, read=lambda: self.state))
        add(
            Variable(
                "ClockCtrlr", "DateTime", kind="dateTime", read=lambda: self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            )
        )
        for evse in self.evses:
            self.offer(evse_variables(evse, lambda: self.memory.operative))

    def _apply_factory_values(self) -> None:
        for name, value in self.spec.variables.items():
            self.variables.set_factory_value(Key.parse(name), value)
