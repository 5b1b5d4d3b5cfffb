"""The power of the installation over time."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import FakeContext
from tests.csms.backoffice.test_statistics import add_transaction
from voltgate.csms.meter_values.model import Sample
from voltgate.csms.meter_values.store import store_samples
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work

POWER = "/api/v1/statistics/power"
MINUTE = 60_000


def sample(at_ms: int, watts: float, **told: Any) -> Sample:
    """A measured power."""
    values: dict[str, Any] = {"measurand": "Power.Active.Import", "phase": None, "location": "Outlet", "context": "Sample.Periodic"}
    values |= {"unit": "W", "original_value": str(watts), "original_unit": "W", "multiplier": 0} | told
    return Sample(at_ms=at_ms, value_milli=int(watts * 1000), **values)


class Story:
    """Transactions with their samples, in minutes before now."""

    def __init__(self, context: FakeContext) -> None:
        self.context, self.work, self.now, self.key = context, Work(), to_ms(context.clock.now()), 0

    def transaction(self, number: int, samples: list[tuple[float, float, dict[str, Any]]], ended: float | None = None, **told: Any) -> None:
        """`samples`: minutes ago, watts, and what else is said; `ended`: minutes ago."""
        station = told.pop("station", "CS-1")
        moments = [self.now - int(ago * MINUTE) for ago, _, _ in samples]
        ended_ms = None if ended is None else self.now - int(ended * MINUTE)
        span = {"samples_from_ms": min(moments), "samples_to_ms": max(moments), "ended_ms": ended_ms, "open": int(ended is None)}
        add_transaction(self.work, number, min(moments), station=station, **span | told)
        for moment, (_, watts, more) in zip(moments, samples, strict=True):
            self.key += 1
            store_samples(self.work, station, 1, str(number), self.key, [sample(moment, watts, **more)])

    async def told(self) -> None:
        await self.context.database.commit(self.work)


@pytest.fixture
def story(context: FakeContext) -> Story:
    context.clock.advance(6 * 3600)
    return Story(context)


async def watts(admin: AsyncClient, minutes: int = 6, points: int = 6) -> list[float]:
    answer = await admin.get(POWER, params={"minutes": minutes, "points": points})
    assert answer.status_code == 200
    return [point["power_w"] for point in answer.json()["items"]]


async def test_nothing_measured_is_a_flat_line(admin: AsyncClient) -> None:
    answer = (await admin.get(POWER)).json()
    assert len(answer["items"]) == 60
    assert answer["items"][-1] == {"at": "2026-01-01T00:00:00Z", "power_w": 0.0}
    assert answer["next_cursor"] is None


async def test_the_last_value_holds_until_the_next(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(4.5, 7000, {}), (1.5, 3000, {})])
    await story.told()
    assert await watts(admin) == [0, 3500, 7000, 7000, 3000, 3000]


async def test_evses_are_summed_and_a_stretch_counts_its_mean(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(2.8, 7000, {}), (2.2, 9000, {})])
    story.transaction(2, [(1.5, 500, {})], station="CS-2")
    await story.told()
    assert await watts(admin) == [0, 0, 0, 6400, 8250, 8500]


async def test_the_end_of_a_transaction_ends_its_power(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(20, 9000, {}), (4.5, 7000, {})], ended=2.5)
    await story.told()
    assert await watts(admin) == [9000, 7000, 7000, 3500, 0, 0]


async def test_a_value_from_before_the_chart_counts_as_long_as_it_is_believed(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(18.5, 7000, {})])
    await story.told()
    assert await watts(admin) == [7000, 7000, 7000, 0, 0, 0]


async def test_phases_are_added_up_where_there_is_no_total(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(1.5, 1000, {"phase": "L1"}), (1.5, 1100, {"phase": "L2"}), (1.5, 900, {"phase": "L1-N"})])
    story.transaction(2, [(0.5, 1000, {"phase": "L1"}), (0.5, 3000, {})], station="CS-2")
    await story.told()
    assert await watts(admin, 2, 2) == [1050, 3600]


async def test_the_outlet_counts_before_other_places(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(0.5, 5000, {"location": "Upstream"}), (0.5, 4000, {"location": "EV"}), (0.5, 4100, {})])
    await story.told()
    assert await watts(admin, 2, 2) == [0, 2050]


async def test_other_measurands_and_dead_transactions_do_not_count(admin: AsyncClient, story: Story) -> None:
    story.transaction(1, [(1.5, 9, {"measurand": "Current.Import"})])
    story.transaction(2, [(1.5, 5000, {})], superseded=1)
    await story.told()
    assert await watts(admin) == [0.0] * 6


@pytest.mark.parametrize(("name", "value"), [("minutes", 0), ("minutes", 100_000), ("points", 1), ("points", 10_000)])
async def test_limits(admin: AsyncClient, name: str, value: int) -> None:
    answer = await admin.get(POWER, params={name: value})
    assert (answer.status_code, answer.json()["field"]) == (400, name)
