"""Who may charge: tokens, and the one place where a token is judged.

Rules
- Texts of tokens are compared without regard to case. A key code opens only as a key code; other types are not compared, because 1.6 does
  not know types and stations in the field disagree about them.
- A type `NoAuthorization` is always accepted (C02.FR.02).
- `ConcurrentTx` is only an answer to a transaction that starts with the token (AuthorizationStatusEnumType), never to Authorize: the same
  question is asked to stop.
"""

from typing import Literal, get_args

from msgspec import Struct

from voltgate.ocpp import v21

Status = v21.AuthorizationStatusEnumType
Concurrent = Literal["refuse", "accept"]
STATUSES: tuple[str, ...] = get_args(Status)

NO_AUTHORIZATION = "NoAuthorization"
KEY_CODE = "KeyCode"


class Token(Struct, frozen=True):
    """A token as it is stored."""

    id_token: str
    type: str
    status: Status = "Accepted"
    group_id_token: str | None = None
    expires_ms: int | None = None
    language: str | None = None
    note: str | None = None
    concurrent_transactions: Concurrent | None = None
    """None: as the installation says."""
    created_ms: int = 0


class Policy(Struct, frozen=True):
    """How the installation treats tokens it does not know, and tokens that are in use."""

    unknown_tokens: Literal["refuse", "accept"] = "refuse"
    concurrent_transactions: Concurrent = "refuse"


class Known(Struct, frozen=True):
    """What is known about a presented token."""

    token: Token | None
    granted: bool = False
    """An operator started a transaction with it at this station a short while ago."""


UNKNOWN = Known(None)


def key_of(id_token: str) -> str:
    """The text by which tokens are compared."""
    return id_token.strip().casefold()


def fits(token: Token, presented_type: str) -> bool:
    """Whether a token of this text may be presented with this type (C01.FR.25, loosened as the module says)."""
    return token.type == presented_type or KEY_CODE not in (token.type, presented_type)


def judge(known: Known, presented_type: str, now_ms: int, policy: Policy, open_elsewhere: int = 0) -> Status:
    """May this token charge (C01.FR.07, E01.FR.11, E05.FR.01)?

    `open_elsewhere` counts other open transactions of the token; 0 unless a transaction starts with it.
    """
    if presented_type == NO_AUTHORIZATION:
        return "Accepted"
    token = known.token
    if token is None:
        return "Accepted" if known.granted or policy.unknown_tokens == "accept" else "Invalid"
    if not fits(token, presented_type):
        return "Invalid"
    if token.status != "Accepted":
        return token.status
    if token.expires_ms is not None and token.expires_ms <= now_ms:
        return "Expired"
    if open_elsewhere and (token.concurrent_transactions or policy.concurrent_transactions) == "refuse":
        return "ConcurrentTx"
    return "Accepted"
