"""Each failure has its status, its stable type, and nothing of the program's inside."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from httpx import AsyncClient
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from voltgate.csms.api.answering import field_named_in
from voltgate.csms.api.problems import TYPE_PREFIX, BadRequest, Conflict, Invalid, NotAllowed, NotFound, TooMany
from voltgate.infrastructure.database import StoreFailed
from voltgate.ocpp.errors import (
    CallRefused,
    CallTimedOut,
    FormatViolation,
    InvalidAnswer,
    LinkLost,
    NotConnected,
    OcppError,
    PeerCannot,
    TypeConstraintViolation,
)

RAISED: dict[str, tuple[Exception, int, str, dict[str, Any]]] = {
    "bad": (BadRequest("no", field="cursor"), 400, "bad-request", {"detail": "no", "field": "cursor"}),
    "not-allowed": (NotAllowed("no"), 403, "not-allowed", {"detail": "no"}),
    "not-found": (NotFound("no"), 404, "not-found", {"detail": "no"}),
    "conflict": (Conflict("no", field="id"), 409, "conflict", {"field": "id"}),
    "invalid": (Invalid("no", field="a.b"), 422, "invalid", {"field": "a.b"}),
    "too-many": (TooMany("no", retry_after=7), 429, "too-many", {}),
    "litestar": (NotFoundException("no such thing"), 404, "not-found", {"detail": "no such thing"}),
    "peer": (
        PeerCannot("SetDisplayMessage", "1.6 has no displays"),
        422,
        "peer-cannot",
        {"action": "SetDisplayMessage", "detail": "1.6 has no displays"},
    ),
    "refused": (
        CallRefused("FormatViolation", "bad", {"a": 1}, "FormationViolation"),
        422,
        "call-refused",
        {"ocpp_code": "FormatViolation", "ocpp_spelled": "FormationViolation", "ocpp_description": "bad", "ocpp_details": {"a": 1}},
    ),
    "message": (
        TypeConstraintViolation("Expected `int`, got `str` - at `$.evse.id`"),
        422,
        "invalid",
        {"field": "evse.id", "detail": "Expected `int`, got `str`", "ocpp_code": "TypeConstraintViolation"},
    ),
    "not-connected": (NotConnected(), 409, "not-connected", {"detail": "the station is not connected; nothing was sent"}),
    "timed-out": (CallTimedOut(), 504, "call-timed-out", {}),
    "lost": (LinkLost(), 502, "link-lost", {}),
    "invalid-answer": (InvalidAnswer(FormatViolation("broken")), 502, "invalid-answer", {"detail": "broken"}),
    "ocpp": (OcppError("odd"), 502, "call-failed", {}),
    "store": (StoreFailed("UNIQUE constraint failed: secret.table"), 503, "not-stored", {}),
    "bug": (ZeroDivisionError("secret"), 500, "internal-error", {}),
}


class Inner(Struct, forbid_unknown_fields=True):
    n: Annotated[int, Meta(le=5)]


class Body(Struct, forbid_unknown_fields=True):
    inner: list[Inner]
    name: str = ""


@get("/raise", sync_to_thread=False)
def raise_it(what: FromQuery[str]) -> None:
    raise RAISED[what][0]


@get("/number", sync_to_thread=False)
def number(n: Annotated[int, QueryParameter(ge=1)], since: Annotated[int, QueryParameter(name="from")] = 0) -> int:
    return n + since


@post("/body", sync_to_thread=False)
def body(data: JSONBody[Body]) -> Body:
    return data


@pytest.fixture
def routes() -> list[Any]:
    return [raise_it, number, body]


@pytest.mark.parametrize("what", RAISED)
async def test_problems(admin: AsyncClient, what: str) -> None:
    _, status, word, members = RAISED[what]
    answer = await admin.get("/api/v1/raise", params={"what": what})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == TYPE_PREFIX + word
    assert problem["status"] == status
    assert problem["title"]
    assert problem.items() >= members.items()
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_retry_after(admin: AsyncClient) -> None:
    assert (await admin.get("/api/v1/raise?what=too-many")).headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"content": b"{"}, 400, None),
        ({"content": b"\xff"}, 400, None),
        ({"content": b""}, 422, None),
        ({"json": {}}, 422, "inner"),
        ({"json": 5}, 422, None),
        ({"json": {"inner": [], "nam": ""}}, 422, "nam"),
        ({"json": {"inner": [{"n": 1}, {"n": 6}]}}, 422, "inner[1].n"),
        ({"json": {"inner": [{"n": "x"}]}}, 422, "inner[0].n"),
        ({"json": {"inner": [{}]}}, 422, "inner[0].n"),
        ({"json": {"inner": [], "name": 7}}, 422, "name"),
    ],
)
async def test_bodies(admin: AsyncClient, sent: dict[str, Any], status: int, field: str | None) -> None:
    answer = await admin.post("/api/v1/body", headers={"content-type": "application/json"}, **sent)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("query", ["", "?n=", "?n=x", "?n=0", "?n=1.5"])
async def test_parameters(admin: AsyncClient, query: str) -> None:
    answer = await admin.get("/api/v1/number" + query)
    assert (answer.status_code, answer.json()["field"]) == (400, "n"), answer.text


async def test_a_parameter_is_named_as_the_client_does(admin: AsyncClient) -> None:
    answer = await admin.get("/api/v1/number?n=1&from=x")
    assert (answer.status_code, answer.json()["field"]) == (400, "from"), answer.text


@pytest.mark.parametrize(
    ("call", "status", "word"),
    [
        (lambda client: client.get("/api/v1/nothing"), 404, "not-found"),
        (lambda client: client.get("/nothing"), 404, "not-found"),
        (lambda client: client.put("/api/v1/sites"), 405, "method-not-allowed"),
        (lambda client: client.post("/api/v1/body", content=b'"' + b"a" * 2_000_000 + b'"'), 413, "content-too-large"),
    ],
)
async def test_of_the_shell(admin: AsyncClient, call: Callable[[AsyncClient], Any], status: int, word: str) -> None:
    answer = await call(admin)
    assert (answer.status_code, answer.json()["type"]) == (status, TYPE_PREFIX + word)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Expected `int`", None),
        ("Expected `int` - at `$.a`", "a"),
        ("Expected `int` - at `$[0].a`", "[0].a"),
        ("Expected `str` - at `key` in `$.a`", None),
        ("Object missing required field `b`", "b"),
        ("Object missing required field `b` - at `$.a`", "a.b"),
        ("Object contains unknown field `x.y` - at `$.a[3]`", "a[3].x.y"),
        ("Expected `object`, got `int` - at `$`", None),
    ],
)
def test_fields(text: str, field: str | None) -> None:
    assert field_named_in(text) == field
