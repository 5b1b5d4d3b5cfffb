"""Asking a station about its transactions."""

import pytest

from tests.csms.builders import a_context
from voltgate.csms.transactions.commands import get_transaction_status
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


@pytest.mark.requirement("E14")
@pytest.mark.action("2.1:GetTransactionStatus")
async def test_asks_whether_a_transaction_goes_on(database: SqliteDatabase) -> None:
    context = a_context(database)
    context.answers = [v21.GetTransactionStatusResponse(messagesInQueue=True, ongoingIndicator=False)]
    request = v21.GetTransactionStatusRequest(transactionId="T-1")
    answer = await get_transaction_status(context, "CS-1", request)
    assert (answer.messagesInQueue, answer.ongoingIndicator) == (True, False)
    assert context.asked == [("CS-1", request)]
