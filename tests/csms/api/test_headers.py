"""What every answer carries."""

from typing import Any

import pytest
from httpx import AsyncClient
from litestar import Request, Response, get

from voltgate.csms.api.headers import nonce_of


@get("/page", sync_to_thread=False)
def page(request: Request[Any, Any, Any]) -> Response[str]:
    assert nonce_of(request.scope) == nonce_of(request.scope)
    return Response(nonce_of(request.scope), media_type="text/html")


@get("/cached", sync_to_thread=False)
def cached() -> Response[str]:
    return Response("x" * 5000, headers={"cache-control": "max-age=5"})


@pytest.fixture
def routes() -> list[Any]:
    return [page, cached]


async def test_the_nonce_of_a_page_is_in_its_policy(admin: AsyncClient) -> None:
    first, second = await admin.get("/api/v1/page"), await admin.get("/api/v1/page")
    assert first.text != second.text
    assert f"script-src 'self' 'nonce-{first.text}'" in first.headers["content-security-policy"]
    assert "unsafe-inline'" not in first.headers["content-security-policy"].split("style-src-attr")[0]


async def test_other_answers_allow_no_inline_script(admin: AsyncClient) -> None:
    answer = await admin.get("/api/v1/session")
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_a_route_says_itself_how_long_it_is_kept(admin: AsyncClient) -> None:
    assert (await admin.get("/api/v1/cached")).headers["cache-control"] == "max-age=5"


async def test_large_answers_are_compressed(admin: AsyncClient) -> None:
    assert (await admin.get("/api/v1/cached")).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in (await admin.get("/api/v1/session")).headers
