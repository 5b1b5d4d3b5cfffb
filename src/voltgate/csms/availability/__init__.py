"""Block G, availability: what connectors are up to, whether the station lives, and switching it off and on.

Use cases: G01 (status), G02 (heartbeat), G03 and G04 (change availability). Owns no table: the status of a connector belongs to the hall.
"""

from voltgate.csms.availability.handlers import HANDLERS

COMMANDS: dict[str, object] = {}

__all__ = ["COMMANDS", "HANDLERS"]
