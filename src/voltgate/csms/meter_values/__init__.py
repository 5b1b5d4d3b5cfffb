"""Block J, meter values: owns every value that was measured.

`read_samples` turns a message into samples with normalised units, `store_samples` keeps them once, `summarise` says what they mean for the
EVSE. Values inside transaction events come here through the room of transactions.
"""

from voltgate.csms.meter_values.handlers import HANDLERS, from_milli, show_sample
from voltgate.csms.meter_values.hearing import message_key, read_samples
from voltgate.csms.meter_values.model import Interval, Register, Sample, Summary, summarise
from voltgate.csms.meter_values.routes import ROUTES, MeterValue, Series, list_values, read_series, span
from voltgate.csms.meter_values.store import METER_VALUES, store_samples
from voltgate.csms.meter_values.units import fit

COMMANDS: dict[str, object] = {}

__all__ = [
    "COMMANDS",
    "HANDLERS",
    "METER_VALUES",
    "ROUTES",
    "Interval",
    "MeterValue",
    "Register",
    "Sample",
    "Series",
    "Summary",
    "fit",
    "from_milli",
    "list_values",
    "message_key",
    "read_samples",
    "read_series",
    "show_sample",
    "span",
    "store_samples",
    "summarise",
]
