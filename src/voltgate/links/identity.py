"""The identity of a station in the URL it connects to: the last segment of the path (part 4 §3.1.1)."""

import re
from urllib.parse import quote

MAX_IDENTITY = 255
"""Longer ones are refused unread. 2.x allows 48 characters; what is registered decides."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


class BadIdentity(ValueError):
    """The path has no readable identity; the text says why."""


def read(path: str) -> str:
    """The identity in a request path. Decoded once: a plus is a plus, and a decoded slash does not split. Raises `BadIdentity`."""
    segment = path.partition("?")[0].rpartition("/")[2].encode(errors="surrogateescape")
    if _BROKEN_ESCAPE.search(segment):
        raise BadIdentity("the identity has a broken escape")
    try:
        identity = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), segment).decode()
    except UnicodeDecodeError:
        raise BadIdentity("the identity is not UTF-8") from None
    if not identity:
        raise BadIdentity("the path ends without an identity")
    if len(identity) > MAX_IDENTITY or "\x00" in identity:
        raise BadIdentity("no station can be called so")
    return identity


def url(endpoint: str, identity: str) -> str:
    """The connection URL: endpoint, slash, percent-encoded identity."""
    return f"{endpoint.rstrip('/')}/{quote(identity, safe='')}"
