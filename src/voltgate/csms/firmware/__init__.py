"""Block L, firmware: how an update goes on. So far it keeps what stations report (L01, L02).

Owns the table `firmware_statuses`.
"""

from voltgate.csms.firmware.handlers import HANDLERS

__all__ = ["HANDLERS"]
