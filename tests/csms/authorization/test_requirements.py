"""What block C forces a central system to answer, seldom said elsewhere."""

from typing import Any

import pytest

from tests.csms.builders import NOON_MS, StandInContext, Station, a_client, a_context, a_token
from voltgate.csms.authorization import HANDLERS, ROUTES, Token, write_token
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

pytestmark = pytest.mark.action("2.1:Authorize")


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


async def info(context: StandInContext, known: Token, presented: v21.IdTokenType) -> v21.IdTokenInfoType:
    """The answer about a presented token when `known` is stored."""
    work = Work()
    write_token(work, known)
    await context.database.commit(work)
    heard = await Station(context, HANDLERS).says(v21.AuthorizeRequest(idToken=presented), at=context.clock.now())
    answer: v21.IdTokenInfoType = heard.answer.idTokenInfo
    return answer


@pytest.mark.requirement("C01.FR.07", "C01.FR.18", "C01.FR.19", "C01.FR.22", "C01.FR.24")
@pytest.mark.parametrize(
    "status", ["Blocked", "Expired", "Invalid", "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation", "NotAtThisTime", "Unknown"]
)
async def test_every_status_is_told_as_it_is_and_for_all_evses(context: StandInContext, status: Any) -> None:
    told = await info(context, Token("CARD", "ISO14443", status=status), a_token("CARD"))
    assert told == v21.IdTokenInfoType(status=status)


@pytest.mark.requirement("C01.FR.07")
async def test_a_token_past_its_time_is_expired(context: StandInContext) -> None:
    assert (await info(context, Token("CARD", "ISO14443", expires_ms=NOON_MS), a_token("CARD"))).status == "Expired"


@pytest.mark.requirement("C01.FR.10", "C01.FR.11")
@pytest.mark.parametrize("language", ["de", None])
async def test_there_is_at_most_one_language(context: StandInContext, language: str | None) -> None:
    told = await info(context, Token("CARD", "ISO14443", language=language), a_token("CARD"))
    assert (told.language1, told.language2) == (language, None)


@pytest.mark.requirement("C01.FR.17", "C04.FR.05", "C05.FR.04")
@pytest.mark.parametrize(("language", "status"), [("en-US", 201), ("de", 201), ("zh-Hans", 201), ("english!", 422), ("e", 422), ("", 422)])
async def test_languages_are_tags(context: StandInContext, language: str, status: int) -> None:
    async with a_client(context, ROUTES) as client:
        answer = await client.post("/tokens", json={"id_token": "CARD", "language": language})
    assert answer.status_code in ({201} if status == 201 else {400, 422})


@pytest.mark.requirement("C04.FR.01", "C04.FR.02")
@pytest.mark.parametrize(("code", "status"), [("4711", "Accepted"), ("4712", "Invalid")])
async def test_key_codes(context: StandInContext, code: str, status: str) -> None:
    assert (await info(context, Token("4711", "KeyCode"), a_token(code, "KeyCode"))).status == status


@pytest.mark.requirement("C06.FR.04")
async def test_a_local_token_is_judged_as_any_other(context: StandInContext) -> None:
    assert (await info(context, Token("PLATE", "Local"), a_token("plate", "Local"))).status == "Accepted"
