"""The audit log: what is in it, who reads it, and that nobody writes in it."""

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import ADMIN_KEY, FakeContext
from voltgate.csms.backoffice.audit import store
from voltgate.infrastructure.database import StoreFailed

AUDIT = "/api/v1/audit"


async def test_what_changes_something_is_written_down_with_its_end(context: FakeContext, admin: AsyncClient) -> None:
    await admin.get("/api/v1/sites")
    await admin.post("/api/v1/sites", json={"id": "harbour", "name": "Harbour"})
    context.clock.advance(60)
    await admin.post("/api/v1/sites", json={"id": "harbour", "name": "Harbour"})
    await admin.delete("/api/v1/sites/nowhere")
    entries = (await admin.get(AUDIT)).json()["items"]
    assert [(entry["method"], entry["path"], entry["status"]) for entry in entries] == [
        ("DELETE", "/api/v1/sites/nowhere", 404),
        ("POST", "/api/v1/sites", 409),
        ("POST", "/api/v1/sites", 201),
    ]
    assert entries[2] == entries[2] | {"operator": "admin", "role": "admin", "address": "192.0.2.1", "at": "2026-01-01T00:00:00Z"}
    assert entries[0]["at"] == "2026-01-01T00:01:00Z"


async def test_refusals_and_log_ins_are_written_down_and_strangers_are_not(admin: AsyncClient) -> None:
    key = (await admin.post("/api/v1/api-keys", json={"name": "reader", "role": "viewer"})).json()["key"]
    stranger = AsyncClient(transport=admin._transport, base_url=admin.base_url)
    await stranger.post("/api/v1/sites", json={})
    await stranger.post("/api/v1/sites", json={}, headers={"authorization": f"Bearer {key}"})
    await stranger.post("/api/v1/session", json={"key": "wrong"})
    await stranger.post("/api/v1/session", json={"key": key})
    entries = (await admin.get(AUDIT)).json()["items"]
    assert [(entry["operator"], entry["path"], entry["status"]) for entry in reversed(entries)] == [
        ("admin", "/api/v1/api-keys", 201),
        ("reader", "/api/v1/sites", 403),
        ("nobody", "/api/v1/session", 401),
        ("reader", "/api/v1/session", 200),
    ]


async def test_it_is_searched_and_comes_in_pages(admin: AsyncClient) -> None:
    for number in range(5):
        await admin.post("/api/v1/sites", json={"id": f"s{number}", "name": "S"})
    await admin.delete("/api/v1/sites/s3")
    assert len((await admin.get(AUDIT, params={"path": "s3"})).json()["items"]) == 1
    assert (await admin.get(AUDIT, params={"path": "%"})).json()["items"] == []
    assert (await admin.get(AUDIT, params={"operator": "bert"})).json()["items"] == []
    seen, cursor = [], None
    while True:
        page = (await admin.get(AUDIT, params={"limit": 4} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [entry["id"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nobody_edits_it(admin: AsyncClient, method: str) -> None:
    assert (await admin.request(method, AUDIT)).status_code == 405


def test_no_statement_changes_it() -> None:
    assert not hasattr(store, "update")
    assert not hasattr(store, "delete")


async def test_an_answer_is_not_lost_with_its_entry(
    context: FakeContext, admin: AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object) -> None:
        raise StoreFailed("disk full")

    monkeypatch.setattr("voltgate.csms.api.auditing.record", broken)
    assert (await admin.post("/api/v1/session", json={"key": ADMIN_KEY})).status_code == 200
    assert "audit entry lost" in capsys.readouterr().out
