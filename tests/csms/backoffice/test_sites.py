"""Sites: added, searched, changed, and kept while stations stand there."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import FakeContext
from voltgate.csms.stations import register_station
from voltgate.infrastructure.database import Work

SITES = "/api/v1/sites"
HARBOUR = {"id": "harbour", "name": "Harbour", "latitude": 54.321987, "longitude": -10.5, "address": "Pier 1"}


async def test_a_site_comes_back_as_it_was_told(admin: AsyncClient) -> None:
    answer = await admin.post(SITES, json=HARBOUR)
    assert (answer.status_code, answer.json()) == (201, HARBOUR)
    assert (await admin.get(SITES + "/harbour")).json() == HARBOUR


async def test_an_id_is_made_up(admin: AsyncClient) -> None:
    site = (await admin.post(SITES, json={"name": "Depot"})).json()
    assert len(site["id"]) == 12
    assert site == {"id": site["id"], "name": "Depot", "latitude": None, "longitude": None, "address": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [({"id": "a b"}, "id"), ({"name": ""}, "name"), ({"latitude": 91}, "latitude"), ({"longitude": -181}, "longitude"), ({"x": 1}, "x")],
)
async def test_wrong_sites(admin: AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await admin.post(SITES, json=HARBOUR | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_changing_what_is_given(admin: AsyncClient) -> None:
    await admin.post(SITES, json=HARBOUR)
    answer = await admin.patch(SITES + "/harbour", json={"name": "Port", "address": None})
    assert answer.json() == HARBOUR | {"name": "Port", "address": None}
    assert (await admin.patch(SITES + "/harbour", json={"latitude": None, "longitude": 1})).json()["latitude"] is None
    assert (await admin.patch(SITES + "/harbour", json={"name": None})).json()["field"] == "name"
    assert (await admin.patch(SITES + "/nowhere", json={})).status_code == 404


async def test_searching_and_pages(admin: AsyncClient) -> None:
    for name in ("B", "A", "C", "A"):
        await admin.post(SITES, json={"name": name, "address": f"Street_{name}"})
    first = (await admin.get(SITES, params={"limit": 2})).json()
    second = (await admin.get(SITES, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [site["name"] for site in first["items"] + second["items"]] == ["A", "A", "B", "C"]
    assert second["next_cursor"] is None
    assert [site["name"] for site in (await admin.get(SITES, params={"search": "street_c"})).json()["items"]] == ["C"]
    assert (await admin.get(SITES, params={"search": "%"})).json()["items"] == []
    assert (await admin.get(SITES, params={"cursor": "AAAA"})).json()["field"] == "cursor"
    assert (await admin.get(SITES, params={"limit": 501})).json()["field"] == "limit"


async def test_a_site_with_stations_stays(context: FakeContext, admin: AsyncClient) -> None:
    await admin.post(SITES, json=HARBOUR)
    work = Work()
    register_station(work, "CS-1", 0, {"site": "harbour"})
    await context.database.commit(work)
    assert (await admin.delete(SITES + "/harbour")).status_code == 409
    await admin.post(SITES, json={"id": "empty", "name": "Empty"})
    assert (await admin.delete(SITES + "/empty")).status_code == 204
    assert (await admin.delete(SITES + "/empty")).status_code == 404
