"""From messages to samples, and by what a repeated message is recognised."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from voltgate.csms.meter_values.model import REGISTER, Sample
from voltgate.csms.meter_values.units import as_said, default_unit, normalise
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21

_encode = msgspec.json.Encoder(order="deterministic").encode
_IN_ONE_GO = 2047  # with more at once hashlib lets other threads run, and waiting for them to stop costs more than the digest


def read_samples(values: Iterable[v21.MeterValueType]) -> list[Sample]:
    """The samples of a message, in its order."""
    return [_sample(to_ms(value.timestamp), sampled) for value in values for sampled in value.sampledValue]


def message_key(message: object) -> int:
    """A number that is the same for a message and its repetition, for storing both once."""
    said = memoryview(_encode(message))
    digest = blake2b(digest_size=8)
    for start in range(0, len(said), _IN_ONE_GO):
        digest.update(said[start : start + _IN_ONE_GO])
    return int.from_bytes(digest.digest(), "big", signed=True)


def _sample(at_ms: int, sampled: v21.SampledValueType) -> Sample:
    measurand = sampled.measurand or REGISTER
    measure = sampled.unitOfMeasure
    unit, multiplier = (measure.unit, measure.multiplier) if measure else (None, None)
    milli, base = normalise(sampled.value, unit, multiplier, measurand)
    return Sample(
        at_ms,
        measurand,
        sampled.phase,
        sampled.location or "Outlet",
        sampled.context or "Sample.Periodic",
        milli,
        base,
        as_said(sampled.value),
        unit or default_unit(measurand),
        multiplier or 0,
        _encode(sampled.signedMeterValue).decode() if sampled.signedMeterValue else None,
    )
