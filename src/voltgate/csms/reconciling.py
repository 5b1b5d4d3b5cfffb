"""What waits for a station is sent when it is there: after an accepted boot, and when an accepted station comes back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from voltgate.csms.context import Context
from voltgate.infrastructure.database import ReadFailed, StoreFailed
from voltgate.ocpp.errors import OcppError

Reconciler = Callable[[Context, str], Awaitable[None]]
"""Brings a station closer to what is wanted of it: ``async def reconcile(context, station_id)``. It may ask the station."""

_log = structlog.get_logger("voltgate.reconciling")


class Reconciling:
    """One run of all reconcilers per station at a time; a new one takes the place of the old."""

    def __init__(self, context: Context, reconcilers: Sequence[Reconciler]) -> None:
        self._context = context
        self._reconcilers = reconcilers
        self._settling: dict[str, asyncio.TimerHandle] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, station_id: str) -> None:
        """Begin when the station has settled (`settle_seconds`)."""
        self.stop(station_id)
        if not self._reconcilers:
            return
        settle_seconds = self._context.settings.ocpp.settle_seconds
        self._settling[station_id] = asyncio.get_running_loop().call_later(settle_seconds, self._begin, station_id)

    def _begin(self, station_id: str) -> None:
        del self._settling[station_id]
        task = asyncio.get_running_loop().create_task(self._run(station_id), name=f"reconcile-{station_id}")
        self._running[station_id] = task
        task.add_done_callback(lambda done: self._forget(station_id, done))

    def stop(self, station_id: str) -> None:
        """The station has gone; no-op when nothing runs."""
        timer, task = self._settling.pop(station_id, None), self._running.pop(station_id, None)
        if timer is not None:
            timer.cancel()
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop everything."""
        tasks = list(self._running.values())
        for station_id in [*self._settling, *self._running]:
            self.stop(station_id)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, station_id: str) -> None:
        for reconciler in self._reconcilers:
            try:
                await reconciler(self._context, station_id)
            except OcppError as error:
                _log.info("not reconciled", station=station_id, what=reconciler.__name__, reason=str(error))
            except (StoreFailed, ReadFailed) as error:
                _log.error("not reconciled", station=station_id, what=reconciler.__name__, reason=str(error))
            except Exception:
                _log.exception("reconciling failed", station=station_id, what=reconciler.__name__)

    def _forget(self, station_id: str, task: "asyncio.Task[None]") -> None:
        if self._running.get(station_id) is task:
            del self._running[station_id]
