"""HTTP: tokens."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import delete, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import Conflict, NotFound
from voltgate.csms.authorization.model import Concurrent, Status, Token, key_of
from voltgate.csms.authorization.store import read_token, token_of, tokens_query, write_deletion, write_token
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Work

IdToken = Annotated[str, Meta(min_length=1, max_length=255)]
TypeText = Annotated[str, Meta(min_length=1, max_length=20)]
Language = Annotated[str, Meta(max_length=8, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
"""A tag of RFC 5646 (C01.FR.17)."""
Search = Annotated[str | None, QueryParameter(description="Part of the token, its group or its note.")]
StatusFilter = Annotated[Status | None, QueryParameter(description="Only tokens with this status.")]
GroupFilter = Annotated[str | None, QueryParameter(description="Only tokens of this group.")]


class TokenView(Struct, frozen=True):
    """A token: a card, an app account, a contract."""

    id_token: str
    type: str
    status: Status
    group_id_token: str | None
    expires_at: datetime | None
    language: str | None
    note: str | None
    concurrent_transactions: Concurrent | None
    created_at: datetime


class NewToken(Struct, frozen=True, forbid_unknown_fields=True):
    """A token to add; a card by default."""

    id_token: IdToken
    type: TypeText = "ISO14443"
    status: Status = "Accepted"
    group_id_token: IdToken | None = None
    expires_at: datetime | None = None
    language: Language | None = None
    note: str | None = None
    concurrent_transactions: Concurrent | None = None


class TokenChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; fields that are left out stay as they are."""

    type: TypeText | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    group_id_token: IdToken | None | UnsetType = UNSET
    expires_at: datetime | None | UnsetType = UNSET
    language: Language | None | UnsetType = UNSET
    note: str | None | UnsetType = UNSET
    concurrent_transactions: Concurrent | None | UnsetType = UNSET


@get("/tokens", tags=["tokens"])
async def list_tokens(
    context: TheContext,
    search: Search = None,
    status: StatusFilter = None,
    group: GroupFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[TokenView]:
    """All tokens in the order of their text."""
    after = decode_cursor(cursor, str)
    rows = await context.database.query(tokens_query({"status": status, "group_id_token": group}, search, after, limit + 1))
    page = page_of(rows, limit, lambda row: (row["id_token_key"],))
    return Page([_view(token_of(row)) for row in page.items], page.next_cursor)


@post("/tokens", tags=["tokens"])
async def add_token(context: TheContext, data: JSONBody[NewToken]) -> TokenView:
    """Add a token."""
    if await read_token(context.database, data.id_token) is not None:
        raise Conflict(f"there is a token {data.id_token!r} already", field="id_token")
    return await _store(context, _token(data, context.clock.now()))


@get("/tokens/{id_token:str}", tags=["tokens"])
async def show_token(context: TheContext, id_token: FromPath[str]) -> TokenView:
    """One token; upper and lower case do not matter."""
    return _view(await _find(context, id_token))


@put("/tokens/{id_token:str}", tags=["tokens"])
async def put_token(context: TheContext, id_token: FromPath[str], data: JSONBody[NewToken]) -> TokenView:
    """Add a token or replace it."""
    if key_of(data.id_token) != key_of(id_token):
        raise Conflict("the token in the body is another one than in the address", field="id_token")
    return await _store(context, _token(data, context.clock.now()))


@patch("/tokens/{id_token:str}", tags=["tokens"])
async def change_token(context: TheContext, id_token: FromPath[str], data: JSONBody[TokenChange]) -> TokenView:
    """Change some fields of a token."""
    changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    if "expires_at" in changes:
        changes["expires_ms"] = _ms(changes.pop("expires_at"))
    return await _store(context, msgspec.structs.replace(await _find(context, id_token), **changes))


@delete("/tokens/{id_token:str}", tags=["tokens"])
async def delete_token(context: TheContext, id_token: FromPath[str]) -> None:
    """Forget a token; its transactions stay."""
    work = Work()
    write_deletion(work, (await _find(context, id_token)).id_token)
    await context.database.commit(work)


async def _find(context: Context, id_token: str) -> Token:
    token = await read_token(context.database, id_token)
    if token is None:
        raise NotFound(f"there is no token {id_token!r}")
    return token


async def _store(context: Context, token: Token) -> TokenView:
    work = Work()
    write_token(work, token)
    await context.database.commit(work)
    return _view(token)


def _token(data: NewToken, now: datetime) -> Token:
    return Token(
        data.id_token,
        data.type,
        data.status,
        data.group_id_token,
        _ms(data.expires_at),
        data.language,
        data.note,
        data.concurrent_transactions,
        to_ms(now),
    )


def _view(token: Token) -> TokenView:
    return TokenView(
        token.id_token,
        token.type,
        token.status,
        token.group_id_token,
        None if token.expires_ms is None else from_ms(token.expires_ms),
        token.language,
        token.note,
        token.concurrent_transactions,
        from_ms(token.created_ms),
    )


def _ms(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


ROUTES = [list_tokens, add_token, show_token, put_token, change_token, delete_token]
