"""The message mixes under load, as wire frames; each station says its own sequence."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Frame = tuple[str, dict[str, Any]]

RUN = uuid.uuid4().hex[:12]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mix_16(station: int) -> Iterator[Frame]:
    """Boot, Heartbeat, StatusNotification and MeterValues (three values), evenly."""
    register = 0
    while True:
        yield "BootNotification", {"chargePointVendor": "Bench", "chargePointModel": "One", "chargePointSerialNumber": f"S{station}"}
        yield "Heartbeat", {}
        yield "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": _now()}
        register += 100
        values = [
            {"value": str(register), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": "11000", "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "16.0", "measurand": "Current.Import", "unit": "A", "phase": "L1"},
        ]
        yield "MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": _now(), "sampledValue": values}]}


def mix_201(station: int) -> Iterator[Frame]:
    """Boot and TransactionEvent with twice six sampled values (about 2.3 KB), evenly."""
    sequence = 0
    while True:
        yield (
            "BootNotification",
            {"reason": "PowerUp", "chargingStation": {"vendorName": "Bench", "model": "One", "serialNumber": f"S{station}"}},
        )
        yield "TransactionEvent", _transaction_event(station, sequence)
        sequence += 1


def _transaction_event(station: int, sequence: int) -> dict[str, Any]:
    samples = [
        {"value": sequence * 100.0 + index, "context": "Sample.Periodic", "measurand": measurand, "location": "Outlet",
         "unitOfMeasure": {"unit": unit, "multiplier": 0}, **({"phase": phase} if phase else {})}
        for index, (measurand, unit, phase) in enumerate((
            ("Energy.Active.Import.Register", "Wh", None), ("Power.Active.Import", "W", None), ("Current.Import", "A", "L1"),
            ("Current.Import", "A", "L2"), ("Current.Import", "A", "L3"), ("Voltage", "V", "L1")))
    ]  # fmt: skip
    return {
        "eventType": "Updated" if sequence else "Started",
        "timestamp": _now(),
        "triggerReason": "MeterValuePeriodic" if sequence else "CablePluggedIn",
        "seqNo": sequence,
        "transactionInfo": {"transactionId": f"{RUN}-{station}", "chargingState": "Charging"},
        "evse": {"id": 1, "connectorId": 1},
        "meterValue": [{"timestamp": _now(), "sampledValue": samples}, {"timestamp": _now(), "sampledValue": samples}],
    }


MIXES = {"1.6": mix_16, "2.0.1": mix_201}


def frames(version: str, station: int) -> Iterator[str]:
    """CALL frames of one station, for ever."""
    for number, (action, payload) in enumerate(MIXES[version](station)):
        yield json.dumps([2, f"{station}-{number}", action, payload], separators=(",", ":"))
