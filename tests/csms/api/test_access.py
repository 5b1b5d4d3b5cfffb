"""Who may do what, over every route that exists."""

import re
from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import ADMIN_KEY, FakeContext, client_of, with_login
from voltgate.csms.api.access import ADMIN_ONLY, API, ROLES, SAFE, role_for
from voltgate.csms.api.app import create_api
from voltgate.csms.backoffice.operators import store
from voltgate.csms.backoffice.operators.secrets import hash_secret
from voltgate.csms.blocks import ROUTES
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.outbox import Outbox

PUBLIC_PATHS = {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/docs", "/api/docs/{path}", "/api/docs/openapi.json"}
PUBLIC_ROUTES = {("POST", API + "/session")} | {(method, path) for path in PUBLIC_PATHS for method in ("GET", "HEAD", "OPTIONS")}


def all_routes(app: Any) -> list[tuple[str, str]]:
    """Method and path template of every route of an application."""
    return sorted({(method, route.path_format) for route in app.routes for method in route.methods if method != "OPTIONS"})


async def add_key(context: FakeContext, role: str) -> str:
    """A key with a role."""
    key, work = f"vg_{role}", Work()
    work.write(
        store.ADD_KEY,
        id=f"key-{role}",
        name=f"{role} key",
        role=role,
        prefix="vg_",
        key_hash=hash_secret(key),
        created_ms=0,
        created_by="test",
    )
    await context.database.commit(work)
    return key


async def test_every_route_by_every_role(context: FakeContext) -> None:
    """Nobody gets 401, a role that is too low 403, and a role that is enough anything else: the route itself decides."""
    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=ROUTES, commands={})
    keys = {role: await add_key(context, role) for role in ROLES}
    routes = [route for route in all_routes(app) if route not in PUBLIC_ROUTES and route != ("GET", API + "/events")]
    assert len(routes) > 50
    async with client_of(app) as client:
        for method, template in routes:
            path = template.format_map(_Nothing())
            assert (await client.request(method, path)).status_code == 401, (method, template)
            needed = role_for(method, template)
            for role, key in keys.items():
                status = (await client.request(method, path, headers={"authorization": f"Bearer {key}"})).status_code
                enough = ROLES.index(role) >= ROLES.index(needed)
                assert (status not in (401, 403)) == enough, (method, template, role, status)


class _Nothing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "nothing"


async def test_public_routes_are_exactly_these(context: FakeContext) -> None:
    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=ROUTES, commands={})
    found = {
        (method, route.path_format)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get("public")
        for method in handler.http_methods
    }
    assert found <= PUBLIC_ROUTES


async def test_the_table_names_no_route_that_is_gone(context: FakeContext) -> None:
    """A line of `ADMIN_ONLY` that no route matches protects nothing."""
    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=ROUTES, commands={})
    existing = {(method, re.sub(r"\{[^}]*\}", "{}", path)) for method, path in all_routes(app)}
    for method, path, _reason in ADMIN_ONLY:
        assert any(API + path == template and method in ("any", known) for known, template in existing), (method, path)


@pytest.mark.parametrize(
    ("method", "template", "role"),
    [
        ("GET", "/api/v1/stations", "viewer"),
        ("PATCH", "/api/v1/stations/{station_id}", "operator"),
        ("POST", "/api/v1/stations", "admin"),
        ("DELETE", "/api/v1/stations/{id}", "admin"),
        ("POST", "/api/v1/stations/{id}/calls/{action}", "operator"),
        ("POST", "/api/v1/stations/{id}/wire-calls/{action}", "admin"),
        ("POST", "/api/v1/tokens", "operator"),
        ("GET", "/api/v1/operators", "admin"),
        ("GET", "/api/v1/api-keys/{key_id}", "admin"),
        ("GET", "/api/v1/audit", "admin"),
        ("DELETE", "/api/v1/session", "viewer"),
        ("GET", "/", "viewer"),
        ("PUT", "/api/v1/something/new", "operator"),
    ],
)
def test_roles(method: str, template: str, role: str) -> None:
    assert role_for(method, template) == role


def test_reading_is_safe() -> None:
    assert sorted(SAFE) == ["GET", "HEAD", "OPTIONS"]


async def test_a_wrong_key_is_nobody(stranger: AsyncClient) -> None:
    answer = await stranger.get("/api/v1/session", headers={"authorization": "Bearer vg_wrong"})
    assert answer.status_code == 401


async def test_without_login_everybody_is_admin_on_this_machine_only(context: FakeContext) -> None:
    context.settings = with_login(False)
    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=[], commands={})
    async with client_of(app) as client:
        for host, status in [
            ("127.0.0.1:8080", 200),
            ("localhost", 200),
            ("[::1]:80", 200),
            ("evil.example", 403),
            ("127.0.0.1.evil.example", 403),
        ]:
            assert (await client.get("/api/v1/session", headers={"host": host})).status_code == status, host
        assert (await client.get("/api/v1/session", headers={"host": "127.0.0.1"})).json() == {"name": "demo", "role": "admin"}


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"origin": "http://voltgate.test"}, True),
        ({"origin": "https://voltgate.test"}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://voltgate.test.evil.example"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
    ],
)
async def test_a_cookie_works_only_from_our_own_pages(stranger: AsyncClient, headers: dict[str, str], allowed: bool) -> None:
    assert (await stranger.post("/api/v1/session", json={"key": ADMIN_KEY})).status_code == 200
    answer = await stranger.post("/api/v1/sites", json={"name": "Harbour"}, headers=headers)
    assert answer.status_code == (201 if allowed else 403)


async def test_a_key_works_from_anywhere(admin: AsyncClient) -> None:
    answer = await admin.post("/api/v1/sites", json={"name": "Harbour"}, headers={"origin": "http://other.example"})
    assert answer.status_code == 201


async def test_a_person_is_sent_to_the_log_in_page(context: FakeContext) -> None:
    from litestar import get

    @get("/fleet", sync_to_thread=False)
    def fleet() -> str:
        return "fleet"

    app = create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=[], commands={}, pages=[fleet])
    async with client_of(app) as client:
        answer = await client.get("/fleet?a=1", headers={"accept": "text/html,*/*"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Ffleet%3Fa%3D1")
        assert (await client.get("/fleet", headers={"accept": "application/json"})).status_code == 401
