"""The hall of the station: EVSEs and connectors, who is authorised at them, and the transaction that runs there."""

from voltgate.station.evses.evse import Evse
from voltgate.station.evses.model import (
    LOCK_FAULT,
    STATES,
    Authorisation,
    EvseSaved,
    EvseState,
    Facts,
    Transaction,
    component_of_fault,
    same_token,
    state_of,
)
from voltgate.station.evses.variables import STATUSES, evse_variables

__all__ = [
    "LOCK_FAULT",
    "STATES",
    "STATUSES",
    "Authorisation",
    "Evse",
    "EvseSaved",
    "EvseState",
    "Facts",
    "Transaction",
    "component_of_fault",
    "evse_variables",
    "same_token",
    "state_of",
]
