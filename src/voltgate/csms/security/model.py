"""Station passwords and the rules of the security profiles; pure.

A station's password is a long random machine secret, so a fast keyed digest protects it: HMAC-SHA-256 with a salt of the station and a key
of the installation that is not in the database. Ten thousand stations may come back in the same second.

1.6 sends the raw bytes of a key which operators write as hexadecimal digits; many stations send the digits instead. Both mean the same key.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

Profile = Literal[0, 1, 2, 3]

SHORTEST_PASSWORD = 16
LONGEST_PASSWORD = 64
_SALT_BYTES = 16
_KEY_BYTES = 20
"""1.6 allows at most 20 bytes (40 digits), 2.x at least 16 characters: 40 digits satisfy both."""

CRITICAL_EVENTS = frozenset(
    {
        "FirmwareUpdated",
        "SettingSystemTime",
        "StartupOfTheDevice",
        "ResetOrReboot",
        "SecurityLogWasCleared",
        "MemoryExhaustion",
        "TamperDetectionActivated",
        "InvalidFirmwareSignature",
        "InvalidFirmwareSigningCertificate",
        "InvalidCsmsCertificate",
        "InvalidCentralSystemCertificate",
        "InvalidChargingStationCertificate",
        "DiscardedRenewedClientCertificate",
        "InvalidTLSVersion",
        "InvalidTLSCipherSuite",
        "MaintenanceLoginAccepted",
        "MaintenanceLoginFailed",
    }
)
"""The critical security events of the appendix of part 2."""

ROUTINE_EVENTS = frozenset({"StartupOfTheDevice", "ResetOrReboot", "FirmwareUpdated", "SettingSystemTime"})
"""Critical by the table, but daily business: stored, no alarm."""


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What is kept of a password. `raw_digest` is of the bytes that the password spells in hexadecimal digits, None if it does not."""

    salt: bytes
    digest: bytes
    raw_digest: bytes | None


@dataclass(frozen=True, slots=True)
class Passwords:
    """What a station may show: its password, and the next one while it is not known whether the station has taken it."""

    current: StoredPassword | None = None
    next: StoredPassword | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of an Authorization header; the password as bytes, since 1.6 sends any."""

    user: str
    password: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a station may come in; `reason` is for the log, never for the station."""

    admitted: bool
    reason: str = ""
    renewed: bool = False
    """The station has shown its next password, so it has taken it."""


def new_password() -> str:
    """A password for a station of any version: 40 hexadecimal digits."""
    return secrets.token_hex(_KEY_BYTES)


def digest_password(password: str, key: bytes) -> StoredPassword:
    """What to keep of `password`; `key` is the installation's."""
    salt = secrets.token_bytes(_SALT_BYTES)
    raw = _bytes_spelled(password)
    return StoredPassword(salt, _digest(password.encode(), salt, key), None if raw is None else _digest(raw, salt, key))


def fits(stored: StoredPassword, given: bytes, key: bytes) -> bool:
    """Whether `given` is the stored password, as text, as raw bytes or as digits of other case. Takes the same time for any answer."""
    spelled = _bytes_spelled(given.decode("latin-1")) or given
    as_text = hmac.compare_digest(stored.digest, _digest(given, stored.salt, key))
    raw = stored.raw_digest or b""
    as_raw = hmac.compare_digest(raw, _digest(given, stored.salt, key))
    as_digits = hmac.compare_digest(raw, _digest(spelled, stored.salt, key))
    return as_text or as_raw or as_digits


def judge(station_id: str, profile: int | None, kept: Passwords, given: Credentials | None, *, secured: bool, key: bytes) -> Verdict:
    """Whether a station may connect with these credentials.

    A station with a stored password must show it whatever its profile (A00.FR.203); one of profile 2 or 3 must use TLS (A00.FR.002).
    """
    if profile is not None and profile >= 2 and not secured:
        return Verdict(False, f"security profile {profile} needs TLS")
    if given is not None and given.user.casefold() != station_id.casefold():  # A00.FR.204, A00.FR.207
        return Verdict(False, "the user name is not the identity in the URL")
    if given is not None and kept.next is not None and fits(kept.next, given.password, key):
        return Verdict(True, renewed=True)
    if kept.current is None:
        return Verdict(profile in (None, 0), "no password is set for this station")
    if given is None:
        return Verdict(False, "no password was given")
    return Verdict(True) if fits(kept.current, given.password, key) else Verdict(False, "wrong password")


def is_alarming(event_type: str) -> bool:
    """Whether a person should look at a security event of this type."""
    return event_type in CRITICAL_EVENTS and event_type not in ROUTINE_EVENTS


def _digest(password: bytes, salt: bytes, key: bytes) -> bytes:
    return hmac.digest(key, salt + password, "sha256")


def _bytes_spelled(text: str) -> bytes | None:
    if len(text) < 2 * SHORTEST_PASSWORD or len(text) % 2:
        return None
    try:
        return bytes.fromhex(text) if text.isalnum() else None
    except ValueError:
        return None
