"""Block E, transactions: what starts and ends them, what is told about them, and how they survive a crash.

Front door: `settle` after anything happened at an EVSE, the driver's actions, `tick`, `recover`, `hear_answer`.
"""

from voltgate.station.transactions.driver import is_free, plug_in, present_token, remote_start, remote_stop, stop_locally, unplug
from voltgate.station.transactions.events import schedule_samples
from voltgate.station.transactions.handlers import HANDLERS
from voltgate.station.transactions.invalid import hear_answer
from voltgate.station.transactions.lifecycle import Cause, end_now, settle
from voltgate.station.transactions.recovery import recover
from voltgate.station.transactions.sampling import sample
from voltgate.station.transactions.ticking import let_energy_flow, next_due, sample_clock_aligned, tell_now, tick

__all__ = [
    "HANDLERS",
    "Cause",
    "end_now",
    "hear_answer",
    "is_free",
    "let_energy_flow",
    "next_due",
    "plug_in",
    "present_token",
    "recover",
    "remote_start",
    "remote_stop",
    "sample",
    "sample_clock_aligned",
    "schedule_samples",
    "settle",
    "stop_locally",
    "tell_now",
    "tick",
    "unplug",
]
