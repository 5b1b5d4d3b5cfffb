"""Meter values: what the meter of an EVSE shows, as the specification writes it (J01, J02)."""

from collections.abc import Iterable

from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21
from voltgate.station.evses import Evse
from voltgate.station.hardware import Reading
from voltgate.station.station import Station

Context = v21.ReadingContextEnumType

_UNITS = {
    "Energy.Active.Import.Register": "Wh",
    "Power.Active.Import": "W",
    "Current.Import": "A",
    "Current.Offered": "A",
    "Voltage": "V",
    "SoC": "Percent",
}


def sample(station: Station, evse: Evse, controller: str, variable: str, context: Context) -> v21.MeterValueType | None:
    """Read the measurands that a variable lists, e.g. ``SampledDataCtrlr``, ``TxUpdatedMeasurands``; None when there are none."""
    if not station.variables.flag(controller, "Enabled"):
        return None
    values = list(_values(evse, station.variables.members(controller, variable), context))
    return v21.MeterValueType(timestamp=station.now, sampledValue=values) if values else None


def next_aligned_ms(station: Station, interval_seconds: int) -> int:
    """The next multiple of the interval since midnight UTC, on the station's machine clock."""
    interval_ms = interval_seconds * 1_000
    wall_ms = to_ms(station.now)
    midnight_ms = wall_ms // 86_400_000 * 86_400_000
    return midnight_ms + ((wall_ms - midnight_ms) // interval_ms + 1) * interval_ms - station.clock_offset_ms


def _values(evse: Evse, measurands: Iterable[str], context: Context) -> Iterable[v21.SampledValueType]:
    reading = evse.hardware.read()
    for measurand in measurands:
        for phase, value in _parts(evse, reading, measurand):
            yield v21.SampledValueType(
                value=value,
                measurand=measurand,  # type: ignore[arg-type]  # the variable accepts known measurands only
                context=context,
                phase=phase,
                location="Outlet",
                unitOfMeasure=v21.UnitOfMeasureType(unit=_UNITS[measurand]),
            )


def _parts(evse: Evse, reading: Reading, measurand: str) -> Iterable[tuple[v21.PhaseEnumType | None, float]]:
    """The values of one measurand, per phase where it has phases."""
    if measurand == "Energy.Active.Import.Register":
        yield None, reading.register_mwh / 1_000
    elif measurand == "Power.Active.Import":
        yield None, reading.power_mw / 1_000
    elif measurand == "Current.Offered":
        yield None, float(evse.spec.power.max_current_a if evse.row.closed else 0)
    elif measurand == "SoC" and reading.soc_percent is not None:
        yield None, float(reading.soc_percent)
    elif measurand == "Current.Import":
        for phase in reading.phases:
            yield phase.phase, phase.current_ma / 1_000
    elif measurand == "Voltage":
        for phase in reading.phases:
            yield _TO_NEUTRAL.get(phase.phase), phase.voltage_mv / 1_000


_TO_NEUTRAL: dict[str | None, v21.PhaseEnumType] = {"L1": "L1-N", "L2": "L2-N", "L3": "L3-N"}
