"""Readings: numbers, units, signatures, and everything that is none of them."""

from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, facts, hear, later, run, start, talk, token, values, wh
from tests.ocpp.strategies import messages_of
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.meter_values import energy_at, hear_values, last_energy, plain_text, say_values
from voltgate.ocpp.dialogue import play

OCMF = 'OCMF|{"FV":"1.0","RD":[{"RV":1.5,"RU":"kWh"},{"RV":2.125,"RU":"kWh"}]}|{"SD":"30"}'


def one(sample: v16.SampledValue) -> v21.SampledValueType:
    heard, unread = hear_values([values(sample)])
    assert unread == []
    return heard[0].sampledValue[0]


@pytest.mark.action("1.6:MeterValues")
@pytest.mark.parametrize(("text", "number"), [("12", 12.0), ("12.50", 12.5), (" 9.6 ", 9.6), ("-1e3", -1000.0), (".5", 0.5), ("+7.", 7.0)])
def test_text_that_is_a_number_is_read(text: str, number: float) -> None:
    assert one(v16.SampledValue(value=text)).value == number


@pytest.mark.action("1.6:MeterValues")
@pytest.mark.parametrize("text", ["", "abc", "1,5", "1_000", "nan", "inf", "1e999", "0x10"])
def test_text_that_is_no_number_is_kept_and_not_guessed(text: str) -> None:
    heard, unread = hear_values([values(v16.SampledValue(value=text), v16.SampledValue(value="1"))])
    assert [sample.value for sample in heard[0].sampledValue] == [1.0]
    assert unread == [{"timestamp": "2026-01-01T12:00:00Z", "sampledValue": [{"value": text}]}]


@pytest.mark.action("1.6:MeterValues")
@pytest.mark.parametrize("measurand", get_args(v16.Measurand))
def test_every_measurand_is_heard_or_kept(measurand: v16.Measurand) -> None:
    heard, unread = hear_values([values(v16.SampledValue(value="1", measurand=measurand))])
    assert bool(heard) is not bool(unread)
    assert bool(unread) is (measurand in ("Temperature", "RPM"))


@pytest.mark.parametrize(("said", "meant"), [("Celcius", "Celsius"), ("Celsius", "Celsius"), ("Hertz", "Hz"), ("kWh", "kWh")])
def test_units_get_their_word_in_21(said: v16.UnitOfMeasure, meant: str) -> None:
    assert one(v16.SampledValue(value="1", unit=said)).unitOfMeasure == v21.UnitOfMeasureType(unit=meant, multiplier=0)


def test_what_is_absent_stays_absent_because_the_defaults_are_the_same() -> None:
    assert one(v16.SampledValue(value="1")) == v21.SampledValueType(value=1.0)


@pytest.mark.action("1.6:MeterValues")
def test_a_signed_reading_hangs_on_the_number_it_signs() -> None:
    signed = v16.SampledValue(value=OCMF, format="SignedData", context="Transaction.End")
    plain = v16.SampledValue(value="2125", context="Transaction.End", unit="Wh")
    other = v16.SampledValue(value="230", measurand="Voltage")
    heard, unread = hear_values([values(signed, other, plain)])
    assert unread == []
    assert [sample.signedMeterValue for sample in heard[0].sampledValue] == [
        None,
        v21.SignedMeterValueType(signedMeterData=OCMF, encodingMethod="OCMF"),
    ]
    assert say_values(heard)[0].sampledValue == [other, plain, msgspec.structs.replace(signed, unit="Wh")]


@pytest.mark.action("1.6:MeterValues")
def test_a_signed_reading_alone_has_the_number_inside_it() -> None:
    sample = one(v16.SampledValue(value=OCMF, format="SignedData", unit="kWh"))
    assert (sample.value, sample.unitOfMeasure) == (2125.0, v21.UnitOfMeasureType(unit="Wh", multiplier=0))
    assert sample.signedMeterValue is not None
    heard, unread = hear_values([values(v16.SampledValue(value=OCMF, format="SignedData", measurand="Voltage"))])
    assert (heard, len(unread)) == ([], 1), "the number inside is energy"


@pytest.mark.action("1.6:MeterValues")
@pytest.mark.parametrize("text", ["3045", "OCMF|", "OCMF|{}|", "OCMF|x|y", 'OCMF|{"RD":[]}|', 'OCMF|{"RD":[{"RU":"kWh"}]}|', "OCMF"])
def test_a_signed_reading_without_a_number_is_kept(text: str) -> None:
    heard, unread = hear_values([values(v16.SampledValue(value=text, format="SignedData"))])
    assert heard == []
    assert unread[0]["sampledValue"] == [{"value": text, "format": "SignedData"}]


@pytest.mark.parametrize(
    ("value", "multiplier", "text"),
    [(1234.0, None, "1234"), (1.5, 3, "1500"), (15.0, -1, "1.5"), (1e22, 0, "1" + "0" * 22), (0.1, 0, "0.1"), (-0.0, 0, "-0")],
)
def test_numbers_are_said_without_exponents_and_with_their_multiplier(value: float, multiplier: int | None, text: str) -> None:
    sample = v21.SampledValueType(value=value, unitOfMeasure=v21.UnitOfMeasureType(unit="W", multiplier=multiplier))
    said = say_values([v21.MeterValueType(timestamp=NOW, sampledValue=[sample])])
    assert said[0].sampledValue == [v16.SampledValue(value=text, unit="W")]


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_as_text(number: float) -> None:
    assert float(plain_text(Decimal(repr(number)))) == number


@pytest.mark.parametrize(
    "sample",
    [
        v21.SampledValueType(value=1.0, measurand="Display.PresentSOC"),
        v21.SampledValueType(value=1.0, location="Upstream"),
        v21.SampledValueType(value=1.0, unitOfMeasure=v21.UnitOfMeasureType(unit="Ohm")),
        v21.SampledValueType(value=1.0, unitOfMeasure=v21.UnitOfMeasureType(multiplier=10**12)),
    ],
)
def test_what_16_cannot_measure_is_left_out_and_the_rest_is_told(sample: v21.SampledValueType) -> None:
    rest = v21.SampledValueType(value=2.0)
    assert say_values([v21.MeterValueType(timestamp=NOW, sampledValue=[sample, rest])])[0].sampledValue == [v16.SampledValue(value="2")]
    assert say_values([v21.MeterValueType(timestamp=NOW, sampledValue=[sample])]) == []


@settings(deadline=None)
@given(value=messages_of(v16.MeterValue))
def test_whatever_is_measured_arrives_again(value: v16.MeterValue) -> None:
    """Nothing is lost on the way to 2.1 and back; only the spelling of numbers, one unit and the order of readings may change."""
    heard, unread = hear_values([value])
    for message in heard:
        encode(v21.MeterValuesRequest(evseId=1, meterValue=[message]))
    assert sorted(map(essence, said(heard, unread))) == sorted(map(essence, value.sampledValue))


def said(heard: list[v21.MeterValueType], unread: list[dict[str, Any]]) -> list[v16.SampledValue]:
    return [sample for value in say_values(heard, unread) for sample in value.sampledValue]


def essence(sample: v16.SampledValue) -> str:
    """A reading in normal form; a signature borrows its unit from the number it signs."""
    signed = sample.format == "SignedData"
    unit = None if signed else "Celsius" if sample.unit == "Celcius" else sample.unit
    try:
        value = sample.value if signed else repr(float(sample.value) + 0.0)
    except ValueError:
        value = sample.value
    defaults = {
        "format": "SignedData" if signed else None,
        "unit": unit,
        "value": value,
        "measurand": sample.measurand or "Energy.Active.Import.Register",
        "context": sample.context or "Sample.Periodic",
        "location": sample.location or "Outlet",
    }
    return (
        repr(msgspec.structs.replace(sample, **defaults))
        if signed
        else repr(msgspec.structs.replace(sample, unit=unit, value=value, format=None))
    )


def test_registers_are_found_by_their_context() -> None:
    begin, end = wh(1, NOW, "Transaction.Begin"), wh(9, later(1), "Transaction.End")
    kilo = v21.SampledValueType(value=1.5, context="Transaction.End", unitOfMeasure=v21.UnitOfMeasureType(unit="kWh"))
    phase = v21.SampledValueType(value=5.0, phase="L1", context="Transaction.End")
    assert energy_at([begin, end], "Transaction.Begin") == 1
    assert energy_at([v21.MeterValueType(timestamp=NOW, sampledValue=[kilo, phase])], "Transaction.End") == 1500
    assert energy_at([begin], "Transaction.End") is None
    assert last_energy([begin, end]) == 9
    assert last_energy([]) is None


def request(transaction: int | None = 7, connector: int = 1, *samples: v16.SampledValue) -> v16.MeterValuesRequest:
    reading = values(*(samples or (v16.SampledValue(value="250", unit="Wh"),)), at=later(5))
    return v16.MeterValuesRequest(connectorId=connector, transactionId=transaction, meterValue=[reading])


@pytest.mark.action("1.6:MeterValues")
def test_readings_of_a_transaction_are_its_event() -> None:
    here = talk()
    hear(here, start())
    sample = v21.SampledValueType(value=250.0, unitOfMeasure=v21.UnitOfMeasureType(unit="Wh", multiplier=0))
    said = v21.TransactionEventRequest(
        eventType="Updated",
        timestamp=later(5),
        triggerReason="MeterValuePeriodic",
        seqNo=1,
        transactionInfo=v21.TransactionType(transactionId="7"),
        meterValue=[v21.MeterValueType(timestamp=later(5), sampledValue=[sample])],
        evse=v21.EVSEType(id=1, connectorId=1),
    )
    assert play(DIALECT.hear_station(request(), here), [(said, v21.TransactionEventResponse())]) == v16.MeterValuesResponse()
    encode(said)


@pytest.mark.action("1.6:MeterValues")
@pytest.mark.parametrize(
    ("context", "trigger"), [("Sample.Clock", "MeterValueClock"), ("Trigger", "Trigger"), ("Sample.Periodic", "MeterValuePeriodic")]
)
def test_the_context_says_why_they_were_sent(context: v16.ReadingContext, trigger: str) -> None:
    (event,) = hear(talk(), request(7, 1, v16.SampledValue(value="1", context=context)))
    assert event.triggerReason == trigger


@pytest.mark.action("1.6:MeterValues")
def test_the_same_message_again_is_the_same_event_again() -> None:
    here = talk()
    hear(here, start())
    first, again, other = hear(here, request(), request(), request(7, 1, v16.SampledValue(value="251")))
    assert first == again
    assert (first.seqNo, other.seqNo) == (1, 2)


@pytest.mark.action("1.6:MeterValues")
def test_readings_of_an_unknown_transaction_are_stored_under_its_number() -> None:
    here = talk()
    (event,) = hear(here, request(4711, 2))
    assert event.transactionInfo.transactionId == "4711"
    assert event.evse == v21.EVSEType(id=2, connectorId=1)
    assert hear(here, request(4711, 2, v16.SampledValue(value="2")))[0].seqNo == event.seqNo + 1


@pytest.mark.action("1.6:MeterValues")
def test_readings_of_a_transaction_on_connector_0_find_its_connector() -> None:
    here = talk()
    hear(here, start(connector=2))
    assert hear(here, request(7, 0))[0].evse == v21.EVSEType(id=2, connectorId=1)


@pytest.mark.action("1.6:MeterValues")
@pytest.mark.parametrize("transaction", [None, 0, -1])
def test_readings_without_a_number_are_nobodys_also_while_a_transaction_runs(transaction: int | None) -> None:
    here = talk()
    hear(here, start())
    (heard,) = hear(here, request(transaction))
    assert isinstance(heard, v21.MeterValuesRequest)
    assert heard.evseId == 1
    assert heard.customData == (None if transaction is None else facts(transactionId=transaction))
    encode(heard)


@pytest.mark.action("1.6:MeterValues")
def test_a_connector_that_cannot_be_is_kept() -> None:
    (heard,) = hear(talk(), request(None, -3))
    assert (heard.evseId, heard.customData) == (0, facts(connectorId=-3))


@pytest.mark.action("1.6:MeterValues")
def test_empty_readings_are_answered_and_say_nothing() -> None:
    message = v16.MeterValuesRequest(connectorId=1, meterValue=[values()])
    assert run(DIALECT.hear_station(message, talk())) == ([], v16.MeterValuesResponse())


@pytest.mark.action("1.6:MeterValues")
def test_a_station_says_readings_outside_transactions() -> None:
    reading = wh(5, NOW, "Sample.Clock")
    sample = v16.SampledValue(value="5", context="Sample.Clock", measurand="Energy.Active.Import.Register", unit="Wh")
    said = v16.MeterValuesRequest(connectorId=0, meterValue=[values(sample)])
    script = [(said, v16.MeterValuesResponse())]
    assert play(DIALECT.say_csms(v21.MeterValuesRequest(evseId=0, meterValue=[reading]), talk()), script) == v21.MeterValuesResponse()


@pytest.mark.action("1.6:MeterValues")
def test_a_station_says_nothing_when_16_has_no_word_for_any_reading() -> None:
    sample = v21.SampledValueType(value=1.0, measurand="Display.PresentSOC")
    message = v21.MeterValuesRequest(evseId=1, meterValue=[v21.MeterValueType(timestamp=NOW, sampledValue=[sample])])
    assert play(DIALECT.say_csms(message, talk()), []) == v21.MeterValuesResponse()


@pytest.mark.action("1.6:MeterValues")
def test_what_was_kept_goes_back_as_it_came() -> None:
    odd = v16.SampledValue(value="21", measurand="Temperature", unit="Celsius")
    message = request(None, 1, v16.SampledValue(value="1"), odd)
    (heard,) = hear(talk(), message)
    said = run(DIALECT.say_csms(heard, talk()))[0][0]
    assert [sample for value in said.meterValue for sample in value.sampledValue] == [v16.SampledValue(value="1"), odd]
    assert token("TAG").type == "ISO14443"
