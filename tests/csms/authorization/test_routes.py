"""Tokens over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.builders import a_client, a_context
from voltgate.csms.authorization import ROUTES
from voltgate.infrastructure.database.sqlite import SqliteDatabase


@pytest.fixture
async def client(database: SqliteDatabase) -> AsyncIterator[AsyncClient]:
    async with a_client(a_context(database), ROUTES) as client:
        yield client


async def add(client: AsyncClient, text: str, **fields: Any) -> Any:
    answer = await client.post("/tokens", json={"id_token": text, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_the_life_of_a_token(client: AsyncClient) -> None:
    created = await add(client, "Card-1", expires_at="2027-01-01T00:00:00Z", group_id_token="G", note="Anna")
    assert created == {
        "id_token": "Card-1",
        "type": "ISO14443",
        "status": "Accepted",
        "group_id_token": "G",
        "expires_at": "2027-01-01T00:00:00Z",
        "language": None,
        "note": "Anna",
        "concurrent_transactions": None,
        "created_at": "2026-01-01T12:00:00Z",
    }
    assert (await client.get("/tokens/cARD-1")).json() == created
    changed = await client.patch("/tokens/card-1", json={"status": "Blocked", "note": None, "expires_at": None})
    assert changed.json() == created | {"status": "Blocked", "note": None, "expires_at": None}
    replaced = await client.put("/tokens/CARD-1", json={"id_token": "card-1", "type": "Central", "concurrent_transactions": "accept"})
    assert (replaced.json()["type"], replaced.json()["status"], replaced.json()["group_id_token"]) == ("Central", "Accepted", None)
    assert (await client.delete("/tokens/card-1")).status_code == 204
    assert (await client.get("/tokens/card-1")).status_code == 404


async def test_a_token_exists_once_whatever_its_case(client: AsyncClient) -> None:
    await add(client, "Card-1")
    again = await client.post("/tokens", json={"id_token": "CARD-1"})
    assert (again.status_code, again.json()["field"]) == (409, "id_token")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id_token": ""}, "id_token"),
        ({"id_token": "A", "status": "Nice"}, "status"),
        ({"id_token": "A" * 256}, "id_token"),
        ({"id_token": "A", "concurrent_transactions": "maybe"}, "concurrent_transactions"),
        ({"id_token": "A", "colour": "red"}, "colour"),
        ({}, "id_token"),
    ],
)
async def test_a_wrong_field_is_named(client: AsyncClient, body: Any, field: str) -> None:
    answer = await client.post("/tokens", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_lists_in_pages_with_search_and_filters(client: AsyncClient) -> None:
    for number in range(5):
        await add(client, f"card-{number}", note="100% Anna" if number == 3 else None, status="Blocked" if number == 4 else "Accepted")
    first = (await client.get("/tokens", params={"limit": 2})).json()
    second = (await client.get("/tokens", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [token["id_token"] for token in [*first["items"], *second["items"]]] == ["card-0", "card-1", "card-2", "card-3"]
    for params, found in [({"search": "ARD-2"}, ["card-2"]), ({"search": "0% a"}, ["card-3"]), ({"status": "Blocked"}, ["card-4"])]:
        assert [token["id_token"] for token in (await client.get("/tokens", params=params)).json()["items"]] == found
    wrong = await client.get("/tokens", params={"cursor": "nonsense"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "cursor")
