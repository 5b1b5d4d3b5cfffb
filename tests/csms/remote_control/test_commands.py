"""Start, stop, unlock and trigger."""

from dataclasses import replace
from typing import Any

import pytest

from tests.csms.builders import UNNUMBERED, StandInContext, Station, a_context, a_token, after, ended, started, updated
from voltgate.csms import authorization, transactions
from voltgate.csms.remote_control import (
    COMMANDS,
    request_start_transaction,
    request_stop_transaction,
    start_transaction,
    trigger_message,
    unlock_connector,
)
from voltgate.csms.stations import write_topology
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.errors import MessageError, NotConnected

ACCEPTED = v21.RequestStartTransactionResponse(status="Accepted")


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


def a_profile(**fields: Any) -> v21.ChargingProfileType:
    period = v21.ChargingSchedulePeriodType(startPeriod=0, limit=16.0)
    schedule = v21.ChargingScheduleType(id=1, chargingRateUnit="A", chargingSchedulePeriod=[period])
    given = {"chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative", **fields}
    return v21.ChargingProfileType(id=1, stackLevel=0, chargingSchedule=[schedule], **given)


@pytest.mark.requirement("F01.FR.04", "F01.FR.06", "F02.FR.12", "F02.FR.14", "F02.FR.01")
@pytest.mark.action("2.1:RequestStartTransaction")
async def test_every_start_has_a_number_of_its_own(context: StandInContext) -> None:
    context.answers = [ACCEPTED, ACCEPTED]
    await start_transaction(context, "CS-1", "GUEST", evse_id=2)
    await start_transaction(context, "CS-1", "GUEST", id_token_type="ISO14443")
    said = [request for _, request in context.asked]
    assert said == [
        v21.RequestStartTransactionRequest(idToken=a_token("GUEST", "Central"), remoteStartId=1, evseId=2),
        v21.RequestStartTransactionRequest(idToken=a_token("GUEST"), remoteStartId=2),
    ]


@pytest.mark.requirement("F02.FR.05", "E02.FR.02")
async def test_an_operator_may_start_and_stop_with_any_token(context: StandInContext) -> None:
    context.answers = [ACCEPTED]
    station = Station(context, authorization.HANDLERS | transactions.HANDLERS)
    await start_transaction(context, "CS-1", "GUEST")
    asked = await station.says(v21.AuthorizeRequest(idToken=a_token("guest", "Central")), at=after(1))
    began = await station.says(started(0, token=a_token("guest", "Central"), trigger="RemoteStart", remoteStartId=1), at=after(1))
    tomorrow = after(24 * 60)
    await station.says(updated(1, tomorrow, token=a_token("guest", "Central"), trigger="StopAuthorized"), at=tomorrow)
    done = await station.says(ended(2, tomorrow, token=a_token("guest", "Central")), at=tomorrow)
    other = await station.says(started(0, tomorrow, transaction="T-2", token=a_token("guest", "Central")), at=tomorrow)
    answers = [heard.answer.idTokenInfo.status for heard in (asked, began, done, other)]
    assert answers == ["Accepted", "Accepted", "Accepted", "Invalid"]
    assert [*began.alarms, *done.alarms] == []


@pytest.mark.requirement("F01.FR.08", "F01.FR.09", "F01.FR.11", "F02.FR.16", "F02.FR.17", "F02.FR.19")
@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (a_profile(), None),
        (a_profile(chargingProfilePurpose="TxDefaultProfile"), "chargingProfile.chargingProfilePurpose"),
        (a_profile(transactionId="T-1"), "chargingProfile.transactionId"),
    ],
)
async def test_a_profile_of_a_start_is_for_that_transaction(context: StandInContext, profile: Any, field: str | None) -> None:
    context.answers = [ACCEPTED]
    request = v21.RequestStartTransactionRequest(idToken=a_token(), remoteStartId=5, chargingProfile=profile)
    if field is None:
        await request_start_transaction(context, "CS-1", request)
        assert context.asked == [("CS-1", request)]
        return
    with pytest.raises(MessageError, match=rf"at `\$\.{field}`"):
        await request_start_transaction(context, "CS-1", request)
    assert context.asked == []


@pytest.mark.requirement("F03.FR.01", "F04.FR.01", "F05")
@pytest.mark.action("2.1:RequestStopTransaction", "2.1:UnlockConnector")
async def test_stop_and_unlock_are_asked_as_they_are(context: StandInContext) -> None:
    context.answers = [v21.RequestStopTransactionResponse(status="Rejected"), v21.UnlockConnectorResponse(status="UnlockFailed")]
    stop, unlock = v21.RequestStopTransactionRequest(transactionId="T-1"), v21.UnlockConnectorRequest(evseId=1, connectorId=1)
    assert (await request_stop_transaction(context, "CS-1", stop)).status == "Rejected"
    assert (await unlock_connector(context, "CS-1", unlock)).status == "UnlockFailed"
    assert context.asked == [("CS-1", stop), ("CS-1", unlock)]


@pytest.mark.requirement("F06.FR.01", "F06.FR.02", "F06.FR.13")
@pytest.mark.action("2.1:TriggerMessage")
@pytest.mark.parametrize(
    ("message", "evse", "said"),
    [
        ("MeterValues", None, None),
        ("MeterValues", v21.EVSEType(id=1), v21.EVSEType(id=1)),
        ("StatusNotification", v21.EVSEType(id=1), v21.EVSEType(id=1, connectorId=1)),
        ("StatusNotification", v21.EVSEType(id=1, connectorId=2), v21.EVSEType(id=1, connectorId=2)),
    ],
)
async def test_a_status_is_triggered_for_a_connector(context: StandInContext, message: Any, evse: Any, said: Any) -> None:
    context.answers = [v21.TriggerMessageResponse(status="Accepted")]
    await trigger_message(context, "CS-1", v21.TriggerMessageRequest(requestedMessage=message, evse=evse))
    [(_, request)] = context.asked
    assert request == v21.TriggerMessageRequest(requestedMessage=message, evse=said)


@pytest.mark.requirement("F06.FR.13")
async def test_a_status_is_triggered_connector_by_connector(context: StandInContext) -> None:
    work = Work()
    write_topology(work, "CS-1", [(0, 0), (1, 1), (2, 1), (2, 2)])
    await context.database.commit(work)
    accepted, rejected = v21.TriggerMessageResponse(status="Accepted"), v21.TriggerMessageResponse(status="Rejected")
    context.answers = [accepted] * 3
    assert await trigger_message(context, "CS-1", v21.TriggerMessageRequest(requestedMessage="StatusNotification")) == accepted
    places = [(1, 1), (2, 1), (2, 2)]
    assert [request.evse for _, request in context.asked] == [v21.EVSEType(id=evse, connectorId=number) for evse, number in places]  # type: ignore[attr-defined]  # all are triggers
    context.asked, context.answers = [], [rejected]
    evse_two = v21.TriggerMessageRequest(requestedMessage="StatusNotification", evse=v21.EVSEType(id=2))
    assert await trigger_message(context, "CS-1", evse_two) == rejected
    assert len(context.asked) == 1


async def test_a_station_that_understands_one_trigger_for_all_gets_one(context: StandInContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "traits", lambda _station_id: replace(UNNUMBERED, triggers_every_status=True))
    context.answers = [v21.TriggerMessageResponse(status="Accepted")]
    request = v21.TriggerMessageRequest(requestedMessage="StatusNotification")
    await trigger_message(context, "CS-1", request)
    assert context.asked == [("CS-1", request)]


@pytest.mark.requirement("F06.FR.20")
async def test_a_custom_trigger_has_a_name(context: StandInContext) -> None:
    with pytest.raises(MessageError, match="customTrigger"):
        await trigger_message(context, "CS-1", v21.TriggerMessageRequest(requestedMessage="CustomTrigger"))


@pytest.mark.parametrize("action", COMMANDS)
async def test_a_station_that_is_not_there_is_told_apart(context: StandInContext, action: str) -> None:
    requests: dict[str, Any] = {
        "RequestStartTransaction": v21.RequestStartTransactionRequest(idToken=a_token(), remoteStartId=1),
        "RequestStopTransaction": v21.RequestStopTransactionRequest(transactionId="T-1"),
        "UnlockConnector": v21.UnlockConnectorRequest(evseId=1, connectorId=1),
        "TriggerMessage": v21.TriggerMessageRequest(requestedMessage="Heartbeat"),
    }
    context.answers = [NotConnected("not there")]
    with pytest.raises(NotConnected):
        await COMMANDS[action](context, "CS-1", requests[action])  # type: ignore[operator]  # four functions of one shape
