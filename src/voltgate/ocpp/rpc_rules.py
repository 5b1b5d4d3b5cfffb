"""Where OCPP-J differs between the versions, as a table; everything else is the same in all of them."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from voltgate.ocpp.errors import Version
from voltgate.ocpp.rpc_frames import CALL, CALLERROR, CALLRESULT, CALLRESULTERROR, SEND


class Rules(Struct, frozen=True):
    """What one version has and does."""

    types: frozenset[int]
    """The message types it knows (§4.1.3)."""
    answers_unknown_types: bool = False
    """A message of another type is answered MessageTypeNotSupported, not only ignored (2.0.1 part 4 §4.4)."""
    structure_is_format: bool = False
    """A payload of another structure breaks the format, because ProtocolError means an incomplete payload (1.6 table 7)."""


_THREE = frozenset({CALL, CALLRESULT, CALLERROR})

RULES: Mapping[Version, Rules] = MappingProxyType(
    {
        "1.6": Rules(_THREE, structure_is_format=True),
        "2.0.1": Rules(_THREE, answers_unknown_types=True),
        "2.1": Rules(_THREE | {CALLRESULTERROR, SEND}),
    }
)
