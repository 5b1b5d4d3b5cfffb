"""HTTP: reading the audit log."""

from datetime import datetime
from typing import Annotated, Any

from litestar import get
from litestar.params import QueryParameter
from msgspec import Struct

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from voltgate.csms.backoffice.audit.store import list_entries
from voltgate.infrastructure.clock import from_ms

OperatorFilter = Annotated[str | None, QueryParameter(name="operator", description="The name of an operator or a key.")]
PathFilter = Annotated[str | None, QueryParameter(description="A part of the path.")]


class AuditEntry(Struct, frozen=True):
    """One request that could change something."""

    id: str
    at: datetime
    operator: str
    role: str
    address: str
    method: str
    path: str
    status: int


@get("/audit", tags=["audit"], summary="Read the audit log")
async def list_audit(
    context: TheContext, who: OperatorFilter = None, path: PathFilter = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[AuditEntry]:
    """Newest first."""
    after = decode_cursor(cursor, int)
    rows = await list_entries(context.database, operator=who, path=path, before=after[0] if after else None, limit=limit + 1)
    entries = [
        AuditEntry(
            str(row["id"]), from_ms(row["at_ms"]), row["operator"], row["role"], row["address"], row["method"], row["path"], row["status"]
        )
        for row in rows
    ]
    return page_of(entries, limit, lambda entry: (int(entry.id),))


ROUTES: list[Any] = [list_audit]
