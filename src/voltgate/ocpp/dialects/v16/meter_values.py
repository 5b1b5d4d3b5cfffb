"""MeterValues, and how one reading is said in either version.

1.6 writes every value as text and a signed reading as a value of its own; 2.1 has numbers and hangs the signature on the number.
Measurand, context, location and unit have the same defaults in both, so what is absent stays absent.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final, get_args

import msgspec

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.kept import keep, kept
from voltgate.ocpp.dialects.v16.limits import evse_of
from voltgate.ocpp.dialects.v16.memory import Memory, Transaction, fingerprint
from voltgate.ocpp.dialogue import Dialogue, Talk

ENERGY: Final = "Energy.Active.Import.Register"
OCMF = "OCMF"
MAX_MULTIPLIER = 30
"""Quetta; a larger power of ten measures nothing, and a reading that claims one is left out."""

_MEASURANDS_21: frozenset[str | None] = frozenset((None, *get_args(v21.MeasurandEnumType)))
_MEASURANDS_16 = frozenset(get_args(v16.Measurand))
_LOCATIONS_16 = frozenset(get_args(v16.Location))
_UNITS_16 = frozenset(get_args(v16.UnitOfMeasure))
_WORD_HEARD: Mapping[str, str] = {"Celcius": "Celsius", "Hertz": "Hz"}
# Frozen, so one of each is enough: meter values are the most frequent message.
_UNIT_HEARD: Mapping[str | None, v21.UnitOfMeasureType] = {
    unit: v21.UnitOfMeasureType(unit=_WORD_HEARD.get(unit, unit), multiplier=0) for unit in get_args(v16.UnitOfMeasure)
}
_UNIT_SAID: Mapping[str, str] = {"Hz": "Hertz"}
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")

Unread = list[dict[str, Any]]
"""Readings that 2.1 cannot hold, as MeterValue objects of 1.6."""


def hear_values(values: Iterable[v16.MeterValue]) -> tuple[list[v21.MeterValueType], Unread]:
    """The readings in 2.1, and those it has no place for: unknown measurands, text that is no number, empty lists."""
    heard: list[v21.MeterValueType] = []
    unread: Unread = []
    for value in values:
        samples, left = _hear_samples(value.sampledValue)
        if samples:
            heard.append(v21.MeterValueType(timestamp=value.timestamp, sampledValue=samples))
        if left or not value.sampledValue:
            unread.append(msgspec.to_builtins(v16.MeterValue(timestamp=value.timestamp, sampledValue=left)))
    return heard, unread


def say_values(values: Iterable[v21.MeterValueType], unread: Unread | None = None) -> list[v16.MeterValue]:
    """The readings in 1.6. A measurand, unit or location that 1.6 does not know is left out; the others are still told."""
    said = [
        v16.MeterValue(timestamp=value.timestamp, sampledValue=samples)
        for value in values
        if (samples := [one for sample in value.sampledValue for one in _say_sample(sample)])
    ]
    return said + msgspec.convert(unread or [], list[v16.MeterValue])


def register(at: datetime, energy_wh: float, context: v21.ReadingContextEnumType) -> v21.MeterValueType:
    """The energy register in Wh at one moment."""
    sample = v21.SampledValueType(
        value=float(energy_wh), context=context, measurand=ENERGY, unitOfMeasure=v21.UnitOfMeasureType(unit="Wh", multiplier=0)
    )
    return v21.MeterValueType(timestamp=at, sampledValue=[sample])


def energy_at(values: Iterable[v21.MeterValueType], context: v21.ReadingContextEnumType) -> float | None:
    """The last energy register in Wh with this context: of all phases together and at the outlet."""
    found = None
    for value in values:
        for sample in value.sampledValue:
            if sample.context == context and _is_register(sample):
                found = _wh(sample)
    return found


def last_energy(values: Iterable[v21.MeterValueType]) -> float | None:
    """The last energy register in Wh, whatever its context."""
    found = [_wh(sample) for value in values for sample in value.sampledValue if _is_register(sample)]
    return found[-1] if found else None


def _is_register(sample: v21.SampledValueType) -> bool:
    whole = sample.measurand in (None, ENERGY) and sample.phase is None and sample.location in (None, "Outlet")
    return whole and abs(_multiplier(sample)) <= MAX_MULTIPLIER


def _wh(sample: v21.SampledValueType) -> float:
    kilo = sample.unitOfMeasure is not None and sample.unitOfMeasure.unit == "kWh"
    return float(_number(sample) * (1000 if kilo else 1))


def _multiplier(sample: v21.SampledValueType) -> int:
    return sample.unitOfMeasure.multiplier or 0 if sample.unitOfMeasure else 0


def _number(sample: v21.SampledValueType) -> Decimal:
    """The value with its multiplier applied, exactly."""
    return Decimal(repr(sample.value)).scaleb(_multiplier(sample))


def _hear_samples(samples: list[v16.SampledValue]) -> tuple[list[v21.SampledValueType], list[v16.SampledValue]]:
    """Read the numbers, then hang each signed reading on the number it signs."""
    heard: list[v21.SampledValueType] = []
    left: list[v16.SampledValue] = []
    for sample in sorted(samples, key=_is_signed):
        if _is_signed(sample) and _hang_on(sample, heard):
            continue
        read = _hear_signed(sample) if _is_signed(sample) else _hear_number(sample, sample.value)
        if read is None:
            left.append(sample)
        else:
            heard.append(read)
    return heard, left


def _is_signed(sample: v16.SampledValue) -> bool:
    return sample.format == "SignedData"


def _hear_number(sample: v16.SampledValue, text: str) -> v21.SampledValueType | None:
    """A plain reading; None when 2.1 has no such measurand (Temperature, RPM) or the text is no number."""
    if not _NUMBER.fullmatch(text) or sample.measurand not in _MEASURANDS_21:
        return None
    value = float(text)
    if not isfinite(value):
        return None
    return v21.SampledValueType(
        value=value,
        context=sample.context,
        measurand=sample.measurand,  # type: ignore[arg-type]  # checked above: all but two words are the same
        phase=sample.phase,
        location=sample.location,
        unitOfMeasure=_UNIT_HEARD.get(sample.unit),
    )


def _hang_on(sample: v16.SampledValue, heard: list[v21.SampledValueType]) -> bool:
    """Hang a signed reading on the number it signs; False when there is none."""
    for place, plain in enumerate(heard):
        if plain.signedMeterValue is None and _kind(plain) == _kind(sample):
            heard[place] = msgspec.structs.replace(plain, signedMeterValue=_signature(sample))
            return True
    return False


def _hear_signed(sample: v16.SampledValue) -> v21.SampledValueType | None:
    """A signed reading alone; None when the number inside it cannot be read."""
    reading = _ocmf_reading(sample.value) if (sample.measurand or ENERGY).startswith("Energy.Active") else None
    alone = _hear_number(msgspec.structs.replace(sample, unit="Wh"), reading) if reading else None
    return msgspec.structs.replace(alone, signedMeterValue=_signature(sample)) if alone else None


def _signature(sample: v16.SampledValue) -> v21.SignedMeterValueType:
    method = OCMF if sample.value.startswith("OCMF|") else ""
    return v21.SignedMeterValueType(signedMeterData=sample.value, encodingMethod=method)


def _kind(sample: v16.SampledValue | v21.SampledValueType) -> tuple[str, str, str | None, str]:
    """What is measured where and why, with the defaults of both versions."""
    return (sample.measurand or ENERGY, sample.context or "Sample.Periodic", sample.phase, sample.location or "Outlet")


class _Reading(msgspec.Struct):
    RV: Decimal | None = None
    RU: str | None = None


class _Ocmf(msgspec.Struct):
    RD: list[_Reading]


def _ocmf_reading(text: str) -> str | None:
    """The last reading of an OCMF record, in Wh."""
    try:
        last = msgspec.json.decode(text.split("|")[1], type=_Ocmf).RD[-1]
    except (IndexError, msgspec.DecodeError):
        return None
    if last.RV is None or last.RU not in ("Wh", "kWh"):
        return None
    return plain_text(last.RV * (1000 if last.RU == "kWh" else 1))


def _say_sample(sample: v21.SampledValueType) -> Iterator[v16.SampledValue]:
    """The reading, and its signature as a second one."""
    unit = sample.unitOfMeasure.unit if sample.unitOfMeasure else None
    unit = _UNIT_SAID.get(unit, unit) if unit else None
    known = (sample.measurand or ENERGY) in _MEASURANDS_16 and (sample.location or "Outlet") in _LOCATIONS_16
    if not known or (unit is not None and unit not in _UNITS_16) or abs(_multiplier(sample)) > MAX_MULTIPLIER:
        return
    said: Any = v16.SampledValue(
        value=plain_text(_number(sample)),
        context=sample.context,
        measurand=sample.measurand,  # type: ignore[arg-type]  # both checked above
        phase=sample.phase,
        location=sample.location,  # type: ignore[arg-type]
        unit=unit,  # type: ignore[arg-type]
    )
    yield said
    if sample.signedMeterValue is not None:
        yield msgspec.structs.replace(said, format="SignedData", value=sample.signedMeterValue.signedMeterData)


def plain_text(number: Decimal) -> str:
    """A number without exponent and without needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def hear_meter_values(request: v16.MeterValuesRequest, talk: Talk[Memory]) -> Dialogue:
    """Values of a transaction are an event of it; others are MeterValues.

    Values without transactionId stay without, also while a transaction runs on their connector: 1.6 §4.7 leaves it out on purpose for
    values that are not the transaction's, and only a quirk may know better. Our numbers are positive, so 0 and -1 name no transaction.
    """
    heard, unread = hear_values(request.meterValue)
    if request.transactionId is not None and request.transactionId > 0:
        yield _updated(request, talk, heard, unread)
    elif heard:
        yield v21.MeterValuesRequest(
            evseId=max(request.connectorId, 0),
            meterValue=heard,
            customData=keep(
                meterValue=unread or None,
                transactionId=request.transactionId,
                connectorId=request.connectorId if request.connectorId < 0 else None,
            ),
        )
    return v16.MeterValuesResponse()


def _updated(
    request: v16.MeterValuesRequest, talk: Talk[Memory], heard: list[v21.MeterValueType], unread: Unread
) -> v21.TransactionEventRequest:
    """The event that a MeterValues.req with a transaction is; the same message again is the same event again."""
    memory = talk.memory
    at = request.meterValue[-1].timestamp
    transaction = memory.find(str(request.transactionId)) or unknown(memory, request.transactionId or 0, request.connectorId, at)
    memory.connector(transaction.connector).freed = False
    mark = fingerprint(request)
    seq = memory.seq_heard(mark)
    if seq is None:
        seq = transaction.seq = transaction.seq + 1
        memory.hear(mark, seq)
    return v21.TransactionEventRequest(
        eventType="Updated",
        timestamp=at,
        triggerReason=_trigger(heard),
        seqNo=seq,
        transactionInfo=v21.TransactionType(transactionId=transaction.id, chargingState=transaction.state),
        meterValue=heard or None,
        evse=evse_of(request.connectorId) or evse_of(transaction.connector),
        customData=keep(meterValue=unread or None),
    )


def unknown(memory: Memory, number: int, connector: int, at: datetime) -> Transaction:
    """A transaction whose start we never heard or have forgotten.

    Its events are counted from the milliseconds of their time, so that they never collide with earlier ones.
    0 and -1 stand for many transactions (1.6 errata 3.18), so they are not remembered as one.
    """
    transaction = Transaction(str(number), max(connector, 0), number=number, seq=max(0, int(at.timestamp() * 1000)))
    if number > 0:
        memory.keep(transaction)
    return transaction


def _trigger(values: list[v21.MeterValueType]) -> v21.TriggerReasonEnumType:
    contexts = {sample.context for value in values for sample in value.sampledValue}
    if "Sample.Clock" in contexts:
        return "MeterValueClock"
    return "Trigger" if "Trigger" in contexts else "MeterValuePeriodic"


def say_meter_values(request: v21.MeterValuesRequest, talk: Talk[Memory]) -> Dialogue:
    """Values outside a transaction; nothing is said when 1.6 has a word for none of them."""
    said = say_values(request.meterValue, kept(request.customData, "meterValue"))
    if said:
        yield v16.MeterValuesRequest(connectorId=request.evseId, meterValue=said, transactionId=kept(request.customData, "transactionId"))
    return v21.MeterValuesResponse()


HEAR_STATION = {v16.MeterValuesRequest: hear_meter_values}
SAY_CSMS = {v21.MeterValuesRequest: say_meter_values}
