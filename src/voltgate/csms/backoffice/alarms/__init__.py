"""Alarms: what a person should look at, grouped so that a thousand repetitions are one line.

Rooms tell ``alarm.raised`` (and ``alarm.cleared`` when it is over by itself); a durable consumer of the log keeps one open alarm
per station and kind, with a count. An operator acknowledges it ("I have seen it": it stays open and goes on counting)
or clears it ("it is over": the next one opens a new line). Every change is shown live as ``alarm.changed``.
"""

from voltgate.csms.backoffice.alarms.keeper import Alarms
from voltgate.csms.backoffice.alarms.store import ALARMS

__all__ = ["ALARMS", "Alarms"]
