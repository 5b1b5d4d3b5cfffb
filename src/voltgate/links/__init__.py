"""The wires: WebSocket server and client, TLS, reconnection. The rest of the house sees a `Link` and the ports, never a socket library."""

from voltgate.links.link import Link, Peer
from voltgate.links.port import Admission, Listener, Refusal, Socket, Upgrade

__all__ = ["Admission", "Link", "Listener", "Peer", "Refusal", "Socket", "Upgrade"]
