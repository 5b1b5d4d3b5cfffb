"""Block B, provisioning: how a station is let in, and its device model.

Use cases: B01 to B04 (boot), B05 (set variables), B06 (get variables), B07 and B08 (reports), B11 and B12 (reset).
Owns the tables `variables`, `variable_wishes` and `reports`. Wishes for variables wait for stations that are not there (`wishes`).
"""

from voltgate.csms.provisioning.commands import COMMANDS
from voltgate.csms.provisioning.handlers import HANDLERS
from voltgate.csms.provisioning.inventory import request_inventory
from voltgate.csms.provisioning.routes import ROUTES
from voltgate.csms.provisioning.store import read_variable
from voltgate.csms.provisioning.wishes import fulfil_wishes

RECONCILERS = (fulfil_wishes, request_inventory)

__all__ = ["COMMANDS", "HANDLERS", "RECONCILERS", "ROUTES", "fulfil_wishes", "read_variable", "request_inventory"]
