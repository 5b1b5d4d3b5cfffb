import asyncio
from typing import Any

from voltgate.csms.driving import drive


async def quick() -> str:
    return "quick"


def test_what_never_suspends_is_done_at_once_and_needs_no_loop() -> None:
    done: list[str] = []
    drive(quick(), done.append)
    assert done == ["quick"]


async def test_what_suspends_goes_on_as_a_task() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    done: list[str] = []

    async def slow() -> str:
        first = await future
        await asyncio.sleep(0)
        return first + "!"

    drive(slow(), done.append)
    assert done == []
    future.set_result("late")
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == ["late!"]


async def test_an_error_of_what_is_awaited_arrives_inside() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    done: list[Any] = []

    async def careful() -> str:
        try:
            return await future
        except ValueError as error:
            return f"caught {error}"

    drive(careful(), done.append)
    future.set_exception(ValueError("it"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == ["caught it"]
