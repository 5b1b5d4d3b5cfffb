"""Variables of the device model and wishes for them; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")
WishStatus = Literal["waiting", "done", "refused"]

NO_EVSE = 0
"""EVSE or connector of what belongs to the station as a whole; the specification numbers from 1."""

MOST_TRIES = 5
"""How often a wish is sent that gets no usable answer."""

ITEMS_WITHOUT_LIMIT = 20
"""Items in one message to a station that has not told its ItemsPerMessage."""

SECRET_VARIABLES = frozenset({"BasicAuthPassword", "AuthorizationKey"})
"""Set through the password of the station; never kept in clear."""


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

    def __str__(self) -> str:
        place = "" if not self.evse_id else f"[{self.evse_id}{f'.{self.connector_id}' if self.connector_id else ''}]"
        instances = "".join(f"({name})" for name in (self.component_instance, self.instance) if name)
        attribute = "" if self.attribute == "Actual" else f" {self.attribute}"
        return f"{self.component}{place}.{self.variable}{instances}{attribute}"


def split(items: Sequence[T], most: int | None) -> list[Sequence[T]]:
    """`items` in messages of at most `most`; None: what a station without limit takes."""
    size = max(1, most or ITEMS_WITHOUT_LIMIT)
    return [items[start : start + size] for start in range(0, len(items), size)]


def outcome(status: str) -> tuple[WishStatus, str | None]:
    """What a SetVariableStatus means for a wish, and the reason to show.

    RebootRequired is done: the station keeps the value and uses it after its next boot (B05.FR.11).
    """
    if status == "Accepted":
        return "done", None
    if status == "RebootRequired":
        return "done", "RebootRequired"
    return "refused", status


def is_hopeless(tries: int) -> bool:
    """Whether a wish that got no usable answer was sent often enough."""
    return tries >= MOST_TRIES


def interval_of(registration: str, heartbeat_seconds: int, retry_seconds: int) -> int:
    """Seconds for a BootNotificationResponse: between heartbeats once accepted, else until the next boot (B01.FR.05, B02.FR.07)."""
    return heartbeat_seconds if registration == "Accepted" else retry_seconds
