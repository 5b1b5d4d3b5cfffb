"""Block A, security: who a station is, and what it reports about its own security.

Use cases: A00 (profiles, Basic authentication), A01 (passwords), A04 (security events).
Owns the tables `station_passwords` and `security_events`. Imports no other room: the hall stands on it.
"""

from voltgate.csms.security.handlers import HANDLERS
from voltgate.csms.security.model import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Credentials,
    Passwords,
    StoredPassword,
    Verdict,
    judge,
    new_password,
)
from voltgate.csms.security.routes import ROUTES
from voltgate.csms.security.store import (
    confirm_next_password,
    drop_next_password,
    forget_station,
    keep_next_password,
    keep_password,
    read_password,
)

__all__ = [
    "HANDLERS",
    "LONGEST_PASSWORD",
    "ROUTES",
    "SHORTEST_PASSWORD",
    "Credentials",
    "Passwords",
    "StoredPassword",
    "Verdict",
    "confirm_next_password",
    "drop_next_password",
    "forget_station",
    "judge",
    "keep_next_password",
    "keep_password",
    "new_password",
    "read_password",
]
