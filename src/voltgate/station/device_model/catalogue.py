"""The variables this station has: those its blocks require, with what they accept and their values in the factory."""

import re
from collections.abc import Callable, Iterable

from voltgate.ocpp import v21
from voltgate.station.device_model.model import DeviceModel, Variable, split_list
from voltgate.station.settings import StationSpec

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Current.Offered",
    "Voltage",
    "SoC",
)
"""What the meters can tell."""

TX_POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
"""Points where a transaction may start or stop; the station has no parking bay detector and no signing meter."""

LEGACY = "OCPP16"
AUTHORIZATION_KEY = "AuthorizationKey"
PROFILES = ("Core", "RemoteTrigger")
MEASURAND_KEYS = ("MeterValuesAlignedData", "MeterValuesSampledData", "StopTxnAlignedData", "StopTxnSampledData")
ROTATIONS = ("NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR")

_DAY = 86_400
_RW: v21.MutabilityEnumType = "ReadWrite"


def _number(component: str, name: str, value: int, low: int = 0, high: int | None = None, **more: object) -> Variable:
    return Variable(component, name, str(value), kind="integer", mutability=_RW, low=low, high=high, **more)  # type: ignore[arg-type]  # forwards keywords


def _fixed(component: str, name: str, value: int, **more: object) -> Variable:
    return Variable(component, name, str(value), kind="integer", **more)  # type: ignore[arg-type]  # forwards keywords


def _flag(component: str, name: str, value: bool, *, fixed: bool = False) -> Variable:
    return Variable(component, name, str(value).lower(), kind="boolean", mutability="ReadOnly" if fixed else _RW)


def _list(component: str, name: str, value: Iterable[str], choices: tuple[str, ...], *, fixed: bool = False) -> Variable:
    mutability: v21.MutabilityEnumType = "ReadOnly" if fixed else _RW
    return Variable(component, name, ",".join(value), kind="MemberList", mutability=mutability, choices=choices)


def station_variables(spec: StationSpec) -> list[Variable]:
    """Everything of a station but its EVSEs and connectors, which the hall adds with live values."""
    return [*_communication(), *_security(spec), *_authorization(), *_transactions(), *_meter_values(), *_device_data(spec)]


def configuration_keys(spec: StationSpec, known: DeviceModel) -> list[Variable]:
    """Keys that a central system without device model expects and that no standard variable stands for (1.6 §9.1).

    It has one interval for values told at once and for those told at the end (1.6 §3.16).
    """
    connectors = sum(evse.connectors for evse in spec.evses)
    rotation = ",".join(f"{number}.RST" for number in range(1, connectors + 1))
    return [
        _fixed(LEGACY, "NumberOfConnectors", connectors),
        Variable(LEGACY, "SupportedFeatureProfiles", ",".join(PROFILES), kind="MemberList", choices=PROFILES),
        _fixed(LEGACY, "SupportedFeatureProfilesMaxLength", len(PROFILES)),
        Variable(LEGACY, "ConnectorPhaseRotation", rotation, kind="MemberList", mutability=_RW, check=_rotation_objection(connectors)),
        _fixed(LEGACY, "ConnectorPhaseRotationMaxLength", connectors + 1),
        *(_fixed(LEGACY, f"{name}MaxLength", len(MEASURANDS)) for name in MEASURAND_KEYS),
        # A key that is no text; `provisioning` makes it the password.
        Variable(LEGACY, AUTHORIZATION_KEY, mutability="WriteOnly", check=_key_objection),
        Variable("SampledDataCtrlr", "TxEndedInterval", kind="integer", read=lambda: known.text("SampledDataCtrlr", "TxUpdatedInterval")),
        Variable("AlignedDataCtrlr", "TxEndedInterval", kind="integer", read=lambda: known.text("AlignedDataCtrlr", "Interval")),
    ]


def _rotation_objection(connectors: int) -> Callable[[str], str | None]:
    """1.6 §9.1.7: a phase rotation for each connector, 0 being the whole station."""

    def objection(value: str) -> str | None:
        for item in split_list(value):
            number, _, rotation = item.partition(".")
            if not number.isdecimal() or int(number) > connectors or rotation not in ROTATIONS:
                return f"not a connector with its phase rotation: {item}"
        return None

    return objection


def _key_objection(value: str) -> str | None:
    """Security whitepaper §3.1: 16 to 20 bytes, as hexadecimal digits."""
    return None if re.fullmatch(r"([0-9a-fA-F]{2}){16,20}", value) else "16 to 20 bytes as hexadecimal digits are expected"


def _communication() -> list[Variable]:
    name = "OCPPCommCtrlr"
    return [
        _number(name, "HeartbeatInterval", 300, low=1, high=_DAY, unit="s"),
        _number(name, "MessageTimeout", 30, instance="Default", low=1, high=600, unit="s"),
        # Twenty attempts last half an hour: a central system whose disk is full for a while loses nothing of ours.
        _number(name, "MessageAttempts", 20, instance="TransactionEvent", low=1, high=100),
        _number(name, "MessageAttemptInterval", 10, instance="TransactionEvent", high=3_600, unit="s"),
        _number(name, "OfflineThreshold", 60, high=_DAY, unit="s"),
        _number(name, "ResetRetries", 1, high=10),
        _number(name, "NetworkProfileConnectionAttempts", 3, low=1, high=100),
        _number(name, "RetryBackOffRepeatTimes", 5, high=20),
        _number(name, "RetryBackOffRandomRange", 5, high=3_600, unit="s"),
        _number(name, "RetryBackOffWaitMinimum", 1, high=3_600, unit="s"),
        _number(name, "WebSocketPingInterval", 60, high=_DAY, unit="s", reboot=True),
        _flag(name, "UnlockOnEVSideDisconnect", value=True, fixed=True),
        _flag(name, "QueueAllMessages", value=False, fixed=True),
        Variable(name, "NetworkConfigurationPriority", "1", kind="SequenceList", choices=("1",), mutability=_RW),
        Variable(name, "ActiveNetworkProfile", "1"),
        _list(name, "FileTransferProtocols", (), ("HTTP", "HTTPS"), fixed=True),
    ]


def _security(spec: StationSpec) -> list[Variable]:
    name = "SecurityCtrlr"
    return [
        Variable(name, "BasicAuthPassword", spec.password or "", mutability="WriteOnly", low=16, high=64, reboot=False),
        Variable(name, "Identity", spec.id, mutability="ReadOnly", high=48),
        Variable(name, "OrganizationName", "voltgate", mutability=_RW, high=50),
        _fixed(name, "SecurityProfile", 1 if spec.password else 0),
        _fixed(name, "CertificateEntries", 0),
    ]


def _authorization() -> list[Variable]:
    return [
        _flag("AuthCtrlr", "Enabled", value=True),
        _flag("AuthCtrlr", "AuthorizeRemoteStart", value=False),
        _flag("AuthCtrlr", "LocalAuthorizeOffline", value=True),
        _flag("AuthCtrlr", "LocalPreAuthorize", value=False),
        _flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled", value=False),
        _flag("AuthCtrlr", "DisableRemoteAuthorization", value=False),
        Variable("AuthCtrlr", "MasterPassGroupId", mutability=_RW, high=36),
        _flag("AuthCacheCtrlr", "Available", value=True, fixed=True),
        _flag("AuthCacheCtrlr", "Enabled", value=True),
        _flag("AuthCacheCtrlr", "DisablePostAuthorize", value=False),
        _number("AuthCacheCtrlr", "LifeTime", 0, unit="s"),
        _flag("LocalAuthListCtrlr", "Available", value=False, fixed=True),
        _flag("LocalAuthListCtrlr", "Enabled", value=False, fixed=True),
        _flag("SmartChargingCtrlr", "Available", value=False, fixed=True),
        _flag("SmartChargingCtrlr", "Enabled", value=False, fixed=True),
        _flag("ReservationCtrlr", "Available", value=False, fixed=True),
        _flag("ReservationCtrlr", "Enabled", value=False, fixed=True),
    ]


def _transactions() -> list[Variable]:
    name = "TxCtrlr"
    return [
        _list(name, "TxStartPoint", ("PowerPathClosed",), TX_POINTS),
        _list(name, "TxStopPoint", ("PowerPathClosed",), TX_POINTS),
        _number(name, "EVConnectionTimeOut", 60, high=_DAY, unit="s"),
        _number(name, "MaxEnergyOnInvalidId", 0, unit="Wh"),
        _flag(name, "StopTxOnInvalidId", value=True),
        _flag(name, "StopTxOnEVSideDisconnect", value=True, fixed=True),
        _flag(name, "TxBeforeAcceptedEnabled", value=False),
        _number(name, "ResumptionTimeout", 0, high=_DAY, unit="s"),
        _flag(name, "AllowEnergyTransferResumption", value=True),
    ]


def _meter_values() -> list[Variable]:
    usual = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC")
    energy = ("Energy.Active.Import.Register",)
    return [
        _flag("SampledDataCtrlr", "Enabled", value=True),
        _flag("SampledDataCtrlr", "SignReadings", value=False, fixed=True),
        _list("SampledDataCtrlr", "TxStartedMeasurands", energy, MEASURANDS),
        _list("SampledDataCtrlr", "TxUpdatedMeasurands", usual, MEASURANDS),
        _list("SampledDataCtrlr", "TxEndedMeasurands", energy, MEASURANDS),
        _number("SampledDataCtrlr", "TxUpdatedInterval", 60, high=_DAY, unit="s"),
        _number("SampledDataCtrlr", "TxEndedInterval", 0, high=_DAY, unit="s"),
        _flag("AlignedDataCtrlr", "Enabled", value=True),
        _flag("AlignedDataCtrlr", "SendDuringIdle", value=False),
        _flag("AlignedDataCtrlr", "SignReadings", value=False, fixed=True),
        _list("AlignedDataCtrlr", "Measurands", energy, MEASURANDS),
        _number("AlignedDataCtrlr", "Interval", 0, high=_DAY, unit="s"),
        _list("AlignedDataCtrlr", "TxEndedMeasurands", (), MEASURANDS),
        _number("AlignedDataCtrlr", "TxEndedInterval", 0, high=_DAY, unit="s"),
    ]


def _device_data(spec: StationSpec) -> list[Variable]:
    name = "DeviceDataCtrlr"
    messages = ("GetReport", "GetVariables", "SetVariables")
    return [
        *(_fixed(name, "ItemsPerMessage", 100, instance=message) for message in messages),
        *(_fixed(name, "BytesPerMessage", 65_536, instance=message) for message in messages),
        _fixed(name, "ConfigurationValueSize", 1_000),
        _fixed(name, "ValueSize", 2_500),
        Variable("ClockCtrlr", "TimeSource", "NTP", kind="SequenceList", choices=("NTP", "Heartbeat", "RealTimeClock"), mutability=_RW),
        Variable("ChargingStation", "Model", spec.model),
        Variable("ChargingStation", "VendorName", spec.vendor),
        Variable("ChargingStation", "SerialNumber", spec.serial_number),
        _flag("ChargingStation", "Available", value=True, fixed=True),
        _fixed("ChargingStation", "SupplyPhases", 3),
    ]
