"""Transaction events over a real database: stored first, judged second, always answered."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from tests.csms.builders import (
    NOON,
    NOON_MS,
    NUMBERING,
    UNNUMBERED,
    Heard,
    StandInContext,
    Station,
    a_context,
    a_sample,
    a_token,
    after,
    an_event,
    ended,
    measured,
    register,
    rows,
    started,
    updated,
)
from voltgate.csms import availability
from voltgate.csms.authorization import Token, write_token
from voltgate.csms.meter_values import METER_VALUES
from voltgate.csms.stations import register_station
from voltgate.csms.stations.views import view_station
from voltgate.csms.transactions import HANDLERS, TRANSACTION_EVENTS, TRANSACTIONS, close_transaction
from voltgate.infrastructure.database import Row, Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21
from voltgate.ocpp.traits import Traits

pytestmark = pytest.mark.action("2.1:TransactionEvent")


@pytest.fixture
def context(database: SqliteDatabase) -> StandInContext:
    return a_context(database)


@pytest.fixture
def station(context: StandInContext) -> Station:
    return Station(context, HANDLERS)


async def know(context: StandInContext, *tokens: Token) -> None:
    work = Work()
    for token in tokens:
        write_token(work, token)
    await context.database.commit(work)


async def stored(station: Station, transaction: str = "T-1") -> Row:
    query = select(TRANSACTIONS).where(TRANSACTIONS.c.station_id == station.name, TRANSACTIONS.c.transaction_id == transaction)
    [row] = await rows(station.context.database, query)
    return row


async def doubts(station: Station, transaction: str = "T-1") -> Any:
    return msgspec.json.decode((await stored(station, transaction))["doubts"])


def status(heard: Heard) -> Any:
    return heard.answer.idTokenInfo and heard.answer.idTokenInfo.status


async def everything(station: Station) -> Sequence[Sequence[tuple[Any, ...]]]:
    database = station.context.database
    return [[tuple(row) for row in await rows(database, select(table))] for table in (TRANSACTIONS, TRANSACTION_EVENTS, METER_VALUES)]


@pytest.mark.requirement("E01.FR.12", "E02.FR.02", "E02.FR.04", "J02.FR.19")
async def test_a_whole_session(station: Station, context: StandInContext) -> None:
    await know(context, Token("CARD-1", "ISO14443", group_id_token="FAMILY"))
    first = await station.says(started(0))
    second = await station.says(updated(1, after(1), token=a_token("card-1"), trigger="Authorized"))
    assert status(first) is None
    assert status(second) == "Accepted"
    assert second.answer.idTokenInfo.groupIdToken.idToken == "FAMILY"
    assert second.answer.idTokenInfo.groupIdToken.type == "Central"
    await station.says(updated(2, after(2), 1500.25, chargingState="Charging"))
    last = await station.says(ended(3, after(60), 8345.5, stoppedReason="EVDisconnected"))
    row = await stored(station)
    assert (row["evse_id"], row["connector_id"], row["id_token"], row["id_token_type"]) == (1, 1, "card-1", "ISO14443")
    assert (row["open"], row["started_ms"], row["ended_ms"]) == (0, NOON_MS, NOON_MS + 3_600_000)
    assert (row["register_start_milli"], row["register_end_milli"], row["energy_milli"]) == (1_000_000, 8_345_500, 7_345_500)
    assert (row["stopped_reason"], row["power_milli"], row["highest_seq"], row["offline"]) == ("EVDisconnected", 0, 3, 0)
    assert await doubts(station) == []
    assert (first.told, second.told, last.told) == (["transaction.started"], [], ["transaction.ended"])
    assert last.work.events[0].data["energy_wh"] == 7345.5
    values = await rows(context.database, select(METER_VALUES).where(METER_VALUES.c.transaction_id == "T-1"))
    assert {(value["evse_id"], value["value_milli"]) for value in values} == {(1, 1_000_000), (1, 1_500_250), (1, 8_345_500)}


@pytest.mark.requirement("E01.FR.07")
async def test_a_new_transaction_may_start_at_number_zero_again_or_go_on(station: Station) -> None:
    for name, first in (("A", 0), ("B", 0), ("C", 2)):
        await station.says(started(first, transaction=name, wh=None))
        await station.says(ended(first + 1, after(1), transaction=name))
        assert await doubts(station, name) == []


@pytest.mark.requirement("E13.FR.02")
@pytest.mark.parametrize("traits", [None, UNNUMBERED])
async def test_a_repeated_message_is_stored_once(station: Station, traits: Any) -> None:
    station.traits = traits or station.traits
    said = [started(0), updated(1, after(5), 1500), ended(2, after(10), 2000)]
    for request in said:
        await station.says(request)
    before = await everything(station)
    for request in said:
        heard = await station.says(msgspec.structs.replace(request, offline=True))
        assert (heard.told, heard.work.writes, heard.work.shown) == ([], [], [])
    assert await everything(station) == before


async def test_a_repeated_message_is_answered_as_the_first(station: Station, context: StandInContext) -> None:
    await know(context, Token("CARD-1", "ISO14443"))
    request = started(0, token=a_token(), trigger="Authorized")
    assert [status(await station.says(request)) for _ in range(2)] == ["Accepted", "Accepted"]


async def test_an_unnumbered_station_may_say_the_same_number_for_everything(station: Station) -> None:
    station.traits = UNNUMBERED
    await station.says(started(0))
    await station.says(updated(0, after(1), 1100))
    await station.says(updated(0, after(2), 1200))
    await station.says(ended(0, after(3), 1300))
    row = await stored(station)
    assert (row["energy_milli"], row["highest_seq"], await doubts(station)) == (300_000, None, [])


async def test_what_the_translation_added_does_not_make_a_repetition_new(station: Station) -> None:
    station.traits = UNNUMBERED
    await station.says(started(0, remoteStartId=4), updated(1, after(1), 1100, chargingState="Charging"))
    before = await everything(station)
    again = started(7, trigger="Authorized", chargingState="Charging")
    await station.says(again, updated(8, after(1), 1100, chargingState="SuspendedEV", evse=1))
    assert await everything(station) == before


async def test_states_of_the_same_second_follow_each_other(station: Station) -> None:
    station.traits = UNNUMBERED
    await station.says(started(0), at=after(1))
    for second, state in enumerate(("Charging", "SuspendedEVSE", "Charging", "SuspendedEV", "Charging")):
        request = an_event("Updated", 0, after(1), chargingState=state, customData={"vendorId": "x", "n": second})
        await station.says(request, at=after(2, seconds=second))
    assert (await stored(station))["charging_state"] == "Charging"


@pytest.mark.requirement("E05.FR.01", "E01.FR.11")
@pytest.mark.parametrize(
    ("token", "answer"),
    [
        (None, "Invalid"),
        (Token("CARD-1", "ISO14443", status="Blocked"), "Blocked"),
        (Token("CARD-1", "ISO14443", expires_ms=NOON_MS), "Expired"),
        (Token("CARD-1", "ISO14443"), "Accepted"),
    ],
)
async def test_a_transaction_of_any_token_is_stored(station: Station, context: StandInContext, token: Token | None, answer: str) -> None:
    await know(context, *([token] if token else []))
    heard = await station.says(started(0, token=a_token(), trigger="Authorized"))
    assert status(heard) == answer
    assert ((await stored(station))["open"], (await stored(station))["token_status"]) == (1, answer)
    refused = answer != "Accepted"
    assert heard.alarms == ["transaction.token"] * refused
    assert await doubts(station) == [f"the token CARD-1 is {answer}"] * refused


@pytest.mark.requirement("C02.FR.02")
async def test_a_start_with_a_button_is_accepted(station: Station) -> None:
    heard = await station.says(started(0, token=a_token("", "NoAuthorization"), trigger="Authorized"))
    assert (status(heard), heard.alarms) == ("Accepted", [])


async def test_a_token_in_use_elsewhere_is_concurrent_until_that_ends(station: Station, context: StandInContext) -> None:
    await know(context, Token("CARD-1", "ISO14443"), Token("FLEET", "ISO14443", concurrent_transactions="accept"))
    other, authorized = Station(context, HANDLERS, name="CS-2"), {"trigger": "Authorized"}
    for number, card in enumerate(("CARD-1", "FLEET")):
        await other.says(started(0, transaction=card, token=a_token(card), trigger="Authorized", evse=number + 1))
    assert status(await station.says(started(0, token=a_token("card-1"), trigger="Authorized"))) == "ConcurrentTx"
    assert status(await station.says(started(0, transaction="T-2", token=a_token("FLEET"), trigger="Authorized", evse=2))) == "Accepted"
    assert (
        status(await other.says(updated(1, after(1), token=a_token("CARD-1"), transaction="CARD-1", trigger="StopAuthorized")))
        == "Accepted"
    )
    await other.says(ended(2, after(2), transaction="CARD-1"))
    assert status(await station.says(started(0, transaction="T-3", token=a_token("CARD-1"), evse=3, **authorized))) == "ConcurrentTx"
    await station.says(ended(1, after(3)))
    await station.says(ended(1, after(3), transaction="T-3"))
    assert status(await station.says(started(0, transaction="T-4", token=a_token("CARD-1"), trigger="Authorized", evse=4))) == "Accepted"


async def test_a_lost_end_on_the_same_evse_does_not_block_the_token(station: Station, context: StandInContext) -> None:
    await know(context, Token("CARD-1", "ISO14443"))
    await station.says(started(0, transaction="LOST", token=a_token(), trigger="Authorized"))
    heard = await station.says(started(0, after(60), transaction="NEXT", token=a_token(), trigger="Authorized"))
    assert status(heard) == "Accepted"
    assert heard.alarms == ["transaction.superseded"]
    assert "superseded" in (await doubts(station, "LOST"))[0]
    assert ((await stored(station, "LOST"))["open"], await doubts(station, "NEXT")) == (1, [])
    assert status(await Station(context, HANDLERS, name="CS-2").says(started(0, token=a_token(), trigger="Authorized"))) == "ConcurrentTx"
    await station.says(ended(1, after(30), transaction="LOST"))
    assert await doubts(station, "LOST") == []


async def test_the_hall_shows_the_transaction_that_goes_on(station: Station, database: SqliteDatabase) -> None:
    work = Work()
    register_station(work, station.name, NOON_MS, {"connected": 1})
    await database.commit(work)
    hall = Station(station.context, availability.HANDLERS)
    await hall.says(v21.StatusNotificationRequest(timestamp=NOON, connectorStatus="Occupied", evseId=1, connectorId=1))
    await station.says(started(0, transaction="LOST", chargingState="SuspendedEV"))
    await station.says(started(0, after(60), transaction="A-NEXT", chargingState="Charging"))
    shown = await view_station(database, station.name)
    assert shown is not None
    [evse] = shown.evses
    assert evse.transaction is not None
    assert (evse.state, evse.transaction.transaction_id, evse.transaction.charging_state) == ("Charging", "A-NEXT", "Charging")


async def test_an_old_start_that_comes_late_is_the_superseded_one(station: Station) -> None:
    await station.says(started(0, after(60), transaction="NEXT"))
    await station.says(started(0, after(0), transaction="OLD", offline=True))
    assert (await doubts(station, "NEXT"), (await stored(station, "OLD"))["superseded"]) == ([], 1)


@pytest.mark.requirement("E04.FR.03", "E12.FR.02")
async def test_a_session_replayed_after_an_outage(station: Station) -> None:
    later = after(24 * 60)
    said = [
        started(0, offline=True),
        *(updated(n, after(n), 1000 + n, offline=True) for n in range(1, 31)),
        ended(31, after(31), 2000, offline=True),
    ]
    for request in said:
        await station.says(request, at=later)
    row = await stored(station)
    assert (row["offline"], row["started_ms"], row["ended_ms"], row["energy_milli"]) == (1, NOON_MS, NOON_MS + 31 * 60_000, 1_000_000)
    assert await doubts(station) == []
    assert len(await rows(station.context.database, select(METER_VALUES))) == 32


async def test_the_end_of_a_transaction_that_we_never_heard_of(station: Station) -> None:
    heard = await station.says(ended(7, after(10), 2000, evse=1, token=a_token(), trigger="StopAuthorized"))
    assert (status(heard), (await stored(station))["open"]) == ("Invalid", 0)
    assert set(heard.alarms) == {"transaction.start_missing", "transaction.token"}
    assert heard.told.count("transaction.ended") == 1


async def test_what_is_missing_is_named_until_it_arrives(station: Station) -> None:
    gap = await station.says(started(0), updated(1, after(1)), updated(6, after(6)))
    assert (gap.alarms, await doubts(station)) == (["transaction.events_missing"], ["events missing 2-5"])
    for number in (4, 2, 5):
        assert (await station.says(updated(number, after(number)))).alarms == []
    assert await doubts(station) == ["events missing 3"]
    await station.says(updated(3, after(3)))
    assert await doubts(station) == []


@pytest.mark.parametrize("traits", [NUMBERING, UNNUMBERED])
async def test_every_order_of_a_session_ends_in_the_same_row(station: Station, traits: Traits) -> None:
    station.traits = traits
    found = set()
    for place, order in enumerate(permutations(range(4))):
        name, evse = f"T-{place}", place + 1
        said = [
            started(0, transaction=name, evse=evse, token=a_token()),
            updated(1, after(5), 1500, transaction=name, chargingState="Charging"),
            updated(2, after(6), 1600, transaction=name, chargingState="SuspendedEV"),
            ended(3, after(10), 2000, transaction=name),
        ]
        for number in (*order, *order):
            await station.says(said[number])
        row = await stored(station, name)
        hidden = {"transaction_id", "evse_id", "memory", "last_event"}
        found.add(tuple((column, row[column]) for column in row.keys() if column not in hidden))  # noqa: SIM118  # a row is no dict
    assert len(found) == 1


async def test_several_events_of_one_message_see_each_other(station: Station) -> None:
    heard = await station.says(started(0), updated(1, after(1), 1100), ended(2, after(2), 1200))
    row = await stored(station)
    assert (row["open"], row["energy_milli"], await doubts(station)) == (0, 200_000, [])
    assert heard.told == ["transaction.started", "transaction.ended"]


async def test_a_late_update_after_the_end(station: Station) -> None:
    await station.says(started(0), ended(2, after(10), 2000))
    heard = await station.says(updated(1, after(5), 1500, chargingState="Charging"))
    row = await stored(station)
    assert (row["open"], row["energy_milli"], row["ended_ms"], row["power_milli"]) == (0, 1_000_000, NOON_MS + 600_000, 0)
    assert heard.told == ["transaction.corrected"]


@pytest.mark.parametrize("wh", [999, 0])
async def test_an_impossible_meter_gives_no_negative_energy(station: Station, wh: float) -> None:
    heard = await station.says(started(0), ended(1, after(10), wh))
    assert ((await stored(station))["energy_milli"], heard.alarms) == (0, ["transaction.meter"])


async def test_updates_are_shown_to_whoever_looks(station: Station) -> None:
    power = measured(after(1), a_sample(7400.0, "Power.Active.Import"), a_sample(1100.0, "Energy.Active.Import.Register"))
    await station.says(started(0))
    heard = await station.says(an_event("Updated", 1, after(1), power, trigger="MeterValuePeriodic", chargingState="Charging"))
    [sample], [shown] = heard.shown("meter.sample"), heard.shown("transaction.updated")
    assert (sample["evse_id"], sample["transaction_id"], sample["power_w"], sample["energy_wh"]) == (1, "T-1", 7400.0, 100.0)
    assert (shown["charging_state"], shown["power_w"], shown["energy_wh"]) == ("Charging", 7400.0, 100.0)
    assert (await stored(station))["power_milli"] == 7_400_000


async def test_values_before_the_evse_is_known_belong_to_the_station(station: Station) -> None:
    await station.says(started(0, evse=None, wh=None), an_event("Updated", 1, after(1), register(after(1), 5)))
    [value] = await rows(station.context.database, select(METER_VALUES))
    assert value["evse_id"] == 0


async def test_an_operator_closes_and_the_true_end_still_counts(station: Station, context: StandInContext) -> None:
    assert await close_transaction(context, station.name, "T-1", "ann") is False
    await station.says(started(0), updated(1, after(5), 1500))
    context.clock.advance(3600)
    assert await close_transaction(context, station.name, "T-1", "ann") is True
    row = await stored(station)
    assert (row["open"], row["ended_ms"], row["energy_milli"]) == (0, NOON_MS + 3_600_000, 500_000)
    assert await doubts(station) == ["closed by ann; the station did not report the end"]
    assert await close_transaction(context, station.name, "T-1", "bob") is True
    heard = await station.says(ended(2, after(10), 2000))
    row = await stored(station)
    assert (row["ended_ms"], row["energy_milli"], row["stopped_reason"]) == (NOON_MS + 600_000, 1_000_000, "Local")
    assert (heard.told, await doubts(station)) == (["transaction.corrected"], [])


async def test_one_event_costs_one_look_up_and_three_writes(
    station: Station, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await station.says(started(0))
    reads: list[object] = []
    read = database.read

    def counting(statement: Any, /, **parameters: Any) -> Any:
        reads.append(statement)
        return read(statement, **parameters)

    monkeypatch.setattr(database, "read", counting)
    samples = [a_sample(float(n), "Current.Import", phase=phase) for n, phase in enumerate(("L1", "L2", "L3"))]
    heard = await station.says(
        an_event("Updated", 1, after(1), measured(after(1), *samples, a_sample(1100.0)), trigger="MeterValuePeriodic")
    )
    assert (len(reads), len(heard.work.writes)) == (1, 3)


async def test_a_station_without_a_clock(station: Station) -> None:
    long_ago = NOON.replace(year=1970)
    heard = await station.says(started(0, long_ago), updated(1, long_ago.replace(minute=5), 1500), ended(2, after(10), 2000))
    assert heard.alarms == ["transaction.clock"]
    assert (await stored(station))["energy_milli"] == 1_000_000


@pytest.mark.parametrize("measurand", ["Energy.Active.Import.Register", "Energy.Active.Import.Interval", "Power.Active.Import"])
async def test_absurd_values_are_stored_too(station: Station, measurand: str) -> None:
    for number, values in enumerate(([-9e15, -9e15, 9e15], [9e15, 9e15, 9e15])):
        phases = [a_sample(value, measurand, phase=phase) for value, phase in zip(values, ("L1", "L2", "L3"), strict=True)]
        export = a_sample(-values[0], "Power.Active.Export")
        await station.says(an_event("Updated", 2**63 - 2 + number, after(number), measured(after(number), *phases, export)))
    assert len(await rows(station.context.database, select(METER_VALUES))) == 8
    assert (await stored(station))["highest_seq"] == 2**63 - 1
