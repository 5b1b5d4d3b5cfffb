"""Alarms: grouped while open, counted once each, acknowledged, cleared."""

import asyncio
from typing import Any

from httpx import AsyncClient

from tests.csms.api.conftest import FakeContext
from voltgate.csms.backoffice.alarms import Alarms
from voltgate.infrastructure.bus import Subscription
from voltgate.infrastructure.database import Event, StoredEvent, Work
from voltgate.infrastructure.database.outbox import Outbox

ALARMS = "/api/v1/alarms"


def raised(seq: int, kind: str = "security", station: str | None = "CS-1", **data: Any) -> StoredEvent:
    return StoredEvent(seq, "alarm.raised", seq * 1000, station, {"kind": kind, "text": f"{kind} {seq}", **data})


async def listed(admin: AsyncClient, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await admin.get(ALARMS, params=params)).json()["items"]
    return items


async def heard(ear: Subscription) -> Any:
    async with asyncio.timeout(5):
        return (await anext(ear)).payload


async def test_repetitions_are_one_line_with_a_count(context: FakeContext, admin: AsyncClient) -> None:
    alarms = Alarms(context)
    for event in (raised(1, tries=1), raised(2, "meter"), raised(3, station="CS-2"), raised(4, tries=2), raised(5, station=None)):
        await alarms.hear(event)
    found = await listed(admin)
    assert [(alarm["station_id"], alarm["kind"], alarm["count"], alarm["text"]) for alarm in found] == [
        (None, "security", 1, "security 5"),
        ("CS-1", "security", 2, "security 4"),
        ("CS-2", "security", 1, "security 3"),
        ("CS-1", "meter", 1, "meter 2"),
    ]
    assert (found[1]["first_at"], found[1]["at"], found[1]["data"]) == ("1970-01-01T00:00:01Z", "1970-01-01T00:00:04Z", {"tries": 2})
    assert (await admin.get(f"{ALARMS}/{found[1]['id']}")).json() == found[1]


async def test_an_event_that_comes_again_is_not_counted_again(context: FakeContext, admin: AsyncClient) -> None:
    alarms = Alarms(context)
    for seq in (1, 2, 1, 2):
        await alarms.hear(raised(seq))
    (alarm,) = await listed(admin)
    assert alarm["count"] == 2
    await admin.post(f"{ALARMS}/{alarm['id']}/clear")
    await alarms.hear(raised(2))
    assert len(await listed(admin)) == 1


async def test_acknowledged_goes_on_counting_and_cleared_does_not(context: FakeContext, admin: AsyncClient) -> None:
    alarms = Alarms(context)
    await alarms.hear(raised(1))
    (alarm,) = await listed(admin, open=True)
    seen = (await admin.post(f"{ALARMS}/{alarm['id']}/acknowledge")).json()
    assert (seen["acknowledged_by"], seen["acknowledged_at"], seen["open"]) == ("admin", "2026-01-01T00:00:00Z", True)
    await alarms.hear(raised(2))
    cleared = (await admin.post(f"{ALARMS}/{alarm['id']}/clear")).json()
    assert (cleared["count"], cleared["open"], cleared["cleared_by"]) == (2, False, "admin")
    await alarms.hear(raised(3))
    assert [(entry["count"], entry["acknowledged_by"]) for entry in await listed(admin, open=True)] == [(1, None)]
    assert [entry["id"] for entry in await listed(admin, open=False)] == [alarm["id"]]


async def test_what_is_over_by_itself_is_cleared(context: FakeContext, admin: AsyncClient) -> None:
    alarms = Alarms(context)
    await alarms.hear(raised(1, "fault"))
    await alarms.hear(StoredEvent(2, "alarm.cleared", 2000, "CS-1", {"kind": "fault"}))
    await alarms.hear(StoredEvent(3, "alarm.cleared", 3000, "CS-1", {"kind": "never raised"}))
    (alarm,) = await listed(admin)
    assert (alarm["open"], alarm["cleared_by"]) == (False, "voltgate")


async def test_filters_and_pages(context: FakeContext, admin: AsyncClient) -> None:
    alarms = Alarms(context)
    for seq in range(1, 6):
        await alarms.hear(raised(seq, f"kind-{seq}", f"CS-{seq % 2}"))
    assert [alarm["kind"] for alarm in await listed(admin, station="CS-0")] == ["kind-4", "kind-2"]
    assert [alarm["kind"] for alarm in await listed(admin, kind="kind-3")] == ["kind-3"]
    first = (await admin.get(ALARMS, params={"limit": 3})).json()
    second = (await admin.get(ALARMS, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [alarm["kind"] for alarm in first["items"] + second["items"]] == [f"kind-{number}" for number in (5, 4, 3, 2, 1)]


async def test_unknown_alarms(admin: AsyncClient) -> None:
    for alarm_id in ("7", "x", "9" * 30, "-1"):
        assert (await admin.get(f"{ALARMS}/{alarm_id}")).status_code == 404
        assert (await admin.post(f"{ALARMS}/{alarm_id}/acknowledge")).status_code == 404


async def test_from_the_log_to_the_live_pages(context: FakeContext, admin: AsyncClient) -> None:
    outbox = Outbox(context.database, context.bus)
    with context.bus.subscribe("alarm.changed") as ear:
        Alarms(context).start(outbox)
        work = Work()
        work.tell(Event("alarm.raised", 5, "CS-1", {"kind": "meter", "text": "goes backwards"}))
        await context.database.commit(work)
        told = await heard(ear)
        assert told.items() >= {"station_id": "CS-1", "kind": "meter", "open": True, "count": 1, "text": "goes backwards"}.items()
        await admin.post(f"{ALARMS}/{told['id']}/acknowledge")
        assert (await heard(ear))["acknowledged_by"] == "admin"
    await outbox.close()
