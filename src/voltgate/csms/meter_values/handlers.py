"""What stations may say about meter values outside a transaction, and how a sample is shown to whoever looks."""

from voltgate.csms.meter_values.hearing import message_key, read_samples
from voltgate.csms.meter_values.model import Summary, summarise
from voltgate.csms.meter_values.store import store_samples
from voltgate.csms.session import Session
from voltgate.ocpp import v21


async def handle_meter_values(request: v21.MeterValuesRequest, session: Session) -> v21.MeterValuesResponse:
    """Store all values (J01.FR.18); EVSE 0 is the main meter of the station."""
    samples = read_samples(request.meterValue)
    store_samples(session, session.station_id, request.evseId, None, message_key(request), samples)
    show_sample(session, request.evseId, None, summarise(samples))
    return v21.MeterValuesResponse()


def show_sample(
    session: Session, evse_id: int | None, transaction_id: str | None, summary: Summary, energy_milli: int | None = None
) -> None:
    """Show what an EVSE measures right now; no-op when `summary` says nothing."""
    if summary.at_ms is None:
        return
    registers = summary.registers
    session.show(
        "meter.sample",
        evse_id=evse_id,
        transaction_id=transaction_id,
        measured_ms=summary.at_ms,
        power_w=from_milli(summary.power_milli),
        energy_wh=from_milli(energy_milli),
        register_wh=from_milli(registers[-1].milli if registers else None),
        current_a=from_milli(summary.current_milli),
        voltage_v=from_milli(summary.voltage_milli),
        soc_percent=from_milli(summary.soc_milli),
    )


def from_milli(milli: int | None) -> float | None:
    """Thousandths as a number for JSON."""
    return None if milli is None else milli / 1000


HANDLERS = {"MeterValues": handle_meter_values}
