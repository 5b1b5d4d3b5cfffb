"""What a peer can do, asked by meaning and never by version."""

from collections.abc import Mapping
from dataclasses import dataclass

from voltgate.ocpp.messages import Action


@dataclass(frozen=True, slots=True)
class Traits:
    """The abilities of a peer, as its dialect and its quirks give them."""

    version: str
    """The subprotocol without ``ocpp``; for people and logs, never for decisions."""
    hears: frozenset[str]
    """The 2.1 actions (CSMS -> station) that can be expressed to this peer."""
    numbers_events: bool
    """The station numbers its transaction events itself (seqNo), so gaps mean loss."""
    reports_device_model: bool
    """The station reports its variables by component; otherwise configuration keys stand in for them."""
    answers_broken_results: bool
    """CALLRESULTERROR may be sent to it."""
    raw_password: bool
    """Its Basic auth password is any bytes, given as hexadecimal digits (AuthorizationKey). Set as text (BasicAuthPassword) it is the
    bytes of that text: the dialect writes the digits."""
    triggers_every_status: bool = False
    """One trigger without a place asks for the status of the station and of all its connectors; otherwise each connector is asked for."""


def said_by_csms(actions: Mapping[str, Action]) -> frozenset[str]:
    """The names of the actions that a CSMS may say to a station."""
    return frozenset(name for name, action in actions.items() if action.sender in ("csms", "both"))
