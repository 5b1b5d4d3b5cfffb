"""Authorize over a real database."""

from datetime import timedelta
from typing import Any

import pytest

from tests.csms.builders import NOON_MS, StandInContext, Station, a_context, a_token
from voltgate.csms.authorization import HANDLERS, Token, grant, write_token
from voltgate.csms.authorization.commands import GRANT_LASTS, clear_cache
from voltgate.infrastructure.clock import from_ms
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


async def know(context: StandInContext, *tokens: Token) -> None:
    work = Work()
    for token in tokens:
        write_token(work, token)
    await context.database.commit(work)


async def ask(context: StandInContext, token: v21.IdTokenType, station: str = "CS-1", **fields: Any) -> v21.AuthorizeResponse:
    heard = await Station(context, HANDLERS, station).says(v21.AuthorizeRequest(idToken=token, **fields), at=context.clock.now())
    answer: v21.AuthorizeResponse = heard.answer
    assert heard.work.writes == []
    return answer


@pytest.mark.requirement("C01.FR.06", "C09.FR.02", "C09.FR.09", "C09.FR.13", "C01.FR.19")
@pytest.mark.action("2.1:Authorize")
async def test_a_known_token_is_described(context: StandInContext) -> None:
    expires = NOON_MS + 3_600_000
    await know(context, Token("Card", "ISO14443", group_id_token="GROUP", expires_ms=expires, language="en-US"))
    info = (await ask(context, a_token("cARD"))).idTokenInfo
    group = v21.IdTokenType(idToken="GROUP", type="Central")
    assert info == v21.IdTokenInfoType(status="Accepted", groupIdToken=group, cacheExpiryDateTime=from_ms(expires), language1="en-US")


async def test_an_unknown_token_is_invalid_or_welcome_as_the_installation_says(database: SqliteDatabase) -> None:
    assert (await ask(a_context(database), a_token())).idTokenInfo == v21.IdTokenInfoType(status="Invalid")
    assert (await ask(a_context(database, unknown_tokens="accept"), a_token())).idTokenInfo.status == "Accepted"


@pytest.mark.requirement("C07.FR.17", "C07.FR.04", "C06.FR.04")
async def test_a_contract_that_cannot_be_verified_is_refused(context: StandInContext) -> None:
    await know(context, Token("CONTRACT", "eMAID"))
    answer = await ask(context, a_token("CONTRACT", "eMAID"), certificate="PEM")
    assert (answer.idTokenInfo.status, answer.certificateStatus) == ("Invalid", "CertChainError")
    assert (await ask(context, a_token("CONTRACT", "eMAID"))).idTokenInfo.status == "Accepted"


async def test_a_grant_holds_for_one_station_and_a_while(context: StandInContext) -> None:
    assert await grant(context, "CS-1", "Guest") is True
    assert (await ask(context, a_token("GUEST"))).idTokenInfo.status == "Accepted"
    assert (await ask(context, a_token("GUEST"), "CS-2")).idTokenInfo.status == "Invalid"
    context.clock.advance(GRANT_LASTS / timedelta(seconds=1))
    assert (await ask(context, a_token("GUEST"))).idTokenInfo.status == "Invalid"


async def test_a_grant_does_not_touch_a_token_we_know(context: StandInContext) -> None:
    await know(context, Token("THIEF", "ISO14443", status="Blocked"))
    assert await grant(context, "CS-1", "thief") is False
    assert (await ask(context, a_token("THIEF"))).idTokenInfo.status == "Blocked"


@pytest.mark.requirement("C11")
@pytest.mark.action("2.1:ClearCache")
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_clears_the_cache_of_a_station(context: StandInContext, status: Any) -> None:
    context.answers = [v21.ClearCacheResponse(status=status)]
    assert (await clear_cache(context, "CS-1", v21.ClearCacheRequest())).status == status
    assert context.asked == [("CS-1", v21.ClearCacheRequest())]
