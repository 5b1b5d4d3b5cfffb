"""Rules of availability; pure."""

from typing import get_args

from voltgate.ocpp import v21

STATUSES = frozenset(get_args(v21.ConnectorStatusEnumType))
"""What a connector can be (G01.FR.01)."""

_EARLIEST_MS = 1_262_304_000_000  # 2010: no OCPP station is older, so an earlier time is a clock that was never set


def plausible_ms(reported_ms: int, now_ms: int) -> int:
    """When a status began: as the station says, unless its clock is unset or ahead of ours."""
    return reported_ms if _EARLIEST_MS <= reported_ms <= now_ms else now_ms
