"""Old records go: once an hour, in small steps, as the settings say."""

import asyncio

import structlog

from voltgate.csms.context import Context
from voltgate.csms.diagnostics import prune_events
from voltgate.csms.message_log import prune_frames
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import ReadFailed, StoreFailed
from voltgate.infrastructure.database.outbox import Outbox

HOUR_SECONDS = 3600.0
DAY_MS = 86_400_000

_log = structlog.get_logger("voltgate.retention")


async def keep_retention(context: Context, outbox: Outbox) -> None:
    """Prune for ever, beginning an hour after the start."""
    while True:
        await asyncio.sleep(HOUR_SECONDS)
        try:
            await prune(context, outbox)
        except (StoreFailed, ReadFailed) as error:
            _log.error("not pruned", reason=str(error))


async def prune(context: Context, outbox: Outbox) -> None:
    """Delete what is older than the settings say; 0 days keep for ever."""
    now_ms, retention = to_ms(context.clock.now()), context.settings.retention
    if retention.messages_days:
        await prune_frames(context.database, now_ms - retention.messages_days * DAY_MS)
    if retention.events_days:
        before_ms = now_ms - retention.events_days * DAY_MS
        await outbox.prune(before_ms)
        await prune_events(context.database, before_ms)
