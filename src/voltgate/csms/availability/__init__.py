"""Block G, availability: what connectors are up to, whether the station lives, and switching it off and on.

Use cases: G01 (status), G02 (heartbeat), G03 and G04 (change availability), G05 (lock failure, told as a problem: see diagnostics).
Owns the table `availability_wishes`; the status of a connector belongs to the hall.
"""

from voltgate.csms.availability.commands import COMMANDS
from voltgate.csms.availability.handlers import HANDLERS, hear_state
from voltgate.csms.availability.routes import ROUTES

__all__ = ["COMMANDS", "HANDLERS", "ROUTES", "hear_state"]
