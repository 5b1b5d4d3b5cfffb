"""What a person at a station can do, or a test, or a simulated driver: plug, token, faults, power, network."""

from msgspec import Struct

from voltgate.ocpp import v21
from voltgate.station.app import StationProgram
from voltgate.station.authorization import learn
from voltgate.station.device_model import Key
from voltgate.station.evses import LOCK_FAULT, Evse
from voltgate.station.hardware import SimulatedEvse, Vehicle
from voltgate.station.provisioning import set_variable


class CannotDo(Exception):
    """It is impossible now; the text says why."""


class EvseView(Struct):
    """One EVSE, for people."""

    evse_id: int
    state: str
    charging_state: str
    connectors: dict[str, str]
    plugged_connector: int | None
    id_token: str | None
    transaction_id: str | None
    power_w: float
    register_wh: float
    register_mwh: int
    energy_wh: float
    """Of the running transaction."""
    soc_percent: int | None
    fault: str | None
    locked: bool
    lock_broken: bool


class StationView(Struct):
    """One station, for people."""

    id: str
    version: str
    connected: bool
    registration: str | None
    operative: bool
    waiting_events: int
    """Transaction events not answered yet."""
    evses: list[EvseView]


class Operations:
    """The hands at one station with simulated hardware."""

    def __init__(self, program: StationProgram) -> None:
        self.program = program

    # ---- the driver

    def plug_in(self, evse_id: int, connector_id: int = 1, vehicle: Vehicle | None = None) -> None:
        """A vehicle is plugged in."""
        evse, hardware = self._evse(evse_id)
        if connector_id not in evse.connectors:
            raise CannotDo(f"EVSE {evse_id} has no connector {connector_id}")
        if evse.plugged:
            raise CannotDo(f"EVSE {evse_id} already has a vehicle")
        self.program.core.catch_up(self.program.now_ms)
        hardware.plug_in(connector_id, vehicle)
        self.program.core.plugged_in(evse, self.program.now_ms)
        self.program.step()

    def unplug(self, evse_id: int) -> None:
        """The vehicle leaves."""
        evse, hardware = self._evse(evse_id)
        if not evse.plugged:
            raise CannotDo(f"EVSE {evse_id} has no vehicle")
        self.program.core.catch_up(self.program.now_ms)
        hardware.unplug()
        self.program.core.unplugged(evse, self.program.now_ms)
        self.program.step()

    def present_token(self, token: str, evse_id: int | None = None, token_type: str = "ISO14443") -> None:  # a kind, no secret
        """A token is held to the reader; without an EVSE the one where it is expected."""
        evse = self._evse_of_token(token) if evse_id is None else self._evse(evse_id)[0]
        self.program.core.token(evse, v21.IdTokenType(idToken=token, type=token_type), self.program.now_ms)
        self.program.step()

    def stop(self, evse_id: int) -> None:
        """The stop button is pressed."""
        evse, _ = self._evse(evse_id)
        if evse.authorisation is None:
            raise CannotDo(f"nobody charges at EVSE {evse_id}")
        self.program.core.stop(evse, self.program.now_ms)
        self.program.step()

    def pause_vehicle(self, evse_id: int, paused: bool = True) -> None:
        """The vehicle stops taking energy, or takes it again."""
        evse, hardware = self._evse(evse_id)
        if hardware.vehicle is None:
            raise CannotDo(f"EVSE {evse_id} has no vehicle")
        self.program.core.catch_up(self.program.now_ms)
        hardware.vehicle.holds_off = paused
        self.program.core.vehicle_changed(evse, self.program.now_ms)
        self.program.step()

    # ---- the station

    def suspend(self, evse_id: int, suspended: bool = True) -> None:
        """The station holds the energy back, or offers it again."""
        self.program.core.suspend(self._evse(evse_id)[0], suspended, self.program.now_ms)
        self.program.step()

    def fault(self, evse_id: int, fault: str | None = "OtherError") -> None:
        """A fault appears; None clears it."""
        self.program.core.fault(self._evse(evse_id)[0], fault, self.program.now_ms)
        self.program.step()

    def break_lock(self, evse_id: int, broken: bool = True) -> None:
        """The lock sticks from now on, or works again; what it prevented then goes on."""
        evse, hardware = self._evse(evse_id)
        hardware.lock_broken = broken
        if not broken and evse.fault == LOCK_FAULT:
            self.fault(evse_id, None)

    async def power_cycle(self, keep_transactions: bool = False) -> None:
        """Power goes and comes back; the transactions are resumed or end with it (E17)."""
        self.program.station.memory.resume = keep_transactions
        self.program.station.save()
        await self.program.restart(abruptly=True)

    def network(self, up: bool) -> None:
        """Drop or restore the network."""
        self.program.go_online() if up else self.program.go_offline()

    def set_variable(self, name: str, value: str) -> str:
        """Set ``Component.Variable`` or ``Component.Variable[instance]``; returns the status."""
        result = set_variable(self.program.station, Key.parse(name), value)
        if result.status not in ("Accepted", "RebootRequired"):
            raise CannotDo(f"{name}: {result.reason or result.status}")
        self.program.step()
        return result.status

    def fill_cache(self, token: str, status: v21.AuthorizationStatusEnumType = "Accepted") -> None:
        """Put a token into the authorization cache."""
        learn(self.program.station, v21.IdTokenType(idToken=token, type="ISO14443"), v21.IdTokenInfoType(status=status))
        self.program.step()

    def sample_clock_aligned(self) -> None:
        """Take the clock-aligned sample now."""
        self.program.core.sample_clock_aligned(self.program.now_ms)
        self.program.step()

    def view(self) -> StationView:
        """How everything stands."""
        station = self.program.station
        return StationView(
            station.spec.id,
            station.spec.version,
            station.connected,
            station.registration,
            station.memory.operative,
            len(station.outbox.events),
            [self._view(evse) for evse in station.evses],
        )

    # ---- inside

    def _view(self, evse: Evse) -> EvseView:
        reading = evse.hardware.read()
        transaction, authorisation = evse.transaction, evse.authorisation
        operative = self.program.station.memory.operative
        return EvseView(
            evse_id=evse.id,
            state=evse.state,
            charging_state=evse.charging_state,
            connectors={str(connector): evse.status(operative, connector) for connector in evse.connectors},
            plugged_connector=evse.hardware.plugged_connector,
            id_token=None if authorisation is None else authorisation.token.idToken,
            transaction_id=None if transaction is None else transaction.id,
            power_w=reading.power_mw / 1_000,
            register_wh=reading.register_mwh / 1_000,
            register_mwh=reading.register_mwh,
            energy_wh=0.0 if transaction is None else (reading.register_mwh - transaction.start_mwh) / 1_000,
            soc_percent=reading.soc_percent,
            fault=evse.fault,
            locked=isinstance(evse.hardware, SimulatedEvse) and evse.hardware.locked,
            lock_broken=isinstance(evse.hardware, SimulatedEvse) and evse.hardware.lock_broken,
        )

    def _evse(self, evse_id: int) -> tuple[Evse, SimulatedEvse]:
        evse = self.program.station.evse(evse_id)
        if evse is None or not isinstance(evse.hardware, SimulatedEvse):
            raise CannotDo(f"there is no simulated EVSE {evse_id}")
        return evse, evse.hardware

    def _evse_of_token(self, token: str) -> Evse:
        evses = self.program.station.evses
        for evse in evses:
            if evse.authorisation is not None and evse.authorisation.token.idToken.lower() == token.lower():
                return evse
        free = [evse for evse in evses if evse.authorisation is None]
        if not free:
            raise CannotDo("every EVSE is in use")
        return next((evse for evse in free if evse.plugged), free[0])
