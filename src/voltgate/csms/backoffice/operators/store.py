"""Tables and SQL of operators, API keys and sessions."""

from collections.abc import Sequence

from sqlalchemy import Column, Index, Integer, Table, Text, bindparam, delete, func, select, union_all, update

from voltgate.csms.api.injected import Operator
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database import Database, Row, Statement, insert

OPERATORS = Table(
    "operators",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_ms", Integer, nullable=False),
)

API_KEYS = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("created_ms", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
)

SESSIONS = Table(
    "operator_sessions",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("operator_name", Text),
    Column("key_id", Text),
    Column("created_ms", Integer, nullable=False),
    Column("expires_ms", Integer, nullable=False),
    Index("ix_operator_sessions_expires_ms", "expires_ms"),
)

_o, _k, _s = OPERATORS.c, API_KEYS.c, SESSIONS.c

KEY_BY_HASH = Statement(select(API_KEYS).where(_k.key_hash == bindparam("key_hash")))
KEY_BY_ID = Statement(select(API_KEYS).where(_k.id == bindparam("id")))
OPERATOR = Statement(select(OPERATORS).where(_o.name == bindparam("name")))
SESSION = Statement(
    select(func.coalesce(_o.name, _k.name).label("name"), func.coalesce(_o.role, _k.role).label("role"), _s.expires_ms.label("expires_ms"))
    .select_from(SESSIONS.outerjoin(OPERATORS, _s.operator_name == _o.name).outerjoin(API_KEYS, _s.key_id == _k.id))
    .where(_s.secret_hash == bindparam("secret_hash"), _s.expires_ms > bindparam("now_ms"))
)
ADMINS = Statement(
    union_all(select(_o.name.label("who")).where(_o.role == "admin"), select(("key " + _k.id).label("who")).where(_k.role == "admin"))
)
ANYBODY = Statement(union_all(select(_o.name.label("who")), select(_k.id.label("who"))).limit(1))

ADD_OPERATOR = Statement(insert(OPERATORS))
CHANGE_ROLE = Statement(update(OPERATORS).where(_o.name == bindparam("who")).values(role=bindparam("role")))
CHANGE_PASSWORD = Statement(update(OPERATORS).where(_o.name == bindparam("who")).values(password_hash=bindparam("password_hash")))
REMOVE_OPERATOR = Statement(delete(OPERATORS).where(_o.name == bindparam("who")))
ADD_KEY = Statement(insert(API_KEYS))
REMOVE_KEY = Statement(delete(API_KEYS).where(_k.id == bindparam("id")))
ADD_SESSION = Statement(insert(SESSIONS))
REMOVE_SESSION = Statement(delete(SESSIONS).where(_s.secret_hash == bindparam("secret_hash")))
REMOVE_SESSIONS_OF = Statement(delete(SESSIONS).where(_s.operator_name == bindparam("who")))
REMOVE_SESSIONS_OF_KEY = Statement(delete(SESSIONS).where(_s.key_id == bindparam("id")))
REMOVE_EXPIRED = Statement(delete(SESSIONS).where(_s.expires_ms <= bindparam("now_ms")))

_put_key = insert(API_KEYS)
PUT_KEY = Statement(
    _put_key.on_conflict_do_update(
        index_elements=["id"], set_={name: _put_key.excluded[name] for name in ("name", "role", "prefix", "key_hash")}
    )
)


async def who_has_key(database: Database, key_hash: str) -> Operator | None:
    """The key with this hash, as somebody who may do what its role may."""
    return _operator(await database.read(KEY_BY_HASH, key_hash=key_hash))


async def who_has_session(database: Database, secret_hash: str, now_ms: int) -> Operator | None:
    """Who logged in with this session; None when it ended, or the operator or key behind it is gone."""
    return _operator(await database.read(SESSION, secret_hash=secret_hash, now_ms=now_ms))


async def list_operators(database: Database, after: str | None, limit: int) -> Sequence[Row]:
    """Operators by name."""
    query = select(_o.name, _o.role, _o.created_ms).order_by(_o.name).limit(limit)
    return await database.query(query if after is None else query.where(_o.name > after))


async def list_keys(database: Database, after: Sequence[int | str] | None, limit: int) -> Sequence[Row]:
    """API keys, oldest first by (created_ms, id)."""
    query = select(API_KEYS).order_by(_k.created_ms, _k.id).limit(limit)
    if after is not None:
        at_ms, key_id = after
        query = query.where((_k.created_ms > at_ms) | ((_k.created_ms == at_ms) & (_k.id > key_id)))
    return await database.query(query)


def _operator(rows: Sequence[Row]) -> Operator | None:
    if not rows or rows[0]["role"] is None:
        return None
    return Operator(rows[0]["name"], rows[0]["role"])
