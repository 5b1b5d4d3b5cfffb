"""Every failure below a route becomes problem+json here, and nowhere else; a traceback never leaves the program."""

import re
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect

from voltgate.csms.api.problems import TYPE_PREFIX, Problem, Refusal
from voltgate.infrastructure.database import StoreFailed
from voltgate.ocpp.errors import CallRefused, CallTimedOut, InvalidAnswer, LinkLost, MessageError, NotConnected, OcppError, PeerCannot

AnyRequest: TypeAlias = Request[Any, Any, State]
ProblemResponse: TypeAlias = Response[bytes]

MEDIA_TYPE = "application/problem+json"
LOGIN_PAGE = "/login"

_PLACE = re.compile(r" - at `(?:\$|key)\.?([^`]*)`")
_MISSING_PARAMETER = re.compile(r"Missing required \w+ parameter '([^']+)'")
_NAMED = re.compile(r"(?:missing required|contains unknown) field `([^`]+)`")
_log = structlog.get_logger("voltgate.api")


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """A response that carries `problem`."""
    return Response(msgspec.json.encode(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def field_named_in(text: str) -> str | None:
    """The path of the field that a validation message talks about, without ``$.``; None when it names none."""
    place, named = _PLACE.search(text), _NAMED.search(text)
    parts = [match[1] for match in (place, named) if match and match[1]]
    return ".".join(parts) or None


def _refused(request: AnyRequest, error: Refusal) -> Response[Any]:
    if error.status == HTTPStatus.UNAUTHORIZED and _wants_page(request):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(f"{LOGIN_PAGE}?next={quote(asked, safe='')}", status_code=303)
    problem = Problem(type=TYPE_PREFIX + error.word, title=error.title, status=error.status, detail=error.detail, field=error.field)
    return answer(problem, error.headers)


def _wants_page(request: AnyRequest) -> bool:
    """Whether a person opened a page, so that the log-in page is a better answer than JSON."""
    return request.method == "GET" and not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _http(_request: AnyRequest, error: HTTPException) -> ProblemResponse:
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request failed", traceback=_trace(error))
    detail = error.detail if status < HTTPStatus.INTERNAL_SERVER_ERROR and error.detail != status.phrase else None
    return answer(_problem(status, _word(status), detail, field_named_in(detail or "")), error.headers)


def _word(status: HTTPStatus) -> str:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "content-too-large"  # as RFC 9110 calls it; Python before 3.13 has the older phrase
    return status.phrase.lower().replace(" ", "-")


def _problem(status: HTTPStatus, word: str, detail: str | None, field: str | None = None, **more: Any) -> Problem:
    title = word.replace("-", " ").capitalize()
    return Problem(type=TYPE_PREFIX + word, title=title, status=status.value, detail=detail, field=field, **more)


def _validation(request: AnyRequest, error: ValidationException) -> ProblemResponse:
    """A body that breaks its schema is 422, a parameter is 400."""
    problems = error.extra if isinstance(error.extra, list) else []
    first: dict[str, Any] = problems[0] if problems else {}
    # Litestar cuts the message where its path begins; the whole one is what it was raised from.
    cause = error.__cause__
    told = str(cause) if isinstance(cause, msgspec.ValidationError) else str(first.get("message", error.detail))
    if first.get("source") == "body":
        return answer(_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _plain(told), _body_field(told)))
    missing = _MISSING_PARAMETER.search(told)
    field = missing[1] if missing else _name_in_url(request, first.get("key"))
    return answer(_problem(HTTPStatus.BAD_REQUEST, "bad-request", _plain(told), field))


def _name_in_url(request: AnyRequest, name: str | None) -> str | None:
    """What a client calls the parameter `name` of the function that answers (``from`` where it is `since`)."""
    parameter = request.route_handler.parsed_fn_signature.parameters.get(name or "")
    return (parameter and getattr(parameter.kwarg_definition, "name", None)) or name


def _plain(message: str) -> str:
    """A validation message without the path that `field` tells."""
    return _PLACE.sub("", message)


def _body_field(message: str) -> str | None:
    field = field_named_in(message) or ""
    return field.removeprefix("data").removeprefix(".") or None


def _message(_request: AnyRequest, error: MessageError) -> ProblemResponse:
    field = field_named_in(error.description)
    return answer(_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _plain(error.description), field, ocpp_code=error.code))


def _peer_cannot(_request: AnyRequest, error: PeerCannot) -> ProblemResponse:
    return answer(_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "peer-cannot", error.reason, action=error.action))


def _call_refused(_request: AnyRequest, error: CallRefused) -> ProblemResponse:
    more: dict[str, Any] = {
        "ocpp_code": error.code,
        "ocpp_spelled": error.spelled,
        "ocpp_description": error.description,
        "ocpp_details": error.details,
    }
    detail = f"the station answered with the error {error.spelled}"
    return answer(_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "call-refused", detail, **more))


def _plainly(status: HTTPStatus, word: str, default: str) -> Callable[[AnyRequest, Exception], ProblemResponse]:
    def handle(_request: AnyRequest, error: Exception) -> ProblemResponse:
        return answer(_problem(status, word, str(error) or default))

    return handle


def _store_failed(_request: AnyRequest, error: StoreFailed) -> ProblemResponse:
    _log.error("could not store", error=repr(error))
    return answer(_problem(HTTPStatus.SERVICE_UNAVAILABLE, "not-stored", "nothing was stored: the database refused it"))


def _unexpected(request: AnyRequest, error: Exception) -> ProblemResponse:
    _log.error("request failed", method=request.method, path=request.url.path, traceback=_trace(error))
    return answer(_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "the program failed; its log says more"))


def _trace(error: Exception) -> str:
    """Where it went wrong, without the values of variables, which `exc_info` may show: some are secrets."""
    return "".join(traceback.format_exception(error))


HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: _refused,
    ValidationException: _validation,
    HTTPException: _http,
    MessageError: _message,
    PeerCannot: _peer_cannot,
    CallRefused: _call_refused,
    NotConnected: _plainly(HTTPStatus.CONFLICT, "not-connected", "the station is not connected; nothing was sent"),
    CallTimedOut: _plainly(HTTPStatus.GATEWAY_TIMEOUT, "call-timed-out", "the station did not answer in time; it may have acted"),
    LinkLost: _plainly(HTTPStatus.BAD_GATEWAY, "link-lost", "the connection went away before the answer; the station may have acted"),
    InvalidAnswer: _plainly(HTTPStatus.BAD_GATEWAY, "invalid-answer", "the station's answer breaks its schema"),
    OcppError: _plainly(HTTPStatus.BAD_GATEWAY, "call-failed", "the call failed"),
    StoreFailed: _store_failed,
    Exception: _unexpected,
}
"""What `Litestar` is given; the first class in an error's family that is listed wins."""
