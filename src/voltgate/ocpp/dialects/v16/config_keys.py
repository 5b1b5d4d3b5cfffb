"""Configuration keys of 1.6 <-> variables of the device model: one symmetrical table.

Every key can also be addressed by its own name under the component `OCPP16`; keys without a standard variable only there, and so are the
keys that say how long a list may be (the device model says that as a characteristic, `maxLimit`, not as a value).
Sources: 1.6 §9 with errata, the security whitepaper §7, the device model appendix of 2.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from voltgate.ocpp import v21

LEGACY = "OCPP16"
"""The component of keys that have no standard variable."""

PASSWORD = "AuthorizationKey"  # the name of a key, no secret


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key and the variable that means the same."""

    name: str
    access: v21.MutabilityEnumType = "ReadWrite"
    """What the specification says; a report of the station says it better. Where it leaves the choice: what our station does."""
    type: v21.DataEnumType = "string"
    component: str = LEGACY
    variable: str = ""
    instance: str | None = None
    field: Literal["Actual", "maxLimit"] = "Actual"
    unit: str | None = None

    @property
    def places(self) -> tuple[v21.ComponentType, v21.VariableType]:
        """The component and the variable in 2.1."""
        return v21.ComponentType(name=self.component), v21.VariableType(name=self.variable or self.name, instance=self.instance)

    @property
    def legacy(self) -> tuple[v21.ComponentType, v21.VariableType]:
        """The same key by its own name."""
        return v21.ComponentType(name=LEGACY), v21.VariableType(name=self.name)

    @property
    def readable(self) -> tuple[v21.ComponentType, v21.VariableType]:
        """Where its value can be read as a value."""
        return self.places if self.field == "Actual" else self.legacy


KEYS: tuple[Key, ...] = (
    Key("AllowOfflineTxForUnknownId", "ReadWrite", "boolean", "AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
    Key("AuthorizationCacheEnabled", "ReadWrite", "boolean", "AuthCacheCtrlr", "Enabled"),
    Key("AuthorizeRemoteTxRequests", "ReadWrite", "boolean", "AuthCtrlr", "AuthorizeRemoteStart"),
    Key("BlinkRepeat", "ReadWrite", "integer"),
    Key("ClockAlignedDataInterval", "ReadWrite", "integer", "AlignedDataCtrlr", "Interval", unit="s"),
    Key("ConnectionTimeOut", "ReadWrite", "integer", "TxCtrlr", "EVConnectionTimeOut", unit="s"),
    Key("ConnectorPhaseRotation", "ReadWrite", "MemberList"),
    Key("ConnectorPhaseRotationMaxLength", "ReadOnly", "integer"),
    Key("GetConfigurationMaxKeys", "ReadOnly", "integer", "DeviceDataCtrlr", "ItemsPerMessage", instance="GetVariables"),
    Key("HeartbeatInterval", "ReadWrite", "integer", "OCPPCommCtrlr", "HeartbeatInterval", unit="s"),
    Key("LightIntensity", "ReadWrite", "integer", unit="Percent"),
    Key("LocalAuthorizeOffline", "ReadWrite", "boolean", "AuthCtrlr", "LocalAuthorizeOffline"),
    Key("LocalPreAuthorize", "ReadWrite", "boolean", "AuthCtrlr", "LocalPreAuthorize"),
    Key("MaxEnergyOnInvalidId", "ReadWrite", "integer", "TxCtrlr", "MaxEnergyOnInvalidId", unit="Wh"),
    Key("MessageTimeout", "ReadWrite", "integer", "OCPPCommCtrlr", "MessageTimeout", instance="Default", unit="s"),
    Key("MeterValuesAlignedData", "ReadWrite", "MemberList", "AlignedDataCtrlr", "Measurands"),
    Key("MeterValuesAlignedDataMaxLength", "ReadOnly", "integer", "AlignedDataCtrlr", "Measurands", field="maxLimit"),
    Key("MeterValuesSampledData", "ReadWrite", "MemberList", "SampledDataCtrlr", "TxUpdatedMeasurands"),
    Key("MeterValuesSampledDataMaxLength", "ReadOnly", "integer", "SampledDataCtrlr", "TxUpdatedMeasurands", field="maxLimit"),
    Key("MeterValueSampleInterval", "ReadWrite", "integer", "SampledDataCtrlr", "TxUpdatedInterval", unit="s"),
    Key("MinimumStatusDuration", "ReadWrite", "integer", "ChargingStation", "MinimumStatusDuration", unit="s"),
    Key("NumberOfConnectors", "ReadOnly", "integer"),
    Key("ResetRetries", "ReadWrite", "integer", "OCPPCommCtrlr", "ResetRetries"),
    Key("StopTransactionMaxMeterValues", "ReadOnly", "integer"),
    Key("StopTransactionOnEVSideDisconnect", "ReadOnly", "boolean", "TxCtrlr", "StopTxOnEVSideDisconnect"),
    Key("StopTransactionOnInvalidId", "ReadWrite", "boolean", "TxCtrlr", "StopTxOnInvalidId"),
    Key("StopTxnAlignedData", "ReadWrite", "MemberList", "AlignedDataCtrlr", "TxEndedMeasurands"),
    Key("StopTxnAlignedDataMaxLength", "ReadOnly", "integer", "AlignedDataCtrlr", "TxEndedMeasurands", field="maxLimit"),
    Key("StopTxnSampledData", "ReadWrite", "MemberList", "SampledDataCtrlr", "TxEndedMeasurands"),
    Key("StopTxnSampledDataMaxLength", "ReadOnly", "integer", "SampledDataCtrlr", "TxEndedMeasurands", field="maxLimit"),
    Key("SupportedFeatureProfiles", "ReadOnly", "MemberList"),
    Key("SupportedFeatureProfilesMaxLength", "ReadOnly", "integer"),
    Key("TransactionMessageAttempts", "ReadWrite", "integer", "OCPPCommCtrlr", "MessageAttempts", instance="TransactionEvent"),
    Key(
        "TransactionMessageRetryInterval",
        "ReadWrite",
        "integer",
        "OCPPCommCtrlr",
        "MessageAttemptInterval",
        instance="TransactionEvent",
        unit="s",
    ),
    Key("UnlockConnectorOnEVSideDisconnect", "ReadOnly", "boolean", "OCPPCommCtrlr", "UnlockOnEVSideDisconnect"),
    Key("WebSocketPingInterval", "ReadWrite", "integer", "OCPPCommCtrlr", "WebSocketPingInterval", unit="s"),
    Key("LocalAuthListEnabled", "ReadWrite", "boolean", "LocalAuthListCtrlr", "Enabled"),
    Key("LocalAuthListMaxLength", "ReadOnly", "integer", "LocalAuthListCtrlr", "Entries", field="maxLimit"),
    Key("SendLocalListMaxLength", "ReadOnly", "integer", "LocalAuthListCtrlr", "ItemsPerMessage"),
    Key("ReserveConnectorZeroSupported", "ReadOnly", "boolean", "ReservationCtrlr", "NonEvseSpecific"),
    Key("ChargeProfileMaxStackLevel", "ReadOnly", "integer", "SmartChargingCtrlr", "ProfileStackLevel"),
    Key("ChargingScheduleAllowedChargingRateUnit", "ReadOnly", "MemberList", "SmartChargingCtrlr", "RateUnit"),
    Key("ChargingScheduleMaxPeriods", "ReadOnly", "integer", "SmartChargingCtrlr", "PeriodsPerSchedule"),
    Key("ConnectorSwitch3to1PhaseSupported", "ReadOnly", "boolean", "SmartChargingCtrlr", "Phases3to1"),
    Key(
        "MaxChargingProfilesInstalled",
        "ReadOnly",
        "integer",
        "SmartChargingCtrlr",
        "Entries",
        instance="ChargingProfiles",
        field="maxLimit",
    ),
    Key("SupportedFileTransferProtocols", "ReadOnly", "MemberList", "OCPPCommCtrlr", "FileTransferProtocols"),
    Key("AdditionalRootCertificateCheck", "ReadOnly", "boolean", "SecurityCtrlr", "AdditionalRootCertificateCheck"),
    Key("AuthorizationKey", "WriteOnly", "string", "SecurityCtrlr", "BasicAuthPassword"),
    Key("CertificateSignedMaxChainSize", "ReadOnly", "integer", "SecurityCtrlr", "MaxCertificateChainSize"),
    Key("CertificateStoreMaxLength", "ReadOnly", "integer", "SecurityCtrlr", "CertificateEntries", field="maxLimit"),
    Key("CpoName", "ReadWrite", "string", "SecurityCtrlr", "OrganizationName"),
    Key("SecurityProfile", "ReadWrite", "integer", "SecurityCtrlr", "SecurityProfile"),
)

_WORDS: Mapping[str, Mapping[str, str]] = {
    "ChargingScheduleAllowedChargingRateUnit": {"Current": "A", "Power": "W"},
}
"""Lists whose items are other words in 2.1."""

_BY_NAME: Mapping[str, Key] = {key.name.casefold(): key for key in KEYS}
_BY_PLACE: Mapping[tuple[str, str, str | None], Key] = {
    (key.component.casefold(), key.variable.casefold(), key.instance and key.instance.casefold()): key
    for key in KEYS
    if key.variable and key.field == "Actual"
}
COMPONENTS: frozenset[str] = frozenset(key.component.casefold() for key in KEYS)


def key_named(name: str) -> Key:
    """The key with this name, compared without case; an unknown one is a key of its own."""
    return _BY_NAME.get(name.casefold()) or Key(name)


def key_at(component: v21.ComponentType, variable: v21.VariableType) -> Key | None:
    """The key that stands for a variable; None when 1.6 has none."""
    if component.evse is not None or component.instance is not None:
        return None
    if component.name.casefold() == LEGACY.casefold():
        return key_named(variable.name)
    instance = variable.instance and variable.instance.casefold()
    return _BY_PLACE.get((component.name.casefold(), variable.name.casefold(), instance))


def hear_value(key: Key, component: v21.ComponentType, text: str) -> str:
    """A value of 1.6 in the words of the variable. Raises ValueError for a password that is no text."""
    if component.name.casefold() == LEGACY.casefold():
        return text
    if key.name == PASSWORD:
        return bytes.fromhex(text).decode()
    return _reworded(text, _WORDS.get(key.name, {}))


def say_value(key: Key, component: v21.ComponentType, text: str) -> str:
    """A value of the variable in the words of 1.6."""
    if component.name.casefold() == LEGACY.casefold():
        return text
    if key.name == PASSWORD:
        return text.encode().hex().upper()
    return _reworded(text, {ours: theirs for theirs, ours in _WORDS.get(key.name, {}).items()})


def _reworded(text: str, words: Mapping[str, str]) -> str:
    return ",".join(words.get(item.strip(), item) for item in text.split(",")) if words else text
