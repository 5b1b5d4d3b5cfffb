"""What the certification tests of block C and E expect of the answers, over a real database."""

from typing import Any

import pytest

from tests.csms.builders import UNNUMBERED, Heard, StandInContext, Station, a_context, a_token, after, an_event, ended, started, updated
from voltgate.csms import authorization
from voltgate.csms.authorization import Token, write_token
from voltgate.csms.transactions import HANDLERS, get_transaction_status
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

pytestmark = pytest.mark.action("2.1:TransactionEvent")


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


@pytest.fixture
def station(context: StandInContext) -> Station:
    return Station(context, HANDLERS | authorization.HANDLERS)


async def know(context: StandInContext, *tokens: Token) -> None:
    work = Work()
    for token in tokens:
        write_token(work, token)
    await context.database.commit(work)


def info(heard: Heard) -> tuple[str, str | None] | None:
    """Status and group of the answer."""
    said: v21.IdTokenInfoType | None = heard.answer.idTokenInfo
    return None if said is None else (said.status, said.groupIdToken.idToken if said.groupIdToken else None)


@pytest.mark.requirement("C09.FR.02", "C09.FR.03", "C09.FR.12", "C12.FR.03", "E03.FR.02")
@pytest.mark.parametrize("ends_at_once", [True, False])
async def test_another_token_of_the_group_stops(station: Station, context: StandInContext, ends_at_once: bool) -> None:
    await know(context, Token("ONE", "ISO14443", group_id_token="FAMILY"), Token("TWO", "ISO14443", group_id_token="FAMILY"))
    first = await station.says(started(0, token=a_token("ONE"), trigger="Authorized"))
    asked = await station.says(v21.AuthorizeRequest(idToken=a_token("TWO")))
    if ends_at_once:
        last = await station.says(ended(1, after(5), token=a_token("TWO"), trigger="StopAuthorized"))
    else:
        last = await station.says(updated(1, after(5), token=a_token("TWO"), trigger="StopAuthorized"))
    assert [info(first), info(asked), info(last)] == [("Accepted", "FAMILY")] * 3
    assert last.alarms == []


@pytest.mark.requirement("C16.FR.02", "C09.FR.12")
async def test_a_master_pass_is_answered_with_its_group_for_every_transaction(station: Station, context: StandInContext) -> None:
    await know(context, Token("ONE", "ISO14443"), Token("POLICE", "ISO14443", group_id_token="MASTER"))
    await station.says(started(0, transaction="A", token=a_token("ONE"), trigger="Authorized", evse=1))
    await station.says(started(0, transaction="B", token=a_token("ONE"), trigger="Authorized", evse=2))
    asked = await station.says(v21.AuthorizeRequest(idToken=a_token("POLICE")))
    stops = [
        await station.says(
            ended(1, after(5), transaction=name, token=a_token("POLICE"), trigger="StopAuthorized", stoppedReason="MasterPass")
        )
        for name in ("A", "B")
    ]
    assert [info(asked), *map(info, stops)] == [("Accepted", "MASTER")] * 3


@pytest.mark.requirement("C01.FR.06", "C09.FR.09", "C09.FR.12")
@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired", "Unknown", "NotAtThisTime"])
async def test_the_group_is_told_whatever_the_status(station: Station, context: StandInContext, status: Any) -> None:
    await know(context, Token("TWO", "ISO14443", status=status, group_id_token="FAMILY"))
    assert info(await station.says(v21.AuthorizeRequest(idToken=a_token("TWO")))) == (status, "FAMILY")
    assert info(await station.says(started(0, token=a_token("TWO"), trigger="Authorized"))) == (status, "FAMILY")


@pytest.mark.requirement("C04.FR.01", "C01.FR.25")
async def test_a_token_of_another_kind_tells_nothing(station: Station, context: StandInContext) -> None:
    await know(context, Token("4711", "KeyCode", group_id_token="FAMILY", language="en"))
    answer = (await station.says(v21.AuthorizeRequest(idToken=a_token("4711")))).answer
    assert answer.idTokenInfo == v21.IdTokenInfoType(status="Invalid")


@pytest.mark.requirement("J02.FR.19", "E01.FR.12", "E05.FR.01")
@pytest.mark.parametrize(
    ("token", "expected"), [(None, None), (a_token("NOBODY"), ("Invalid", None)), (a_token("", "NoAuthorization"), ("Accepted", None))]
)
@pytest.mark.parametrize("kind", ["Started", "Updated", "Ended"])
async def test_the_token_is_judged_exactly_where_there_is_one(
    station: Station, kind: Any, token: v21.IdTokenType | None, expected: tuple[str, str | None] | None
) -> None:
    heard = await station.says(an_event(kind, 3, after(1), token=token))
    assert info(heard) == expected
    assert heard.answer == v21.TransactionEventResponse(idTokenInfo=heard.answer.idTokenInfo)


@pytest.mark.requirement("E05.FR.01", "E06.FR.04")
async def test_deauthorised_by_the_answer(station: Station) -> None:
    first = await station.says(started(0, token=a_token("NOBODY"), trigger="Authorized"))
    last = await station.says(ended(1, after(0, seconds=3), trigger="Deauthorized", stoppedReason="DeAuthorized"))
    assert [info(first), info(last)] == [("Invalid", None), None]


@pytest.mark.parametrize("trigger", ["StopAuthorized", "RemoteStop", "Deauthorized"])
async def test_a_token_that_stops_is_never_concurrent(station: Station, context: StandInContext, trigger: Any) -> None:
    await know(context, Token("ONE", "ISO14443"), Token("TWO", "ISO14443"))
    await Station(context, HANDLERS, name="CS-2").says(started(0, transaction="ELSEWHERE", token=a_token("TWO"), trigger="Authorized"))
    await station.says(started(0, token=a_token("ONE"), trigger="Authorized"))
    assert info(await station.says(updated(1, after(1), token=a_token("TWO"), trigger=trigger))) == ("Accepted", None)


@pytest.mark.requirement("E12.FR.02", "E14.FR.04", "E11.FR.02")
async def test_the_end_may_overtake_what_was_said_before(station: Station) -> None:
    """TC_E_31_CSMS: an offline end first, then the two events before it."""
    await station.says(started(0), updated(1, after(1), chargingState="Charging"))
    late: list[dict[str, Any]] = [{"trigger": "StopAuthorized"}, {"trigger": "ChargingStateChanged", "chargingState": "EVConnected"}]
    end = await station.says(ended(4, after(9), trigger="EVCommunicationLost", chargingState="Idle", offline=True))
    assert [event.data["open"] for event in end.work.events if event.topic == "transaction.ended"] == [False]
    for number, fields in enumerate(late, 2):
        heard = await station.says(an_event("Updated", number, after(8), offline=True, **fields))
        assert heard.answer == v21.TransactionEventResponse()
    [shown] = heard.shown("transaction.updated")
    assert (shown["open"], shown["charging_state"], shown["offline"]) == (False, "Idle", True)


@pytest.mark.requirement("E14.FR.01", "E14.FR.06")
@pytest.mark.action("2.1:GetTransactionStatus")
@pytest.mark.parametrize("transaction", ["T-1", None])
async def test_the_status_is_asked_as_it_is(context: StandInContext, transaction: str | None) -> None:
    request = v21.GetTransactionStatusRequest(transactionId=transaction)
    context.answers = [v21.GetTransactionStatusResponse(messagesInQueue=True)]
    assert (await get_transaction_status(context, "CS-1", request)).messagesInQueue is True
    assert context.asked == [("CS-1", request)]


@pytest.mark.action("1.6:MeterValues", "1.6:StopTransaction")
async def test_values_after_the_stop_change_nothing_of_the_energy(station: Station) -> None:
    station.traits = UNNUMBERED
    await station.says(started(0, wh=1000), ended(1, after(30), 2500))
    late = await station.says(updated(2, after(31), 9000))
    [shown] = late.shown("transaction.updated")
    assert (shown["open"], shown["energy_wh"]) == (False, 1500.0)
