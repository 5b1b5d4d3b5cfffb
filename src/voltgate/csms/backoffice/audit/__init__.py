"""The audit log: every request that could change something, by whom, when, and how it ended. It only grows.

Bodies are not kept: they may hold passwords, and the rooms keep what they were told. The API reads it and cannot edit it.
"""

from voltgate.csms.backoffice.audit.store import Entry, record

__all__ = ["Entry", "record"]
