"""Reports in parts: numbered from 0, without gaps; an incomplete one takes nothing away (B07, B08)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.csms.builders import STATION, Heard, StandInContext, Station, a_context
from voltgate.csms.provisioning import HANDLERS, request_inventory
from voltgate.csms.provisioning.commands import request_full_inventory
from voltgate.csms.provisioning.model import VariableKey, follow_report
from voltgate.csms.provisioning.store import keep_wish, read_report, settle_wish
from voltgate.csms.provisioning.views import list_variables
from voltgate.csms.stations import keep_boot, register_station
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

pytestmark = pytest.mark.action("2.1:NotifyReport", "2.1:GetBaseReport")
OLD = VariableKey("Old", "Thing")


@pytest.fixture
async def context(database: SqliteDatabase) -> StandInContext:
    context = a_context(database)
    for change in (lambda work: register_station(work, STATION, 0, {}), _boot):
        work = Work()
        change(work)
        await context.database.commit(work)
    return context


def _boot(work: Work) -> None:
    keep_boot(work, STATION, {"vendor": "Acme", "model": "Wall", "serial_number": None, "firmware_version": "1"}, "Accepted", 1)


async def part(context: StandInContext, number: int, name: str, *, last: bool = False, request_id: int = 1) -> Heard:
    data = v21.ReportDataType(
        component=v21.ComponentType(name=name),
        variable=v21.VariableType(name="Thing"),
        variableAttribute=[v21.VariableAttributeType(value="1")],
    )
    now = context.clock.now()
    said = v21.NotifyReportRequest(requestId=request_id, generatedAt=now, seqNo=number, reportData=[data], tbc=not last)
    return await Station(context, dict(HANDLERS)).says(said, at=now)


async def inventory(context: StandInContext) -> None:
    context.answers = [v21.GetBaseReportResponse(status="Accepted")]
    context.clock.advance(3600)
    await request_full_inventory(context, STATION)
    context.clock.advance(1)


async def names(context: StandInContext) -> list[str]:
    return [one.component for one in await list_variables(context.database, STATION)]


@pytest.mark.requirement("B07.FR.04", "B07.FR.10", "B08.FR.14")
@pytest.mark.parametrize(
    ("status", "parts", "number", "last", "then"),
    [
        ("requested", 0, 0, False, ("requested", 1)),
        ("requested", 0, 0, True, ("complete", 1)),
        ("requested", 2, 2, True, ("complete", 3)),
        ("requested", 1, 0, False, ("requested", 1)),
        ("requested", 1, 2, False, ("incomplete", 3)),
        ("requested", 0, 1, True, ("incomplete", 2)),
        ("incomplete", 3, 3, True, ("incomplete", 4)),
    ],
)
def test_how_far_a_report_is(status: str, parts: int, number: int, last: bool, then: tuple[str, int]) -> None:
    assert follow_report(status, parts, number, last=last) == then


@pytest.mark.requirement("B07.FR.08", "B07.FR.10")
async def test_a_report_with_a_gap_takes_nothing_away_and_is_asked_for_again(context: StandInContext) -> None:
    await part(context, 0, "Old", last=True, request_id=99)
    await inventory(context)
    await part(context, 0, "New")
    heard = await part(context, 2, "Newer", last=True)
    assert heard.work.events[0].data == {"request_id": 1, "kind": "FullInventory", "complete": False}
    assert await names(context) == ["New", "Newer", "Old"]
    report = await read_report(context.database, STATION, 1)
    assert report is not None
    assert report["status"] == "incomplete"
    context.answers = [v21.GetBaseReportResponse(status="Accepted")]
    await request_inventory(context, STATION)
    assert len(context.asked) == 2


@pytest.mark.requirement("B07.FR.14", "B07.FR.08")
async def test_a_whole_report_replaces_what_was_known_also_when_a_part_came_twice(context: StandInContext) -> None:
    await part(context, 0, "Old", last=True, request_id=99)
    await inventory(context)
    await part(context, 0, "New")
    await part(context, 0, "New")
    heard = await part(context, 1, "Newer", last=True)
    assert heard.work.events[0].data["complete"] is True
    assert await names(context) == ["New", "Newer"]
    await request_inventory(context, STATION)
    assert len(context.asked) == 1


async def fulfilled(context: StandInContext, key: VariableKey) -> None:
    for change in (
        lambda work: keep_wish(work, STATION, key, "5", 1),
        lambda work: settle_wish(work, STATION, key, "5", "done", None, 1),
    ):
        work = Work()
        change(work)
        await context.database.commit(work)


async def test_a_wish_whose_variable_is_gone_waits_once_more(context: StandInContext) -> None:
    for key in (OLD, VariableKey("new", "THING")):
        await fulfilled(context, key)
    await inventory(context)
    await part(context, 0, "New", last=True)
    wishes: Any = {one.component: (one.status, one.reason) for one in await list_variables(context.database, STATION) if one.desired}
    assert wishes == {"Old": ("waiting", "the station no longer reports this variable"), "new": ("done", None)}


@pytest.mark.requirement("B05.FR.10")
@pytest.mark.action("2.1:BootNotification")
@pytest.mark.parametrize(("reason", "shown"), [("RemoteReset", None), ("Triggered", "RebootRequired")])
async def test_what_needs_a_boot_works_after_it(context: StandInContext, reason: v21.BootReasonEnumType, shown: str | None) -> None:
    work = Work()
    keep_wish(work, STATION, OLD, "5", 1)
    settle_wish(work, STATION, OLD, "5", "done", "RebootRequired", 1)
    await context.database.commit(work)
    told = v21.ChargingStationType(model="Wall", vendorName="Acme")
    await Station(context, dict(HANDLERS)).says(v21.BootNotificationRequest(chargingStation=told, reason=reason))
    (wish,) = await list_variables(context.database, STATION)
    assert (wish.status, wish.reason) == ("done", shown)


async def test_a_wish_that_is_newer_than_the_report_stands(context: StandInContext) -> None:
    await inventory(context)
    work = Work()
    keep_wish(work, STATION, OLD, "5", to_ms(context.clock.now() + timedelta(seconds=1)))
    await context.database.commit(work)
    await part(context, 0, "New", last=True)
    assert {one.component: one.reason for one in await list_variables(context.database, STATION)} == {"Old": None, "New": None}


async def test_a_report_that_nobody_asked_for_is_kept(context: StandInContext) -> None:
    heard = await part(context, 0, "New", last=True, request_id=12345)
    assert heard.work.events[0].data == {"request_id": 12345, "kind": None, "complete": True}
    assert await names(context) == ["New"]
