"""Writes the audit log: one entry per unsafe request of somebody known, on the disk before the answer leaves."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from litestar.types import Message, Scope

from voltgate.csms.api.access import SAFE
from voltgate.csms.backoffice.audit import Entry, record
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import StoreFailed

_LONGEST_PATH = 500
_log = structlog.get_logger("voltgate.audit")


def auditor(context: Context) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook for the start of every answer.

    Requests of nobody change nothing and are left out, so that strangers cannot fill the disk; failed log-ins are limited elsewhere
    and logged as ``nobody`` until they are.
    """

    async def audit(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start" or scope.get("method") in SAFE:
            return
        entry = _entry(scope, message["status"], to_ms(context.clock.now()))
        if entry is None:
            return
        try:
            await record(context.database, entry)
        except StoreFailed as error:
            # The request has had its effect; an answer that says otherwise would be worse.
            _log.error("audit entry lost", entry=entry, error=repr(error))

    return audit


def _entry(scope: Any, status: int, now_ms: int) -> Entry | None:
    operator, path = scope.get("user"), scope["path"][:_LONGEST_PATH]
    failed_login = operator is None and path.endswith("/session") and status == 401
    if operator is None and not failed_login:
        return None
    client = scope.get("client")
    return Entry(
        now_ms,
        operator.name if operator else "nobody",
        operator.role if operator else "none",
        client[0] if client else "",
        scope["method"],
        path,
        status,
    )
