"""Words of the two versions that stand for each other in more than one block."""

from collections.abc import Mapping

from voltgate.ocpp import v16, v21

CONNECTOR_STATUSES: Mapping[v16.ChargePointStatus, v21.ConnectorStatusEnumType] = {
    "Available": "Available",
    "Preparing": "Occupied",
    "Charging": "Occupied",
    "SuspendedEVSE": "Occupied",
    "SuspendedEV": "Occupied",
    "Finishing": "Occupied",
    "Reserved": "Reserved",
    "Unavailable": "Unavailable",
    "Faulted": "Faulted",
}

CHARGING_STATES: Mapping[v16.ChargePointStatus, v21.ChargingStateEnumType] = {
    "Preparing": "EVConnected",
    "Charging": "Charging",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
    "Finishing": "EVConnected",
}
"""A finished transaction that has not ended yet is connected and no longer charging."""
