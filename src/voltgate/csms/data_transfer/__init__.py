"""Block P, data transfer: what vendors say outside of the specification.

Use cases: P01 (to the station), P02 (to us). Owns the table `data_transfers`.
What a vendor's message means stands in `VENDORS`, an explicit table; everything else is kept and answered UnknownVendorId.
"""

from voltgate.csms.data_transfer.commands import COMMANDS
from voltgate.csms.data_transfer.handlers import HANDLERS, VENDORS
from voltgate.csms.data_transfer.routes import ROUTES

__all__ = ["COMMANDS", "HANDLERS", "ROUTES", "VENDORS"]
