"""What an EVSE can be, and what is remembered about it. Plain values.

The state follows from facts; the first row that fits decides::

    fault | plugged | authorised | EVSE offers | EV wants || state        contactor   chargingState
    ------+---------+------------+-------------+----------++------------------------------------------
     yes  |    .    |      .     |      .      |    .     || faulted      open        SuspendedEVSE (unplugged: Idle)
     no   |    no   |     yes    |      .      |    .     || authorised   open        Idle
     no   |    no   |     no     |      .      |    .     || unplugged    open        Idle
     no   |    yes  |     no     |      .      |    .     || plugged      open        EVConnected
     no   |    yes  |     yes    |      no     |    .     || suspended    open        SuspendedEVSE
     no   |    yes  |     yes    |     yes     |    no    || suspended    closed      SuspendedEV
     no   |    yes  |     yes    |     yes     |   yes    || energised    closed      Charging

                      plug                     authorise
       unplugged ------------> plugged -----------------------> energised <----> suspended
           |  ^                   |                                 |
           |  +------ unplug -----+---------- unplug ---------------+
           +--- authorise ---> authorised ------ plug ---------------^          (fault: any state -> faulted -> back by the facts)
"""

from typing import Literal, NamedTuple

from msgspec import Struct

from voltgate.ocpp import v21

EvseState = Literal["unplugged", "plugged", "authorised", "energised", "suspended", "faulted"]


class Facts(NamedTuple):
    """What is true at an EVSE."""

    fault: bool
    plugged: bool
    authorised: bool
    offered: bool
    """The EVSE is willing to deliver."""
    wanted: bool
    """The EV is willing to take."""


class Row(NamedTuple):
    """One row of the table; None fits both."""

    fault: bool | None
    plugged: bool | None
    authorised: bool | None
    offered: bool | None
    wanted: bool | None
    state: EvseState
    closed: bool
    charging_state: v21.ChargingStateEnumType


STATES: tuple[Row, ...] = (
    Row(True, True, None, None, None, "faulted", False, "SuspendedEVSE"),
    Row(True, False, None, None, None, "faulted", False, "Idle"),
    Row(False, False, True, None, None, "authorised", False, "Idle"),
    Row(False, False, False, None, None, "unplugged", False, "Idle"),
    Row(False, True, False, None, None, "plugged", False, "EVConnected"),
    Row(False, True, True, False, None, "suspended", False, "SuspendedEVSE"),
    Row(False, True, True, True, False, "suspended", True, "SuspendedEV"),
    Row(False, True, True, True, True, "energised", True, "Charging"),
)


def state_of(facts: Facts) -> Row:
    """The row that fits the facts; there always is exactly one."""
    return next(row for row in STATES if all(want is None or want == have for want, have in zip(row[:5], facts, strict=True)))


class Authorisation(Struct):
    """A token that may charge here."""

    token: v21.IdTokenType
    group: v21.IdTokenType | None = None
    plug_deadline_ms: int | None = None
    """Until when a vehicle must be plugged in (EVConnectionTimeOut)."""
    remote_start_id: int | None = None
    told: bool = False
    """A transaction event has carried the token."""


class Transaction(Struct):
    """A running transaction, as it must survive a restart."""

    id: str
    started_ms: int
    next_seq_no: int = 0
    connector_id: int | None = None
    charging_state: v21.ChargingStateEnumType = "Idle"
    reached: set[str] = set()
    """The points (EVConnected, Authorized, ...) that have been true in this transaction."""
    evse_told: bool = False
    connector_told: bool = False
    remote_start_id: int | None = None
    phases_told: int | None = None
    start_mwh: int = 0
    end_samples: list[v21.MeterValueType] = []
    """What the Ended event repeats: the values at the start and those of the TxEnded intervals."""
    token: v21.IdTokenType | None = None
    """The token that authorised it; it stays when the authorisation has ended."""
    stopping: v21.ReasonEnumType | None = None
    """Why the authorisation ended, for an end that follows later."""
    invalid_until_mwh: int | None = None
    """The token turned out invalid; energy flows until the register shows this (E05.FR.03)."""
    deauthorised: bool = False
    charging_ms: int = 0
    """Time spent charging."""


class EvseSaved(Struct):
    """What survives a restart of one EVSE."""

    hardware: str
    saved_ms: int
    transaction: Transaction | None = None
    authorisation: Authorisation | None = None
    suspended: bool = False
    held_for: v21.IdTokenType | None = None


LOCK_FAULT = "ConnectorLockFailure"
"""The fault of a lock that does not hold the plug."""


def component_of_fault(fault: str) -> str:
    """The component that has the problem (G05.FR.02)."""
    return "ConnectorPlugRetentionLock" if fault == LOCK_FAULT else "Connector"


def same_token(one: v21.IdTokenType, other: v21.IdTokenType) -> bool:
    """Text and type decide, without regard to case; additionalInfo does not (C01.FR.25)."""
    return (one.idToken.lower(), one.type.lower()) == (other.idToken.lower(), other.type.lower())
