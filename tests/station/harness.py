"""A station on the bench: the core, a clock that is told the time, and a central system that answers as the test says."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.ocpp import actions, v21
from voltgate.ocpp.messages import Answer
from voltgate.station.core import Core
from voltgate.station.evses import Evse
from voltgate.station.hardware import SimulatedEvse, Vehicle
from voltgate.station.outbox import Item
from voltgate.station.settings import StationSpec
from voltgate.station.station import Station

START_MS = to_ms(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
TOKEN = v21.IdTokenType(idToken="ABC123", type="ISO14443")
OTHER = v21.IdTokenType(idToken="XYZ789", type="ISO14443")


class Refuse(Exception):
    """The central system answers CALLERROR."""


class Bench:
    """Drives a `Core`; every message it says is checked against its schema and kept in `said`."""

    def __init__(self, *, boot: bool = True, **variables: str) -> None:
        """Variables are given as ``TxCtrlr__TxStartPoint="Authorized"``."""
        values = {name.replace("__", "."): value for name, value in variables.items()}
        self.now_ms = START_MS
        self.station = Station(StationSpec(id="BENCH", variables=values), self.now_ms)
        self.core = Core(self.station)
        self.said: list[Any] = []
        self.answers: dict[str, Callable[[Any], Answer]] = {}
        self.core.start(self.now_ms, saved_ms=None)
        if boot:
            self.connect()
            self.said.clear()

    # ---- the central system

    def connect(self) -> None:
        self.core.connected(self.now_ms)
        self.pump()

    def disconnect(self) -> None:
        self.core.disconnected(self.now_ms)

    def pump(self) -> None:
        """Let the station say what it has to say, and answer it."""
        while (item := self.core.next_item(self.now_ms)) is not None:
            self.say(item)

    def say(self, item: Item) -> None:
        actions.encode(item.request)
        self.said.append(item.request)
        try:
            answer = self._answer(item.request)
        except Refuse as error:
            self.core.refused(item, str(error), self.now_ms)
        else:
            self.core.answered(item, answer, self.now_ms)

    def ask(self, request: Any) -> Any:
        """The central system asks; what follows from it is said."""
        try:
            answer = self.core.hear(request, self.now_ms)
            actions.encode(answer)
        finally:
            self.core.after_answer(self.now_ms)
        self.pump()
        return answer

    def _answer(self, request: Any) -> Answer:
        chosen = self.answers.get(request.action)
        if chosen is not None:
            return chosen(request)
        now = from_ms(self.now_ms)
        accepted = v21.IdTokenInfoType(status="Accepted")
        if isinstance(request, v21.BootNotificationRequest):
            return v21.BootNotificationResponse(currentTime=now, interval=300, status="Accepted")
        if isinstance(request, v21.AuthorizeRequest):
            return v21.AuthorizeResponse(idTokenInfo=accepted)
        if isinstance(request, v21.HeartbeatRequest):
            return v21.HeartbeatResponse(currentTime=now)
        if isinstance(request, v21.TransactionEventRequest):
            return v21.TransactionEventResponse(idTokenInfo=accepted if request.idToken else None)
        response = actions.action_of(request).response
        assert response is not None
        return response()

    # ---- the driver and the time

    def evse(self, evse_id: int = 1) -> Evse:
        evse = self.station.evse(evse_id)
        assert evse is not None
        return evse

    def hardware(self, evse_id: int = 1) -> SimulatedEvse:
        hardware = self.evse(evse_id).hardware
        assert isinstance(hardware, SimulatedEvse)
        return hardware

    def wait(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass in steps."""
        end_ms = self.now_ms + round(seconds * 1_000)
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + round(step * 1_000))
            self.core.tick(self.now_ms)
            self.pump()

    def plug_in(self, evse_id: int = 1, vehicle: Vehicle | None = None) -> None:
        self.core.catch_up(self.now_ms)
        self.hardware(evse_id).plug_in(1, vehicle)
        self.core.plugged_in(self.evse(evse_id), self.now_ms)
        self.pump()

    def unplug(self, evse_id: int = 1) -> None:
        self.core.catch_up(self.now_ms)
        self.hardware(evse_id).unplug()
        self.core.unplugged(self.evse(evse_id), self.now_ms)
        self.pump()

    def present(self, token: v21.IdTokenType = TOKEN, evse_id: int = 1) -> None:
        self.core.token(self.evse(evse_id), token, self.now_ms)
        self.pump()

    def charge(self, evse_id: int = 1, seconds: float = 10) -> str:
        """Plug in, show the token, charge for a while; returns the transaction's id."""
        self.plug_in(evse_id)
        self.present(evse_id=evse_id)
        self.wait(seconds)
        transaction = self.evse(evse_id).transaction
        assert transaction is not None
        return transaction.id

    # ---- what was said

    def events(self) -> list[v21.TransactionEventRequest]:
        return [message for message in self.said if isinstance(message, v21.TransactionEventRequest)]

    def story(self) -> list[tuple[str, str, str | None]]:
        """Event type, trigger and charging state of every transaction event."""
        return [(event.eventType, event.triggerReason, event.transactionInfo.chargingState) for event in self.events()]

    def statuses(self) -> list[tuple[int, str]]:
        """EVSE and status of every StatusNotification."""
        return [(message.evseId, message.connectorStatus) for message in self.said if isinstance(message, v21.StatusNotificationRequest)]

    def names(self) -> list[str]:
        return [message.action for message in self.said]
