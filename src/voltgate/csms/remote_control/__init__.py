"""Block F, remote control: start, stop, unlock and trigger, as direct calls. Owns no table."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from voltgate.csms.remote_control.commands import (
    COMMANDS,
    request_start_transaction,
    request_stop_transaction,
    start_transaction,
    trigger_message,
    unlock_connector,
)

HANDLERS: Mapping[str, Callable[..., Awaitable[Any]]] = {}
"""Stations ask nothing of this block."""

__all__ = [
    "COMMANDS",
    "HANDLERS",
    "request_start_transaction",
    "request_stop_transaction",
    "start_transaction",
    "trigger_message",
    "unlock_connector",
]
