"""Lists in pages, by keyset: a cursor is the sort key of the last item shown, so that new items never shift a page.

How a room uses it, newest first by (at_ms, id)::

    async def list_messages(context: Context, cursor: Cursor = None, limit: Limit = 50) -> Page[Message]:
        after = decode_cursor(cursor, int, int)                 # None, or [at_ms, id]
        found = await store.messages(context.database, after, limit + 1)   # one more than shown tells whether there is a next page
        return page_of(found, limit, lambda message: (to_ms(message.at), message.id))
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Callable, Sequence
from hashlib import blake2s
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Struct

from voltgate.csms.api.problems import BadRequest

T = TypeVar("T")
Key = str | int | None

DEFAULT_LIMIT = 50
MAX_LIMIT = 500
_SEAL_BYTES = 6

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many items at most.")]
"""The `limit` parameter of a list; give it the default `DEFAULT_LIMIT`."""

Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]
"""The `cursor` parameter of a list; its default is None."""


class Page(Struct, Generic[T], frozen=True):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(values: Sequence[Key]) -> str:
    """The sort key of the last item shown, as text that fits into a URL."""
    content = msgspec.json.encode(list(values))
    return urlsafe_b64encode(_seal(content) + content).rstrip(b"=").decode()


def decode_cursor(text: str | None, *kinds: type) -> list[Any] | None:
    """The sort key in a cursor; None for the first page. With `kinds`, the key must have exactly these types.

    Raises: BadRequest naming `cursor` when `text` did not come from `encode_cursor`, or came from another list.
    """
    if text is None:
        return None
    values = _unseal(text)
    if kinds and [type(value) for value in values] != list(kinds):
        raise BadRequest("this cursor belongs to another list", field="cursor")
    return values


def page_of(found: Sequence[T], limit: int, key: Callable[[T], Sequence[Key]]) -> Page[T]:
    """A page of `found`, which holds up to one item more than `limit` when there is a next page."""
    items = list(found[:limit])
    more = len(found) > limit
    return Page(items, encode_cursor(key(items[-1])) if more else None)


def _seal(content: bytes) -> bytes:
    # Not a secret: it tells a mistyped or invented cursor from one of ours. A cursor gives no rights.
    return blake2s(content, digest_size=_SEAL_BYTES, person=b"cursor").digest()


def _unseal(text: str) -> list[Any]:
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NoBase64, UnicodeEncodeError, ValueError):
        sealed = b""
    seal, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not content or _seal(content) != seal:
        raise BadRequest("this is not a cursor of ours", field="cursor")
    values: list[Any] = msgspec.json.decode(content, type=list[Any])
    return values
