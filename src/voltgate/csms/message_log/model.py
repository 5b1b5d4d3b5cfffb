"""Frames as they are kept; pure."""

import json
import re
from typing import Any, Literal

from msgspec import Struct

Direction = Literal["in", "out"]
Kind = Literal["CALL", "CALLRESULT", "CALLERROR", "CALLRESULTERROR", "SEND", "BROKEN"]

KINDS: dict[str, Kind] = {"2": "CALL", "3": "CALLRESULT", "4": "CALLERROR", "5": "CALLRESULTERROR", "6": "SEND"}
IDS_PER_MS = 1000
"""Frame ids are milliseconds times this, plus a counter: they sort by time, and need no index of their own for it."""

LONGEST_RAW = 1_048_576
"""Characters of a frame that are kept; as many as a frame may have unless the setting is raised."""

BLANK = "*****"
_SECRET_NAMES = frozenset({"BasicAuthPassword", "basicAuthPassword", "AuthorizationKey", "apnPassword", "password", "simPin"})
_FOLDED_NAMES = frozenset(name.casefold() for name in _SECRET_NAMES)
_VALUES = frozenset({"attributeValue", "value"})
"""Where messages have the value of the variable or key that they name."""
_TOKEN = frozenset({"idToken"})  # C04.FR.04: a key code opens like a password
_MESSAGE_TYPE = re.compile(r"\s*\[\s*(\d)\s*,")


class Frame(Struct, kw_only=True):
    """One message on the wire. `canonical` is what it means in 2.1, JSON, None if it is the same."""

    id: int
    station_id: str
    at_ms: int
    direction: Direction
    version: str
    kind: Kind
    action: str | None
    message_id: str | None
    raw: str
    canonical: str | None = None
    note: str | None = None


class FrameIds:
    """Gives each frame an id that grows with time, also when the clock goes back."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def next(self, at_ms: int) -> int:
        self._last = max(self._last + 1, at_ms * IDS_PER_MS)
        return self._last


def kind_of(raw: str) -> Kind:
    """What a frame says it is; BROKEN if it says nothing we know."""
    found = _MESSAGE_TYPE.match(raw)
    return KINDS.get(found[1], "BROKEN") if found else "BROKEN"


def presentable(raw: str) -> str:
    """`raw` as it may be kept: secrets blanked out, not endless, and text the database can take."""
    if "assword" in raw or "AuthorizationKey" in raw or "simPin" in raw or "KeyCode" in raw:
        raw = _blank_out(raw)
    if len(raw) > LONGEST_RAW:
        raw = f"{raw[:LONGEST_RAW]}… ({len(raw)} characters)"
    return raw if raw.isascii() else raw.encode("utf-8", "replace").decode()


def _blank_out(raw: str) -> str:
    try:
        said = json.loads(raw)
        shown = _blanked(said)
        return raw if shown == said else json.dumps(shown, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"{raw[:40]}… (kept short: it names a secret and cannot be read)"


def _blanked(value: Any, hidden: frozenset[str] = frozenset()) -> Any:
    """`value` without secrets: members named so, members called one of `hidden`, and the values of variables and keys named so."""
    if isinstance(value, list):
        return [_blanked(item, hidden) for item in value]
    if not isinstance(value, dict):
        return value
    inside = _VALUES if _names_secret(value) else _TOKEN if value.get("type") == "KeyCode" else frozenset()
    blank = _SECRET_NAMES | hidden | inside
    # A report has the values of a variable one level deeper than its name.
    return {
        name: BLANK if name in blank else _blanked(item, inside if name == "variableAttribute" else frozenset())
        for name, item in value.items()
    }


def _names_secret(value: dict[str, Any]) -> bool:
    variable = value.get("variable")
    named = (value.get("key"), variable.get("name") if isinstance(variable, dict) else None)
    return any(isinstance(name, str) and name.casefold() in _FOLDED_NAMES for name in named)
