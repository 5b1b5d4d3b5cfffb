"""The hall: stations, their EVSEs and connectors, who is connected, and what the dialects remember.

Every other room stands in it. Owns the tables `stations`, `connectors` and `dialect_memories`. Imports only `security`, for passwords.
"""

from voltgate.csms.stations.model import Registration, Station, check_identity
from voltgate.csms.stations.routes import ROUTES
from voltgate.csms.stations.store import (
    find_station,
    keep_boot,
    keep_connector_problem,
    keep_connector_status,
    keep_firmware_version,
    keep_registration,
    read_connectors,
    read_memory,
    read_registration,
    read_station,
    register_station,
    write_all_offline,
    write_connected,
    write_disconnected,
    write_last_seen,
    write_memory,
    write_topology,
)
from voltgate.csms.stations.views import evse_states

__all__ = [
    "ROUTES",
    "Registration",
    "Station",
    "check_identity",
    "evse_states",
    "find_station",
    "keep_boot",
    "keep_connector_problem",
    "keep_connector_status",
    "keep_firmware_version",
    "keep_registration",
    "read_connectors",
    "read_memory",
    "read_registration",
    "read_station",
    "register_station",
    "write_all_offline",
    "write_connected",
    "write_disconnected",
    "write_last_seen",
    "write_memory",
    "write_topology",
]
