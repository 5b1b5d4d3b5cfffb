"""Turns ``alarm.raised`` and ``alarm.cleared`` of the log into alarms, each event once."""

from typing import Any

import msgspec

from voltgate.csms.backoffice.alarms import store
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Row, StoredEvent, Work
from voltgate.infrastructure.database.outbox import Consumer, Outbox

CONSUMER = "alarms"
NOBODY = "voltgate"
"""Who cleared an alarm that was over by itself."""
LONGEST_TEXT = 1000


class Alarms:
    """Keeps the table of alarms up to date with the log."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def start(self, outbox: Outbox) -> Consumer:
        """Begin where the last run stopped."""
        return outbox.consume(CONSUMER, self.hear, "alarm.raised", "alarm.cleared")

    async def hear(self, event: StoredEvent) -> None:
        """Count an alarm, or close it."""
        kind = str(event.data.get("kind", "other"))
        if event.topic == "alarm.cleared":
            for row in await self._context.database.read(store.OPEN, station_id=event.station_id or "", kind=kind):
                await self.clear(row["id"], NOBODY)
            return
        await self._raise(event, kind)

    async def _raise(self, event: StoredEvent, kind: str) -> None:
        station_id, database = event.station_id or "", self._context.database
        seen = (await database.read(store.SEEN, station_id=station_id, kind=kind))[0]["last_seq"]
        if seen is not None and seen >= event.seq:
            return
        work = Work()
        work.write(
            store.RAISE,
            station_id=station_id,
            kind=kind,
            text=str(event.data.get("text", ""))[:LONGEST_TEXT],
            data=msgspec.json.encode({name: value for name, value in event.data.items() if name not in ("kind", "text")}).decode(),
            open=1,
            count=1,
            first_ms=event.at_ms,
            last_ms=event.at_ms,
            last_seq=event.seq,
        )
        await database.commit(work)
        for row in await database.read(store.OPEN, station_id=station_id, kind=kind):
            self._show(row)

    async def acknowledge(self, alarm_id: int, who: str) -> Row | None:
        """Somebody has seen it; the first one counts. None when there is no such alarm."""
        work = Work()
        work.write(store.ACKNOWLEDGE, alarm=alarm_id, who=who, at_ms=to_ms(self._context.clock.now()))
        return await self._change(alarm_id, work)

    async def clear(self, alarm_id: int, who: str) -> Row | None:
        """It is over. None when there is no such alarm."""
        work = Work()
        work.write(store.CLEAR, alarm=alarm_id, who=who, at_ms=to_ms(self._context.clock.now()))
        return await self._change(alarm_id, work)

    async def _change(self, alarm_id: int, work: Work) -> Row | None:
        await self._context.database.commit(work)
        rows = await self._context.database.read(store.ALARM, id=alarm_id)
        if not rows:
            return None
        self._show(rows[0])
        return rows[0]

    def _show(self, row: Row) -> None:
        data: dict[str, Any] = {
            "station_id": row["station_id"] or None,
            "at_ms": to_ms(self._context.clock.now()),
            "id": str(row["id"]),
            "kind": row["kind"],
            "text": row["text"],
            "open": bool(row["open"]),
            "count": row["count"],
            "acknowledged_by": row["acknowledged_by"],
        }
        self._context.bus.publish("alarm.changed", data)
