"""HTTP Basic authentication as OCPP uses it: the password is bytes.

1.6 sends the raw bytes of its key after the colon (OCPP-J 1.6 §6.2.2), 2.x sends UTF-8 text (A00.FR.205). So the password is never decoded,
and the user name ends at the first colon.
"""

import base64
import binascii
from typing import NamedTuple


class Credentials(NamedTuple):
    """What an Authorization header says."""

    user: str
    password: bytes

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, password=<hidden>)"


def parse(authorization: str | None) -> Credentials | None:
    """Read the value of an Authorization header; None if it is missing or no Basic authentication."""
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return Credentials(user.decode(), password) if colon else None
    except (binascii.Error, ValueError):  # ValueError: not ASCII, or a user name that is no UTF-8
        return None


def header(identity: str, password: str | bytes) -> str:
    """The value of an Authorization header: bytes go out as they are, text as UTF-8."""
    secret = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(identity.encode() + b":" + secret).decode("ascii")
