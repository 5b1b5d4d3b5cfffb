"""The station as a machine: every entrance says what time it is, then rooms decide, then what follows from it is told.

Pure: no socket, no clock, no file. Whoever drives it (`app`) sends what `Outbox.next` names, stores `Station.dirty` and
`Outbox.changes` before that, and restarts the station when `Station.reboot` is due.
"""

from voltgate.ocpp import v21
from voltgate.ocpp.errors import ActionNotSupported, SecurityError
from voltgate.ocpp.messages import Answer, Request
from voltgate.station import availability, provisioning, transactions
from voltgate.station.blocks import HANDLERS
from voltgate.station.evses import Evse
from voltgate.station.outbox import Item, StoredEvent
from voltgate.station.station import Reboot, Station


class Core:
    """Drives one `Station`."""

    def __init__(self, station: Station) -> None:
        self.station = station

    # ---- the wire

    def hear(self, request: Request, now_ms: int) -> Answer:
        """Answer a request of the central system, in 2.1. What follows from it happens in `after_answer`.

        Raises MessageError: ActionNotSupported, SecurityError (B03.FR.08) or what the room refuses.
        """
        station = self._at(now_ms)
        action = type(request).action
        if station.registration == "Rejected":
            raise SecurityError("the station was rejected and does not listen")
        handler = HANDLERS.get(action)
        if handler is None:
            raise ActionNotSupported(f"{action} is not offered by this station")
        return handler(request, station)

    def after_answer(self, now_ms: int) -> None:
        """The answer has left: do what waited for that."""
        station = self._at(now_ms)
        waiting, station.after_answer = station.after_answer, []
        for what in waiting:
            what()
        self._follow_up()

    def connected(self, now_ms: int) -> None:
        """The connection is up (B04; part 4 §5.4: no new BootNotification)."""
        station = self._at(now_ms)
        station.connected = True
        since, station.offline_since_ms = station.offline_since_ms, None
        threshold_ms = station.variables.integer("OCPPCommCtrlr", "OfflineThreshold") * 1_000
        if since is not None and now_ms - since > threshold_ms:
            availability.forget_reports(station)  # B04.FR.01
        self._follow_up()

    def disconnected(self, now_ms: int) -> None:
        """The connection is lost, or could not be made."""
        station = self._at(now_ms)
        if station.connected or station.offline_since_ms is None:
            station.offline_since_ms = now_ms
        station.connected = False
        station.outbox.gone()
        if station.registration != "Accepted" and station.boot_due_ms is None:
            station.boot_due_ms = now_ms
        self._follow_up()

    def next_item(self, now_ms: int) -> Item | None:
        """What to say now."""
        station = self._at(now_ms)
        return station.outbox.next(now_ms, accepted=station.registration == "Accepted") if station.connected else None

    def answered(self, item: Item, answer: Answer | None, now_ms: int) -> None:
        """The central system has answered `item`."""
        station = self._at(now_ms)
        station.outbox.answered(item, answer)
        if isinstance(item, StoredEvent) and isinstance(answer, v21.TransactionEventResponse):
            transactions.hear_answer(station, item.request, answer)
        self._follow_up()

    def refused(self, item: Item, reason: str, now_ms: int) -> None:
        """The central system did not process `item` (E13)."""
        station = self._at(now_ms)
        attempts = station.variables.integer("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent")
        interval = station.variables.integer("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent")
        again = station.outbox.refused(item, now_ms, attempts=attempts, interval_seconds=interval)
        station.log(f"{type(item.request).action}: {reason}; {'it will be sent again' if again else 'it is given up'}")
        self._follow_up()

    # ---- time

    def start(self, now_ms: int, *, saved_ms: int | None) -> None:
        """The station has power; `saved_ms` is when it was last known to run (None: never)."""
        station = self._at(now_ms)
        if saved_ms is not None:
            transactions.recover(station, saved_ms, station.memory.next_boot_reason, resume=station.memory.resume)
        station.memory.resume = False
        station.save()

    def tick(self, now_ms: int) -> None:
        """Time has passed."""
        station = self.station
        self.catch_up(now_ms)
        transactions.tick(station)
        provisioning.watch_boot(station)
        if station.online and station.next_heartbeat_ms is not None and station.next_heartbeat_ms <= now_ms:
            availability.beat(station)
        self._follow_up()

    def reboot_due(self, now_ms: int) -> Reboot | None:
        """The restart that is to be made now: asked for, and the last events delivered or waited for long enough."""
        reboot = self.station.reboot
        if reboot is None or (self.station.online and self.station.outbox.events and now_ms < reboot.deadline_ms):
            return None
        return reboot

    # ---- the driver and the hardware

    def plugged_in(self, evse: Evse, now_ms: int) -> None:
        """The hardware of `evse` has noticed a vehicle."""
        transactions.plug_in(self._at_now(now_ms), evse)
        self._follow_up()

    def unplugged(self, evse: Evse, now_ms: int) -> None:
        """The hardware of `evse` has noticed that the vehicle is gone."""
        transactions.unplug(self._at_now(now_ms), evse)
        self._follow_up()

    def token(self, evse: Evse, token: v21.IdTokenType, now_ms: int) -> None:
        """A token is held to the reader of `evse`."""
        transactions.present_token(self._at_now(now_ms), evse, token)
        self._follow_up()

    def stop(self, evse: Evse, now_ms: int) -> None:
        """The stop button of `evse` is pressed."""
        transactions.stop_locally(self._at_now(now_ms), evse)
        self._follow_up()

    def vehicle_changed(self, evse: Evse, now_ms: int) -> None:
        """The vehicle pauses or goes on."""
        self._settle(evse, transactions.Cause("ChargingStateChanged", "StoppedByEV"), now_ms)

    def suspend(self, evse: Evse, suspended: bool, now_ms: int) -> None:
        """The station holds the energy back, or offers it again."""
        self.catch_up(now_ms)
        evse.suspended = suspended
        self._settle(evse, transactions.Cause("ChargingStateChanged"), now_ms)

    def fault(self, evse: Evse, fault: str | None, now_ms: int) -> None:
        """A fault appears, which ends the transaction (E06.FR.16), or goes."""
        self.catch_up(now_ms)
        evse.fault = fault
        if fault is not None:
            reason: v21.ReasonEnumType = "GroundFault" if fault == "GroundFailure" else "Other"
            transactions.end_now(self._at_now(now_ms), evse, transactions.Cause("AbnormalCondition", reason))
        self._settle(evse, transactions.Cause("AbnormalCondition"), now_ms)

    def sample_clock_aligned(self, now_ms: int) -> None:
        """Take the clock-aligned sample now."""
        transactions.sample_clock_aligned(self._at_now(now_ms))
        self._follow_up()

    def catch_up(self, now_ms: int) -> None:
        """Count the energy up to now. To be called before the hardware is touched: what happens now must not reach into the past."""
        station = self._at(now_ms)
        elapsed_ms = max(0, now_ms - station.counted_ms)
        station.counted_ms = now_ms
        transactions.let_energy_flow(station, elapsed_ms)

    # ---- inside

    def _settle(self, evse: Evse, cause: transactions.Cause, now_ms: int) -> None:
        transactions.settle(self._at_now(now_ms), evse, cause)
        self._follow_up()

    def _at(self, now_ms: int) -> Station:
        self.station.now_ms = now_ms
        return self.station

    def _at_now(self, now_ms: int) -> Station:
        self.catch_up(now_ms)
        return self.station

    def _follow_up(self) -> None:
        availability.apply_pending(self.station)
        provisioning.watch_reset(self.station)
        provisioning.watch_boot(self.station)
        availability.report_changes(self.station)
