"""How a station reaches its central system: what its variables mean for the WebSocket client."""

import re
from collections.abc import Callable

from voltgate.links import Link
from voltgate.links.backoff import BackOff
from voltgate.links.websocket_client import Client, ClientOptions, MakeLink
from voltgate.ocpp.traits import Traits
from voltgate.station.station import Station


def client_for(
    station: Station,
    traits: Traits,
    make_link: MakeLink,
    *,
    on_connected: Callable[[Link], None],
    on_disconnected: Callable[[int, str], None],
    on_failed: Callable[[str], None],
) -> Client:
    """A client with the station's identity, password, back-off (part 4 §5.4) and ping interval."""
    spec, name = station.spec, "OCPPCommCtrlr"
    return Client(
        spec.url,
        spec.id,
        make_link,
        versions=(spec.version,),
        password=password_of(station, traits),
        backoff=follow_backoff(station, BackOff()),
        options=ClientOptions(ping_interval_seconds=station.variables.integer(name, "WebSocketPingInterval")),
        on_connected=on_connected,
        on_disconnected=on_disconnected,
        on_failed=on_failed,
    )


def follow_backoff(station: Station, backoff: BackOff) -> BackOff:
    """Wait as the variables say from now on."""
    name = "OCPPCommCtrlr"
    backoff.wait_minimum = station.variables.integer(name, "RetryBackOffWaitMinimum")
    backoff.random_range = station.variables.integer(name, "RetryBackOffRandomRange")
    backoff.repeat_times = station.variables.integer(name, "RetryBackOffRepeatTimes")
    return backoff


def password_of(station: Station, traits: Traits) -> str | bytes | None:
    """The password as it goes into the header; where passwords are bytes, hexadecimal digits stand for them."""
    text = station.variables.text("SecurityCtrlr", "BasicAuthPassword")
    if traits.raw_password and re.fullmatch(r"([0-9a-fA-F]{2}){16,20}", text):
        return bytes.fromhex(text)
    return text or None
