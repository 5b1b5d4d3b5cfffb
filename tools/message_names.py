"""What the JSON schemas do not say: the block and sender of every action, and names for the inline types of 1.6.

An action keeps its block and its sender in every version that knows it, so one table serves all three.
"""

import re
from typing import Any

BLOCKS: dict[str, dict[str, str]] = {
    "security": {
        "csms": "CertificateSigned",
        "station": "SecurityEventNotification SignCertificate",
    },
    "provisioning": {
        "csms": "ChangeConfiguration GetBaseReport GetConfiguration GetReport GetVariables Reset SetNetworkProfile SetVariables",
        "station": "BootNotification NotifyReport",
    },
    "authorization": {
        "csms": "ClearCache NotifyWebPaymentStarted",
        "station": "Authorize NotifySettlement VatNumberValidation",
    },
    "local_list": {
        "csms": "GetLocalListVersion SendLocalList",
    },
    "transactions": {
        "csms": "GetTransactionStatus",
        "station": "StartTransaction StopTransaction TransactionEvent",
    },
    "remote_control": {
        "csms": "ExtendedTriggerMessage RemoteStartTransaction RemoteStopTransaction RequestStartTransaction RequestStopTransaction "
        "TriggerMessage UnlockConnector",
    },
    "availability": {
        "csms": "ChangeAvailability",
        "station": "Heartbeat StatusNotification",
    },
    "reservation": {
        "csms": "CancelReservation ReserveNow",
        "station": "ReservationStatusUpdate",
    },
    "tariff": {
        "csms": "ChangeTransactionTariff ClearTariffs CostUpdated GetTariffs SetDefaultTariff",
    },
    "meter_values": {
        "station": "MeterValues",
    },
    "smart_charging": {
        "csms": "ClearChargingProfile GetChargingProfiles GetCompositeSchedule SetChargingProfile UpdateDynamicSchedule "
        "UsePriorityCharging",
        "station": "ClearedChargingLimit NotifyChargingLimit NotifyEVChargingNeeds NotifyEVChargingSchedule NotifyPriorityCharging "
        "PullDynamicScheduleUpdate ReportChargingProfiles",
    },
    "firmware": {
        "csms": "PublishFirmware SignedUpdateFirmware UnpublishFirmware UpdateFirmware",
        "station": "FirmwareStatusNotification PublishFirmwareStatusNotification SignedFirmwareStatusNotification",
    },
    "certificates": {
        "csms": "DeleteCertificate GetInstalledCertificateIds InstallCertificate",
        "station": "Get15118EVCertificate GetCertificateChainStatus GetCertificateStatus",
    },
    "diagnostics": {
        "csms": "AdjustPeriodicEventStream ClearVariableMonitoring CustomerInformation GetDiagnostics GetLog GetMonitoringReport "
        "GetPeriodicEventStream SetMonitoringBase SetMonitoringLevel SetVariableMonitoring",
        "station": "ClosePeriodicEventStream DiagnosticsStatusNotification LogStatusNotification NotifyCustomerInformation NotifyEvent "
        "NotifyMonitoringReport NotifyPeriodicEventStream OpenPeriodicEventStream",
    },
    "display": {
        "csms": "ClearDisplayMessage GetDisplayMessages SetDisplayMessage",
        "station": "NotifyDisplayMessages",
    },
    "data_transfer": {
        "both": "DataTransfer",
    },
    "bidirectional": {
        "csms": "AFRRSignal NotifyAllowedEnergyTransfer",
    },
    "der_control": {
        "csms": "ClearDERControl GetDERControl SetDERControl",
        "station": "NotifyDERAlarm NotifyDERStartStop ReportDERControl",
    },
    "battery_swap": {
        "csms": "RequestBatterySwap",
        "station": "BatterySwap",
    },
}
BLOCK = {action: block for block, senders in BLOCKS.items() for actions in senders.values() for action in actions.split()}
SENDER = {action: sender for senders in BLOCKS.values() for sender, actions in senders.items() for action in actions.split()}
WAY = {"station": "station -> CSMS", "csms": "CSMS -> station", "both": "either way"}
WAY_BACK = {"station": WAY["csms"], "csms": WAY["station"], "both": WAY["both"]}

SENDS = {"NotifyPeriodicEventStream"}
CUSTOM_DATA = "CustomDataType"
TAKEN = {"action"}  # a class attribute of every message
PROSE = {"description", "title", "comment", "javaType"}

# The chapter "Types" of the 1.6 specification; its JSON schemas write these types inline.
INLINE_OBJECTS = {
    "idTagInfo": "IdTagInfo",
    "chargingSchedule": "ChargingSchedule",
    "chargingSchedulePeriod": "ChargingSchedulePeriod",
    "chargingProfile": "ChargingProfile",
    "csChargingProfiles": "ChargingProfile",
    "configurationKey": "KeyValue",
    "meterValue": "MeterValue",
    "transactionData": "MeterValue",
    "sampledValue": "SampledValue",
    "localAuthorizationList": "AuthorizationData",
}
INLINE = {
    ("IdTagInfo", "status"): "AuthorizationStatus",
    ("BootNotificationResponse", "status"): "RegistrationStatus",
    ("CancelReservationResponse", "status"): "CancelReservationStatus",
    ("ChangeAvailabilityRequest", "type"): "AvailabilityType",
    ("ChangeAvailabilityResponse", "status"): "AvailabilityStatus",
    ("ChangeConfigurationResponse", "status"): "ConfigurationStatus",
    ("ClearCacheResponse", "status"): "ClearCacheStatus",
    ("ClearChargingProfileRequest", "chargingProfilePurpose"): "ChargingProfilePurposeType",
    ("ClearChargingProfileResponse", "status"): "ClearChargingProfileStatus",
    ("DataTransferResponse", "status"): "DataTransferStatus",
    ("DiagnosticsStatusNotificationRequest", "status"): "DiagnosticsStatus",
    ("FirmwareStatusNotificationRequest", "status"): "FirmwareStatus",
    ("GetCompositeScheduleRequest", "chargingRateUnit"): "ChargingRateUnitType",
    ("GetCompositeScheduleResponse", "status"): "GetCompositeScheduleStatus",
    ("ChargingSchedule", "chargingRateUnit"): "ChargingRateUnitType",
    ("SampledValue", "context"): "ReadingContext",
    ("SampledValue", "format"): "ValueFormat",
    ("SampledValue", "measurand"): "Measurand",
    ("SampledValue", "phase"): "Phase",
    ("SampledValue", "location"): "Location",
    ("SampledValue", "unit"): "UnitOfMeasure",
    ("ChargingProfile", "chargingProfilePurpose"): "ChargingProfilePurposeType",
    ("ChargingProfile", "chargingProfileKind"): "ChargingProfileKindType",
    ("ChargingProfile", "recurrencyKind"): "RecurrencyKindType",
    ("RemoteStartTransactionResponse", "status"): "RemoteStartStopStatus",
    ("RemoteStopTransactionResponse", "status"): "RemoteStartStopStatus",
    ("ReserveNowResponse", "status"): "ReservationStatus",
    ("ResetRequest", "type"): "ResetType",
    ("ResetResponse", "status"): "ResetStatus",
    ("SendLocalListRequest", "updateType"): "UpdateType",
    ("SendLocalListResponse", "status"): "UpdateStatus",
    ("SetChargingProfileResponse", "status"): "ChargingProfileStatus",
    ("StatusNotificationRequest", "errorCode"): "ChargePointErrorCode",
    ("StatusNotificationRequest", "status"): "ChargePointStatus",
    ("StopTransactionRequest", "reason"): "Reason",
    ("TriggerMessageRequest", "requestedMessage"): "MessageTrigger",
    ("TriggerMessageResponse", "status"): "TriggerMessageStatus",
    ("UnlockConnectorResponse", "status"): "UnlockStatus",
}
# Words that only some schemas of a version list: both spellings of the temperature unit (errata of OCPP-J 1.6), the unit of `Frequency`.
MORE_WORDS = {"UnitOfMeasure": ("Celcius", "Celsius", "Hertz")}
# Limits that only some schemas of a version set on the same type: the wider one counts. A StopTransaction may hold empty `sampledValue`.
UNLIMITED = {("MeterValue", "sampledValue"): "minItems"}

IMPORTS = {
    "typing": ("Annotated", "Any", "ClassVar", "Literal"),
    "msgspec": ("Meta", "field"),
    "voltgate.ocpp.messages": ("Answer", "Call", "DataType", "DateTime", "Integer", "Send", "check_tenths"),
}


def class_name(stem: str) -> str:
    """The class of a schema file: 1.6 files lack the word `Request`."""
    return stem if stem.endswith(("Request", "Response")) or stem in SENDS else f"{stem}Request"


def action_of(name: str) -> str:
    """The action of a message class; a SEND is called like its action."""
    return name.removesuffix("Request").removesuffix("Response")


def more_words(name: str, words: list[str]) -> list[str]:
    """The words of an enum plus those that another schema of the version allows."""
    return words + [word for word in MORE_WORDS.get(name, ()) if word not in words]


def widened(owner: str, key: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a property without the limit that not every schema of the version sets."""
    limit = UNLIMITED.get((owner, key))
    return {name: value for name, value in schema.items() if name != limit}


def words(source: str) -> set[str]:
    """Identifiers that occur in Python source, outside of strings."""
    return set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", source)))
