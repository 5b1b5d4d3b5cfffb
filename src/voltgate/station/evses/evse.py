"""One EVSE while the station runs: hardware, who may charge, and how it is offered."""

from collections.abc import Mapping

import msgspec

from voltgate.ocpp import v21
from voltgate.station.evses.model import Authorisation, EvseSaved, EvseState, Facts, Row, Transaction, state_of
from voltgate.station.hardware import EvseHardware
from voltgate.station.settings import EvseSpec


class Evse:
    """One EVSE and its connectors."""

    def __init__(self, evse_id: int, spec: EvseSpec, hardware: EvseHardware) -> None:
        self.id = evse_id
        self.spec = spec
        self.hardware = hardware
        self.authorisation: Authorisation | None = None
        self.transaction: Transaction | None = None
        self.fault: str | None = None
        self.fault_told: str | None = None
        """The fault that the central system knows."""
        self.suspended = False
        """The EVSE holds the energy back."""
        self.operative: dict[int, bool] = dict.fromkeys(range(spec.connectors + 1), True)
        """By connector, 0 for the EVSE itself; as ChangeAvailability set it."""
        self.pending: dict[int, bool] = {}
        """Availability to take effect when the transaction has ended (G03.FR.05)."""
        self.reported: dict[int, v21.ConnectorStatusEnumType] = {}
        """The status the central system knows, by connector."""
        self.reset_scheduled = False
        self.next_sample_ms: int | None = None
        self.next_end_sample_ms: int | None = None
        self.next_save_ms = 0
        self.held_for: v21.IdTokenType | None = None
        """The plug stays locked until this token, which was deauthorised, is shown again (E05.FR.11)."""
        self.authorising = False
        """A token is being asked about."""
        self.points_before: Mapping[str, bool] = {}
        """The points as the transactions saw them last; a transaction starts when one becomes true."""

    @property
    def connectors(self) -> range:
        """The connector ids."""
        return range(1, self.spec.connectors + 1)

    @property
    def plugged(self) -> bool:
        """A vehicle is connected."""
        return self.hardware.plugged_connector is not None

    @property
    def row(self) -> Row:
        """What follows from the facts."""
        authorised = self.authorisation is not None
        offered = not self.suspended
        return state_of(Facts(self.fault is not None, self.plugged, authorised, offered, self.hardware.ev_wants_energy))

    @property
    def state(self) -> EvseState:
        """The state in one word."""
        return self.row.state

    def is_operative(self, station_operative: bool, connector: int = 0) -> bool:
        """Whether it may be used, as ChangeAvailability left it."""
        return station_operative and self.operative[0] and self.operative[connector]

    def status(self, station_operative: bool, connector: int) -> v21.ConnectorStatusEnumType:
        """The status of a connector (G01)."""
        if self.fault is not None:
            return "Faulted"
        if not self.is_operative(station_operative, connector):
            return "Unavailable"
        # G01.FR.08: of the other connectors of an EVSE in use nothing is told, although they cannot be used.
        return "Occupied" if self.hardware.plugged_connector == connector else "Available"

    def release(self) -> bool:
        """Unlock the cable; False when the lock sticks."""
        self.held_for = None
        return self.hardware.unlock()

    def points(self) -> Mapping[str, bool]:
        """The points where transactions start and stop, and whether they are true now."""
        authorised, plugged = self.authorisation is not None, self.plugged
        return {
            "EVConnected": plugged,
            "Authorized": authorised,
            "PowerPathClosed": plugged and authorised,
            "EnergyTransfer": self.hardware.energised and self.row.state == "energised",
        }

    @property
    def charging_state(self) -> v21.ChargingStateEnumType:
        """What a transaction event says: a closed contactor is reported once it is closed."""
        row = self.row
        return "EVConnected" if row.closed and not self.hardware.energised else row.charging_state

    def dump(self, now_ms: int) -> bytes:
        """What must survive a restart."""
        saved = EvseSaved(self.hardware.dump().decode(), now_ms, self.transaction, self.authorisation, self.suspended, self.held_for)
        return msgspec.json.encode(saved)

    def load(self, data: bytes) -> int:
        """Restore what `dump` gave; returns when that was."""
        saved = msgspec.json.decode(data, type=EvseSaved)
        self.hardware.load(saved.hardware.encode())
        self.transaction, self.authorisation = saved.transaction, saved.authorisation
        self.suspended, self.held_for = saved.suspended, saved.held_for
        return saved.saved_ms
