"""The narrower limits of 1.6: what is too long, or has no number there, is refused before anything is sent."""

from voltgate.ocpp import v21
from voltgate.ocpp.errors import PeerCannot

MAX_TAG = 20


def short(action: str, field: str, text: str, limit: int) -> str:
    """The text, if 1.6 has room for it. Raises PeerCannot."""
    if len(text) > limit:
        raise PeerCannot(action, f"{field} has {len(text)} characters, OCPP 1.6 has room for {limit}")
    return text


def connector_of(action: str, evse_id: int, connector_id: int | None = None) -> int:
    """The 1.6 number of an EVSE with one connector. Raises PeerCannot for a second connector."""
    if connector_id not in (None, 0, 1):
        raise PeerCannot(action, f"connector {connector_id} of EVSE {evse_id} has no number of its own in OCPP 1.6")
    return evse_id


def evse_of(connector: int) -> v21.EVSEType | None:
    """Connector n is EVSE n, connector 1. Connector 0 is the station, which is no EVSE; neither is a negative number."""
    return v21.EVSEType(id=connector, connectorId=1) if connector > 0 else None
