"""Configuration keys as variables and reports, in both directions."""

from typing import Any

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, talk
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.config_keys import KEYS, key_named
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import CallRefused, CallTimedOut, LinkLost, PeerCannot


def read(component: str, variable: str, instance: str | None = None, **more: Any) -> v21.GetVariableDataType:
    return v21.GetVariableDataType(
        component=v21.ComponentType(name=component), variable=v21.VariableType(name=variable, instance=instance), **more
    )


def change(component: str, variable: str, value: str, **more: Any) -> v21.SetVariableDataType:
    return v21.SetVariableDataType(
        component=v21.ComponentType(name=component), variable=v21.VariableType(name=variable), attributeValue=value, **more
    )


def pair(key: str, value: str | None = None, *, readonly: bool = False) -> v16.KeyValue:
    return v16.KeyValue(key=key, readonly=readonly, value=value)


def known(*pairs: v16.KeyValue, unknown: list[str] | None = None) -> v16.GetConfigurationResponse:
    return v16.GetConfigurationResponse(configurationKey=list(pairs), unknownKey=unknown)


def results(answer: Any) -> list[tuple[str, str | None]]:
    encode(answer)
    return [(one.attributeStatus, one.attributeValue) for one in answer.getVariableResult]


def statuses(answer: Any) -> list[str]:
    encode(answer)
    return [one.attributeStatus for one in answer.setVariableResult]


BEAT = read("OCPPCommCtrlr", "HeartbeatInterval")


@pytest.mark.action("1.6:GetConfiguration")
def test_variables_are_read_with_one_call() -> None:
    wanted = [
        BEAT,
        read("SmartChargingCtrlr", "RateUnit"),
        read("OCPP16", "VendorKey"),
        read("OCPP16", "Gone"),
        read("SecurityCtrlr", "BasicAuthPassword"),
        read("AlignedDataCtrlr", "Nonsense"),
        read("NoSuchCtrlr", "Enabled"),
        read("OCPPCommCtrlr", "HeartbeatInterval", attributeType="Target"),
        read("OCPP16", "Empty"),
        BEAT,
    ]
    keys = ["HeartbeatInterval", "ChargingScheduleAllowedChargingRateUnit", "VendorKey", "Gone", "AuthorizationKey", "Empty"]
    found = known(
        pair("heartbeatinterval", "300"),
        pair("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
        pair("VendorKey", "x"),
        pair("AuthorizationKey"),
        pair("Empty"),
        unknown=["Gone"],
    )
    answer = play(
        DIALECT.say_station(v21.GetVariablesRequest(getVariableData=wanted), talk()), [(v16.GetConfigurationRequest(key=keys), found)]
    )
    assert results(answer) == [
        ("Accepted", "300"),
        ("Accepted", "A,W"),
        ("Accepted", "x"),
        ("UnknownVariable", None),
        ("Rejected", None),
        ("UnknownVariable", None),
        ("UnknownComponent", None),
        ("NotSupportedAttributeType", None),
        ("Accepted", ""),
        ("Accepted", "300"),
    ]


@pytest.mark.action("1.6:GetConfiguration")
def test_variables_without_key_need_no_call() -> None:
    answer = play(DIALECT.say_station(v21.GetVariablesRequest(getVariableData=[read("NoSuchCtrlr", "Enabled")]), talk()), [])
    assert results(answer) == [("UnknownComponent", None)]


@pytest.mark.action("1.6:GetConfiguration")
def test_the_limit_of_a_station_is_learned_and_kept() -> None:
    """1.6 §9.1.9."""
    here = talk()
    ask = v21.GetVariablesRequest(getVariableData=[read("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables")])
    wire = v16.GetConfigurationRequest(key=["GetConfigurationMaxKeys"])
    play(DIALECT.say_station(ask, here), [(wire, known(pair("GetConfigurationMaxKeys", "1", readonly=True)))])
    both = v21.GetVariablesRequest(getVariableData=[BEAT, read("OCPP16", "VendorKey")])
    script = [
        (v16.GetConfigurationRequest(key=["HeartbeatInterval"]), known(pair("HeartbeatInterval", "1"))),
        (v16.GetConfigurationRequest(key=["VendorKey"]), known(pair("VendorKey", "2"))),
    ]
    assert results(play(DIALECT.say_station(both, here), script)) == [("Accepted", "1"), ("Accepted", "2")]


@pytest.mark.action("1.6:ChangeConfiguration")
def test_every_variable_is_changed_with_a_call_of_its_own() -> None:
    wishes = [
        change("OCPPCommCtrlr", "HeartbeatInterval", "60"),
        change("SecurityCtrlr", "BasicAuthPassword", "secret!"),
        change("NoSuchCtrlr", "Enabled", "true"),
        change("OCPP16", "VendorKey", "x"),
        change("OCPP16", "Gone", "x"),
        change("OCPPCommCtrlr", "HeartbeatInterval", "60", attributeType="MaxSet"),
    ]
    script = [
        (v16.ChangeConfigurationRequest(key="HeartbeatInterval", value="60"), v16.ChangeConfigurationResponse(status="Accepted")),
        (
            v16.ChangeConfigurationRequest(key="AuthorizationKey", value="73656372657421"),
            v16.ChangeConfigurationResponse(status="RebootRequired"),
        ),
        (v16.ChangeConfigurationRequest(key="VendorKey", value="x"), v16.ChangeConfigurationResponse(status="Rejected")),
        (v16.ChangeConfigurationRequest(key="Gone", value="x"), v16.ChangeConfigurationResponse(status="NotSupported")),
    ]
    answer = play(DIALECT.say_station(v21.SetVariablesRequest(setVariableData=wishes), talk()), script)
    assert statuses(answer) == [
        "Accepted",
        "RebootRequired",
        "UnknownComponent",
        "Rejected",
        "UnknownVariable",
        "NotSupportedAttributeType",
    ]


TWO = v21.SetVariablesRequest(setVariableData=[change("OCPP16", "A", "1"), change("OCPP16", "B", "2")])
SET_A = v16.ChangeConfigurationRequest(key="A", value="1")
SET_B = v16.ChangeConfigurationRequest(key="B", value="2")
DONE = v16.ChangeConfigurationResponse(status="Accepted")


@pytest.mark.action("1.6:ChangeConfiguration")
@pytest.mark.parametrize("failure", [CallRefused("InternalError", "broken"), CallTimedOut("30 s"), LinkLost("gone")])
def test_after_the_first_change_a_failure_is_a_result(failure: Exception) -> None:
    answer: Any = play(DIALECT.say_station(TWO, talk()), [(SET_A, DONE), (SET_B, failure)])
    assert statuses(answer) == ["Accepted", "Rejected"]
    assert answer.setVariableResult[1].attributeStatusInfo.additionalInfo == str(failure)


@pytest.mark.action("1.6:ChangeConfiguration")
def test_a_refusal_of_one_does_not_hinder_the_next() -> None:
    assert statuses(play(DIALECT.say_station(TWO, talk()), [(SET_A, CallRefused("GenericError")), (SET_B, DONE)])) == [
        "Rejected",
        "Accepted",
    ]


@pytest.mark.action("1.6:ChangeConfiguration")
def test_before_anything_is_changed_a_failure_is_a_failure() -> None:
    with pytest.raises(LinkLost):
        play(DIALECT.say_station(TWO, talk()), [(SET_A, LinkLost("gone"))])
    one = v21.SetVariablesRequest(setVariableData=[change("OCPP16", "A", "1")])
    with pytest.raises(CallRefused):
        play(DIALECT.say_station(one, talk()), [(SET_A, CallRefused("NotSupported"))])
    long = v21.SetVariablesRequest(setVariableData=[change("OCPP16", "A", "1"), change("OCPP16", "B", "x" * 501)])
    with pytest.raises(PeerCannot, match="value of B"):
        play(DIALECT.say_station(long, talk()), [])


ALL = v16.GetConfigurationRequest()
STATION = known(
    pair("HeartbeatInterval", "300"),
    pair("MeterValuesAlignedData", "Voltage"),
    pair("MeterValuesAlignedDataMaxLength", "4", readonly=True),
    pair("LocalAuthListMaxLength", "99", readonly=True),
    pair("AuthorizationKey"),
    pair("ChargingScheduleAllowedChargingRateUnit", "Current", readonly=True),
    pair("VendorKey", "v"),
)


def report(here: Any) -> dict[str, v21.ReportDataType]:
    for part in here.later:
        encode(part)
    return {f"{one.component.name}.{one.variable.name}": one for part in here.later for one in part.reportData}


@pytest.mark.action("1.6:GetConfiguration")
def test_a_base_report_follows_its_answer() -> None:
    here = talk()
    request = v21.GetBaseReportRequest(requestId=5, reportBase="FullInventory")
    assert play(DIALECT.say_station(request, here), [(ALL, STATION)]) == v21.GetBaseReportResponse(status="Accepted")
    (part,) = here.later
    assert isinstance(part, v21.NotifyReportRequest)
    assert (part.requestId, part.seqNo, part.tbc, part.generatedAt) == (5, 0, False, NOW)
    data = report(here)
    assert set(data) == {
        "OCPPCommCtrlr.HeartbeatInterval",
        "AlignedDataCtrlr.Measurands",
        "LocalAuthListCtrlr.Entries",
        "SecurityCtrlr.BasicAuthPassword",
        "SmartChargingCtrlr.RateUnit",
        "OCPP16.VendorKey",
    }
    beat = data["OCPPCommCtrlr.HeartbeatInterval"]
    assert beat.variableAttribute == [v21.VariableAttributeType(type="Actual", value="300", mutability="ReadWrite")]
    assert beat.variableCharacteristics == v21.VariableCharacteristicsType(dataType="integer", unit="s", supportsMonitoring=False)
    limits = {name: one.variableCharacteristics.maxLimit for name, one in data.items() if one.variableCharacteristics is not None}
    assert (limits["AlignedDataCtrlr.Measurands"], limits["LocalAuthListCtrlr.Entries"]) == (4.0, 99.0)
    assert data["SecurityCtrlr.BasicAuthPassword"].variableAttribute[0] == v21.VariableAttributeType(type="Actual", mutability="WriteOnly")
    assert data["SmartChargingCtrlr.RateUnit"].variableAttribute[0].value == "A"


@pytest.mark.action("1.6:GetConfiguration")
def test_a_configuration_report_tells_what_can_be_changed() -> None:
    here = talk()
    play(DIALECT.say_station(v21.GetBaseReportRequest(requestId=5, reportBase="ConfigurationInventory"), here), [(ALL, STATION)])
    assert set(report(here)) == {
        "OCPPCommCtrlr.HeartbeatInterval",
        "AlignedDataCtrlr.Measurands",
        "SecurityCtrlr.BasicAuthPassword",
        "OCPP16.VendorKey",
    }


@pytest.mark.action("1.6:GetConfiguration")
def test_a_long_report_comes_in_parts() -> None:
    here = talk()
    many = known(*(pair(f"Key{number}", "x") for number in range(120)))
    play(DIALECT.say_station(v21.GetBaseReportRequest(requestId=5, reportBase="FullInventory"), here), [(ALL, many)])
    parts: list[Any] = here.later
    assert [(part.seqNo, part.tbc, len(part.reportData)) for part in parts] == [(0, True, 50), (1, True, 50), (2, False, 20)]


@pytest.mark.action("1.6:GetConfiguration")
def test_a_report_of_some_components() -> None:
    here = talk()
    wishes = [
        v21.ComponentVariableType(component=v21.ComponentType(name="ocppcommctrlr")),
        v21.ComponentVariableType(component=v21.ComponentType(name="OCPP16"), variable=v21.VariableType(name="VendorKey")),
        v21.ComponentVariableType(component=v21.ComponentType(name="OCPP16", evse=v21.EVSEType(id=1))),
    ]
    request = v21.GetReportRequest(requestId=5, componentVariable=wishes)
    assert play(DIALECT.say_station(request, here), [(ALL, STATION)]) == v21.GetReportResponse(status="Accepted")
    assert set(report(here)) == {"OCPPCommCtrlr.HeartbeatInterval", "OCPP16.VendorKey"}


@pytest.mark.action("1.6:GetConfiguration")
def test_reports_that_are_empty_or_not_to_be_had() -> None:
    here = talk()
    nothing = v21.GetReportRequest(requestId=5, componentVariable=[v21.ComponentVariableType(component=v21.ComponentType(name="None"))])
    assert play(DIALECT.say_station(nothing, here), [(ALL, STATION)]) == v21.GetReportResponse(status="EmptyResultSet")
    empty = v21.GetBaseReportRequest(requestId=5, reportBase="FullInventory")
    silent = v16.GetConfigurationResponse()
    assert play(DIALECT.say_station(empty, here), [(ALL, silent)]) == v21.GetBaseReportResponse(status="EmptyResultSet")
    summary = v21.GetBaseReportRequest(requestId=5, reportBase="SummaryInventory")
    assert play(DIALECT.say_station(summary, here), []) == v21.GetBaseReportResponse(status="NotSupported")
    criteria = v21.GetReportRequest(requestId=5, componentCriteria=["Problem"])
    assert play(DIALECT.say_station(criteria, here), []) == v21.GetReportResponse(status="NotSupported")
    assert here.later == []


def told(data: v21.GetVariableDataType, status: v21.GetVariableStatusEnumType, value: str | None = None) -> v21.GetVariableResultType:
    return v21.GetVariableResultType(attributeStatus=status, attributeValue=value, component=data.component, variable=data.variable)


@pytest.mark.action("1.6:GetConfiguration")
def test_a_station_tells_the_keys_it_is_asked_for() -> None:
    limit = read("OCPP16", "MeterValuesAlignedDataMaxLength")
    password = read("SecurityCtrlr", "BasicAuthPassword")
    rate = read("SmartChargingCtrlr", "RateUnit")
    vendor, gone = read("OCPP16", "VendorKey"), read("OCPP16", "Gone")
    wanted = [BEAT, limit, password, rate, vendor, gone]
    keys = [
        "HeartbeatInterval",
        "MeterValuesAlignedDataMaxLength",
        "AuthorizationKey",
        "ChargingScheduleAllowedChargingRateUnit",
        "VendorKey",
        "Gone",
    ]
    answer = v21.GetVariablesResponse(
        getVariableResult=[
            told(gone, "UnknownVariable"),
            told(BEAT, "Accepted", "300"),
            told(limit, "Accepted", "4"),
            told(password, "Rejected"),
            told(rate, "Accepted", "A,W"),
            told(vendor, "Accepted", "x" * 600),
        ]
    )
    said = play(
        DIALECT.hear_csms(v16.GetConfigurationRequest(key=keys), talk()), [(v21.GetVariablesRequest(getVariableData=wanted), answer)]
    )
    assert said == v16.GetConfigurationResponse(
        configurationKey=[
            pair("HeartbeatInterval", "300"),
            pair("MeterValuesAlignedDataMaxLength", "4", readonly=True),
            pair("AuthorizationKey"),
            pair("ChargingScheduleAllowedChargingRateUnit", "Current,Power", readonly=True),
            pair("VendorKey", "x" * 500),
        ],
        unknownKey=["Gone"],
    )


@pytest.mark.action("1.6:GetConfiguration")
@pytest.mark.parametrize("keys", [None, []])
def test_a_station_that_is_asked_for_everything_tells_what_it_has(keys: list[str] | None) -> None:
    dialogue = DIALECT.hear_csms(v16.GetConfigurationRequest(key=keys), talk())
    asked: Any = next(dialogue)
    encode(asked)
    assert len(asked.getVariableData) == len(KEYS)
    with pytest.raises(StopIteration) as end:
        dialogue.send(v21.GetVariablesResponse(getVariableResult=[told(BEAT, "Accepted", "1"), told(read("X", "Y"), "UnknownComponent")]))
    assert end.value.value == v16.GetConfigurationResponse(configurationKey=[pair("HeartbeatInterval", "1")])


@pytest.mark.action("1.6:ChangeConfiguration")
@pytest.mark.parametrize(
    ("key", "value", "wish"),
    [
        ("HeartbeatInterval", "60", change("OCPPCommCtrlr", "HeartbeatInterval", "60")),
        ("AuthorizationKey", "73656372657421", change("SecurityCtrlr", "BasicAuthPassword", "secret!")),
        ("AuthorizationKey", "FFFF", change("OCPP16", "AuthorizationKey", "FFFF")),
        ("LocalAuthListMaxLength", "9", change("OCPP16", "LocalAuthListMaxLength", "9")),
        ("VendorKey", "x", change("OCPP16", "VendorKey", "x")),
    ],
)
@pytest.mark.parametrize(
    ("status_21", "status_16"),
    [("Accepted", "Accepted"), ("RebootRequired", "RebootRequired"), ("Rejected", "Rejected"), ("UnknownVariable", "NotSupported")],
)
def test_a_station_changes_a_key(key: str, value: str, wish: v21.SetVariableDataType, status_21: Any, status_16: Any) -> None:
    result = v21.SetVariableResultType(attributeStatus=status_21, component=wish.component, variable=wish.variable)
    script = [(v21.SetVariablesRequest(setVariableData=[wish]), v21.SetVariablesResponse(setVariableResult=[result]))]
    dialogue = DIALECT.hear_csms(v16.ChangeConfigurationRequest(key=key, value=value), talk())
    assert play(dialogue, script) == v16.ChangeConfigurationResponse(status=status_16)


def test_a_password_in_a_report_that_is_no_text_is_not_shown() -> None:
    here = talk()
    odd = known(pair("AuthorizationKey", "not hex"))
    play(DIALECT.say_station(v21.GetBaseReportRequest(requestId=1, reportBase="FullInventory"), here), [(ALL, odd)])
    assert report(here)["SecurityCtrlr.BasicAuthPassword"].variableAttribute[0].value is None
    assert key_named("AuthorizationKey").access == "WriteOnly"
