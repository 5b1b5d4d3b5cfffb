"""The hall of the station: EVSEs and connectors, who is authorised at them, and the transaction that runs there."""

from voltgate.station.evses.evse import Evse
from voltgate.station.evses.model import STATES, Authorisation, EvseSaved, EvseState, Facts, Transaction, same_token, state_of
from voltgate.station.evses.variables import evse_variables

__all__ = ["STATES", "Authorisation", "Evse", "EvseSaved", "EvseState", "Facts", "Transaction", "evse_variables", "same_token", "state_of"]
