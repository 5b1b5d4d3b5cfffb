"""HTTP: log-in and log-out, operators, API keys."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation
from msgspec import Meta, Struct

from voltgate.csms.api.injected import Operator, Role, TheContext, Who
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.api.problems import Conflict, Invalid, NotFound
from voltgate.csms.backoffice.operators import store
from voltgate.csms.backoffice.operators.login import COOKIE, Login, Logins
from voltgate.csms.backoffice.operators.secrets import hash_password, hash_secret, new_key, new_secret, shown_prefix
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.infrastructure.database import Row, StoreFailed, Work

ID_CHARACTERS = 12

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")]
Password = Annotated[str, Meta(min_length=8, max_length=1024)]
Label = Annotated[str, Meta(min_length=1, max_length=100)]
TheLogins = NamedDependency[SkipValidation[Logins]]


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """Name and password of an operator, or an API key."""

    name: str | None = None
    password: str | None = None
    key: str | None = None


class OperatorEntry(Struct, frozen=True):
    """Somebody who may log in."""

    name: str
    role: Role
    created_at: datetime


class NewOperator(Struct, frozen=True, forbid_unknown_fields=True):
    """An operator to add."""

    name: Name
    role: Role
    password: Password


class OperatorChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays. A new password ends the sessions of the operator."""

    role: Role | None = None
    password: Password | None = None


class ApiKey(Struct, frozen=True):
    """A key of a program; `prefix` is how it begins."""

    id: str
    name: str
    role: Role
    prefix: str
    created_at: datetime
    created_by: str


class NewApiKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make; `name` says what it is for."""

    name: Label
    role: Role = "operator"


class CreatedApiKey(ApiKey, frozen=True, kw_only=True):
    """A key that was just made; `key` is shown this once."""

    key: str


@post("/session", tags=["access"], status_code=200, opt={"public": True}, summary="Log in")
async def log_in(request: Request[Any, Any, Any], logins: TheLogins, data: JSONBody[Credentials]) -> Response[Operator]:
    """Opens a session and sets its cookie. Give `name` and `password`, or `key`."""
    address = request.client.host if request.client else ""
    login = await _login(logins, data, address)
    request.scope["user"] = login.operator
    cookie = Cookie(
        COOKIE, value=login.secret, max_age=login.seconds, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return Response(login.operator, cookies=[cookie])


async def _login(logins: Logins, data: Credentials, address: str) -> Login:
    if data.key is not None:
        return await logins.with_key(data.key, address)
    if data.name is None or data.password is None:
        raise Invalid("give `name` and `password`, or `key`", field="name" if data.name is None else "password")
    return await logins.with_password(data.name, data.password, address)


@get("/session", tags=["access"], summary="Who am I")
async def show_session(operator: Who) -> Operator:
    """The operator or key that makes this request."""
    return operator


@delete("/session", tags=["access"], summary="Log out")
async def log_out(request: Request[Any, Any, Any], logins: TheLogins) -> Response[None]:
    """Ends the session of the cookie."""
    await logins.end(request.cookies.get(COOKIE, ""))
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(COOKIE)
    return response


@get("/operators", tags=["access"], summary="List operators")
async def list_operators(context: TheContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[OperatorEntry]:
    """Operators by name."""
    after = decode_cursor(cursor, str)
    rows = await store.list_operators(context.database, after[0] if after else None, limit + 1)
    return page_of([_entry(row) for row in rows], limit, lambda entry: (entry.name,))


@post("/operators", tags=["access"], summary="Add an operator")
async def add_operator(context: TheContext, data: JSONBody[NewOperator]) -> OperatorEntry:
    """Adds somebody who may log in."""
    await _refuse_taken(context, data.name)
    now = context.clock.now()
    work = Work()
    password_hash = await hash_password(data.password)
    work.write(store.ADD_OPERATOR, name=data.name, role=data.role, password_hash=password_hash, created_ms=to_ms(now))
    try:
        await context.database.commit(work)
    except StoreFailed:
        await _refuse_taken(context, data.name)
        raise
    return OperatorEntry(data.name, data.role, now)


async def _refuse_taken(context: Context, name: str) -> None:
    if await context.database.read(store.OPERATOR, name=name):
        raise Conflict(f"there is an operator {name!r} already", field="name")


@get("/operators/{name:str}", tags=["access"], summary="Show an operator")
async def show_operator(context: TheContext, name: FromPath[str]) -> OperatorEntry:
    """One operator."""
    return _entry(await _operator(context, name))


@patch("/operators/{name:str}", tags=["access"], summary="Change an operator")
async def change_operator(context: TheContext, name: FromPath[str], data: JSONBody[OperatorChange]) -> OperatorEntry:
    """Changes role or password. The last admin cannot be demoted."""
    before = await _operator(context, name)
    work = Work()
    if data.role is not None and data.role != before["role"]:
        await _keep_an_admin(context, name)
        work.write(store.CHANGE_ROLE, who=name, role=data.role)
    if data.password is not None:
        work.write(store.CHANGE_PASSWORD, who=name, password_hash=await hash_password(data.password))
        work.write(store.REMOVE_SESSIONS_OF, who=name)
    await context.database.commit(work)
    return _entry(await _operator(context, name))


@delete("/operators/{name:str}", tags=["access"], summary="Remove an operator")
async def remove_operator(context: TheContext, name: FromPath[str]) -> None:
    """Removes an operator and ends the sessions. The last admin cannot be removed."""
    await _operator(context, name)
    await _keep_an_admin(context, name)
    work = Work()
    work.write(store.REMOVE_OPERATOR, who=name)
    work.write(store.REMOVE_SESSIONS_OF, who=name)
    await context.database.commit(work)


@get("/api-keys", tags=["access"], summary="List API keys")
async def list_keys(context: TheContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[ApiKey]:
    """API keys, oldest first; the keys themselves are not kept."""
    after = decode_cursor(cursor, int, str)
    rows = await store.list_keys(context.database, after, limit + 1)
    return page_of([_key(row) for row in rows], limit, lambda key: (to_ms(key.created_at), key.id))


@post("/api-keys", tags=["access"], summary="Make an API key")
async def add_key(context: TheContext, operator: Who, data: JSONBody[NewApiKey]) -> CreatedApiKey:
    """Makes a key and shows it, this once."""
    secret, key_id, now = new_key(), new_secret()[:ID_CHARACTERS], context.clock.now()
    made = ApiKey(key_id, data.name, data.role, shown_prefix(secret), now, operator.name)
    work = Work()
    work.write(
        store.ADD_KEY,
        id=made.id,
        name=made.name,
        role=made.role,
        prefix=made.prefix,
        key_hash=hash_secret(secret),
        created_ms=to_ms(now),
        created_by=made.created_by,
    )
    await context.database.commit(work)
    return CreatedApiKey(made.id, made.name, made.role, made.prefix, made.created_at, made.created_by, key=secret)


@get("/api-keys/{key_id:str}", tags=["access"], summary="Show an API key")
async def show_key(context: TheContext, key_id: FromPath[str]) -> ApiKey:
    """One key, without the key itself."""
    return _key(await _stored_key(context, key_id))


@delete("/api-keys/{key_id:str}", tags=["access"], summary="Revoke an API key")
async def remove_key(context: TheContext, key_id: FromPath[str]) -> None:
    """Revokes a key and ends the sessions that were opened with it. The last admin cannot be removed."""
    await _stored_key(context, key_id)
    await _keep_an_admin(context, f"key {key_id}")
    work = Work()
    work.write(store.REMOVE_KEY, id=key_id)
    work.write(store.REMOVE_SESSIONS_OF_KEY, id=key_id)
    await context.database.commit(work)


async def _operator(context: Context, name: str) -> Row:
    rows = await context.database.read(store.OPERATOR, name=name)
    if not rows:
        raise NotFound(f"there is no operator {name!r}")
    return rows[0]


async def _stored_key(context: Context, key_id: str) -> Row:
    rows = await context.database.read(store.KEY_BY_ID, id=key_id)
    if not rows:
        raise NotFound(f"there is no API key {key_id!r}")
    return rows[0]


async def _keep_an_admin(context: Context, leaving: str) -> None:
    """Raises: Conflict when nobody could manage access any more without `leaving`."""
    admins = {row["who"] for row in await context.database.read(store.ADMINS)}
    if admins == {leaving}:
        raise Conflict("this is the last admin: nobody could manage access any more")


def _entry(row: Row) -> OperatorEntry:
    return OperatorEntry(row["name"], row["role"], from_ms(row["created_ms"]))


def _key(row: Row) -> ApiKey:
    return ApiKey(row["id"], row["name"], row["role"], row["prefix"], from_ms(row["created_ms"]), row["created_by"])


ROUTES: list[Any] = [
    log_in,
    show_session,
    log_out,
    list_operators,
    add_operator,
    show_operator,
    change_operator,
    remove_operator,
    list_keys,
    add_key,
    show_key,
    remove_key,
]
