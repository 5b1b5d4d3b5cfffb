"""The list of rooms in the order of the specification, and what each answers. A list, not a discovery."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from voltgate.ocpp.messages import Answer
from voltgate.station import authorization, availability, data_transfer, provisioning, remote_control, transactions
from voltgate.station.station import Station

Handler = Callable[[Any, Station], Answer]

ROOMS = (provisioning, authorization, transactions, remote_control, availability, data_transfer)


def _collect() -> Mapping[str, Handler]:
    handlers: dict[str, Handler] = {}
    for room in ROOMS:
        for action, handler in room.HANDLERS.items():
            if action in handlers:
                raise RuntimeError(f"{action} has two handlers")
            handlers[action] = handler
    return MappingProxyType(handlers)


HANDLERS = _collect()
"""By action of 2.1; an action that is not here is not offered."""
