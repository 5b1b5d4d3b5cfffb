"""OCPP-J as a connection without sockets or clocks: text in, events out, text to send.

One `RpcConnection` is one end of one WebSocket connection, station or CSMS alike. Its rules (part 4 of 2.0.1 and 2.1,
OCPP-J 1.6 with its errata):

1. Each direction has one outstanding CALL (§4.1.1). Our further CALLs wait inside and go out one by one. CALLs may cross.
   1.6 only recommends this; we keep to it there too. A peer that does not is served all the same, in order.
2. A CALL without an answer expires at a deadline. Deadlines are data: see `next_deadline` and `expire`. Whoever owns the connection
   has the clock; times are seconds of a monotonic clock.
3. An answer that is late, double, or to nobody's question is ignored, and the event says so.
4. A CALL that breaks the rules is answered CALLERROR whenever its id can be read, otherwise with id ``"-1"`` (§4.2.3).
   What is not a CALL is never answered, except a broken CALLRESULT in 2.1, by CALLRESULTERROR. So errors never chase each other.
5. An unknown message type is ignored; 2.0.1 also answers `MessageTypeNotSupported` (§4.4). CALLRESULTERROR and SEND exist in 2.1 only;
   in 1.6 and 2.0.1 they are unknown types.
6. Before acceptance a `gate` may refuse CALLs with SecurityError (B01.FR.10, B02.FR.09, B03.FR.08). A new connection of a station that
   was accepted before needs no gate: it does not boot again (§5.4).
7. A CALL that is sent again gets the same answer again: see `rpc_memory`.
8. A payload of null stands for ``{}`` (§4.1.5). Any other payload than an object is refused.

`RpcConnection.receive` never raises, whatever it is given.
"""

import uuid
from collections import deque
from collections.abc import Callable, Collection

from msgspec import Struct

from voltgate.ocpp import rpc_frames as frames
from voltgate.ocpp.errors import (
    ErrorCode,
    FormatViolation,
    MessageError,
    MessageTypeNotSupported,
    PeerCannot,
    RpcFrameworkError,
    SecurityError,
    Version,
    hear_code,
    spell,
)
from voltgate.ocpp.rpc_events import (
    AnswerBroken,
    Broken,
    CallExpired,
    CallLost,
    CallReceived,
    ErrorReceived,
    Event,
    Ignored,
    IgnoredKind,
    ResultErrorReceived,
    ResultReceived,
    SendReceived,
)
from voltgate.ocpp.rpc_memory import AnsweredCalls
from voltgate.ocpp.rpc_rules import RULES

__all__ = [
    "AnswerBroken",
    "AnsweredCalls",
    "Broken",
    "CallExpired",
    "CallLost",
    "CallReceived",
    "ErrorReceived",
    "Event",
    "Gate",
    "Ignored",
    "IgnoredKind",
    "ResultErrorReceived",
    "ResultReceived",
    "RpcConnection",
    "SendReceived",
    "refuse_before_acceptance",
]


Gate = Callable[[str], bool]
"""Tells whether an action is refused for now."""


def refuse_before_acceptance(allowed: Collection[str] = ("BootNotification",)) -> Gate:
    """The gate of a peer that is not accepted: nothing but the allowed actions, e.g. those it was asked to trigger (B02.FR.02)."""
    allowed_actions = frozenset(allowed)
    return lambda action: action not in allowed_actions


class _OwnCall(Struct):
    id: str
    action: str
    frame: str
    timeout: float
    deadline: float = 0.0


def _uuid() -> str:
    return str(uuid.uuid4())


class RpcConnection:
    """One end of one connection. ``new_id`` must never give an id twice, on no connection of the same identity (§4.1.4)."""

    def __init__(
        self,
        version: Version,
        *,
        new_id: Callable[[], str] = _uuid,
        answered: AnsweredCalls | None = None,
        gate: Gate | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """``answered`` survives reconnection; ``wake`` is called whenever an answer is ready to be sent."""
        self.version: Version = version
        self._rules = RULES[version]
        self.gate = gate
        self._new_id = new_id
        self._wake = wake
        self._answered = AnsweredCalls() if answered is None else answered
        self._answered.connected()
        self._closed = False
        self._outbox: list[str] = []
        self._outstanding: _OwnCall | None = None
        self._waiting: deque[_OwnCall] = deque()
        self._unanswered: set[str] = set()
        self._expired_ids: deque[str] = deque(maxlen=16)
        self._settled_ids: deque[str] = deque(maxlen=16)

    # ---- what we say

    def call(self, action: str, payload: bytes, *, timeout: float, now: float) -> str:
        """Ask; returns the id. It goes out as soon as no other CALL of ours is outstanding; ``timeout`` seconds count from then."""
        message_id = self._new_id()
        self._waiting.append(_OwnCall(message_id, action, frames.write_call(message_id, action, payload), timeout))
        self._send_next(now)
        return message_id

    def withdraw(self, message_id: str) -> bool:
        """Take back a CALL that still waits inside. False if it went out: then its answer, or its deadline, still comes."""
        for waiting in self._waiting:
            if waiting.id == message_id:
                self._waiting.remove(waiting)
                return True
        return False

    def send(self, action: str, payload: bytes) -> str:
        """Tell without waiting for an answer (N15.FR.02). Raises `PeerCannot` before 2.1."""
        if frames.SEND not in self._rules.types:
            raise PeerCannot(action, f"OCPP {self.version} has no SEND")
        message_id = self._new_id()
        self._outbox.append(frames.write_send(message_id, action, payload))
        return message_id

    def answer(self, call: CallReceived, payload: bytes) -> bool:
        """CALLRESULT. False if nobody waits for it: it was answered before, or the peer used its id for something else."""
        frame = frames.write_result(call.id, payload)
        return self._reply(call, frame, frame)

    def refuse(self, call: CallReceived, error: MessageError) -> bool:
        """CALLERROR; not remembered, so that the peer may try again. False as for `answer`."""
        return self._reply(call, self._error_frame(frames.CALLERROR, call.id, error), None)

    def refuse_result(self, message_id: str, error: MessageError) -> bool:
        """CALLRESULTERROR for a CALLRESULT that breaks the schema (2.1, FR.06). False where the version has none: nothing is sent."""
        if frames.CALLRESULTERROR not in self._rules.types:
            return False
        self._outbox.append(self._error_frame(frames.CALLRESULTERROR, message_id, error))
        return True

    def frames_to_send(self) -> list[str]:
        """Take what must be sent now, in this order."""
        taken, self._outbox = self._outbox, []
        return taken

    # ---- what we hear

    def receive(self, frame: str | bytes, now: float) -> list[Event]:
        """Hear one WebSocket message. Never raises."""
        heard = frames.read(frame)
        if isinstance(heard, frames.BadFrame):
            return [self._hear_bad_frame(heard, now)]
        if isinstance(heard, frames.ResultFrame):
            return [self._hear_result(heard, now)]
        if isinstance(heard, frames.ErrorFrame):
            return [self._hear_error(heard, now)]
        if heard.kind == frames.SEND:
            return [self._hear_send(heard)]
        return [self._hear_call(heard)]

    def _hear_call(self, heard: frames.RequestFrame) -> Event:
        if self.gate is not None and self.gate(heard.action):
            return self._refuse_id(heard.id, SecurityError(f"{heard.action} is not allowed before acceptance"))
        digest = hash((heard.action, heard.payload))
        pending = self._answered.in_progress(heard.id)
        if pending is not None and (pending == digest or heard.id in self._unanswered):
            return self._hear_again(heard, same=pending == digest)
        frame = self._answered.recall(heard.id, heard.action, digest)
        if frame is not None:
            self._outbox.append(frame)
            return Ignored("resend", heard.id, f"{heard.action} was answered before, and is again")
        return self._begin(heard, digest)

    def _begin(self, heard: frames.RequestFrame, digest: int) -> CallReceived:
        overlapping = bool(self._unanswered)
        self._unanswered.add(heard.id)
        self._answered.begin(heard.id, heard.action, digest, self)
        return CallReceived(heard.id, heard.action, heard.payload, digest, overlapping)

    def _hear_again(self, heard: frames.RequestFrame, *, same: bool) -> Event:
        """The id is in progress (§4.2.3); with the same content it is a resend, otherwise a mistake of the peer."""
        if not same:
            return self._refuse_id(heard.id, RpcFrameworkError("the message id is in progress with other content"))
        self._answered.move(heard.id, self)
        self._unanswered.add(heard.id)
        return Ignored("resend", heard.id, f"{heard.action} is in progress; its answer will follow")

    def _hear_send(self, heard: frames.RequestFrame) -> Event:
        if frames.SEND not in self._rules.types:
            return self._hear_unknown_type(frames.SEND, heard.id)
        if self.gate is not None and self.gate(heard.action):
            return Ignored("before acceptance", heard.id, f"SEND of {heard.action}")
        return SendReceived(heard.id, heard.action, heard.payload)

    def _hear_result(self, heard: frames.ResultFrame, now: float) -> Event:
        own = self._settle(heard.id, now)
        return self._nobody_asked(heard.id) if own is None else ResultReceived(own.id, own.action, heard.payload)

    def _hear_error(self, heard: frames.ErrorFrame, now: float) -> Event:
        code = hear_code(heard.code)
        if heard.kind == frames.CALLRESULTERROR:
            return self._hear_result_error(heard, code)
        own = self._settle(heard.id, now)
        if own is not None:
            return ErrorReceived(own.id, own.action, code, heard.description, heard.details, heard.code)
        if heard.id == frames.UNREADABLE_ID:
            return Ignored("unreadable call", heard.id, f"the peer could not read a message: {heard.code} {heard.description}")
        return self._nobody_asked(heard.id)

    def _hear_result_error(self, heard: frames.ErrorFrame, code: ErrorCode) -> Event:
        if frames.CALLRESULTERROR not in self._rules.types:
            return self._hear_unknown_type(frames.CALLRESULTERROR, heard.id)
        if not self._answered.knows(heard.id):
            return Ignored("unknown answer", heard.id, "a CALLRESULTERROR for no CALLRESULT of ours")
        return ResultErrorReceived(heard.id, code, heard.description, heard.details, heard.code)

    def _hear_bad_frame(self, bad: frames.BadFrame, now: float) -> Event:
        if bad.kind is not None and bad.kind not in self._rules.types:
            return self._hear_unknown_type(bad.kind, bad.id)
        if bad.kind in (frames.CALLRESULT, frames.CALLERROR):
            return self._hear_broken_answer(bad, now)
        if bad.kind in (frames.CALLRESULTERROR, frames.SEND):
            return Ignored("broken message", bad.id, bad.error.description)
        return self._refuse_id(bad.id, self._as_version_says(bad.error))

    def _hear_broken_answer(self, bad: frames.BadFrame, now: float) -> Event:
        own = None if bad.id is None else self._settle(bad.id, now)
        if own is None:
            return Ignored("broken message", bad.id, bad.error.description)
        if bad.kind == frames.CALLRESULT:
            self.refuse_result(own.id, bad.error)
        return AnswerBroken(own.id, own.action, bad.error)

    def _hear_unknown_type(self, kind: int, message_id: str | None) -> Event:
        error = MessageTypeNotSupported(f"message type {kind} is unknown to OCPP {self.version}")
        if self._rules.answers_unknown_types:
            return self._refuse_id(message_id, error)
        return Ignored("unknown message type", message_id, error.description)

    def _as_version_says(self, error: MessageError) -> MessageError:
        wrong_structure = self._rules.structure_is_format and error.code == "ProtocolError"
        return FormatViolation(error.description) if wrong_structure else error

    # ---- deadlines and the end

    def next_deadline(self) -> float | None:
        """When `expire` has something to do next; None while nothing is outstanding."""
        return None if self._outstanding is None else self._outstanding.deadline

    def expire(self, now: float) -> list[Event]:
        """Give up the outstanding CALL if its deadline has come; the next one goes out."""
        own = self._outstanding
        if own is None or own.deadline > now:
            return []
        self._outstanding = None
        self._expired_ids.append(own.id)
        self._send_next(now)
        return [CallExpired(own.id, own.action)]

    def lost(self) -> list[Event]:
        """The connection is gone: nothing goes out any more, and each CALL of ours that waits ends as `CallLost`."""
        self._closed = True
        self._outbox.clear()
        events: list[Event] = []
        if self._outstanding is not None:
            events.append(CallLost(self._outstanding.id, self._outstanding.action, sent=True))
        events.extend(CallLost(waiting.id, waiting.action, sent=False) for waiting in self._waiting)
        self._outstanding = None
        self._waiting.clear()
        self._unanswered.clear()
        return events

    # ---- inside

    def _send_next(self, now: float) -> None:
        if self._outstanding is None and self._waiting and not self._closed:
            own = self._outstanding = self._waiting.popleft()
            own.deadline = now + own.timeout
            self._outbox.append(own.frame)

    def _settle(self, message_id: str, now: float) -> _OwnCall | None:
        """End the outstanding CALL if this answers it."""
        own = self._outstanding
        if own is None or own.id != message_id:
            return None
        self._outstanding = None
        self._settled_ids.append(message_id)
        self._send_next(now)
        return own

    def _nobody_asked(self, message_id: str) -> Ignored:
        if message_id in self._expired_ids:
            return Ignored("late answer", message_id, "the answer came after its deadline")
        if message_id in self._settled_ids:
            return Ignored("double answer", message_id, "the CALL was answered before")
        return Ignored("unknown answer", message_id, "no CALL of ours has this id")

    def deliver(self, message_id: str, frame: str) -> bool:
        """Send an answer that may come from an older connection of the same identity. False if this one is gone as well."""
        self._unanswered.discard(message_id)
        if not self._closed:
            self._outbox.append(frame)
            self._wake()
        return not self._closed

    def _reply(self, call: CallReceived, frame: str, remembered: str | None) -> bool:
        origin = self._answered.finish(call.id, call.digest, remembered)
        self._unanswered.discard(call.id)
        return isinstance(origin, RpcConnection) and origin.deliver(call.id, frame)

    def _refuse_id(self, message_id: str | None, error: MessageError) -> Broken:
        answered_id = frames.UNREADABLE_ID if message_id is None else message_id
        self._outbox.append(self._error_frame(frames.CALLERROR, answered_id, error))
        return Broken(answered_id, error)

    def _error_frame(self, kind: int, message_id: str, error: MessageError) -> str:
        return frames.write_error(kind, message_id, spell(error.code, self.version), error.description, error.details)
