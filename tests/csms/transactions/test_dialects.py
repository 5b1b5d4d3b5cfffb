"""What 1.6 stations say arrives here as 2.1: the whole way from the wire message through the dialect into the database."""

from datetime import datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from tests.csms.builders import NOON, UNNUMBERED, StandInContext, Station, a_context, after, rows
from voltgate.csms import authorization, availability, meter_values, transactions
from voltgate.csms.authorization import Token, write_token
from voltgate.csms.meter_values import METER_VALUES
from voltgate.csms.transactions import TRANSACTIONS
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v16
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialogue import Talk, converse
from voltgate.ocpp.messages import Answer, Request

LATER = after(61)
DIALECT = DIALECTS["1.6"]


class OldStation:
    """A 1.6 station in front of its dialect; the rooms answer."""

    def __init__(self, context: StandInContext) -> None:
        handlers = authorization.HANDLERS | transactions.HANDLERS | meter_values.HANDLERS | availability.HANDLERS
        self.station = Station(context, handlers, traits=UNNUMBERED)
        self.memory = DIALECT.new_memory()
        self._numbers = count(1)

    async def says(self, request: Request, at: datetime = LATER) -> Any:
        talk = Talk(self.memory, at, lambda: next(self._numbers))

        async def exchange(heard: Request) -> Answer | None:
            answer: Answer | None = (await self.station.says(heard, at=at)).answer  # type: ignore[arg-type]  # stations send no SEND here
            return answer

        return await converse(DIALECT.hear_station(request, talk), exchange)

    async def transaction(self) -> Any:
        [row] = await rows(self.station.context.database, select(TRANSACTIONS))
        return row


@pytest.fixture
async def station(database: SqliteDatabase) -> OldStation:
    context, work = a_context(database), Work()
    write_token(work, Token("CARD-1", "ISO14443", group_id_token="FAMILY"))
    await database.commit(work)
    return OldStation(context)


def start(tag: str = "card-1", wh: int = 1000) -> v16.StartTransactionRequest:
    return v16.StartTransactionRequest(connectorId=2, idTag=tag, meterStart=wh, timestamp=NOON)


def values(minute: float, kwh: str, number: int | None = 1) -> v16.MeterValuesRequest:
    sample = v16.SampledValue(value=kwh, measurand="Energy.Active.Import.Register", unit="kWh")
    return v16.MeterValuesRequest(
        connectorId=2, transactionId=number, meterValue=[v16.MeterValue(timestamp=after(minute), sampledValue=[sample])]
    )


def stop(number: int = 1, wh: int = 9000) -> v16.StopTransactionRequest:
    return v16.StopTransactionRequest(transactionId=number, meterStop=wh, timestamp=after(60), idTag="CARD-1", reason="Local")


@pytest.mark.action("1.6:StartTransaction", "1.6:StopTransaction", "1.6:MeterValues")
async def test_a_session(station: OldStation, database: SqliteDatabase) -> None:
    for _ in range(2):  # every message is said twice
        started = await station.says(start())
        await station.says(values(5, "1.2345"))
    assert (started.transactionId, started.idTagInfo.status, started.idTagInfo.parentIdTag) == (1, "Accepted", "FAMILY")
    for _ in range(2):
        stopped = await station.says(stop())
    assert stopped.idTagInfo.status == "Accepted"
    row = await station.transaction()
    assert (row["transaction_id"], row["evse_id"], row["open"], row["energy_milli"]) == ("1", 2, 0, 8_000_000)
    assert (row["id_token"], row["stopped_reason"], row["doubts"]) == ("card-1", "Local", "[]")
    stored = await rows(database, select(METER_VALUES.c.value_milli).order_by(METER_VALUES.c.at_ms))
    assert [value["value_milli"] for value in stored] == [1_000_000, 1_234_500, 9_000_000]


async def test_an_unknown_tag_is_stored_and_invalid(station: OldStation) -> None:
    assert (await station.says(start("STRANGER"))).idTagInfo.status == "Invalid"
    row = await station.transaction()
    assert (row["open"], row["doubts"]) == (1, '["the token STRANGER is Invalid"]')


async def test_a_stop_of_an_unknown_transaction_gets_its_answer(station: OldStation) -> None:
    assert (await station.says(stop(4711))).idTagInfo.status == "Accepted"
    row = await station.transaction()
    assert (row["transaction_id"], row["open"], row["doubts"]) == ("4711", 0, '["the start was not reported"]')


@pytest.mark.action("1.6:Authorize")
@pytest.mark.parametrize(("tag", "status"), [("CARD-1", "Accepted"), ("card-1", "Accepted"), ("STRANGER", "Invalid"), ("", "Invalid")])
async def test_authorize(station: OldStation, tag: str, status: str) -> None:
    assert (await station.says(v16.AuthorizeRequest(idTag=tag))).idTagInfo.status == status
