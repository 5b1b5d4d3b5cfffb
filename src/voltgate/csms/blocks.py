"""The rooms in the order of the specification: what each handles, what each can be told, and what each brings up to date.

This is a list, not a discovery: what is not here does not happen. Doubles and actions that 2.1 does not know are refused at the start.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from types import ModuleType
from typing import Any

from voltgate.csms import (
    authorization,
    availability,
    data_transfer,
    diagnostics,
    firmware,
    message_log,
    meter_values,
    provisioning,
    remote_control,
    security,
    stations,
    transactions,
)
from voltgate.csms.reconciling import Reconciler
from voltgate.csms.session import Session
from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.messages import Answer

Handler = Callable[[Any, Session], Coroutine[Any, Any, Answer | None]]
Command = Callable[..., Coroutine[Any, Any, Answer]]

ROOMS: tuple[ModuleType, ...] = (
    stations,
    security,
    provisioning,
    authorization,
    transactions,
    remote_control,
    availability,
    meter_values,
    firmware,
    diagnostics,
    data_transfer,
    message_log,
)


class WrongBlocks(Exception):
    """The rooms do not fit together: a mistake in the program."""


def merge(rooms: Iterable[ModuleType], table: str, senders: frozenset[str]) -> dict[str, Any]:
    """The tables called `table` of all rooms as one; each action at most once, and sent by one of `senders`.

    Raises: WrongBlocks naming the rooms.
    """
    merged: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for room in rooms:
        for name, function in getattr(room, table, {}).items():
            action = ACTIONS["2.1"].get(name)
            if action is None or action.sender not in senders:
                raise WrongBlocks(f"{room.__name__}.{table}: 2.1 has no {name} from {' or '.join(sorted(senders))}")
            if name in owners:
                raise WrongBlocks(f"{name} is in the {table} of {owners[name]} and of {room.__name__}")
            merged[name], owners[name] = function, room.__name__
    return merged


HANDLERS: Mapping[str, Handler] = merge(ROOMS, "HANDLERS", frozenset({"station", "both"}))
"""What stations may ask, by 2.1 action."""

COMMANDS: Mapping[str, Command] = merge(ROOMS, "COMMANDS", frozenset({"csms", "both"}))
"""What rooms do for an action besides asking the station."""

RECONCILERS: tuple[Reconciler, ...] = tuple(reconciler for room in ROOMS for reconciler in getattr(room, "RECONCILERS", ()))
"""What is done when a station is there, in this order."""

ROUTES: list[Any] = [route for room in ROOMS for route in getattr(room, "ROUTES", ())]
"""The HTTP routes of all rooms."""
