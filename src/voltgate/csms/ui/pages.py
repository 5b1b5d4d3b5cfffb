"""The routes of the pages and of their files.

A page that needs log-in sends a browser without one to ``/login``; scripts then fill the page from the API and keep it live by
server-sent events.
"""

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, get
from litestar.datastructures import CacheControlHeader
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from voltgate.csms.api.access import PUBLIC, may
from voltgate.csms.api.injected import Operator, TheContext
from voltgate.ocpp.actions import ACTIONS

HERE = Path(__file__).parent
NAVIGATION = (
    ("Overview", "/", "grid"),
    ("Map", "/map", "map"),
    ("Transactions", "/transactions", "list"),
    ("Tokens", "/tokens", "card"),
    ("Messages", "/messages", "chat"),
    ("Alarms", "/alarms", "bell"),
    ("Settings", "/settings", "gear"),
)
"""Name, path and icon of what the navigation offers."""

ACTIONS_FOR_STATIONS = sorted(name for name, action in ACTIONS["2.1"].items() if action.sender != "station")
ALL_ACTIONS = sorted({name for actions in ACTIONS.values() for name in actions})

_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False)


def _page(template: str, request: Request[Any, Any, Any], context: TheContext, **values: object) -> Response[str]:
    operator: Operator | None = request.scope.get("user")
    if operator is None:
        query = request.url.query
        return Redirect(f"/login?next={quote(request.url.path + (f'?{query}' if query else ''))}")
    path = request.url.path
    html = _templates.get_template(template).render(
        navigation=NAVIGATION,
        here=path,
        section=_section(path),
        operator=operator,
        may=partial(may, operator),
        login=context.settings.http.login_required,
        all_actions=ALL_ACTIONS,
        **values,
    )
    return Response(html, media_type="text/html", headers={"cache-control": "no-store"})


def _section(path: str) -> str:
    """The entry of the navigation that a page belongs to; stations belong to the overview."""
    first = f"/{path.split('/')[1]}"
    return first if any(first == entry for _, entry, _ in NAVIGATION) else "/"


@get("/", include_in_schema=False, opt=PUBLIC)
async def overview(request: Request[Any, Any, Any], context: TheContext) -> Response[str]:
    """The fleet at a glance."""
    return _page("overview.html", request, context)


@get([path for _, path, _ in NAVIGATION[1:]], include_in_schema=False, opt=PUBLIC)
async def named(request: Request[Any, Any, Any], context: TheContext) -> Response[str]:
    """The other pages of the navigation."""
    return _page(f"{request.url.path.strip('/')}.html", request, context)


@get("/stations/{station_id:str}", include_in_schema=False, opt=PUBLIC)
async def station(request: Request[Any, Any, Any], context: TheContext, station_id: FromPath[str]) -> Response[str]:
    """One station."""
    return _page("station.html", request, context, station_id=station_id, actions=ACTIONS_FOR_STATIONS)


@get("/transactions/{station_id:str}/{transaction_id:str}", include_in_schema=False, opt=PUBLIC)
async def transaction(
    request: Request[Any, Any, Any], context: TheContext, station_id: FromPath[str], transaction_id: FromPath[str]
) -> Response[str]:
    """One transaction."""
    return _page("transaction.html", request, context, station_id=station_id, transaction_id=transaction_id)


@get("/login", include_in_schema=False, opt=PUBLIC)
async def login() -> Response[str]:
    """Where a person says who they are."""
    return Response(_templates.get_template("login.html").render(), media_type="text/html", headers={"cache-control": "no-store"})


PAGES = [
    overview,
    named,
    station,
    transaction,
    login,
    create_static_files_router(
        "/static", [HERE / "static"], opt=PUBLIC, cache_control=CacheControlHeader(no_cache=True), include_in_schema=False
    ),
]
