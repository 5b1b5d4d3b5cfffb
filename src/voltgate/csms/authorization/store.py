"""The tables of tokens and of grants: starts that an operator asked for with a token we do not know."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Select, Table, Text, bindparam, delete, literal, or_, select

from voltgate.csms.authorization.model import Known, Token, key_of
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Row, Statement, Work, insert

TOKENS = Table(
    "tokens",
    metadata,
    Column("id_token_key", Text, primary_key=True),
    Column("id_token", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("group_id_token", Text),
    Column("expires_ms", Integer),
    Column("language", Text),
    Column("note", Text),
    Column("concurrent_transactions", Text),
    Column("created_ms", Integer, nullable=False),
    Index("ix_tokens_group_id_token", "group_id_token"),
)

TOKEN_GRANTS = Table(
    "token_grants",
    metadata,
    Column("station_id", Text, nullable=False),
    Column("id_token_key", Text, nullable=False),
    Column("until_ms", Integer, nullable=False),
    PrimaryKeyConstraint("station_id", "id_token_key"),
)

_c, _g = TOKENS.c, TOKEN_GRANTS.c
_FIELDS = Token.__struct_fields__
_granted = (
    select(_g.until_ms)
    .where(_g.station_id == bindparam("station_id"), _g.id_token_key == bindparam("id_token_key"), _g.until_ms > bindparam("now_ms"))
    .scalar_subquery()
)
_one = select(literal(1).label("one")).subquery()
# One row whether or not the token is known, so that token and grant are one look-up.
_KNOWN = Statement(
    select(_granted.label("granted"), *(_c[name] for name in _FIELDS)).select_from(
        _one.outerjoin(TOKENS, _c.id_token_key == bindparam("id_token_key"))
    )
)
_BY_KEY = Statement(select(TOKENS).where(_c.id_token_key == bindparam("id_token_key")))
_put = insert(TOKENS)
PUT = Statement(
    _put.on_conflict_do_update(
        index_elements=["id_token_key"], set_={name: _put.excluded[name] for name in _FIELDS if name != "created_ms"}
    )
)
DELETE = Statement(delete(TOKENS).where(_c.id_token_key == bindparam("id_token_key")))
_grant = insert(TOKEN_GRANTS)
_GRANT = Statement(_grant.on_conflict_do_update(index_elements=["station_id", "id_token_key"], set_={"until_ms": _grant.excluded.until_ms}))
_FORGET_GRANTS = Statement(delete(TOKEN_GRANTS).where(_g.until_ms <= bindparam("now_ms")))


async def read_known(database: Database, station_id: str, id_token: str, now_ms: int) -> Known:
    """What is known about a token that was presented at a station; one point look-up."""
    rows = await database.read(_KNOWN, station_id=station_id, id_token_key=key_of(id_token), now_ms=now_ms)
    row = rows[0]
    return Known(token_of(row) if row["id_token"] is not None else None, row["granted"] is not None)


async def read_token(database: Database, id_token: str) -> Token | None:
    """A stored token; upper and lower case do not matter."""
    rows = await database.read(_BY_KEY, id_token_key=key_of(id_token))
    return token_of(rows[0]) if rows else None


def write_token(work: Work, token: Token) -> None:
    """Store a token, replacing the one with the same text."""
    work.write(PUT, id_token_key=key_of(token.id_token), **{name: getattr(token, name) for name in _FIELDS})


def write_deletion(work: Work, id_token: str) -> None:
    """Forget a token; no-op if there is none."""
    work.write(DELETE, id_token_key=key_of(id_token))


def write_grant(work: Work, station_id: str, id_token: str, now_ms: int, until_ms: int) -> None:
    """Let a token that we do not know start a transaction at a station until `until_ms`."""
    work.write(_FORGET_GRANTS, now_ms=now_ms)
    work.write(_GRANT, station_id=station_id, id_token_key=key_of(id_token), until_ms=until_ms)


def tokens_query(filters: Mapping[str, str | None], search: str | None, after: Sequence[Any] | None, limit: int) -> Select[Any]:
    """Tokens in the order of their text; `search` looks into text, group and note."""
    query = select(TOKENS).order_by(_c.id_token_key).limit(limit)
    for name, value in filters.items():
        if value is not None:
            query = query.where(_c[name] == value)
    if search:
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in (_c.id_token, _c.group_id_token, _c.note))))
    return query if after is None else query.where(_c.id_token_key > after[0])


def token_of(row: Row) -> Token:
    """A row of the table as a token."""
    return Token(*(row[name] for name in _FIELDS))
