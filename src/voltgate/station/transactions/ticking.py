"""What happens at an EVSE by time alone: energy, samples, deadlines."""

from voltgate.ocpp import v21
from voltgate.station.evses import Evse, Transaction
from voltgate.station.station import Station
from voltgate.station.transactions import events
from voltgate.station.transactions.invalid import watch_invalid
from voltgate.station.transactions.lifecycle import Cause, end_now, settle
from voltgate.station.transactions.sampling import next_aligned_ms, sample


def let_energy_flow(station: Station, elapsed_ms: int) -> None:
    """Let `elapsed_ms` of charging pass at every EVSE."""
    for evse in station.evses:
        if evse.hardware.energised:
            _charge(station, evse, elapsed_ms)


def tick(station: Station) -> None:
    """Do what is due by `Station.now_ms`."""
    for evse in station.evses:
        watch_invalid(station, evse)
        authorisation = evse.authorisation
        if authorisation is not None and authorisation.plug_deadline_ms is not None and authorisation.plug_deadline_ms <= station.now_ms:
            _give_up_waiting(station, evse)
        if evse.transaction is not None:
            _sample(station, evse, evse.transaction)
            if evse.next_save_ms <= station.now_ms:
                station.save_evse(evse)  # so that the length of an interruption is known (E17.FR.02)
    _sample_aligned(station)


def next_due(station: Station) -> int | None:
    """The next moment that one of the timers here is due; None when all are quiet. Energy flows whenever `tick` is called."""
    times = [station.next_aligned_ms, station.next_aligned_end_ms]
    for evse in station.evses:
        times += [evse.next_sample_ms, evse.next_end_sample_ms]
        if evse.authorisation is not None:
            times.append(evse.authorisation.plug_deadline_ms)
    return min((time for time in times if time is not None), default=None)


def sample_clock_aligned(station: Station, context: v21.ReadingContextEnumType = "Sample.Clock") -> None:
    """Send the clock-aligned values of every EVSE now (J01.FR.14, J01.FR.22)."""
    if station.variables.flag("AlignedDataCtrlr", "SendDuringIdle") and station.transactions_running:
        return  # J01.FR.20
    for evse in station.evses:
        value = sample(station, evse, "AlignedDataCtrlr", "Measurands", context)
        if value is None:
            continue
        if evse.transaction is not None:
            events.update(station, evse, "MeterValueClock", value=value)
        elif station.online:
            station.outbox.tell(v21.MeterValuesRequest(evseId=evse.id, meterValue=[value]))


def keep_clock_aligned(station: Station) -> None:
    """Keep a clock-aligned value of every running transaction for its end (AlignedDataCtrlr.TxEndedInterval)."""
    for evse in station.evses:
        if evse.transaction is not None:
            _keep(evse.transaction, sample(station, evse, "AlignedDataCtrlr", "TxEndedMeasurands", "Sample.Clock"))


def tell_now(station: Station, evses: list[Evse]) -> None:
    """Tell how the running transactions stand, because the central system wants to know (F06.FR.07)."""
    for evse in evses:
        if evse.transaction is not None:
            value = sample(station, evse, "SampledDataCtrlr", "TxUpdatedMeasurands", "Trigger")
            events.update(station, evse, "Trigger", value=value)


def _charge(station: Station, evse: Evse, elapsed_ms: int) -> None:
    wanted = evse.hardware.ev_wants_energy
    evse.hardware.advance(round(elapsed_ms * station.time_factor))
    if evse.transaction is not None and wanted:
        evse.transaction.charging_ms += elapsed_ms


def watch_vehicle(station: Station, evse: Evse) -> None:
    """Tell when the vehicle has begun or ceased to take energy."""
    transaction = evse.transaction
    if transaction is not None and transaction.charging_state != evse.charging_state:
        settle(station, evse, Cause("ChargingStateChanged", "StoppedByEV"))


def _give_up_waiting(station: Station, evse: Evse) -> None:
    """Nobody plugged in (E03.FR.05, F02.FR.07)."""
    if evse.transaction is not None:
        end_now(station, evse, Cause("EVConnectTimeout", "Timeout"))
    evse.authorisation = None
    evse.points_before = evse.points()
    station.save_evse(evse)


def _sample(station: Station, evse: Evse, transaction: Transaction) -> None:
    watch_vehicle(station, evse)
    if evse.next_end_sample_ms is not None and evse.next_end_sample_ms <= station.now_ms:
        interval_ms = station.variables.integer("SampledDataCtrlr", "TxEndedInterval") * 1_000
        evse.next_end_sample_ms = evse.next_end_sample_ms + interval_ms if interval_ms else None
        _keep(transaction, sample(station, evse, "SampledDataCtrlr", "TxEndedMeasurands", "Sample.Periodic"))
    if evse.transaction is not None and evse.next_sample_ms is not None and evse.next_sample_ms <= station.now_ms:
        interval_ms = station.variables.integer("SampledDataCtrlr", "TxUpdatedInterval") * 1_000
        evse.next_sample_ms = max(evse.next_sample_ms + interval_ms, station.now_ms + 1) if interval_ms else None
        value = sample(station, evse, "SampledDataCtrlr", "TxUpdatedMeasurands", "Sample.Periodic")
        if value is not None:
            events.update(station, evse, "MeterValuePeriodic", value=value)  # J02.FR.11


def _sample_aligned(station: Station) -> None:
    due_ms, end_due_ms = station.next_aligned_ms, station.next_aligned_end_ms
    station.next_aligned_ms = _next_aligned(station, due_ms, "Interval")
    station.next_aligned_end_ms = _next_aligned(station, end_due_ms, "TxEndedInterval")
    if end_due_ms is not None and end_due_ms <= station.now_ms:
        keep_clock_aligned(station)
    if due_ms is not None and due_ms <= station.now_ms:
        sample_clock_aligned(station)


def _next_aligned(station: Station, due_ms: int | None, variable: str) -> int | None:
    """The moment of the next clock-aligned sample; `due_ms` while that has not passed, None when there are none."""
    interval = station.variables.integer("AlignedDataCtrlr", variable)
    if not interval:
        return None
    return due_ms if due_ms is not None and due_ms > station.now_ms else next_aligned_ms(station, interval)


MAX_END_SAMPLES = 200


def _keep(transaction: Transaction, value: v21.MeterValueType | None) -> None:
    """Keep a value for the Ended event; when there are too many, every second one between first and last goes (E06.FR.13)."""
    if value is None:
        return
    samples = transaction.end_samples
    samples.append(value)
    if len(samples) > MAX_END_SAMPLES:
        del samples[1:-1:2]
