"""What a station is to us; pure."""

from dataclasses import dataclass
from typing import Literal

Registration = Literal["Accepted", "Pending", "Rejected"]

LONGEST_IDENTITY = 48
"""Part 4 §3.1.1 (2.x); 1.6 names no limit, and no real station needs more."""


@dataclass(frozen=True, slots=True)
class Station:
    """What the gateway and the handlers need to know of a registered station."""

    id: str
    registration: Registration
    next_boot: Registration | None
    """How the next BootNotification is answered; None: Accepted."""
    security_profile: int | None
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    protocol: str | None
    created_ms: int


def check_identity(text: str) -> str | None:
    """Why `text` cannot be the identity of a station; None if it can.

    We take more characters than identifierString does, because 1.6 names none; but nothing that breaks URLs, logs or Basic authentication.
    """
    if not text:
        return "an identity has at least one character"
    if len(text) > LONGEST_IDENTITY:
        return f"an identity has at most {LONGEST_IDENTITY} characters"
    if ":" in text:
        return "an identity must not contain a colon: it separates user and password"
    if not text.isprintable() or "/" in text or text != text.strip():
        return "an identity has only printable characters, no slash, and no blanks at its ends"
    return None


def fold(identity: str) -> str:
    """The form in which identities are compared: they are case-insensitive (part 2 §2.1.4)."""
    return identity.casefold()
