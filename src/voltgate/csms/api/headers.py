"""Headers that every answer carries: what a browser may load, frame, guess and keep."""

import secrets
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

NONCE = "voltgate_nonce"

_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
)
# Styles may be attributes (bars and charts have computed sizes); scripts are files of ours or carry the nonce. Images: map tiles.
_POLICY = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self'{nonce}; style-src-attr 'unsafe-inline'; img-src 'self' data: https:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def nonce_of(scope: Any) -> str:
    """The nonce of this answer, for ``<script nonce=...>``; the first use makes it part of the answer's policy."""
    nonce: str = scope.setdefault(NONCE, "") or secrets.token_urlsafe(16)
    scope[NONCE] = nonce
    return nonce


async def protect(message: Message, scope: Scope) -> None:
    """Add the headers to the start of an answer; a route's own headers win. Async, or Litestar would run it in a thread."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders(message)
    nonce = scope.get(NONCE)
    headers.setdefault("content-security-policy", _POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else ""))
    if scope["path"].startswith("/api/"):
        headers.setdefault("cache-control", "no-store")
    for name, value in _ALWAYS:
        headers.setdefault(name, value)
