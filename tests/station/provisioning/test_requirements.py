"""The device model, reports, resets and registration of the station against their requirements (B01 to B08, B11, B12, A01)."""

from typing import Any

import pytest

from tests.station.harness import Bench
from voltgate.infrastructure.clock import from_ms
from voltgate.ocpp import v21
from voltgate.ocpp.errors import SecurityError

REQUIRED = [
    ("OCPPCommCtrlr", "MessageTimeout", "Default"),
    ("OCPPCommCtrlr", "FileTransferProtocols", None),
    ("OCPPCommCtrlr", "NetworkConfigurationPriority", None),
    ("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", None),
    ("OCPPCommCtrlr", "OfflineThreshold", None),
    ("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"),
    ("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"),
    ("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", None),
    ("OCPPCommCtrlr", "ResetRetries", None),
    *(
        ("DeviceDataCtrlr", name, message)
        for name in ("ItemsPerMessage", "BytesPerMessage")
        for message in ("GetReport", "GetVariables", "SetVariables")
    ),
    ("ClockCtrlr", "DateTime", None),
    ("ClockCtrlr", "TimeSource", None),
    ("SecurityCtrlr", "OrganizationName", None),
    ("SecurityCtrlr", "CertificateEntries", None),
    ("SecurityCtrlr", "SecurityProfile", None),
    ("AuthCtrlr", "AuthorizeRemoteStart", None),
    ("AuthCtrlr", "LocalAuthorizeOffline", None),
    ("AuthCtrlr", "LocalPreAuthorize", None),
    ("TxCtrlr", "EVConnectionTimeOut", None),
    ("TxCtrlr", "StopTxOnEVSideDisconnect", None),
    ("TxCtrlr", "TxStartPoint", None),
    ("TxCtrlr", "TxStopPoint", None),
    ("TxCtrlr", "StopTxOnInvalidId", None),
    ("SampledDataCtrlr", "TxEndedMeasurands", None),
    ("SampledDataCtrlr", "TxEndedInterval", None),
    ("SampledDataCtrlr", "TxStartedMeasurands", None),
    ("SampledDataCtrlr", "TxUpdatedMeasurands", None),
    ("SampledDataCtrlr", "TxUpdatedInterval", None),
    ("AlignedDataCtrlr", "Measurands", None),
    ("AlignedDataCtrlr", "Interval", None),
    ("AlignedDataCtrlr", "TxEndedMeasurands", None),
    ("AlignedDataCtrlr", "TxEndedInterval", None),
    ("ChargingStation", "Available", None),
    ("ChargingStation", "AvailabilityState", None),
    ("ChargingStation", "SupplyPhases", None),
    ("EVSE", "Available", None),
    ("EVSE", "AvailabilityState", None),
    ("EVSE", "SupplyPhases", None),
    ("EVSE", "Power", None),
    ("Connector", "Available", None),
    ("Connector", "AvailabilityState", None),
    ("Connector", "ConnectorType", None),
    ("Connector", "SupplyPhases", None),
]
"""What part 2 requires of every station with the blocks of this one."""


SAMPLED = sum(one.component == "SampledDataCtrlr" for one in Bench(boot=False).station.variables)


def wish(component: str, name: str, value: str) -> v21.SetVariableDataType:
    return v21.SetVariableDataType(component=v21.ComponentType(name=component), variable=v21.VariableType(name=name), attributeValue=value)


def parts(bench: Bench) -> list[v21.NotifyReportRequest]:
    return [message for message in bench.said if isinstance(message, v21.NotifyReportRequest)]


def inventory(bench: Bench, base: v21.ReportBaseEnumType = "FullInventory", request_id: int = 7) -> list[v21.ReportDataType]:
    bench.said.clear()
    assert bench.ask(v21.GetBaseReportRequest(requestId=request_id, reportBase=base)).status == "Accepted"
    return [data for part in parts(bench) for data in part.reportData or []]


@pytest.mark.requirement("B07.FR.08", "B07.FR.12", "TC_B_53_CS")
@pytest.mark.parametrize(("component", "name", "instance"), REQUIRED)
def test_required_variables_are_in_the_inventory(component: str, name: str, instance: str | None) -> None:
    found = [
        one for one in inventory(Bench()) if (one.component.name, one.variable.name, one.variable.instance) == (component, name, instance)
    ]
    assert len(found) == {"EVSE": 2, "Connector": 2}.get(component, 1)
    if (component, name) == ("EVSE", "Power"):
        assert found[0].variableCharacteristics is not None
        assert found[0].variableCharacteristics.maxLimit is not None


@pytest.mark.requirement("B07.FR.08", "B07.FR.11", "TC_B_53_CS")
def test_lists_name_their_values_and_have_one_of_them() -> None:
    bench = Bench()
    bench.charge()
    for one in inventory(bench):
        told = one.variableCharacteristics
        assert told is not None
        if told.dataType in ("OptionList", "MemberList", "SequenceList"):
            value = one.variableAttribute[0].value or ""
            assert told.valuesList, one.variable.name
            assert set(filter(None, value.split(","))) <= set(told.valuesList.split(",")), one.variable.name


@pytest.mark.requirement("B07.FR.04", "B08.FR.04", "B08.FR.12", "B08.FR.14", "FR.05")
@pytest.mark.action("2.1:NotifyReport")
def test_every_part_carries_the_number_of_its_request_after_the_answer() -> None:
    bench = Bench()
    inventory(bench, request_id=4711)
    assert len(parts(bench)) > 1
    assert {part.requestId for part in parts(bench)} == {4711}
    answer = bench.core.hear(v21.GetReportRequest(requestId=12, componentCriteria=["Available"]), bench.now_ms)
    assert isinstance(answer, v21.GetReportResponse)
    assert bench.core.next_item(bench.now_ms) is None, "the answer goes first"
    bench.said.clear()
    bench.core.after_answer(bench.now_ms)
    bench.pump()
    assert {part.requestId for part in parts(bench)} == {12}
    assert all(one.variableCharacteristics is not None for part in parts(bench) for one in part.reportData or [])


@pytest.mark.requirement("B07.FR.09")
def test_a_summary_has_problems_while_there_are_any() -> None:
    bench = Bench()
    assert {one.variable.name for one in inventory(bench, "SummaryInventory")} == {"AvailabilityState"}
    bench.core.fault(bench.evse(), "GroundFailure", bench.now_ms)
    bench.pump()
    problems = [one for one in inventory(bench, "SummaryInventory") if one.variable.name == "Problem"]
    assert [(one.component.name, one.component.evse, one.variableAttribute[0].value) for one in problems] == [
        ("Connector", v21.EVSEType(id=1, connectorId=1), "true")
    ]


@pytest.mark.requirement("B08.FR.08", "B08.FR.09", "B08.FR.10", "B08.FR.13", "B08.FR.24", "B08.FR.25")
@pytest.mark.action("2.1:GetReport")
@pytest.mark.parametrize(
    ("component", "criteria", "expected"),
    [
        (v21.ComponentType(name="LocalAuthListCtrlr"), ["Enabled"], 0),
        (v21.ComponentType(name="AuthCacheCtrlr"), ["Enabled"], 4),
        (v21.ComponentType(name="AuthCacheCtrlr"), ["Available"], 4),
        (v21.ComponentType(name="AuthCacheCtrlr"), ["Problem", "Enabled"], 4),
        (v21.ComponentType(name="Connector"), ["Problem"], 5),
        (v21.ComponentType(name="AuthCacheCtrlr", instance="other"), None, 0),
        (v21.ComponentType(name="AuthCacheCtrlr", instance=""), None, 4),
    ],
)
def test_criteria_and_instances(component: v21.ComponentType, criteria: Any, expected: int) -> None:
    bench = Bench()
    bench.core.fault(bench.evse(2), "GroundFailure", bench.now_ms)
    bench.pump()
    bench.said.clear()
    wanted = [v21.ComponentVariableType(component=component)]
    answer = bench.ask(v21.GetReportRequest(requestId=1, componentVariable=wanted, componentCriteria=criteria))
    assert answer.status == ("Accepted" if expected else "EmptyResultSet")
    assert sum(len(part.reportData or []) for part in parts(bench)) == expected


@pytest.mark.requirement("B06.FR.02", "B06.FR.03", "B06.FR.04", "B06.FR.13", "B06.FR.14", "B06.FR.15")
@pytest.mark.action("2.1:GetVariables")
@pytest.mark.parametrize(
    ("variable", "status", "value"),
    [
        (v21.VariableType(name="ItemsPerMessage", instance="GetReport"), "Accepted", "100"),
        (v21.VariableType(name="ItemsPerMessage", instance="getreport"), "Accepted", "100"),
        (v21.VariableType(name="ItemsPerMessage"), "UnknownVariable", None),
        (v21.VariableType(name="ItemsPerMessage", instance=""), "UnknownVariable", None),
        (v21.VariableType(name="ItemsPerMessage", instance="Nonsense"), "UnknownVariable", None),
    ],
)
def test_instances_are_told_apart(variable: v21.VariableType, status: str, value: str | None) -> None:
    asked = v21.GetVariableDataType(component=v21.ComponentType(name="DeviceDataCtrlr"), variable=variable, attributeType="Actual")
    (result,) = Bench().ask(v21.GetVariablesRequest(getVariableData=[asked])).getVariableResult
    assert (result.attributeStatus, result.attributeValue) == (status, value)
    assert (result.component, result.variable, result.attributeType) == (asked.component, variable, "Actual")


@pytest.mark.requirement("B06.FR.13")
def test_a_variable_without_value_is_an_empty_text() -> None:
    asked = v21.GetVariableDataType(
        component=v21.ComponentType(name="AlignedDataCtrlr"), variable=v21.VariableType(name="TxEndedMeasurands")
    )
    (result,) = Bench().ask(v21.GetVariablesRequest(getVariableData=[asked])).getVariableResult
    assert (result.attributeStatus, result.attributeValue) == ("Accepted", "")


@pytest.mark.requirement("B05.FR.10")
@pytest.mark.action("2.1:SetVariables")
def test_what_works_after_the_next_boot_says_so_once() -> None:
    bench = Bench()
    statuses = [
        bench.ask(v21.SetVariablesRequest(setVariableData=[wish("OCPPCommCtrlr", "WebSocketPingInterval", "17")]))
        .setVariableResult[0]
        .attributeStatus
        for _ in range(2)
    ]
    assert statuses == ["RebootRequired", "Accepted"]


@pytest.mark.requirement("A01.FR.01", "A01.FR.11", "A01.FR.12")
def test_a_new_password_is_logged_but_not_shown() -> None:
    bench = Bench()
    logged: list[str] = []
    bench.station.log = logged.append
    secret = "a-password-of-24-letters"
    assert bench.ask(v21.SetVariablesRequest(setVariableData=[wish("SecurityCtrlr", "BasicAuthPassword", secret)])).setVariableResult[
        0
    ].attributeStatus == ("Accepted")
    assert logged == ["security: the password has been changed"]
    assert secret not in repr(inventory(bench))


@pytest.mark.requirement("B01.FR.03", "B01.FR.09", "B11.FR.04", "B12.FR.03", "TC_B_21_CS", "TC_B_41_CS")
@pytest.mark.action("2.1:Reset", "2.1:BootNotification")
@pytest.mark.parametrize(
    ("charging", "kind", "reason"),
    [(True, "OnIdle", "ScheduledReset"), (False, "OnIdle", "RemoteReset"), (True, "Immediate", "RemoteReset")],
)
def test_the_boot_says_which_reset_it_was(charging: bool, kind: v21.ResetEnumType, reason: str) -> None:
    bench = Bench()
    if charging:
        bench.charge(1)
        bench.charge(2)
    assert bench.ask(v21.ResetRequest(type=kind)).status == ("Scheduled" if reason == "ScheduledReset" else "Accepted")
    for evse_id in (1, 2):
        if bench.evse(evse_id).transaction is not None:
            assert bench.core.reboot_due(bench.now_ms) is None
            bench.present(evse_id=evse_id)
    assert bench.core.reboot_due(bench.now_ms) is not None
    again = Bench(boot=False)
    again.station.restore_memory(bench.station.document("memory"))
    again.connect()
    assert again.said[0].reason == reason
    third = Bench(boot=False)
    third.station.restore_memory(again.station.document("memory"))
    third.connect()
    assert third.said[0].reason == "PowerUp"


@pytest.mark.requirement("B11.FR.10", "B12.FR.06", "B11.FR.02", "TC_B_26_CS", "TC_B_27_CS")
def test_an_evse_that_is_reset_alone_stays_as_available_as_it_was() -> None:
    bench = Bench()
    bench.ask(v21.ChangeAvailabilityRequest(operationalStatus="Inoperative", evse=v21.EVSEType(id=1)))
    assert bench.ask(v21.ResetRequest(type="Immediate", evseId=1)).status == "Accepted"
    assert bench.evse(1).status(True, 1) == "Unavailable"
    (allow,) = [one for one in bench.station.variables if (one.name, one.evse_id) == ("AllowReset", 1)]
    assert allow.actual == "true"


@pytest.mark.requirement("B12.FR.01", "B11.FR.07")
def test_a_station_with_a_driver_before_it_is_not_idle() -> None:
    bench = Bench()
    bench.present()
    assert bench.evse().transaction is None
    assert bench.ask(v21.ResetRequest(type="OnIdle")).status == "Scheduled"
    bench.wait(59)
    assert bench.core.reboot_due(bench.now_ms) is None
    bench.wait(2)
    assert bench.core.reboot_due(bench.now_ms) is not None


@pytest.mark.requirement("B08.FR.03", "TC_B_16_CS")
def test_a_custom_report_has_no_secrets() -> None:
    bench = Bench()
    wanted = [v21.ComponentVariableType(component=v21.ComponentType(name="SecurityCtrlr"))]
    assert bench.ask(v21.GetReportRequest(requestId=1, componentVariable=wanted, componentCriteria=["Active"])).status == "Accepted"
    data = [one for part in parts(bench) for one in part.reportData or []]
    told = {one.variable.name: (one.variableAttribute[0].mutability, one.variableAttribute[0].value) for one in data}
    assert told.pop("BasicAuthPassword") == ("WriteOnly", None)
    assert all(value is not None for _, value in told.values())


@pytest.mark.requirement("B11.FR.09", "B12.FR.09")
@pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
def test_an_evse_that_is_not_there_cannot_be_reset(kind: v21.ResetEnumType) -> None:
    assert Bench().ask(v21.ResetRequest(type=kind, evseId=3)).status == "Rejected"


def answering(bench: Bench, status: v21.RegistrationStatusEnumType, interval: int) -> None:
    bench.answers["BootNotification"] = lambda _request: v21.BootNotificationResponse(
        currentTime=from_ms(bench.now_ms), interval=interval, status=status
    )


@pytest.mark.requirement("B03.FR.02", "B03.FR.06", "B03.FR.08", "TC_B_03_CS")
def test_while_rejected_nothing_is_said_not_even_when_triggered() -> None:
    bench = Bench(boot=False)
    answering(bench, "Rejected", 30)
    bench.connect()
    bench.said.clear()
    with pytest.raises(SecurityError):
        bench.ask(v21.TriggerMessageRequest(requestedMessage="BootNotification"))
    bench.plug_in()
    bench.wait(29)
    assert bench.said == []
    bench.wait(1)
    assert bench.names() == ["BootNotification"]


@pytest.mark.requirement("B02.FR.04", "B02.FR.01", "TC_B_02_CS")
def test_a_triggered_boot_does_not_wait_for_its_interval_and_starts_it_anew() -> None:
    bench = Bench(boot=False)
    answering(bench, "Pending", 100)
    bench.connect()
    bench.wait(90)
    bench.ask(v21.TriggerMessageRequest(requestedMessage="BootNotification"))
    bench.wait(99)
    assert bench.names() == ["BootNotification"] * 2
    bench.wait(1)
    assert bench.names() == ["BootNotification"] * 3


@pytest.mark.requirement("B01.FR.04", "G02.FR.01", "G02.FR.02")
@pytest.mark.action("2.1:Heartbeat")
@pytest.mark.parametrize(("interval", "beats"), [(20, 3), (0, 0)])
def test_heartbeats_follow_the_interval_of_the_answer_unless_it_is_none(interval: int, beats: int) -> None:
    bench = Bench(boot=False)
    answering(bench, "Accepted", interval)
    bench.connect()
    bench.wait(61)
    assert bench.names().count("Heartbeat") == beats
    kept = bench.station.variables.integer("OCPPCommCtrlr", "HeartbeatInterval")
    assert kept == (interval or 300)


@pytest.mark.requirement("G02.FR.06", "G02.FR.03")
def test_a_heartbeat_sets_the_clock_when_that_is_its_source() -> None:
    bench = Bench(ClockCtrlr__TimeSource="Heartbeat")
    ahead = from_ms(bench.now_ms + 3_600_000)
    bench.answers["Heartbeat"] = lambda _request: v21.HeartbeatResponse(currentTime=ahead)
    bench.wait(301)
    assert bench.station.clock_offset_ms > 3_000_000
