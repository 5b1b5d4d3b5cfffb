"""A conversation with one peer: socket, OCPP-J connection and its timers in one. The same on both ends.

Calls are answered later and from elsewhere (a CSMS answers after its commit): keep the `CallReceived` and hand it back to `Link.answer`.
Order needs no care, because a peer sends its next CALL after the answer to the last.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from voltgate.links.port import Socket
from voltgate.ocpp.errors import (
    CallFailed,
    CallRefused,
    CallTimedOut,
    InternalError,
    InvalidAnswer,
    LinkLost,
    MessageError,
    NotConnected,
    Version,
)
from voltgate.ocpp.rpc import (
    AnswerBroken,
    AnsweredCalls,
    CallExpired,
    CallLost,
    CallReceived,
    ErrorReceived,
    Event,
    Gate,
    ResultReceived,
    RpcConnection,
    SendReceived,
)

logger = logging.getLogger("voltgate.links")

Direction = Literal["in", "out"]

SUBPROTOCOLS: dict[str, Version] = {"ocpp2.1": "2.1", "ocpp2.0.1": "2.0.1", "ocpp1.6": "1.6"}
"""What we speak over WebSocket, best first."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Who is at the other end of a link."""

    identity: str
    version: Version
    remote_address: str = ""
    secured: bool = False


def _nothing(*_: object) -> None:
    return None


class Link:
    """A `Listener` that speaks OCPP-J. All methods belong to the event loop's thread."""

    def __init__(
        self,
        socket: Socket,
        peer: Peer,
        *,
        on_call: Callable[["Link", CallReceived], None],
        on_send: Callable[["Link", SendReceived], None] = _nothing,
        on_event: Callable[["Link", Event], None] = _nothing,
        on_frame: Callable[["Link", Direction, str], None] = _nothing,
        on_closed: Callable[["Link", int, str], None] = _nothing,
        answered: AnsweredCalls | None = None,
        gate: Gate | None = None,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        """``on_call`` may schedule work, not do it. ``on_event`` hears the rest: broken, ignored and result-error events.

        ``on_frame`` sees every message in both directions. ``answered`` is the memory of the identity and survives its links.
        """
        self.peer = peer
        self._socket = socket
        self._on_call, self._on_send, self._on_event = on_call, on_send, on_event
        self._on_frame, self._on_closed = on_frame, on_closed
        named = {} if new_id is None else {"new_id": new_id}
        self._rpc = RpcConnection(peer.version, answered=answered, gate=gate, wake=self._flush, **named)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._answers: dict[str, asyncio.Future[ResultReceived]] = {}
        self._open = True
        self._gone = False

    def __repr__(self) -> str:
        return f"<Link {self.peer.identity} {self.peer.version} {'open' if self._open else 'closed'}>"

    @property
    def is_open(self) -> bool:
        """Whether a call could go out now."""
        return self._open

    @property
    def gate(self) -> Gate | None:
        """What the peer may not ask yet; None once it is accepted."""
        return self._rpc.gate

    @gate.setter
    def gate(self, gate: Gate | None) -> None:
        self._rpc.gate = gate

    # ---- what we say

    async def call(self, action: str, payload: bytes, timeout: float) -> bytes:
        """Ask, and wait for the payload of the CALLRESULT. ``timeout`` seconds count from when the CALL goes out.

        Raises `CallRefused`, `CallTimedOut`, `LinkLost` (sent, unknown fate), `NotConnected` (never sent) or `InvalidAnswer`.
        """
        return (await self.ask(action, payload, timeout)).payload

    async def ask(self, action: str, payload: bytes, timeout: float) -> ResultReceived:
        """As `call`, with the id of the answer, for `refuse_result`."""
        if not self._open:
            raise NotConnected(f"{self.peer.identity} is not connected")
        message_id = self._rpc.call(action, payload, timeout=timeout, now=self._loop.time())
        answer: asyncio.Future[ResultReceived] = self._loop.create_future()
        self._answers[message_id] = answer
        self._flush()
        try:
            return await answer
        finally:
            self._answers.pop(message_id, None)
            self._rpc.withdraw(message_id)

    def send(self, action: str, payload: bytes) -> None:
        """SEND: tell without an answer. Raises `PeerCannot` before 2.1 and `NotConnected`."""
        if not self._open:
            raise NotConnected(f"{self.peer.identity} is not connected")
        self._rpc.send(action, payload)
        self._flush()

    def answer(self, call: CallReceived, payload: bytes) -> bool:
        """CALLRESULT. False if it could not leave: the answer is kept for a resend, see `AnsweredCalls`."""
        return self._rpc.answer(call, payload)

    def refuse(self, call: CallReceived, error: MessageError) -> bool:
        """CALLERROR. False if it could not leave."""
        return self._rpc.refuse(call, error)

    def refuse_result(self, message_id: str, error: MessageError) -> bool:
        """CALLRESULTERROR: the payload of a CALLRESULT broke the schema. False where the version has none (before 2.1)."""
        left = self._open and self._rpc.refuse_result(message_id, error)
        self._flush()
        return left

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye. Waiting calls end at once as `LinkLost`; what still comes in is not heard; ``on_closed`` follows."""
        self._stop()
        self._socket.close(code, reason)

    def abort(self) -> None:
        """Cut the connection without goodbye."""
        self._stop()
        self._socket.abort()

    def pause(self) -> None:
        """Hear no further message for now: the way a full mailbox slows its peer. Answers to our own calls wait as well."""
        self._socket.pause_reading()

    def resume(self) -> None:
        """Hear on."""
        self._socket.resume_reading()

    # ---- what we hear (the `Listener` of the socket)

    def received(self, frame: str) -> None:
        """One message from the socket."""
        if not self._open:
            return
        self._tell(self._on_frame, "in", frame)
        for event in self._rpc.receive(frame, self._loop.time()):
            self._handle(event)
        self._flush()

    def closed(self, code: int, reason: str) -> None:
        """The socket is gone."""
        self._stop()
        if not self._gone:
            self._gone = True
            self._tell(self._on_closed, code, reason)

    # ---- inside

    def _handle(self, event: Event) -> None:
        if isinstance(event, CallReceived):
            self._hear_call(event)
        elif isinstance(event, ResultReceived):
            self._settle(event.id, event)
        elif isinstance(event, SendReceived):
            self._tell(self._on_send, event)
        elif isinstance(event, ErrorReceived):
            self._settle(event.id, CallRefused(event.code, event.description, event.details, event.spelled))
        elif isinstance(event, AnswerBroken):
            self._settle(event.id, InvalidAnswer(event.error))
        elif isinstance(event, CallExpired):
            self._settle(event.id, CallTimedOut(f"{self.peer.identity} did not answer {event.action} in time"))
        elif isinstance(event, CallLost):
            self._settle(event.id, self._lost(event))
        else:
            self._tell(self._on_event, event)

    def _hear_call(self, call: CallReceived) -> None:
        try:
            self._on_call(self, call)
        except Exception:
            logger.exception("%s: %s could not be handed over", self.peer.identity, call.action)
            self._rpc.refuse(call, InternalError("the message could not be handed over"))

    def _tell(self, callback: Callable[..., None], *args: object) -> None:
        try:
            callback(self, *args)
        except Exception:
            logger.exception("%s: whoever listens to its link failed", self.peer.identity)

    def _lost(self, event: CallLost) -> CallFailed:
        if event.sent:
            return LinkLost(f"the connection of {self.peer.identity} was lost before it answered {event.action}")
        return NotConnected(f"the connection of {self.peer.identity} was lost before {event.action} was sent")

    def _settle(self, message_id: str, outcome: ResultReceived | CallFailed) -> None:
        answer = self._answers.pop(message_id, None)
        if answer is None or answer.done():  # whoever asked has gone away
            return
        if isinstance(outcome, ResultReceived):
            answer.set_result(outcome)
        else:
            answer.set_exception(outcome)

    def _flush(self) -> None:
        if not self._open:
            return
        for text in self._rpc.frames_to_send():
            self._tell(self._on_frame, "out", text)
            self._socket.send(text)
        self._arm()

    def _arm(self) -> None:
        """Keep one timer at the deadline of the outstanding CALL."""
        deadline = self._rpc.next_deadline()
        if self._timer is not None:
            if self._timer.when() == deadline:
                return
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            self._timer = self._loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        self._timer = None
        # A timer may ring within the loop's clock resolution before its time.
        for event in self._rpc.expire(max(self._loop.time(), self._rpc.next_deadline() or 0.0)):
            self._handle(event)
        self._flush()

    def _stop(self) -> None:
        if not self._open:
            return
        self._open = False
        for event in self._rpc.lost():
            self._handle(event)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
