"""Block N, diagnostics: events and problems that stations notice, and how uploads of their logs go on (N01, N07).

Owns the tables `station_events` and `log_statuses`.
"""

from voltgate.csms.diagnostics.handlers import HANDLERS
from voltgate.csms.diagnostics.routes import ROUTES
from voltgate.csms.diagnostics.store import prune_events

__all__ = ["HANDLERS", "ROUTES", "prune_events"]
