"""Refusals of the HTTP API, raised anywhere below a route and answered as RFC 9457 problem+json.

::

    Refusal
     ├── BadRequest       400  a parameter or the syntax of the body is wrong
     ├── NotLoggedIn      401  nobody, or a wrong key
     ├── NotAllowed       403  somebody without the role
     ├── NotFound         404
     ├── Conflict         409  right, but not in this state of things
     ├── Invalid          422  the body can be read, but a field breaks the rules
     └── TooMany          429  too many failed log-ins
"""

from typing import Any, ClassVar

from msgspec import Struct

TYPE_PREFIX = "https://voltgate.dev/problems/"
"""`type` of a problem is this and a stable word; clients compare the whole text."""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). `field` names the member or parameter that is wrong, as a path like ``$.evses[0].evse_id``."""

    type: str
    title: str
    status: int
    detail: str | None = None
    field: str | None = None
    action: str | None = None
    """The action that the station cannot do (peer-cannot)."""
    ocpp_code: str | None = None
    """The error code of the station's CALLERROR, in 2.1 spelling (call-refused)."""
    ocpp_spelled: str | None = None
    """The same code as the station spelled it."""
    ocpp_description: str | None = None
    ocpp_details: dict[str, Any] | None = None


class Refusal(Exception):
    """Base: the request is refused. `detail` is one sentence for a person; `field` is the parameter or member that is wrong."""

    status: ClassVar[int] = 400
    word: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "Bad request"

    def __init__(self, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.headers = headers or {}


class BadRequest(Refusal):
    """A parameter is wrong, or the body cannot be read."""


class NotLoggedIn(Refusal):
    """There is no valid key or session."""

    status, word, title = 401, "not-logged-in", "Not logged in"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail, field=field, headers={"www-authenticate": 'Bearer realm="voltgate"'})


class NotAllowed(Refusal):
    """The role is too low, or the request comes from a foreign page."""

    status, word, title = 403, "not-allowed", "Not allowed"


class NotFound(Refusal):
    """There is no such thing."""

    status, word, title = 404, "not-found", "Not found"


class Conflict(Refusal):
    """It exists already, or its state forbids this."""

    status, word, title = 409, "conflict", "Conflict"


class Invalid(Refusal):
    """A field of the body breaks the rules."""

    status, word, title = 422, "invalid", "Invalid"


class TooMany(Refusal):
    """Too many attempts; `retry_after` in seconds."""

    status, word, title = 429, "too-many", "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, headers={"retry-after": str(retry_after)})
