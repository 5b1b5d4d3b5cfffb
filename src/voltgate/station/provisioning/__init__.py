"""Block B, provisioning: boot and registration, the device model from outside, reset.

Front door: `boot_now`, `watch_boot`, `watch_reset`, `set_variable`.
"""

from voltgate.station.provisioning.boot import boot_now, watch_boot
from voltgate.station.provisioning.handlers import HANDLERS, set_variable
from voltgate.station.provisioning.reset import watch_reset

__all__ = ["HANDLERS", "boot_now", "set_variable", "watch_boot", "watch_reset"]
