"""Who may do what: one table, and one guard before every route.

Reading needs `viewer`, everything else `operator`, and the lines of `ADMIN_ONLY` need `admin`; a route that is forgotten here is thus never
open to more people than its neighbours. Somebody is known by a bearer API key or by the cookie of a session. Routes marked with `PUBLIC`
(``opt=PUBLIC``) are for everybody: health, metrics, log-in, the description of the API.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from voltgate.csms.api.injected import Operator, Role
from voltgate.csms.api.problems import NotAllowed, NotLoggedIn
from voltgate.csms.backoffice.operators import COOKIE, who_has_key, who_has_session
from voltgate.csms.backoffice.operators.secrets import hash_secret
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms

API = "/api/v1"
PUBLIC = {"public": True}
DEMO = Operator("demo", "admin")
"""Who everybody is when no log-in is required."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")

ADMIN_ONLY: tuple[tuple[str, str, str], ...] = (
    ("any", "/operators", "who gets in"),
    ("any", "/operators/{}", "who gets in"),
    ("any", "/api-keys", "which programs get in"),
    ("any", "/api-keys/{}", "which programs get in"),
    ("any", "/audit", "what the others did"),
    ("POST", "/stations", "registering a station lets a device in"),
    ("DELETE", "/stations/{}", "removing a station shuts it out"),
    ("POST", "/stations/{}/wire-calls/{}", "a raw call is checked by nobody"),
)
"""Method (or any), path and reason of what only an admin may do; ``{}`` stands for any one segment."""

_FOR_ALL = (("DELETE", "/session"),)
"""Unsafe requests that even a viewer may make."""

_PARAMETER = re.compile(r"\{[^}]*\}")
_ADMIN = frozenset((method, API + path) for method, path, _ in ADMIN_ONLY)
_EVERYBODY = frozenset((method, API + path) for method, path in _FOR_ALL)

Connection = ASGIConnection[Any, Any, Any, Any]


def role_for(method: str, template: str) -> Role:
    """The least role that may use this method on this path template (``/api/v1/stations/{station_id}``)."""
    path = _PARAMETER.sub("{}", template)
    if (method, path) in _ADMIN or ("any", path) in _ADMIN:
        return "admin"
    return "viewer" if method in SAFE or (method, path) in _EVERYBODY else "operator"


def may(operator: Operator, role: Role) -> bool:
    """Whether an operator has at least this role."""
    return ROLES.index(operator.role) >= ROLES.index(role)


class Access:
    """The guard of all routes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Find out who asks, keep it in the scope as ``user``, and refuse who may not.

        Raises: NotLoggedIn or NotAllowed.
        """
        scope: Any = connection.scope
        operator, by_key = await self.who(connection)
        scope["user"] = operator
        if not by_key:
            self._check_origin(connection)
        if handler.opt.get("public"):
            return
        if operator is None:
            raise NotLoggedIn("send an API key as `Authorization: Bearer ...`, or log in")
        needed = role_for(scope["method"], scope["path_template"])
        if not may(operator, needed):
            raise NotAllowed(f"this needs the role {needed}; {operator.name} is {operator.role}")

    async def who(self, connection: Connection) -> tuple[Operator | None, bool]:
        """Who asks, and whether an API key says so. Raises: NotLoggedIn for a key that is not known."""
        key = _bearer(connection.headers)
        if key is not None:
            operator = await who_has_key(self._context.database, hash_secret(key))
            if operator is None:
                raise NotLoggedIn("there is no such key")
            return operator, True
        secret = connection.cookies.get(COOKIE)
        if secret:
            now_ms = to_ms(self._context.clock.now())
            operator = await who_has_session(self._context.database, hash_secret(secret), now_ms)
            if operator is not None:
                return operator, False
        return (None if self._context.settings.http.login_required else DEMO), False

    def _check_origin(self, connection: Connection) -> None:
        """Refuse what a foreign page makes a browser send: browsers say where unsafe requests come from."""
        headers = connection.headers
        host = headers.get("host", "")
        if not self._context.settings.http.login_required and not _is_local(host):
            # Without log-in, a name that points to this machine would let any page in (DNS rebinding).
            raise NotAllowed("without log-in only an IP address or localhost may be used as host")
        if connection.scope.get("method") in SAFE:
            return
        origin = headers.get("origin")
        foreign = (
            urlsplit(origin).netloc != host if origin is not None else headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
        )
        if foreign:
            raise NotAllowed("requests from other sites are refused")


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return True
