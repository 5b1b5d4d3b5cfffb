"""The description of the API: Litestar's, completed with roles, problems and one path per OCPP action. Made at first use, then kept."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from voltgate import __version__
from voltgate.csms.api.access import API, PUBLIC, role_for
from voltgate.csms.api.answering import MEDIA_TYPE as PROBLEM_TYPE
from voltgate.csms.api.calls import CALLS
from voltgate.csms.api.problems import Problem
from voltgate.csms.backoffice.operators import COOKIE
from voltgate.ocpp.messages import Action

DOCS = "/api/docs"
DESCRIPTION = """\
voltgate's central system for charging stations. Send an API key as `Authorization: Bearer vg_...`, or log in at `/api/v1/session`
and keep the cookie. Times are RFC 3339, ids are text. Lists come in pages: pass `next_cursor` on as `cursor` until it is null.
What is refused is answered as `application/problem+json` (RFC 9457) and names the wrong `field`."""

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_SCHEMAS = "#/components/schemas/"
_OCPP = "v21."
_CALL_PATH = API + "/stations/{station_id}/calls/{action}"
_WIRE_PATH = API + "/stations/{station_id}/wire-calls/{action}"


def openapi_config(render: Callable[[dict[str, Any], Any], str]) -> OpenAPIConfig:
    """What Litestar needs to know; `render` turns the finished description and the scope of a request into the page for people."""
    return OpenAPIConfig(
        title="voltgate CSMS",
        version=__version__,
        description=DESCRIPTION,
        use_handler_docstrings=True,
        operation_id_creator=_Names(),
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key."),
                "session": SecurityScheme(type="apiKey", name=COOKIE, security_scheme_in="cookie", description="A session after log-in."),
            }
        ),
        security=[{"key": []}, {"session": []}],
        openapi_router=Router(DOCS, route_handlers=[], include_in_schema=False, opt=PUBLIC),
        render_plugins=[_Page(render)],
    )


@get("/openapi.json", include_in_schema=False, opt=PUBLIC, sync_to_thread=False)
def show_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The description as JSON."""
    return Response(msgspec.json.encode(describe(request.app)), media_type="application/json")


def describe(app: Litestar) -> dict[str, Any]:
    """The finished description of an application."""
    kept: dict[str, Any] | None = app.state.get("openapi")
    if kept is None:
        kept = app.state["openapi"] = _complete(app.openapi_schema.to_schema(), _public_operations(app))
    return kept


class _Names:
    """Operation ids: the name of the route's function, with a number where two rooms chose the same."""

    def __init__(self) -> None:
        self._taken: dict[str, tuple[HTTPRouteHandler, str]] = {}

    def __call__(self, handler: HTTPRouteHandler, method: Any, path: list[Any]) -> str:
        name = stem = handler.handler_name.rpartition(".")[2] or "operation"
        number, this = 2, f"{method} {path}"
        while name in self._taken and self._taken[name][1] != this:
            name, number = f"{stem}_{number}", number + 1
        self._taken[name] = (handler, this)
        return name


class _Page(OpenAPIRenderPlugin):
    """The description as a page for people; needs nothing from outside."""

    def __init__(self, render: Callable[[dict[str, Any], Any], str]) -> None:
        super().__init__(path="/")
        self._render = render

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self._render(describe(request.app), request.scope).encode()


def _public_operations(app: Litestar) -> set[tuple[str, str]]:
    """Method and path template of what needs no log-in."""
    return {
        (method, route.path_format)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get("public")
        for method in handler.http_methods
    }


def _complete(document: dict[str, Any], public: set[tuple[str, str]]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    (_, own) = msgspec.json.schema_components([Problem], ref_template=_SCHEMAS + "{name}")
    schemas.update(own)
    _describe_raw_bodies(document["paths"])
    document["paths"].update(_action_paths(document["paths"].pop(_CALL_PATH)["post"], schemas))
    for path, method, operation in _operations(document):
        _describe_access(operation, method.upper(), path, public)
        _describe_problems(operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _describe_access(operation: dict[str, Any], method: str, path: str, public: set[tuple[str, str]]) -> None:
    template = _CALL_PATH if path.startswith(_CALL_PATH.partition("{action}")[0]) else path
    if (method, template) in public:
        operation["security"] = []
        operation["x-role"] = "everybody"
    else:
        operation["x-role"] = role_for(method, template)


def _describe_problems(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    responses.get("204", {}).pop("content", None)  # no content is no JSON either
    for status in [status for status in responses if status[0] in "45"]:
        del responses[status]
    content = {PROBLEM_TYPE: {"schema": {"$ref": _SCHEMAS + "Problem"}}}
    responses["4XX"] = {"description": "The request is refused.", "content": content}
    responses["5XX"] = {"description": "The station did not answer as it should, or the program failed.", "content": content}


def _describe_raw_bodies(paths: dict[str, Any]) -> None:
    wire = paths[_WIRE_PATH]["post"]
    anything: dict[str, Any] = {"application/json": {"schema": {}}}
    wire["requestBody"] = {"description": "The payload of the CALL.", "required": False, "content": anything}
    wire["responses"] = {"200": {"description": "The payload of the CALLRESULT.", "content": anything}}
    events = paths[API + "/events"]["get"]
    events["responses"] = {"200": {"description": "The stream.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}}


def _action_paths(general: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """One path per action instead of one for all, so that each shows its own request and response."""
    messages = [message for action in CALLS.values() for message in (action.request, action.response) if message is not None]
    _, components = msgspec.json.schema_components(messages, ref_template=_SCHEMAS + _OCPP + "{name}")
    schemas.update({_OCPP + name: schema for name, schema in components.items()})
    return {_CALL_PATH.replace("{action}", name): {"post": _action_operation(general, action)} for name, action in CALLS.items()}


def _action_operation(general: dict[str, Any], action: Action) -> dict[str, Any]:
    request, response = action.request.__name__, action.response.__name__ if action.response else ""
    return {
        **general,
        "tags": ["calls"],
        "summary": action.name,
        "operationId": f"call_{action.name}",
        "description": f"{general.get('description', '')} Block: {action.block}.",
        "parameters": [parameter for parameter in general["parameters"] if parameter["name"] != "action"],
        "requestBody": {"required": True, "content": _content(request)},
        "responses": {"200": {"description": "The answer of the station.", "content": _content(response)}},
    }


def _content(message: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{_OCPP}{message}"}}}
