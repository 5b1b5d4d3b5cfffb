"""What a station is: its identity, its EVSEs, and how it reaches the central system."""

from msgspec import Struct, field

from voltgate.ocpp.messages import Version
from voltgate.station.hardware.port import PowerSpec


class EvseSpec(Struct, frozen=True):
    """One EVSE."""

    power: PowerSpec = PowerSpec()
    connectors: int = 1


class StationSpec(Struct, frozen=True, kw_only=True):
    """One station."""

    id: str
    url: str = "ws://127.0.0.1:9000/ocpp"
    """The endpoint without the identity."""
    version: Version = "2.1"
    password: str | None = None
    evses: tuple[EvseSpec, ...] = (EvseSpec(), EvseSpec())
    vendor: str = "voltgate"
    model: str = "VG-Sim"
    serial_number: str = "VG-0001"
    firmware_version: str = "0.1.0"
    variables: dict[str, str] = field(default_factory=dict)
    """Factory values, e.g. ``{"TxCtrlr.EVConnectionTimeOut": "30", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "3"}``."""
    seed: int = 0
    time_factor: float = 1.0
    """How much faster vehicles charge than real ones; times in messages stay real."""
    boot_seconds: float = 1.0
    """How long a restart takes."""
