from typing import Any

import pytest
from sqlalchemy import select

from tests.csms.builders import Station, a_context, a_session, rows
from voltgate.csms.data_transfer import HANDLERS
from voltgate.csms.data_transfer.handlers import answer_vendor
from voltgate.csms.data_transfer.store import DATA_TRANSFERS
from voltgate.csms.session import Session
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


@pytest.mark.requirement("P02.FR.06")
@pytest.mark.action("2.1:DataTransfer")
async def test_an_unknown_vendor_is_kept_and_told_so(database: SqliteDatabase) -> None:
    station = Station(a_context(database), dict(HANDLERS))
    heard = await station.says(v21.DataTransferRequest(vendorId="com.acme", messageId="hello", data={"a": [1, "x"]}))
    assert heard.answer == v21.DataTransferResponse(status="UnknownVendorId")
    row = (await rows(database, select(DATA_TRANSFERS)))[0]
    assert (row["vendor_id"], row["message_id"], row["data"], row["answered"]) == ("com.acme", "hello", '{"a":[1,"x"]}', "UnknownVendorId")


@pytest.mark.requirement("P02.FR.07", "P02.FR.08", "TC_P_02_CSMS")
async def test_the_table_of_vendors_decides(database: SqliteDatabase) -> None:
    async def greet(request: v21.DataTransferRequest, session: Session) -> v21.DataTransferResponse:
        return v21.DataTransferResponse(status="Accepted", data="hello " + str(request.data))

    session = a_session(a_context(database))
    vendors: Any = {("com.acme", "hello"): greet}
    known = await answer_vendor(v21.DataTransferRequest(vendorId="com.acme", messageId="hello", data="you"), session, vendors)
    assert (known.status, known.data) == ("Accepted", "hello you")
    other = await answer_vendor(v21.DataTransferRequest(vendorId="com.acme", messageId="bye"), session, vendors)
    assert other.status == "UnknownMessageId"
