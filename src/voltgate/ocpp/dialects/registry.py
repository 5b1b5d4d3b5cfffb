"""Every dialect by version: a list on one page, not a discovery."""

from collections.abc import Mapping
from types import MappingProxyType

from voltgate.ocpp.dialects import Dialect
from voltgate.ocpp.dialects.v16 import Dialect16
from voltgate.ocpp.dialects.v21 import Dialect21
from voltgate.ocpp.dialects.v201 import Dialect201
from voltgate.ocpp.errors import Version

DIALECTS: Mapping[Version, Dialect] = MappingProxyType(
    {
        "1.6": Dialect16(),
        "2.0.1": Dialect201(),
        "2.1": Dialect21(),
    }
)
"""The dialects are stateless; what they remember about a peer is in `Talk.memory`."""
