import pytest
from sqlalchemy import select

from tests.csms.builders import Station, a_context, rows
from voltgate.csms.firmware import HANDLERS
from voltgate.csms.firmware.store import FIRMWARE_STATUSES
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


@pytest.mark.requirement("L01.FR.01")
@pytest.mark.action("2.1:FirmwareStatusNotification")
async def test_the_steps_of_an_update_are_kept_and_a_failure_is_an_alarm(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    assert (await station.says(v21.FirmwareStatusNotificationRequest(status="Downloading", requestId=1))).alarms == []
    failed = v21.FirmwareStatusNotificationRequest(
        status="InstallationFailed", requestId=1, statusInfo=v21.StatusInfoType(reasonCode="NoSpace")
    )
    assert (await station.says(failed)).alarms == ["firmware"]
    kept = await rows(database, select(FIRMWARE_STATUSES))
    assert [(row["status"], row["info"]) for row in kept] == [("Downloading", None), ("InstallationFailed", "NoSpace")]
