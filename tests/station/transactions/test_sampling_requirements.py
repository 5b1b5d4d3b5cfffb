"""Meter values: which, when and where they are told (E01, E06, F06, J01, J02)."""

from typing import Any

import pytest

from tests.station.harness import Bench
from voltgate.ocpp import v21

ENERGY = "Energy.Active.Import.Register"


def contexts(event: v21.TransactionEventRequest) -> list[str | None]:
    return [value.sampledValue[0].context for value in event.meterValue or ()]


def measurands(value: v21.MeterValueType) -> set[str | None]:
    return {sampled.measurand for sampled in value.sampledValue}


def set_variable(bench: Bench, component: str, name: str, value: str) -> str:
    wish = v21.SetVariableDataType(component=v21.ComponentType(name=component), variable=v21.VariableType(name=name), attributeValue=value)
    [result] = bench.ask(v21.SetVariablesRequest(setVariableData=[wish])).setVariableResult
    status: str = result.attributeStatus
    return status


@pytest.mark.requirement("E01.FR.09", "E02.FR.09", "E03.FR.07", "F01.FR.14", "J02.FR.04", "E04.FR.05", "E05.FR.05", "F02.FR.02")
@pytest.mark.action("2.1:TransactionEvent")
def test_the_start_tells_its_measurands() -> None:
    bench = Bench(SampledDataCtrlr__TxStartedMeasurands=f"{ENERGY},Voltage")
    bench.charge()
    started = bench.events()[0]
    assert contexts(started) == ["Transaction.Begin"]
    assert started.meterValue is not None
    assert measurands(started.meterValue[0]) == {ENERGY, "Voltage"}
    assert started.meterValue[0].timestamp == started.timestamp


@pytest.mark.requirement(
    "J01.FR.14", "J02.FR.22", "E06.FR.11", "E07.FR.08", "E08.FR.09", "E09.FR.05", "E12.FR.07", "E15.FR.01", "F03.FR.04"
)
@pytest.mark.action("2.1:TransactionEvent")
def test_clock_aligned_values_at_the_end_have_their_own_interval() -> None:
    bench = Bench(
        AlignedDataCtrlr__TxEndedInterval="30", AlignedDataCtrlr__TxEndedMeasurands=ENERGY, SampledDataCtrlr__TxEndedMeasurands=""
    )
    bench.wait(7)
    bench.charge(seconds=100)
    bench.present()
    ended = bench.events()[-1]
    assert contexts(ended) == ["Sample.Clock"] * 3
    assert [value.timestamp.second % 30 for value in ended.meterValue or ()] == [0, 0, 0]
    assert not any(event.triggerReason == "MeterValueClock" for event in bench.events())


@pytest.mark.requirement("J01.FR.20", "J01.FR.19")
@pytest.mark.action("2.1:MeterValues")
def test_clock_aligned_values_only_while_idle() -> None:
    bench = Bench(AlignedDataCtrlr__Interval="60", AlignedDataCtrlr__SendDuringIdle="true", SampledDataCtrlr__TxUpdatedInterval="0")
    bench.wait(61)
    assert bench.names() == ["MeterValues"] * 2
    bench.charge(seconds=70)
    assert not any(event.triggerReason == "MeterValueClock" for event in bench.events())
    assert bench.names().count("MeterValues") == 2
    bench.present()
    bench.wait(60)
    assert bench.names().count("MeterValues") == 4


@pytest.mark.requirement("J01.FR.02", "J01.FR.05", "J01.FR.06", "J01.FR.07", "J01.FR.08", "J01.FR.17", "J01.FR.22")
@pytest.mark.action("2.1:MeterValues")
def test_clock_aligned_values_of_all_evses() -> None:
    bench = Bench(AlignedDataCtrlr__Interval="60", AlignedDataCtrlr__Measurands=f"{ENERGY},Power.Active.Import")
    bench.charge(2)
    bench.said.clear()
    bench.wait(120)
    idle = [message for message in bench.said if isinstance(message, v21.MeterValuesRequest)]
    busy = [event for event in bench.events() if event.triggerReason == "MeterValueClock"]
    assert [message.evseId for message in idle] == [1, 1]
    values = [value for message in [*idle, *busy] for value in message.meterValue or ()]
    assert len(values) == 4
    assert all(measurands(value) == {ENERGY, "Power.Active.Import"} for value in values)
    assert {sampled.context for value in values for sampled in value.sampledValue} == {"Sample.Clock"}
    assert {value.timestamp.second for value in values} == {0}


@pytest.mark.requirement("J02.FR.10", "J02.FR.11", "J02.FR.18", "E02.FR.10", "E03.FR.08", "F01.FR.15", "F02.FR.03", "J02.FR.02")
@pytest.mark.action("2.1:TransactionEvent")
def test_periodic_values_follow_their_interval_also_when_it_changes() -> None:
    bench = Bench(SampledDataCtrlr__TxUpdatedInterval="10", SampledDataCtrlr__TxUpdatedMeasurands="Power.Active.Import")
    bench.charge(seconds=20)
    assert set_variable(bench, "SampledDataCtrlr", "TxUpdatedInterval", "30") == "Accepted"
    bench.wait(60)
    assert set_variable(bench, "SampledDataCtrlr", "TxUpdatedInterval", "0") == "Accepted"
    bench.wait(60)
    periodic = [event for event in bench.events() if event.triggerReason == "MeterValuePeriodic"]
    moments = [int((event.timestamp - periodic[0].timestamp).total_seconds()) for event in periodic]
    assert moments == [0, 10, 40, 70]
    for event in periodic:
        [value] = event.meterValue or []
        assert value.timestamp == event.timestamp
        assert {(sampled.measurand, sampled.context) for sampled in value.sampledValue} == {("Power.Active.Import", "Sample.Periodic")}


@pytest.mark.action("2.1:TransactionEvent")
def test_the_interval_of_values_for_the_end_may_change() -> None:
    bench = Bench(SampledDataCtrlr__TxEndedInterval="10")
    bench.charge(seconds=20)
    set_variable(bench, "SampledDataCtrlr", "TxEndedInterval", "0")
    bench.wait(30)
    bench.present()
    assert contexts(bench.events()[-1]) == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]


@pytest.mark.requirement("J02.FR.17", "J02.FR.16")
@pytest.mark.action("2.1:TransactionEvent")
def test_registers_are_those_of_the_meter() -> None:
    bench = Bench()
    bench.charge(seconds=60)
    bench.present()
    last = bench.hardware().meter.register_mwh
    bench.present()
    started = bench.events()[-2]
    assert started.eventType == "Started"
    assert started.meterValue is not None
    assert started.meterValue[0].sampledValue[0].value * 1_000 == last > 0


@pytest.mark.requirement("E06.FR.13", "J02.FR.20", "E07.FR.10", "E08.FR.11", "E09.FR.07", "E12.FR.09", "E15.FR.03", "F03.FR.06")
@pytest.mark.action("2.1:TransactionEvent")
def test_too_many_values_lose_those_in_between() -> None:
    bench = Bench(SampledDataCtrlr__TxEndedInterval="1", SampledDataCtrlr__TxUpdatedInterval="0")
    bench.charge(seconds=300)
    bench.present()
    values = bench.events()[-1].meterValue or []
    assert 100 <= len(values) <= 202
    assert (contexts(bench.events()[-1])[0], contexts(bench.events()[-1])[-1]) == ("Transaction.Begin", "Transaction.End")
    moments = [value.timestamp for value in values]
    assert moments == sorted(moments)


@pytest.mark.requirement(
    "E02.FR.14",
    "J01.FR.21",
    "J02.FR.21",
    "E03.FR.10",
    "E04.FR.10",
    "E05.FR.06",
    "E07.FR.12",
    "E08.FR.12",
    "E09.FR.08",
    "E11.FR.08",
    "E12.FR.10",
)
@pytest.mark.parametrize("component", ["SampledDataCtrlr", "AlignedDataCtrlr"])
def test_a_meter_that_cannot_sign_says_so(component: str) -> None:
    assert set_variable(Bench(), component, "SignReadings", "true") == "Rejected"


@pytest.mark.requirement("F06.FR.05", "F06.FR.06", "F06.FR.10")
@pytest.mark.action("2.1:TriggerMessage")
@pytest.mark.parametrize("variables", [{"AlignedDataCtrlr__Measurands": ""}, {"AlignedDataCtrlr__Enabled": "false"}])
def test_values_that_are_not_measured_cannot_be_triggered(variables: dict[str, Any]) -> None:
    bench = Bench(**variables)
    assert bench.ask(v21.TriggerMessageRequest(requestedMessage="MeterValues")).status == "Rejected"
    assert bench.names() == []


@pytest.mark.requirement("F06.FR.02", "F06.FR.06", "F06.FR.09")
@pytest.mark.action("2.1:TriggerMessage")
def test_triggered_values_are_those_of_now() -> None:
    bench = Bench(AlignedDataCtrlr__Measurands=f"{ENERGY},Power.Active.Import")
    bench.charge()
    bench.said.clear()
    bench.ask(v21.TriggerMessageRequest(requestedMessage="MeterValues", evse=v21.EVSEType(id=1)))
    [message] = bench.said
    assert isinstance(message, v21.MeterValuesRequest)
    [value] = message.meterValue
    assert message.evseId == 1
    assert measurands(value) == {ENERGY, "Power.Active.Import"}
    assert {sampled.context for sampled in value.sampledValue} == {"Trigger"}
    assert value.sampledValue[0].value * 1_000 == bench.hardware().meter.register_mwh


@pytest.mark.requirement("F06.FR.07", "F06.FR.11", "F06.FR.03")
@pytest.mark.action("2.1:TriggerMessage")
def test_triggered_events_say_where_they_are() -> None:
    bench = Bench()
    bench.charge(1)
    bench.charge(2)
    bench.said.clear()
    assert bench.ask(v21.TriggerMessageRequest(requestedMessage="TransactionEvent")).status == "Accepted"
    assert bench.story() == [("Updated", "Trigger", "Charging")] * 2
    assert [event.evse for event in bench.events()] == [v21.EVSEType(id=1, connectorId=1), v21.EVSEType(id=2, connectorId=1)]
    assert [contexts(event) for event in bench.events()] == [["Trigger"], ["Trigger"]]


@pytest.mark.requirement("F06.FR.03")
@pytest.mark.action("2.1:TriggerMessage")
@pytest.mark.parametrize("wanted", ["Heartbeat", "LogStatusNotification", "FirmwareStatusNotification"])
def test_an_evse_that_does_not_matter_is_ignored(wanted: v21.MessageTriggerEnumType) -> None:
    bench = Bench()
    request = v21.TriggerMessageRequest(requestedMessage=wanted, evse=v21.EVSEType(id=1))
    assert bench.ask(request).status == "Accepted"
    assert bench.names() == [wanted]


@pytest.mark.action("1.6:StartTransaction", "1.6:StopTransaction")
def test_a_wire_with_a_place_for_the_register_gets_it_whatever_is_measured() -> None:
    bench = Bench(SampledDataCtrlr__TxStartedMeasurands="", SampledDataCtrlr__TxEndedMeasurands="")
    bench.station.tells_registers = True
    bench.charge(seconds=60)
    bench.present()
    assert [event.customData for event in bench.events() if event.eventType == "Updated"] == [None, None]
    [start, end] = [event.customData["registerWh"] for event in bench.events() if event.customData]
    assert (start, end * 1_000) == (0.0, bench.hardware().meter.register_mwh)
    assert [event.meterValue for event in bench.events() if event.eventType != "Updated"] == [None, None]


@pytest.mark.requirement("E02.FR.19", "E03.FR.14")
@pytest.mark.action("2.1:TransactionEvent")
def test_a_change_of_phases_is_told_once() -> None:
    bench = Bench(SampledDataCtrlr__TxUpdatedInterval="10")
    bench.charge()
    vehicle = bench.hardware().vehicle
    assert vehicle is not None
    vehicle.ac_phases = 1
    bench.wait(30)
    assert [event.numberOfPhasesUsed for event in bench.events()] == [None, 3, None, 1, None, None]


@pytest.mark.requirement("J01.FR.09", "J01.FR.10", "J01.FR.11", "J02.FR.03", "J02.FR.05", "J02.FR.06", "J02.FR.07")
@pytest.mark.action("2.1:TransactionEvent")
def test_phases_are_told_from_the_view_of_the_meter() -> None:
    bench = Bench(SampledDataCtrlr__TxUpdatedInterval="10", SampledDataCtrlr__TxUpdatedMeasurands="Current.Import,Voltage,Current.Offered")
    bench.charge(seconds=10)
    [value] = bench.events()[-1].meterValue or []
    said = [(sampled.measurand, sampled.phase, sampled.location) for sampled in value.sampledValue]
    phases = [("Current.Import", phase, "Outlet") for phase in ("L1", "L2", "L3")]
    assert said == [*phases, *(("Voltage", f"{phase}-N", "Outlet") for _, phase, _ in phases), ("Current.Offered", None, "Outlet")]
