"""Every configuration key of 1.6 that the profiles of the station need is answered, and set by the rules of its variable."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.station.harness import Bench
from voltgate.ocpp import v16
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialogue import Talk, converse
from voltgate.ocpp.messages import Answer, Request
from voltgate.station.connecting import password_of
from voltgate.station.device_model import configuration_keys

DIALECT = DIALECTS["1.6"]

REQUIRED = {
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "60",
    "ConnectorPhaseRotation": "1.RST,2.RST",
    "GetConfigurationMaxKeys": "100",
    "HeartbeatInterval": "300",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "MeterValuesAlignedData": "Energy.Active.Import.Register",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC",
    "MeterValueSampleInterval": "60",
    "NumberOfConnectors": "2",
    "ResetRetries": "1",
    "StopTransactionOnInvalidId": "true",
    "StopTxnAlignedData": "",
    "StopTxnSampledData": "Energy.Active.Import.Register",
    "SupportedFeatureProfiles": "Core,RemoteTrigger",
    "TransactionMessageAttempts": "20",
    "TransactionMessageRetryInterval": "10",
    "UnlockConnectorOnEVSideDisconnect": "true",
}
"""Required keys of the profile Core (1.6 §9.1) with their values in the factory."""

OPTIONAL = (
    "AllowOfflineTxForUnknownId",
    "AuthorizationCacheEnabled",
    "ConnectorPhaseRotationMaxLength",
    "MaxEnergyOnInvalidId",
    "MessageTimeout",
    "MeterValuesAlignedDataMaxLength",
    "MeterValuesSampledDataMaxLength",
    "StopTransactionOnEVSideDisconnect",
    "StopTxnAlignedDataMaxLength",
    "StopTxnSampledDataMaxLength",
    "SupportedFeatureProfilesMaxLength",
    "WebSocketPingInterval",
    "AuthorizationKey",
    "CpoName",
    "SecurityProfile",
)
KEY = "DEADBEEF" * 5


def a_bench() -> Bench:
    bench = Bench()
    bench.station.offer(configuration_keys(bench.station.spec, bench.station.variables))
    return bench


def ask(bench: Bench, request: Request) -> Any:
    """Ask as a central system of 1.6 does."""

    async def room(question: Request) -> Answer:
        answer: Answer = bench.ask(question)
        return answer

    talk = Talk(DIALECT.new_memory(), datetime(2026, 1, 1, tzinfo=UTC), lambda: 1)
    return asyncio.run(converse(DIALECT.hear_csms(request, talk), room))


def change(bench: Bench, key: str, value: str) -> str:
    status: str = ask(bench, v16.ChangeConfigurationRequest(key=key, value=value)).status
    return status


def read(bench: Bench, *keys: str) -> dict[str, str | None]:
    answer = ask(bench, v16.GetConfigurationRequest(key=list(keys) or None))
    return {entry.key: entry.value for entry in answer.configurationKey or []}


@pytest.mark.action("1.6:GetConfiguration")
@pytest.mark.parametrize(("key", "value"), REQUIRED.items())
def test_every_required_key_is_answered(key: str, value: str) -> None:
    assert read(a_bench(), key) == {key: value}


@pytest.mark.action("1.6:GetConfiguration")
@pytest.mark.parametrize("key", OPTIONAL)
def test_keys_that_we_need_not_have(key: str) -> None:
    value = read(a_bench(), key)[key]
    assert (value is None) == (key == "AuthorizationKey")


def test_without_names_all_keys_are_told_and_with_names_unknown_ones_are_named() -> None:
    bench = a_bench()
    everything = read(bench)
    assert set(REQUIRED) | set(OPTIONAL) <= set(everything)
    answer = ask(bench, v16.GetConfigurationRequest(key=["HeartbeatInterval", "Nonsense", "heartbeatinterval"]))
    assert answer.unknownKey == ["Nonsense"]


@pytest.mark.action("1.6:ChangeConfiguration")
@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "60", "Accepted"),
        ("HeartbeatInterval", "-1", "Rejected"),
        ("HeartbeatInterval", "soon", "Rejected"),
        ("MeterValuesSampledData", "Voltage,SoC", "Accepted"),
        ("MeterValuesSampledData", "Voltage,Moonlight", "Rejected"),
        ("ConnectorPhaseRotation", "0.RST,1.NotApplicable,2.TRS", "Accepted"),
        ("ConnectorPhaseRotation", "3.RST", "Rejected"),
        ("ConnectorPhaseRotation", "1.XYZ", "Rejected"),
        ("ConnectorPhaseRotation", "nonsense", "Rejected"),
        ("NumberOfConnectors", "4", "Rejected"),
        ("SupportedFeatureProfiles", "Core", "Rejected"),
        ("WebSocketPingInterval", "10", "RebootRequired"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "1", "Rejected"),
        ("Nonsense", "1", "NotSupported"),
        ("BlinkRepeat", "1", "NotSupported"),
        ("AuthorizationKey", "tooshort", "Rejected"),
        ("AuthorizationKey", "not hexadecimal, but long enough for it", "Rejected"),
        ("AuthorizationKey", KEY, "Accepted"),
        ("AuthorizationKey", b"a password of text".hex(), "Accepted"),
    ],
)
def test_setting_a_key(key: str, value: str, status: str) -> None:
    bench = a_bench()
    assert change(bench, key, value) == status
    if status in ("Accepted", "RebootRequired") and key != "AuthorizationKey":
        assert read(bench, key) == {key: value}


@pytest.mark.requirement("A01.FR.01", "A01.FR.11", "A01.FR.12")
@pytest.mark.parametrize(
    ("value", "shown"), [(KEY, bytes.fromhex(KEY)), (b"a password of text".hex(), "a password of text")], ids=["bytes", "text"]
)
def test_a_new_key_is_the_password_from_then_on_and_nowhere_else(value: str, shown: str | bytes) -> None:
    bench = a_bench()
    logged: list[str] = []
    bench.station.log = logged.append
    for _ in range(2):
        assert change(bench, "AuthorizationKey", KEY[::-1]) == "Accepted"
        assert change(bench, "AuthorizationKey", value) == "Accepted"
        assert password_of(bench.station, DIALECT.traits) == shown
    assert logged == ["security: the password has been changed"] * 4
    assert read(bench, "AuthorizationKey") == {"AuthorizationKey": None}
    again = a_bench()
    again.station.restore_memory(bench.station.document("memory"))
    assert password_of(again.station, DIALECT.traits) == shown
