"""MeterValues over a real database."""

import pytest
from sqlalchemy import select

from tests.csms.builders import NOON_MS, STATION, Station, a_context, a_sample, after, measured, rows
from voltgate.csms.meter_values import HANDLERS, METER_VALUES
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


def values(*meter: v21.MeterValueType, evse: int = 1) -> v21.MeterValuesRequest:
    return v21.MeterValuesRequest(evseId=evse, meterValue=list(meter))


@pytest.fixture
def station(database: SqliteDatabase) -> Station:
    return Station(a_context(database), HANDLERS)


@pytest.mark.requirement("J01.FR.18")
@pytest.mark.action("2.1:MeterValues")
async def test_every_value_is_stored(station: Station, database: SqliteDatabase) -> None:
    phases = [a_sample(float(n), "Current.Import", phase=phase, unit="A") for n, phase in enumerate(("L1", "L2", "L3"), 6)]
    heard = await station.says(values(measured(after(), *phases, a_sample(1.5, "Power.Active.Import", unit="kW")), evse=2))
    assert heard.answer == v21.MeterValuesResponse()
    stored = await rows(database, select(METER_VALUES).order_by(METER_VALUES.c.position))
    assert [(row["measurand"], row["phase"], row["value_milli"], row["unit"]) for row in stored] == [
        ("Current.Import", "L1", 6_000, "A"),
        ("Current.Import", "L2", 7_000, "A"),
        ("Current.Import", "L3", 8_000, "A"),
        ("Power.Active.Import", None, 1_500_000, "W"),
    ]
    assert {(row["station_id"], row["evse_id"], row["at_ms"], row["transaction_id"]) for row in stored} == {(STATION, 2, NOON_MS, None)}
    assert (stored[3]["original_value"], stored[3]["original_unit"]) == ("1.5", "kW")


async def test_a_repeated_message_is_stored_once(station: Station, database: SqliteDatabase) -> None:
    for request in [values(measured(after(), a_sample(5.0)))] * 3 + [values(measured(after(), a_sample(6.0)))]:
        await station.says(request)
    assert len(await rows(database, select(METER_VALUES))) == 2


async def test_the_same_value_twice_in_one_message_is_kept_twice(station: Station, database: SqliteDatabase) -> None:
    await station.says(values(measured(after(), a_sample(5.0), a_sample(5.0))))
    assert len(await rows(database, select(METER_VALUES))) == 2


async def test_a_message_of_a_whole_day_is_stored_whole(station: Station, database: SqliteDatabase) -> None:
    await station.says(values(*(measured(after(minute), a_sample(float(minute))) for minute in range(130))))
    stored = await rows(database, select(METER_VALUES).order_by(METER_VALUES.c.at_ms))
    assert [row["value_milli"] for row in stored] == [minute * 1000 for minute in range(130)]


async def test_what_it_means_right_now_is_shown(station: Station) -> None:
    heard = await station.says(values(measured(after(), a_sample(7.4, "Power.Active.Import", unit="kW"), a_sample(40.0, "SoC"))))
    [sample] = heard.shown("meter.sample")
    assert (sample["station_id"], sample["evse_id"], sample["power_w"], sample["soc_percent"]) == (STATION, 1, 7400.0, 40.0)
    assert (await station.says(values(measured(after(), a_sample(50.0, "Frequency"))))).shown("meter.sample") == []
