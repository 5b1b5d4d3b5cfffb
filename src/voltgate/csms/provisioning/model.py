"""Variables of the device model and wishes for them; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

T = TypeVar("T")
WishStatus = Literal["waiting", "done", "refused"]

NO_EVSE = 0
"""EVSE or connector of what belongs to the station as a whole; the specification numbers from 1."""

MOST_TRIES = 5
"""How often a wish is sent that gets no usable answer."""

ITEMS_WITHOUT_LIMIT = 20
"""Wishes in one message to a station that has not told its ItemsPerMessage."""

AFTER_BOOT = "RebootRequired"
"""The reason of a wish that is done and works after the next boot of the station."""

ENVELOPE_BYTES = 128
"""What a message has around its items: type, id, action and brackets."""

SECRET_VARIABLES = frozenset({"BasicAuthPassword", "AuthorizationKey"})
"""Set through the password of the station; never kept in clear."""

_SECRETS = {name.casefold(): name for name in SECRET_VARIABLES}


@dataclass(frozen=True, slots=True, order=True)
class VariableKey:
    """Which variable; absent instances are empty texts, so that the key is unique in the database too."""

    component: str
    variable: str
    evse_id: int = NO_EVSE
    connector_id: int = NO_EVSE
    component_instance: str = ""
    instance: str = ""
    attribute: str = "Actual"

    def folded(self) -> "VariableKey":
        """The form in which keys are compared: names are case-insensitive."""
        texts = {name: getattr(self, name).casefold() for name in ("component", "variable", "component_instance", "instance")}
        return replace(self, **texts)

    def __str__(self) -> str:
        place = "" if not self.evse_id else f"[{self.evse_id}{f'.{self.connector_id}' if self.connector_id else ''}]"
        instances = "".join(f"({name})" for name in (self.component_instance, self.instance) if name)
        attribute = "" if self.attribute == "Actual" else f" {self.attribute}"
        return f"{self.component}{place}.{self.variable}{instances}{attribute}"


def split(items: Sequence[T], most: int | None) -> list[Sequence[T]]:
    """`items` in messages of at most `most`; None: what a station without limit takes."""
    size = max(1, most or ITEMS_WITHOUT_LIMIT)
    return [items[start : start + size] for start in range(0, len(items), size)]


def split_to_fit(items: Sequence[T], most: int | None, room: int | None, size_of: Callable[[T], int]) -> list[list[T]]:
    """`items` in messages of at most `most` items and `room` bytes; None: no limit. An item that is too long has a message of its own."""
    messages: list[list[T]] = []
    left = 0
    for item in items:
        size = size_of(item) + 1
        full = not messages or (most is not None and len(messages[-1]) >= max(1, most)) or (room is not None and size > left)
        if full:
            messages.append([])
            left = (room or 0) - ENVELOPE_BYTES
        messages[-1].append(item)
        left -= size
    return messages


def spelled(variable: str) -> str:
    """The name of a variable; that of a secret as the specification writes it, so that everyone who hides it knows it."""
    return _SECRETS.get(variable.casefold(), variable)


def is_secret(variable: str) -> bool:
    """Whether the value of this variable must not be kept or shown."""
    return variable.casefold() in _SECRETS


def outcome(status: str) -> tuple[WishStatus, str | None]:
    """What a SetVariableStatus means for a wish, and the reason to show.

    RebootRequired is done: the station keeps the value and uses it after its next boot (B05.FR.11).
    """
    if status == "Accepted":
        return "done", None
    if status == AFTER_BOOT:
        return "done", AFTER_BOOT
    return "refused", status


def follow_report(status: str, parts: int, number: int, *, last: bool) -> tuple[str, int]:
    """Status and parts of a report after the part `number` (seqNo, from 0); a repeated part changes nothing, a gap cannot be closed."""
    if number > parts:
        status = "incomplete"
    elif last and status != "incomplete":
        status = "complete"
    return status, max(parts, number + 1)


def is_hopeless(tries: int) -> bool:
    """Whether a wish that got no usable answer was sent often enough."""
    return tries >= MOST_TRIES


def interval_of(registration: str, heartbeat_seconds: int, retry_seconds: int) -> int:
    """Seconds for a BootNotificationResponse: between heartbeats once accepted, else until the next boot (B01.FR.05, B02.FR.07)."""
    return heartbeat_seconds if registration == "Accepted" else retry_seconds
