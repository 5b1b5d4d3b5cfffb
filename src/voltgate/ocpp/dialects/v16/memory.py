"""What the dialect of 1.6 must remember about one peer between messages: small, bounded, saved with the message that changed it.

A CSMS remembers what its station said, a station what it told its CSMS; both need the same nouns, so there is one `Memory`.
Everything has a bound (`MAX_*`): the oldest entry goes first, closed transactions before open ones.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Literal

import msgspec

from voltgate.ocpp import v16, v21

MAX_OPEN = 32
"""Transactions without an end; more than the connectors of any station, because stops get lost."""
MAX_CLOSED = 8
"""Ended transactions that are remembered for repeated and late messages."""
MAX_STARTS = 64
"""Starts whose numbers are remembered longer than their transactions: some stations tell their whole history again."""
MAX_CONNECTORS = 64
MAX_REMOTE_STARTS = 16
MAX_HEARD = 8

State = v21.ChargingStateEnumType


class Transaction(msgspec.Struct, omit_defaults=True):
    """One transaction: its 1.6 number and its 2.1 id."""

    id: str
    """The transactionId of 2.1; at the CSMS it is the number as decimal text."""
    connector: int = 0
    number: int | None = None
    """None at a station that has not told the start yet."""
    print: str = ""
    """Fingerprint of the StartTransaction.req, by which a repetition is known."""
    seq: int = 0
    """The seqNo of the last event."""
    state: State | None = None
    ended: int | None = None
    """The seqNo of the Ended event."""
    began: datetime | None = None
    """When a start that is not told yet happened, and the register (Wh) and the reservation then."""
    meter_start: float = 0.0
    reservation: int | None = None
    why: v16.Reason | None = None
    """Why we asked the station to stop it, where 2.1 has no such question."""
    info: v16.IdTagInfo | None = None
    """What the CSMS answered last about the token."""


class Connector(msgspec.Struct, omit_defaults=True):
    """The last status of a connector. Connector 0 is the station."""

    word: v16.ChargePointStatus | None = None
    """The 1.6 status, as heard or said last."""
    error: v16.ChargePointErrorCode = "NoError"
    detail: str = ""
    """What came with the error: the vendor's code and text."""
    freed: bool = False
    """Available was heard since its transaction last spoke: the next states belong to another one, whose start may follow."""
    status: v21.ConnectorStatusEnumType | None = None
    """The 2.1 status that the station's rooms gave last."""
    charged: bool = False
    """Energy has flowed since the connector was last free, so an occupied connector is finishing and not preparing."""


class RemoteStart(msgspec.Struct, omit_defaults=True):
    """A remote start that has not become a transaction yet."""

    id: int
    tag: str
    connector: int | None = None


class Memory(msgspec.Struct, omit_defaults=True):
    """All that is remembered about one peer."""

    transactions: list[Transaction] = []
    """Oldest first."""
    starts: list[tuple[str, int]] = []
    """Fingerprints of the last starts with the numbers they got."""
    connectors: dict[int, Connector] = {}
    remote_starts: list[RemoteStart] = []
    heard: list[tuple[str, int]] = []
    """Fingerprints of the last MeterValues with the seqNo they got: 1.6 does not number messages."""
    events: int = 0
    """The last eventId."""
    remote_start_id: int = 0
    """The last remoteStartId that a station gave to a RemoteStartTransaction.req."""
    boot_reason: v21.BootReasonEnumType = "PowerUp"
    """Why the next boot will happen, as far as we know."""
    reset: Literal["", "Hard", "Soft"] = ""
    """The reset that the station carries out."""
    max_keys: int = 0
    """GetConfigurationMaxKeys of the station; 0 = not known."""
    diagnostics: bool = False
    """The CSMS asked for diagnostics by the old name, so their progress is told by the old name."""

    def find(self, transaction_id: str) -> Transaction | None:
        """The transaction with this 2.1 id."""
        return next((one for one in reversed(self.transactions) if one.id == transaction_id), None)

    def numbered(self, number: int) -> Transaction | None:
        """The transaction with this 1.6 number."""
        return next((one for one in reversed(self.transactions) if one.number == number), None)

    def started(self, fingerprint: str) -> Transaction | None:
        """The transaction that this very StartTransaction.req began; of a forgotten one only the number is left."""
        known = next((one for one in reversed(self.transactions) if one.print == fingerprint), None)
        number = dict(self.starts).get(fingerprint) if known is None else None
        return known if number is None else Transaction(str(number), number=number, print=fingerprint, ended=0)

    def open_on(self, connector: int) -> Transaction | None:
        """The latest open transaction of a connector."""
        return next((one for one in reversed(self.transactions) if one.connector == connector and one.ended is None), None)

    def keep(self, transaction: Transaction) -> None:
        """Remember a new transaction and forget what is over the bounds."""
        self.transactions.append(transaction)
        if transaction.print and transaction.number is not None:
            self.starts = [*self.starts, (transaction.print, transaction.number)][-MAX_STARTS:]
        self.trim()

    def trim(self) -> None:
        """Forget the oldest transactions over the bounds."""
        closed = [one for one in self.transactions if one.ended is not None][-MAX_CLOSED:]
        still_open = [one for one in self.transactions if one.ended is None][-MAX_OPEN:]
        kept = {id(one) for one in closed + still_open}
        self.transactions = [one for one in self.transactions if id(one) in kept]

    def connector(self, number: int) -> Connector:
        """The connector with this number, remembered from now on."""
        if number not in self.connectors:
            if len(self.connectors) >= MAX_CONNECTORS:
                del self.connectors[next(iter(self.connectors))]
            self.connectors[number] = Connector()
        return self.connectors[number]

    def expect_start(self, remote_start: RemoteStart) -> None:
        """Remember a remote start."""
        self.remote_starts = [*self.remote_starts, remote_start][-MAX_REMOTE_STARTS:]

    def forget_start(self, remote_start: RemoteStart) -> None:
        """A remote start was refused."""
        self.remote_starts = [one for one in self.remote_starts if one is not remote_start]

    def take_remote_start(self, connector: int, tag: str) -> int | None:
        """The remoteStartId that fits a start, which is then used up. 1.6 compares tags without case."""
        for one in self.remote_starts:
            if one.connector in (None, connector) and one.tag.casefold() == tag.casefold():
                self.forget_start(one)
                return one.id
        return None

    def seq_heard(self, fingerprint: str) -> int | None:
        """The seqNo that this very message got before."""
        return dict(self.heard).get(fingerprint)

    def hear(self, fingerprint: str, seq: int) -> None:
        """Remember the seqNo of a message."""
        self.heard = [*self.heard, (fingerprint, seq)][-MAX_HEARD:]

    def next_event(self) -> int:
        """A new eventId."""
        self.events += 1
        return self.events


def fingerprint(message: msgspec.Struct) -> str:
    """A short text that is equal for equal messages."""
    return blake2b(msgspec.json.encode(message), digest_size=9).hexdigest()


_DECODER = msgspec.json.Decoder(Memory)
_ENCODER = msgspec.json.Encoder()


def load(data: bytes) -> Memory:
    """Read what `dump` wrote; no bytes are a peer never met."""
    return _DECODER.decode(data) if data else Memory()


def dump(memory: Memory) -> bytes:
    """The memory as JSON."""
    return _ENCODER.encode(memory)
