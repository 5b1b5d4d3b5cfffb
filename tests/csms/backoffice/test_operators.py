"""Log-in, operators, keys: who gets in, who does not any more, and that secrets stay secret."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import ADMIN_KEY, FakeContext, client_of
from voltgate.csms.api.app import create_api
from voltgate.csms.backoffice.operators import first_key
from voltgate.csms.backoffice.operators.login import Attempts
from voltgate.csms.backoffice.operators.secrets import check_password, hash_password, hash_secret, new_key, shown_prefix
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import ManualClock
from voltgate.infrastructure.database.outbox import Outbox
from voltgate.infrastructure.database.sqlite import SqliteDatabase

SESSION, OPERATORS, KEYS = "/api/v1/session", "/api/v1/operators", "/api/v1/api-keys"
ANNA = {"name": "anna", "role": "operator", "password": "correct horse"}


def other(client: AsyncClient) -> AsyncClient:
    """Another browser at the same application."""
    return AsyncClient(transport=client._transport, base_url=client.base_url)


def with_key(client: AsyncClient, key: str) -> AsyncClient:
    """A program with a key at the same application."""
    return AsyncClient(transport=client._transport, base_url=client.base_url, headers={"authorization": f"Bearer {key}"})


async def test_the_first_key_is_made_once_and_works(database: SqliteDatabase, bus: LocalBus, clock: ManualClock) -> None:
    context = FakeContext(database, bus, clock)
    key = await first_key(context, {})
    assert key is not None
    assert await first_key(context, {}) is None
    async with client_of(create_api(context, outbox=Outbox(database, bus), rooms_routes=[], commands={})) as client:
        assert (await with_key(client, key).get(SESSION)).json() == {"name": "admin", "role": "admin"}


async def test_the_key_of_the_environment_counts_at_every_start(context: FakeContext, stranger: AsyncClient) -> None:
    assert await first_key(context, {"VOLTGATE_ADMIN_KEY": "another one"}) is None
    assert (await with_key(stranger, "another one").get(SESSION)).status_code == 200
    assert (await with_key(stranger, ADMIN_KEY).get(SESSION)).status_code == 401


async def test_a_short_key_is_warned_about_and_not_shown(context: FakeContext, capsys: pytest.CaptureFixture[str]) -> None:
    await first_key(context, {"VOLTGATE_ADMIN_KEY": "opensesame"})
    told = capsys.readouterr().out
    assert "easy to guess" in told
    assert "opensesame" not in told


def test_keys_are_random_and_hardly_shown() -> None:
    first, second = new_key(), new_key()
    assert first != second
    assert len(first) == 46
    assert shown_prefix(first) == first[:8]
    assert shown_prefix("short") == "s"
    assert hash_secret(first) == hash_secret(first) != hash_secret(second)


async def test_passwords() -> None:
    stored = await hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert await check_password(stored, "correct horse")
    assert not await check_password(stored, "correct horsf")
    assert not await check_password(None, "correct horse")
    assert not await check_password("no hash", "correct horse")


async def test_logging_in_and_out(admin: AsyncClient) -> None:
    assert (await admin.post(OPERATORS, json=ANNA)).status_code == 201
    browser = other(admin)
    answer = await browser.post(SESSION, json={"name": "anna", "password": "correct horse"})
    assert (answer.status_code, answer.json()) == (200, {"name": "anna", "role": "operator"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert (await browser.get(SESSION)).json() == {"name": "anna", "role": "operator"}
    assert (await browser.get(OPERATORS)).status_code == 403
    secret = browser.cookies["voltgate_session"]
    assert (await browser.delete(SESSION)).status_code == 204
    assert "voltgate_session" not in browser.cookies
    assert (await other(admin).get(SESSION, headers={"cookie": f"voltgate_session={secret}"})).status_code == 401


async def test_over_tls_the_cookie_stays_there(admin: AsyncClient) -> None:
    async with AsyncClient(transport=admin._transport, base_url="https://voltgate.test") as browser:
        answer = await browser.post(SESSION, json={"key": ADMIN_KEY})
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_session_ends_by_itself(context: FakeContext, admin: AsyncClient) -> None:
    browser = other(admin)
    await browser.post(SESSION, json={"key": ADMIN_KEY})
    context.clock.advance(12 * 3600 - 1)
    assert (await browser.get(SESSION)).status_code == 200
    context.clock.advance(2)
    assert (await browser.get(SESSION)).status_code == 401


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({}, 422, "name"),
        ({"name": "anna"}, 422, "password"),
        ({"name": "anna", "password": "wrong"}, 401, None),
        ({"name": "nobody", "password": "correct horse"}, 401, None),
        ({"key": "vg_wrong"}, 401, None),
        ({"name": "anna", "password": 7}, 422, "password"),
    ],
)
async def test_wrong_log_ins(admin: AsyncClient, sent: dict[str, Any], status: int, field: str | None) -> None:
    await admin.post(OPERATORS, json=ANNA)
    answer = await other(admin).post(SESSION, json=sent)
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert "set-cookie" not in answer.headers


async def test_guessing_is_held_back_for_a_while(context: FakeContext, admin: AsyncClient) -> None:
    await admin.post(OPERATORS, json=ANNA)
    browser = other(admin)
    for _ in range(5):
        assert (await browser.post(SESSION, json={"name": "anna", "password": "guess"})).status_code == 401
    answer = await browser.post(SESSION, json={"name": "anna", "password": "correct horse"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 301
    context.clock.advance(301)
    assert (await browser.post(SESSION, json={"name": "anna", "password": "correct horse"})).status_code == 200


def test_attempts_are_counted_in_a_window_and_taken_back() -> None:
    attempts = Attempts(2)
    attempts.fail("a", 0)
    attempts.fail("a", 10)
    assert attempts.wait("a", 20) == 280
    assert attempts.wait("b", 20) == 0
    assert attempts.wait("a", 301) == 0
    attempts.fail("c", 0)
    attempts.fail("c", 0)
    attempts.take_back("c")
    assert attempts.wait("c", 1) == 0


def test_attempts_forget_the_oldest() -> None:
    attempts = Attempts(1)
    for number in range(10_001):
        attempts.fail(str(number), 0)
    assert attempts.wait("0", 1) == 0
    assert attempts.wait("10000", 1) > 0


async def test_secrets_are_never_given_away(admin: AsyncClient) -> None:
    await admin.post(OPERATORS, json=ANNA)
    made = (await admin.post(KEYS, json={"name": "script", "role": "viewer"})).json()
    for path in (OPERATORS, OPERATORS + "/anna", KEYS, f"{KEYS}/{made['id']}", "/api/v1/audit"):
        text = (await admin.get(path)).text
        assert "argon2" not in text
        assert "correct horse" not in text
        assert made["key"] not in text
        assert hash_secret(made["key"]) not in text


async def test_operators_are_listed_changed_and_removed(admin: AsyncClient) -> None:
    await admin.post(OPERATORS, json=ANNA)
    assert (await admin.post(OPERATORS, json=ANNA)).json()["field"] == "name"
    assert (await admin.post(OPERATORS, json=ANNA | {"name": "no/slash"})).json()["field"] == "name"
    assert (await admin.post(OPERATORS, json=ANNA | {"name": "b", "password": "short"})).json()["field"] == "password"
    assert (await admin.post(OPERATORS, json=ANNA | {"name": "b", "role": "king"})).json()["field"] == "role"
    await admin.post(OPERATORS, json=ANNA | {"name": "bert"})
    page = (await admin.get(OPERATORS, params={"limit": 1})).json()
    assert [entry["name"] for entry in page["items"]] == ["anna"]
    page = (await admin.get(OPERATORS, params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert ([entry["name"] for entry in page["items"]], page["next_cursor"]) == (["bert"], None)
    assert (await admin.patch(OPERATORS + "/bert", json={"role": "viewer"})).json()["role"] == "viewer"
    assert (await admin.delete(OPERATORS + "/bert")).status_code == 204
    for call in (admin.get, admin.delete):
        assert (await call(OPERATORS + "/bert")).status_code == 404
    assert (await admin.patch(OPERATORS + "/bert", json={})).status_code == 404


async def test_a_new_password_or_role_counts_at_once(admin: AsyncClient) -> None:
    await admin.post(OPERATORS, json=ANNA)
    browser = other(admin)
    await browser.post(SESSION, json={"name": "anna", "password": "correct horse"})
    await admin.patch(OPERATORS + "/anna", json={"role": "viewer"})
    assert (await browser.get(SESSION)).json()["role"] == "viewer"
    await admin.patch(OPERATORS + "/anna", json={"password": "battery staple"})
    assert (await browser.get(SESSION)).status_code == 401
    assert (await browser.post(SESSION, json={"name": "anna", "password": "battery staple"})).status_code == 200
    await admin.delete(OPERATORS + "/anna")
    assert (await browser.get(SESSION)).status_code == 401


async def test_a_key_is_shown_once_used_and_revoked(admin: AsyncClient) -> None:
    made = (await admin.post(KEYS, json={"name": "script"})).json()
    assert (made["role"], made["created_by"], made["key"].startswith(made["prefix"])) == ("operator", "admin", True)
    program = with_key(admin, made["key"])
    browser = other(admin)
    await browser.post(SESSION, json={"key": made["key"]})
    assert (await program.get(SESSION)).json() == (await browser.get(SESSION)).json() == {"name": "script", "role": "operator"}
    assert {key["name"] for key in (await admin.get(KEYS)).json()["items"]} == {"admin", "script"}
    assert (await admin.delete(f"{KEYS}/{made['id']}")).status_code == 204
    assert (await program.get(SESSION)).status_code == (await browser.get(SESSION)).status_code == 401
    assert (await admin.get(f"{KEYS}/{made['id']}")).status_code == 404


async def test_somebody_always_stays_admin(admin: AsyncClient) -> None:
    assert (await admin.delete(KEYS + "/admin")).status_code == 409
    await admin.post(OPERATORS, json=ANNA | {"role": "admin"})
    browser = other(admin)
    await browser.post(SESSION, json={"name": "anna", "password": "correct horse"})
    assert (await browser.delete(KEYS + "/admin")).status_code == 204
    assert (await browser.patch(OPERATORS + "/anna", json={"role": "viewer"})).status_code == 409
    assert (await browser.delete(OPERATORS + "/anna")).status_code == 409
