from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.csms.builders import Station, a_context, rows
from voltgate.csms.security import HANDLERS
from voltgate.csms.security.store import SECURITY_EVENTS
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.requirement("A04.FR.02")
@pytest.mark.action("2.1:SecurityEventNotification")
async def test_an_event_is_kept_once_and_a_critical_one_is_an_alarm(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    event = v21.SecurityEventNotificationRequest(type="TamperDetectionActivated", timestamp=AT, techInfo="lid")
    heard = await station.says(event)
    assert heard.alarms == ["security"]
    await station.says(event)
    assert (await station.says(v21.SecurityEventNotificationRequest(type="StartupOfTheDevice", timestamp=AT))).alarms == []
    kept = await rows(database, select(SECURITY_EVENTS))
    assert [(row["type"], row["tech_info"]) for row in kept] == [("TamperDetectionActivated", "lid"), ("StartupOfTheDevice", None)]
