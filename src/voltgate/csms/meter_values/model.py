"""What stations measure: samples as they are stored, and what they say about one EVSE.

Rules
- Every sample is kept as it was said, and beside it in thousandths of a base unit (`units`).
- For one figure out of many samples, the Outlet counts first (it is the default location), the value without a phase counts before the
  phases, and phases are added up (energy, power), averaged (voltage) or the largest is taken (current). Upstream is never the EVSE.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from voltgate.csms.meter_values.units import fit

REGISTER = "Energy.Active.Import.Register"
INTERVAL = "Energy.Active.Import.Interval"

_LOCATIONS = {"Outlet": 0, "Cable": 1, "Inlet": 2, "EV": 3, "Body": 4}
_PHASES = {"L1": 1, "L2": 2, "L3": 3, "L1-N": 1, "L2-N": 2, "L3-N": 3}


class Sample(Struct, frozen=True):
    """One measured value."""

    at_ms: int
    measurand: str
    phase: str | None
    location: str
    context: str
    value_milli: int | None
    """In thousandths of `unit`; None when it does not fit into 64 bits."""
    unit: str
    original_value: str
    original_unit: str
    multiplier: int
    signed: str | None = None
    """The signed meter value as JSON, exactly as the station gave it."""


class Register(Struct, frozen=True):
    """The state of the energy meter of an EVSE at one moment."""

    at_ms: int
    milli: int
    context: str


class Interval(Struct, frozen=True):
    """Energy of a stretch of time; `clock_aligned` stretches cover the same energy as the periodic ones."""

    milli: int
    clock_aligned: bool


class Summary(Struct, frozen=True):
    """What the samples of one message say about an EVSE; None where they say nothing."""

    at_ms: int | None = None
    """The moment of the newest sample that says something."""
    power_milli: int | None = None
    """Import minus export, mW."""
    power_ms: int | None = None
    current_milli: int | None = None
    """The largest phase, mA."""
    voltage_milli: int | None = None
    """Phase to neutral, mV."""
    soc_milli: int | None = None
    registers: tuple[Register, ...] = ()
    intervals: tuple[Interval, ...] = ()


NOTHING = Summary()


def summarise(samples: Iterable[Sample]) -> Summary:
    """What `samples` say about the EVSE they belong to."""
    groups: dict[str, dict[tuple[int, str], list[Sample]]] = {}
    for sample in samples:
        if sample.measurand in _TELLING and sample.value_milli is not None and (sample.location in _LOCATIONS):
            groups.setdefault(sample.measurand, {}).setdefault((sample.at_ms, sample.context), []).append(sample)
    if not groups:
        return NOTHING
    power, power_ms = _power(groups)
    return Summary(
        at_ms=max(moment for moments in groups.values() for moment, _ in moments),
        power_milli=power,
        power_ms=power_ms,
        current_milli=_newest(groups.get("Current.Import"), max)[0],
        voltage_milli=_newest(groups.get("Voltage"), _mean)[0],
        soc_milli=_newest(groups.get("SoC"), max)[0],
        registers=tuple(
            Register(at_ms, milli, context)
            for (at_ms, context), group in groups.get(REGISTER, {}).items()
            if (milli := _figure(group, sum)) is not None
        ),
        intervals=tuple(
            Interval(milli, context == "Sample.Clock")
            for (_, context), group in groups.get(INTERVAL, {}).items()
            if (milli := _figure(group, sum)) is not None
        ),
    )


_TELLING = frozenset({REGISTER, INTERVAL, "Power.Active.Import", "Power.Active.Export", "Current.Import", "Voltage", "SoC"})
Combine = Callable[[Sequence[int]], int]


def _power(groups: dict[str, dict[tuple[int, str], list[Sample]]]) -> tuple[int | None, int | None]:
    imported, import_ms = _newest(groups.get("Power.Active.Import"), sum)
    exported, export_ms = _newest(groups.get("Power.Active.Export"), sum)
    if imported is None and exported is None:
        return _power_of_phases(groups)
    return fit((imported or 0) - (exported or 0)), max(import_ms or 0, export_ms or 0)


def _power_of_phases(groups: dict[str, dict[tuple[int, str], list[Sample]]]) -> tuple[int | None, int | None]:
    """Volts times amperes per phase, where both were measured at the same moment."""
    currents, voltages = groups.get("Current.Import", {}), groups.get("Voltage", {})
    moments = [moment for moment in currents if moment in voltages]
    if not moments:
        return None, None
    newest = max(moments)
    amperes, volts = _by_phase(currents[newest]), _by_phase(voltages[newest])
    # DC and single-phase stations say both without a phase.
    products = [amperes[phase] * volts[phase] // 1000 for phase in amperes if phase in volts and (phase or len(amperes) == 1)]
    return (fit(sum(products)), newest[0]) if products else (None, None)


def _newest(moments: dict[tuple[int, str], list[Sample]] | None, combine: Combine) -> tuple[int | None, int | None]:
    if not moments:
        return None, None
    newest = max(moments)
    return _figure(moments[newest], combine), newest[0]


def _figure(group: list[Sample], combine: Combine) -> int | None:
    """One figure out of samples of the same measurand, moment and context."""
    if len(group) == 1 and group[0].phase is None:
        return group[0].value_milli
    by_phase = _by_phase(group)
    if 0 in by_phase:
        return by_phase[0]
    return fit(combine(list(by_phase.values()))) if by_phase else None


def _by_phase(group: list[Sample]) -> dict[int, int]:
    """Values by phase (0: no phase) at the location that counts; phase to phase and neutral are left out."""
    best = min(_LOCATIONS[sample.location] for sample in group)
    found: dict[int, int] = {}
    for sample in group:
        phase = 0 if sample.phase is None else _PHASES.get(sample.phase)
        if phase is not None and sample.value_milli is not None and _LOCATIONS[sample.location] == best:
            found[phase] = sample.value_milli
    return found


def _mean(values: Sequence[int]) -> int:
    return sum(values) // len(values)
