"""Number sequences: every number once."""

import asyncio

import pytest

from tests.infrastructure.database.conftest import Open
from voltgate.infrastructure.database import StoreFailed
from voltgate.infrastructure.database.sequences import LARGEST, NoNumbers, Numbers
from voltgate.infrastructure.database.sqlite import SqliteDatabase


async def test_numbers_start_at_one_and_follow_each_other(database: SqliteDatabase) -> None:
    numbers = Numbers(database, block=3)
    assert [await numbers.take("transaction") for _ in range(10)] == list(range(1, 11))
    assert await numbers.take("other") == 1


async def test_takers_at_the_same_time_get_different_numbers(database: SqliteDatabase) -> None:
    numbers = Numbers(database, block=10)
    taken = await asyncio.gather(*(numbers.take("transaction") for _ in range(500)))
    assert len(set(taken)) == 500


async def test_after_a_restart_no_number_comes_again(opened: Open) -> None:
    taken: list[int] = []
    for _ in range(3):
        numbers = Numbers(await opened(), block=10)
        taken += [await numbers.take("transaction") for _ in range(17)]
    assert len(set(taken)) == len(taken)
    assert taken == sorted(taken)


async def test_numbers_can_be_taken_without_waiting_once_opened(database: SqliteDatabase) -> None:
    numbers = Numbers(database, block=100)
    with pytest.raises(NoNumbers):
        numbers.take_now("transaction")
    await numbers.open("transaction")
    assert [numbers.take_now("transaction") for _ in range(60)] == list(range(1, 61))
    await numbers.open("transaction")
    assert await numbers.take("transaction") == 61


async def test_a_block_that_was_never_durable_is_never_given(opened: Open) -> None:
    database = await opened()
    numbers = Numbers(database, block=10)
    await numbers.open("transaction")
    await database.close()
    assert [numbers.take_now("transaction") for _ in range(10)] == list(range(1, 11))
    with pytest.raises(NoNumbers):
        numbers.take_now("transaction")
    with pytest.raises(StoreFailed):
        await numbers.take("transaction")


async def test_the_sequence_ends_where_stations_cannot_count_further(database: SqliteDatabase) -> None:
    numbers = Numbers(database, block=LARGEST + 10)
    await numbers.open("transaction")
    numbers._blocks["transaction"].next = LARGEST  # nobody waits for two thousand million numbers
    assert numbers.take_now("transaction") == LARGEST
    with pytest.raises(NoNumbers, match="used up"):
        await numbers.take("transaction")
