import pytest

from tests.station.harness import Bench
from voltgate.ocpp import v21
from voltgate.ocpp.errors import OccurrenceConstraintViolation


def wish(component: str, name: str, value: str, attribute: v21.AttributeEnumType | None = None) -> v21.SetVariableDataType:
    return v21.SetVariableDataType(
        component=v21.ComponentType(name=component), variable=v21.VariableType(name=name), attributeValue=value, attributeType=attribute
    )


def question(component: str, name: str, attribute: v21.AttributeEnumType | None = None) -> v21.GetVariableDataType:
    return v21.GetVariableDataType(
        component=v21.ComponentType(name=component), variable=v21.VariableType(name=name), attributeType=attribute
    )


SETTINGS = [
    (wish("TxCtrlr", "EVConnectionTimeOut", "45"), "Accepted"),
    (wish("txctrlr", "evconnectiontimeout", "45"), "Accepted"),
    (wish("Nonsense", "EVConnectionTimeOut", "45"), "UnknownComponent"),
    (wish("TxCtrlr", "Nonsense", "45"), "UnknownVariable"),
    (wish("TxCtrlr", "EVConnectionTimeOut", "45", "Target"), "NotSupportedAttributeType"),
    (wish("TxCtrlr", "EVConnectionTimeOut", "soon"), "Rejected"),
    (wish("TxCtrlr", "EVConnectionTimeOut", "-1"), "Rejected"),
    (wish("TxCtrlr", "EVConnectionTimeOut", "1e9"), "Rejected"),
    (wish("TxCtrlr", "EVConnectionTimeOut", "100000"), "Rejected"),
    (wish("TxCtrlr", "StopTxOnInvalidId", "maybe"), "Rejected"),
    (wish("TxCtrlr", "TxStartPoint", "EVConnected,Authorized"), "Accepted"),
    (wish("TxCtrlr", "TxStartPoint", "EVConnected,Moonrise"), "Rejected"),
    (wish("SampledDataCtrlr", "TxUpdatedMeasurands", ""), "Accepted"),
    (wish("SecurityCtrlr", "BasicAuthPassword", "short"), "Rejected"),
    (wish("SecurityCtrlr", "BasicAuthPassword", "long-enough-for-a-password"), "Accepted"),
    (wish("SecurityCtrlr", "Identity", "OTHER"), "Rejected"),
    (wish("ClockCtrlr", "DateTime", "2026-01-01T00:00:00Z"), "Rejected"),
]


@pytest.mark.requirement("B05.FR.04", "B05.FR.05", "B05.FR.06", "B05.FR.07", "B05.FR.08", "B05.FR.09", "B05.FR.10")
@pytest.mark.action("2.1:SetVariables")
@pytest.mark.parametrize(("wanted", "status"), SETTINGS)
def test_setting_a_variable(wanted: v21.SetVariableDataType, status: str) -> None:
    answer = Bench().ask(v21.SetVariablesRequest(setVariableData=[wanted]))
    assert answer.setVariableResult[0].attributeStatus == status
    assert (answer.setVariableResult[0].attributeStatusInfo is not None) == (status == "Rejected")


@pytest.mark.requirement("B05.FR.01", "B05.FR.02", "B05.FR.03", "B05.FR.12")
def test_every_wish_has_its_result_in_order() -> None:
    wishes = [wanted for wanted, _ in SETTINGS]
    answer = Bench().ask(v21.SetVariablesRequest(setVariableData=wishes))
    results = answer.setVariableResult
    assert [(item.component, item.variable) for item in results] == [(item.component, item.variable) for item in wishes]
    assert [item.attributeType for item in results] == [item.attributeType or "Actual" for item in wishes]


@pytest.mark.requirement("B06.FR.06", "B06.FR.07", "B06.FR.08", "B06.FR.09", "B06.FR.10", "B06.FR.11")
@pytest.mark.action("2.1:GetVariables")
@pytest.mark.parametrize(
    ("asked", "status", "value"),
    [
        (question("TxCtrlr", "EVConnectionTimeOut"), "Accepted", "60"),
        (question("Nonsense", "X"), "UnknownComponent", None),
        (question("TxCtrlr", "Nonsense"), "UnknownVariable", None),
        (question("TxCtrlr", "EVConnectionTimeOut", "MaxSet"), "NotSupportedAttributeType", None),
        (question("SecurityCtrlr", "BasicAuthPassword"), "Rejected", None),
        (question("ClockCtrlr", "DateTime"), "Accepted", "2026-03-01T12:00:00.000Z"),
        (question("ChargingStation", "AvailabilityState"), "Accepted", "Available"),
    ],
)
def test_reading_a_variable(asked: v21.GetVariableDataType, status: str, value: str | None) -> None:
    (result,) = Bench().ask(v21.GetVariablesRequest(getVariableData=[asked])).getVariableResult
    assert (result.attributeStatus, result.attributeValue, result.attributeType) == (status, value, asked.attributeType or "Actual")


@pytest.mark.requirement("B06.FR.16", "B08.FR.17")
def test_too_many_items_are_refused() -> None:
    with pytest.raises(OccurrenceConstraintViolation):
        Bench().ask(v21.GetVariablesRequest(getVariableData=[question("TxCtrlr", "TxStartPoint")] * 101))


def test_new_intervals_count_at_once() -> None:
    bench = Bench()
    bench.charge(seconds=1)
    bench.ask(v21.SetVariablesRequest(setVariableData=[wish("SampledDataCtrlr", "TxUpdatedInterval", "5")]))
    bench.ask(v21.SetVariablesRequest(setVariableData=[wish("OCPPCommCtrlr", "HeartbeatInterval", "7")]))
    bench.said.clear()
    bench.wait(15)
    assert bench.names().count("Heartbeat") == 2
    assert [event.triggerReason for event in bench.events()] == ["MeterValuePeriodic"] * 3


def reported(bench: Bench) -> list[v21.ReportDataType]:
    parts = [message for message in bench.said if isinstance(message, v21.NotifyReportRequest)]
    assert [part.seqNo for part in parts] == list(range(len(parts)))
    assert [part.tbc for part in parts] == [True] * (len(parts) - 1) + [False]
    return [data for part in parts for data in part.reportData or []]


@pytest.mark.requirement("B07.FR.01", "B07.FR.03", "B07.FR.08", "B07.FR.10", "B07.FR.15")
@pytest.mark.action("2.1:GetBaseReport", "2.1:NotifyReport")
def test_the_full_inventory_has_everything_but_secrets() -> None:
    bench = Bench()
    bench.ask(v21.GetBaseReportRequest(requestId=9, reportBase="FullInventory"))
    data = reported(bench)
    assert len(data) == len(list(bench.station.variables))
    assert all(item.variableCharacteristics is not None for item in data)
    (password,) = [item for item in data if item.variable.name == "BasicAuthPassword"]
    assert password.variableAttribute[0].value is None


@pytest.mark.requirement("B07.FR.07", "B07.FR.09")
def test_smaller_inventories() -> None:
    bench = Bench()
    bench.ask(v21.GetBaseReportRequest(requestId=9, reportBase="ConfigurationInventory"))
    assert all(item.variableAttribute[0].mutability != "ReadOnly" for item in reported(bench))
    bench.said.clear()
    bench.ask(v21.GetBaseReportRequest(requestId=10, reportBase="SummaryInventory"))
    assert {item.variable.name for item in reported(bench)} == {"AvailabilityState"}


@pytest.mark.requirement(
    "B08.FR.01", "B08.FR.11", "B08.FR.15", "B08.FR.20", "B08.FR.21", "B08.FR.22", "B08.FR.23", "B08.FR.07", "B08.FR.10"
)
@pytest.mark.action("2.1:GetReport")
@pytest.mark.parametrize(
    ("wanted", "criteria", "count"),
    [
        ([v21.ComponentVariableType(component=v21.ComponentType(name="TxCtrlr"))], None, 9),
        ([v21.ComponentVariableType(component=v21.ComponentType(name="EVSE"), variable=v21.VariableType(name="Power"))], None, 2),
        ([v21.ComponentVariableType(component=v21.ComponentType(name="Connector", evse=v21.EVSEType(id=2)))], None, 5),
        (
            [
                v21.ComponentVariableType(
                    component=v21.ComponentType(name="DeviceDataCtrlr"), variable=v21.VariableType(name="ItemsPerMessage")
                )
            ],
            None,
            3,
        ),
        ([v21.ComponentVariableType(component=v21.ComponentType(name="Nonsense"))], None, 0),
        (None, ["Problem"], 0),
        ([v21.ComponentVariableType(component=v21.ComponentType(name="LocalAuthListCtrlr"))], ["Available"], 0),
        ([v21.ComponentVariableType(component=v21.ComponentType(name="LocalAuthListCtrlr"))], ["Available", "Active"], 2),
    ],
)
def test_reports_on_request(
    wanted: list[v21.ComponentVariableType] | None, criteria: list[v21.ComponentCriterionEnumType] | None, count: int
) -> None:
    bench = Bench()
    answer = bench.ask(v21.GetReportRequest(requestId=1, componentVariable=wanted, componentCriteria=criteria))
    assert answer.status == ("Accepted" if count else "EmptyResultSet")
    assert len(reported(bench)) == count if count else bench.said == []


def test_what_was_set_survives_a_restart() -> None:
    bench = Bench()
    bench.ask(v21.SetVariablesRequest(setVariableData=[wish("TxCtrlr", "EVConnectionTimeOut", "45")]))
    assert "memory" in bench.station.dirty
    again = Bench(boot=False)
    again.station.restore_memory(bench.station.document("memory"))
    assert again.station.variables.integer("TxCtrlr", "EVConnectionTimeOut") == 45


def test_factory_values_change_with_the_station_and_what_was_set_stays() -> None:
    bench = Bench(TxCtrlr__EVConnectionTimeOut="30", TxCtrlr__MaxEnergyOnInvalidId="500")
    bench.ask(v21.SetVariablesRequest(setVariableData=[wish("TxCtrlr", "MaxEnergyOnInvalidId", "900")]))
    again = Bench(boot=False, TxCtrlr__EVConnectionTimeOut="40", TxCtrlr__MaxEnergyOnInvalidId="600")
    again.station.restore_memory(bench.station.document("memory"))
    assert again.station.variables.integer("TxCtrlr", "EVConnectionTimeOut") == 40
    assert again.station.variables.integer("TxCtrlr", "MaxEnergyOnInvalidId") == 900


@pytest.mark.parametrize("wrong", [{"TxCtrlr.Nonsense": "1"}, {"TxCtrlr.EVConnectionTimeOut": "soon"}])
def test_a_wrong_factory_value_is_refused_by_name(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="txctrlr"):
        Bench(**wrong)
