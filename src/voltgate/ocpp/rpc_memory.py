"""What a peer asked last and what it was told, so that a CALL sent again gets the same answer once more.

A sender may repeat a CALL with the same id (1.6 errata 3.1, 2.0.1 errata 4.6), typically after a time-out or a lost
connection. The memory belongs to the identity, not to the connection, so it is handed to the next connection of the same peer.

Rules:

1. Same id, same content: a resend. While the first is in progress the resend is dropped, and the answer goes out on the newest
   connection that asked; afterwards the remembered answer is sent again.
2. Same id, other content: a new CALL. Stations that restart count their ids from the beginning.
3. Only a CALLRESULT is remembered. After a CALLERROR the sender may try the same again, and deserves another try (E13.FR.02).
4. Counted ids (short ones) may start again with each connection, so from an earlier connection only the last CALL counts as a resend.
5. BootNotification and Heartbeat are always new once they were answered: their answers tell the time. BootNotification also
   starts a new life, so it forgets what came before.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

_ALWAYS_NEW: Final = frozenset({"BootNotification", "Heartbeat"})
# A UUID has 36 characters, 32 without dashes; a counter or a time in milliseconds stays below this.
_UNIQUE_LENGTH: Final = 16


class _Answered(Struct):
    digest: int
    generation: int
    frame: str


class _Pending(Struct):
    digest: int
    generation: int
    origin: object


class AnsweredCalls:
    """The last CALLs of one identity. ``origin`` is any object that stands for a connection."""

    def __init__(self, size: int = 16, pending_size: int = 64) -> None:
        self._size = size
        self._pending_size = pending_size
        self._generation = 0
        self._answered: OrderedDict[str, _Answered] = OrderedDict()
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def connected(self) -> None:
        """A new connection of the identity begins."""
        self._generation += 1

    def recall(self, message_id: str, action: str, digest: int) -> str | None:
        """The frame that answered this very CALL before; None if it is new."""
        answered = self._answered.get(message_id)
        if answered is None or answered.digest != digest or action in _ALWAYS_NEW:
            return None
        unique = answered.generation == self._generation or len(message_id) >= _UNIQUE_LENGTH
        return answered.frame if unique or message_id == next(reversed(self._answered)) else None

    def in_progress(self, message_id: str) -> int | None:
        """The digest of the CALL with this id that waits for its answer."""
        pending = self._pending.get(message_id)
        return None if pending is None else pending.digest

    def begin(self, message_id: str, action: str, digest: int, origin: object) -> None:
        """A CALL is handed to its handler."""
        if action == "BootNotification":
            self._answered.clear()
        self._answered.pop(message_id, None)
        self._pending.pop(message_id, None)
        self._pending[message_id] = _Pending(digest, self._generation, origin)
        if len(self._pending) > self._pending_size:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        # Only what an earlier connection left behind: somebody still waits for the rest.
        oldest = next(iter(self._pending))
        if self._pending[oldest].generation < self._generation:
            del self._pending[oldest]

    def move(self, message_id: str, origin: object) -> None:
        """The CALL in progress was sent again on another connection, so its answer goes there."""
        pending = self._pending[message_id]
        pending.origin, pending.generation = origin, self._generation

    def finish(self, message_id: str, digest: int, frame: str | None) -> object:
        """The CALL is answered; ``frame`` is remembered unless None. Returns where the answer goes, None if nobody waits any more."""
        pending = self._pending.get(message_id)
        if pending is None or pending.digest != digest:
            return None
        del self._pending[message_id]
        if frame is not None:
            self._answered[message_id] = _Answered(digest, pending.generation, frame)
            if len(self._answered) > self._size:
                self._answered.popitem(last=False)
        return pending.origin

    def knows(self, message_id: str) -> bool:
        """Whether a CALLRESULT with this id went out lately."""
        return message_id in self._answered
