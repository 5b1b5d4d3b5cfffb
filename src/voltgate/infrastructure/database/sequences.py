"""Durable number sequences: every number is given once in the life of an installation, also across a crash.

Numbers are reserved in blocks, the next block while the current one is still half full, so that taking one costs no write of its own.
What was reserved but not taken is lost at a restart.
"""

import asyncio
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from voltgate.infrastructure.database.port import Database, Statement, Work, insert
from voltgate.infrastructure.database.tables import SEQUENCES

LARGEST = 2**31 - 1
"""1.6 transaction ids are signed 32-bit integers in many stations."""

_upsert = insert(SEQUENCES)
_SAVE = Statement(_upsert.on_conflict_do_update(index_elements=["name"], set_={"next": _upsert.excluded.next}))
_NEXT = Statement(select(SEQUENCES.c.next).where(SEQUENCES.c.name == bindparam("name")))


class NoNumbers(Exception):
    """No number can be given: none is reserved, or the sequence is used up."""


@dataclass(slots=True)
class _Block:
    """Numbers from `next` up to and without `end` may be given; `reservation` moves `end`."""

    next: int
    end: int
    reservation: "asyncio.Future[None] | None" = None


class Numbers:
    """The number sequences of one installation; each starts at 1."""

    def __init__(self, database: Database, *, block: int = 1000) -> None:
        self._database = database
        self._size = block
        self._blocks: dict[str, _Block] = {}
        self._opening = asyncio.Lock()

    async def take(self, name: str) -> int:
        """The next number of the sequence `name`; suspends only when none is reserved.

        Raises: NoNumbers after 2 147 483 647; StoreFailed if a block could not be reserved.
        """
        block = self._blocks.get(name) or await self._open(name)
        while block.next >= block.end:
            await asyncio.shield(self._reserve(name, block))
        return self.take_now(name)

    def take_now(self, name: str) -> int:
        """As `take`, without waiting; needs an earlier ``await open(name)``.

        Raises: NoNumbers also when numbers are taken faster than they can be reserved.
        """
        block = self._blocks.get(name)
        if block is None:
            raise NoNumbers(f"the sequence {name!r} was not opened")
        if block.end - block.next < self._size // 2:
            self._reserve(name, block)
        if block.next >= block.end:
            raise NoNumbers(f"no number of the sequence {name!r} is reserved")
        if block.next > LARGEST:
            raise NoNumbers(f"the sequence {name!r} is used up")
        number = block.next
        block.next += 1
        return number

    async def open(self, name: str) -> None:
        """Reserve the first numbers of a sequence."""
        block = self._blocks.get(name) or await self._open(name)
        if block.next >= block.end:
            await asyncio.shield(self._reserve(name, block))

    async def _open(self, name: str) -> _Block:
        async with self._opening:
            if name not in self._blocks:
                rows = await self._database.read(_NEXT, name=name)
                start = int(rows[0]["next"]) if rows else 1
                self._blocks[name] = _Block(start, start)
            return self._blocks[name]

    def _reserve(self, name: str, block: _Block) -> "asyncio.Future[None]":
        """The reservation under way, or a new one."""
        if block.reservation is not None and not block.reservation.done():
            return block.reservation
        end = block.end + self._size

        def reserved() -> None:
            block.end = end

        work = Work()
        work.write(_SAVE, name=name, next=end)
        work.when_committed(reserved)
        block.reservation = asyncio.ensure_future(self._database.commit(work))
        # Nobody may be waiting for it; a failure shows when the block is empty, and then the next taker tries again.
        block.reservation.add_done_callback(lambda reservation: reservation.cancelled() or reservation.exception())
        return block.reservation
