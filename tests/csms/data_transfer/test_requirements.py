"""What we say to stations outside of the specification is kept like what they say (P01)."""

from typing import Any, cast

import pytest
from sqlalchemy import text

from tests.csms.builders import STATION, a_client, a_context
from tests.csms.pair import Office
from voltgate.csms.blocks import ROUTES
from voltgate.csms.data_transfer import COMMANDS
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.errors import CallTimedOut


async def say(context: Any, request: v21.DataTransferRequest) -> v21.DataTransferResponse:
    command: Any = COMMANDS["DataTransfer"]
    return cast(v21.DataTransferResponse, await command(context, STATION, request))


@pytest.mark.requirement("P01.FR.05", "P01.FR.06", "P01.FR.07")
@pytest.mark.action("2.1:DataTransfer")
@pytest.mark.parametrize("status", ["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"])
async def test_what_we_say_is_kept_with_the_answer(office: Office, status: v21.DataTransferStatusEnumType) -> None:
    await office.register(STATION)
    context = a_context(cast(SqliteDatabase, office.services.database))
    context.answers = [v21.DataTransferResponse(status=status, data={"ok": [1]})]
    answer = await say(context, v21.DataTransferRequest(vendorId="com.acme", messageId="hello", data="you"))
    assert (answer.status, answer.data) == (status, {"ok": [1]})
    client = a_client(cast(Any, office.services), ROUTES)
    (shown,) = (await client.get(f"/stations/{STATION}/data-transfers")).json()["items"]
    assert {name: shown[name] for name in ("direction", "vendor_id", "message_id", "data", "answered", "answer_data")} == {
        "direction": "out",
        "vendor_id": "com.acme",
        "message_id": "hello",
        "data": "you",
        "answered": status,
        "answer_data": {"ok": [1]},
    }


async def test_without_an_answer_nothing_is_kept(database: SqliteDatabase) -> None:
    context = a_context(database)
    context.answers = [CallTimedOut("no answer")]
    with pytest.raises(CallTimedOut):
        await say(context, v21.DataTransferRequest(vendorId="com.acme"))
    assert await database.query(text("SELECT * FROM data_transfers")) == []
