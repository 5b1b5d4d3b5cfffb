"""The shell: routes, guard, headers and problems together."""

from httpx import AsyncClient


async def test_health_needs_no_key(stranger: AsyncClient) -> None:
    assert (await stranger.get("/healthz")).json() == {"status": "alive"}
    assert (await stranger.get("/readyz")).json() == {"status": "ready"}
    assert (await stranger.get("/metrics")).status_code == 200


async def test_the_admin_key_gets_in(admin: AsyncClient) -> None:
    answer = await admin.get("/api/v1/session")
    assert (answer.status_code, answer.json()) == (200, {"name": "admin", "role": "admin"})


async def test_nobody_does_not(stranger: AsyncClient) -> None:
    answer = await stranger.get("/api/v1/session")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json() == {
        "type": "https://voltgate.dev/problems/not-logged-in",
        "title": "Not logged in",
        "status": 401,
        "detail": "send an API key as `Authorization: Bearer ...`, or log in",
    }
