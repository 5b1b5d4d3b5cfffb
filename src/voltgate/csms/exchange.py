"""Messages in and out: wire -> dialect -> room -> store -> answer, and room -> dialect -> wire.

Rules
- One message of a station is one unit of work: what the rooms write, the dialect's memory and both frames are one commit.
- The answer leaves when the commit is on the disk. What could not be stored is answered InternalError; nothing of it is kept.
- A station has one mailbox: its messages are handled one after the other; when it is full, its socket is read no further.
- What a peer does wrong is a refusal and one line in the log. What we do wrong is a refusal and a traceback.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

import structlog
from msgspec import Struct

from voltgate.csms.context import Context
from voltgate.csms.correspondent import Correspondent, Mail, canonical_json
from voltgate.csms.driving import drive
from voltgate.csms.message_log import TOPIC, Direction, Frame, FrameIds, Kind, keep_exchange, keep_frame, kind_of
from voltgate.csms.session import Session
from voltgate.csms.stations import write_memory
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import StoreFailed, Work
from voltgate.infrastructure.metrics import Metrics, Outcome
from voltgate.links import Link
from voltgate.ocpp import actions
from voltgate.ocpp.dialogue import Talk, converse
from voltgate.ocpp.errors import (
    ActionNotSupported,
    CallRefused,
    CallTimedOut,
    InternalError,
    InvalidAnswer,
    MessageError,
    NotConnected,
    PeerCannot,
    ProtocolError,
    SecurityError,
    spell,
)
from voltgate.ocpp.messages import Answer, Call, Request
from voltgate.ocpp.rpc import AnswerBroken, Broken, CallReceived, Event, Ignored, ResultReceived, SendReceived
from voltgate.ocpp.rpc_frames import CALLERROR, write_error, write_result

AnswerT = TypeVar("AnswerT", bound=Answer)
Handler = Callable[[Any, Session], Coroutine[Any, Any, Answer | None]]

TRANSACTION_NUMBERS = "transaction"
"""The sequence of transaction numbers of the installation."""

_log = structlog.get_logger("voltgate.exchange")
_HEAD = re.compile(r'\s*\[\s*\d\s*,\s*"([^"\\]*)"\s*(?:,\s*"([^"\\]*)"\s*,)?')


class Unit(Struct):
    """One message while it is handled, and what came of it."""

    who: Correspondent
    mail: Mail
    session: Session
    talk: Talk[Any]
    said: list[Request]
    wire: Request | None = None
    answer: bytes | None = None
    error: MessageError | None = None
    memory: bytes | None = None


class Exchange:
    """Handles the messages of all stations."""

    def __init__(
        self,
        context: Context,
        handlers: Mapping[str, Handler],
        frame_ids: FrameIds,
        metrics: Metrics,
        on_boot: Callable[[Correspondent], None],
    ) -> None:
        """`on_boot` is called after the answer to a boot has left."""
        self._context = context
        self._handlers = handlers
        self._frame_ids = frame_ids
        self._metrics = metrics
        self._on_boot = on_boot
        self._mailbox_length = context.settings.ocpp.mailbox_length
        self._number = partial(context.numbers.take_now, TRANSACTION_NUMBERS)
        self._saying: dict[str, asyncio.Lock] = {}

    # ---- what stations say

    def hear(self, who: Correspondent, link: Link, message: CallReceived | SendReceived) -> None:
        """A CALL or SEND came in: it waits in the mailbox for its turn."""
        raw, who.heard = who.heard, None
        who.mailbox.append(Mail(link, message, raw or "", who.heard_at))
        if len(who.mailbox) >= self._mailbox_length and who.paused is None:
            who.paused = link
            link.pause()
        self._next(who)

    def _next(self, who: Correspondent) -> None:
        while who.mailbox and not who.busy:
            who.busy = True
            mail = who.mailbox.popleft()
            if who.paused is not None and len(who.mailbox) <= self._mailbox_length // 2:
                who.paused.resume()
                who.paused = None
            session = Session(self._context, who.id, who.dialect.traits, mail.now, who.registration)
            unit = Unit(who, mail, session, Talk(who.memory, mail.now, self._number), [])
            drive(self._handle(unit), self._store)

    async def _handle(self, unit: Unit) -> Unit:
        """Decide about one message; never raises."""
        try:
            message = unit.mail.message
            if isinstance(message, CallReceived | SendReceived):
                await self._handle_wire(unit, message)
            else:
                await self._ask_room(unit, message)
            unit.memory = unit.who.changed_memory()
        except MessageError as error:
            unit.error = error
        except StoreFailed as error:
            unit.error = _not_stored(unit, error)
        except Exception:
            _log.exception("handler failed", station=unit.who.id, action=_action(unit.mail.message))
            unit.error = InternalError("the message could not be processed")
        return unit

    async def _handle_wire(self, unit: Unit, message: CallReceived | SendReceived) -> None:
        who = unit.who
        if not who.may_send(message.action):
            raise SecurityError(f"{message.action} is not allowed before the station is accepted")
        unit.wire = self._decode(who, message)
        answer = await converse(who.dialect.hear_station(unit.wire, unit.talk), partial(self._ask_room, unit))
        if answer is not None:
            unit.answer = actions.encode(answer)

    def _decode(self, who: Correspondent, message: CallReceived | SendReceived) -> Request:
        action = actions.action_named(who.version, message.action)
        if action.sender == "csms":
            raise ActionNotSupported(f"{message.action} is a message to stations")
        if (action.kind == "send") is not isinstance(message, SendReceived):
            raise ProtocolError(f"{message.action} is sent as a {action.kind.upper()}")
        return actions.decode_request(who.version, message.action, message.payload)

    async def _ask_room(self, unit: Unit, request: Request) -> Answer | None:
        unit.said.append(request)
        handler = self._handlers.get(request.action)
        if handler is None:
            raise ActionNotSupported(f"{request.action} is not offered")
        return await handler(request, unit.session)

    # ---- the commit, then the answer

    def _store(self, unit: Unit) -> None:
        """Commit what came of a message; the answer leaves from the commit's callback, without a task."""
        work = unit.session.work if unit.error is None else Work()
        if unit.memory is not None and unit.error is None:
            write_memory(work, unit.who.id, unit.who.version, unit.memory)
        self._keep_exchange(work, unit)
        try:
            asyncio.ensure_future(self._context.database.commit(work)).add_done_callback(partial(self._stored, unit))
        except StoreFailed as error:
            unit.error = _not_stored(unit, error)
            self._finish(unit)
        except Exception:  # a wrong statement of ours: the station must not wait for ever
            _log.exception("not stored", station=unit.who.id, action=_action(unit.mail.message))
            unit.error = InternalError("the message could not be stored")
            self._finish(unit)

    def _stored(self, unit: Unit, commit: "asyncio.Future[None]") -> None:
        failure = None if commit.cancelled() else commit.exception()
        if failure is not None:
            unit.error = _not_stored(unit, failure)
        elif unit.error is None:
            if unit.memory is not None:
                unit.who.saved = unit.memory
            if unit.session.booted:
                unit.who.settled(unit.session.registration)
        self._finish(unit)

    def _finish(self, unit: Unit) -> None:
        who = unit.who
        self._answer(unit)
        if unit.error is not None:
            if unit.wire is not None:  # otherwise no dialogue has touched the memory
                who.recall()
        else:
            who.mailbox.extendleft(Mail(None, request, None, unit.session.now) for request in reversed(unit.talk.later))
            if unit.session.booted:
                self._on_boot(who)
        who.busy = False
        self._next(who)

    def _answer(self, unit: Unit) -> None:
        who, link, message, error = unit.who, unit.mail.link, unit.mail.message, unit.error
        if unit.wire is not None:
            self._metrics.message(who.version, unit.wire.action, "in", "answered" if error is None else "refused")
        if error is not None:
            _log.warning("message refused", station=who.id, action=_action(message), code=error.code, reason=error.description)
        if link is None or not isinstance(message, CallReceived):
            return
        who.answering = True
        try:
            if error is not None:
                link.refuse(message, error)
            else:
                link.answer(message, unit.answer or b"{}")
        finally:
            who.answering = False

    def _keep_exchange(self, work: Work, unit: Unit) -> None:
        """Both frames go into the log with the commit; a message that a dialect left for later has none of its own."""
        message, error, who = unit.mail.message, unit.error, unit.who
        if unit.mail.raw is None or not isinstance(message, CallReceived | SendReceived):
            return
        at_ms = to_ms(unit.session.now)
        heard = self._frame(who, at_ms, "in", "CALL", unit.mail.raw, message.id, message.action)
        if error is None:
            heard.canonical = canonical_json(unit.said, unit.wire)
        else:
            heard.note = f"{error.code}: {error.description}"
        shown = self._context.bus.is_heard(TOPIC)
        if isinstance(message, SendReceived):
            heard.kind = "SEND"
            keep_frame(work, heard, shown=shown)
            return
        said = self._frame(who, at_ms, "out", "CALLRESULT", "", message.id, message.action)
        if error is None:
            said.raw = write_result(message.id, unit.answer or b"{}")
        else:
            said.kind = "CALLERROR"
            said.raw = write_error(CALLERROR, message.id, spell(error.code, who.version), error.description, error.details)
        keep_exchange(work, heard, said, shown=shown)

    # ---- what we say

    async def ask(self, who: Correspondent, request: Call[AnswerT], timeout: float) -> AnswerT:
        """Say a 2.1 request in the station's own version. Raises as `Context.ask`."""
        _check_may_ask(who, request.action)
        async with self._saying.setdefault(who.id, asyncio.Lock()):
            talk = Talk(who.memory, self._context.clock.now(), self._number)
            answer = await converse(who.dialect.say_station(request, talk), partial(self._ask_station, who, timeout))
        self._keep_said(who, talk)
        if not isinstance(answer, Answer):
            raise InternalError(f"the dialect gave no answer to {request.action}")
        return answer  # type: ignore[return-value]

    async def wire_call(self, who: Correspondent, action: str, payload: bytes, timeout: float) -> bytes:
        """Send a CALL verbatim; the payload of its CALLRESULT. Raises as `Context.ask`."""
        link = _check_may_ask(who, action)
        who.was_asked(action, payload)
        return await link.call(action, payload, timeout)

    async def _ask_station(self, who: Correspondent, timeout: float, request: Request) -> Answer:
        link = who.link
        if link is None:
            raise NotConnected(f"{who.id} is not connected")
        payload = actions.encode(request)
        who.was_asked(request.action, payload)
        result = await self._timed(who, request.action, link.ask(request.action, payload, timeout))
        try:
            return actions.decode_response(who.version, request.action, result.payload)
        except MessageError as error:
            _log.warning("answer is invalid", station=who.id, action=request.action, code=error.code, reason=error.description)
            link.refuse_result(result.id, error)
            raise InvalidAnswer(error) from error

    async def _timed(self, who: Correspondent, action: str, asking: Coroutine[Any, Any, ResultReceived]) -> ResultReceived:
        """Count and time a CALL of ours."""
        started = self._context.clock.monotonic()
        outcome: Outcome = "failed"
        try:
            result = await asking
            outcome = "answered"
            self._metrics.call_answered(action, self._context.clock.monotonic() - started)
            return result
        except CallRefused:
            outcome = "refused"
            raise
        except CallTimedOut:
            outcome = "timed_out"
            raise
        finally:
            self._metrics.message(who.version, action, "out", outcome)

    def _keep_said(self, who: Correspondent, talk: Talk[Any]) -> None:
        memory = who.changed_memory()
        if memory is not None:
            work = Work()
            write_memory(work, who.id, who.version, memory)
            work.when_committed(lambda: setattr(who, "saved", memory))
            self.commit_aside(work, who.id)
        who.mailbox.extend(Mail(None, request, None, self._context.clock.now()) for request in talk.later)
        self._next(who)

    # ---- frames and what is not a message

    def see_frame(self, who: Correspondent, link: Link, direction: Direction, raw: str) -> None:
        """A frame passed. Messages to rooms and our answers to them are kept with their commit, all others here."""
        if direction == "in":
            who.heard_at = self._context.clock.now()
            self._see_incoming(who, raw)
        elif not who.answering:
            kind = kind_of(raw)
            head = _HEAD.match(raw)
            message_id = head[1] if head else None
            action = head[2] if head and kind in ("CALL", "SEND") else None
            if kind == "CALL" and message_id is not None and action is not None:
                who.remember_asked(message_id, action)
            self._log_frame(who, "out", kind, raw, message_id, action)

    def _see_incoming(self, who: Correspondent, raw: str) -> None:
        who.heard = raw
        if not who.asked or raw.startswith("[2,"):
            return
        head, kind = _HEAD.match(raw), kind_of(raw)
        if kind in ("CALLRESULT", "CALLERROR") and head is not None and head[1] in who.asked:
            who.heard = None
            self._log_frame(who, "in", kind, raw, head[1], who.asked.pop(head[1]))

    def see_event(self, who: Correspondent, link: Link, event: Event) -> None:
        """Something came in that is no message for a room: keep the frame, and say in the log what is wrong with it."""
        note, message_id = str(event), getattr(event, "id", None)
        if isinstance(event, Broken | AnswerBroken):
            note = f"{event.error.code}: {event.error.description}"
        elif isinstance(event, Ignored):
            note = f"{event.kind}: {event.reason}"
        _log.warning("message is not usable", station=who.id, message_id=message_id, reason=note)
        raw, who.heard = who.heard, None
        if raw is not None:
            kind = "BROKEN" if isinstance(event, Broken) else kind_of(raw)
            head = _HEAD.match(raw)
            self._log_frame(who, "in", kind, raw, message_id, head[2] if head else None, note=note)

    def _log_frame(
        self, who: Correspondent, direction: Direction, kind: Kind, raw: str, message_id: str | None, action: str | None, note: str = ""
    ) -> None:
        frame = self._frame(who, to_ms(self._context.clock.now()), direction, kind, raw, message_id, action)
        frame.note = note or None
        work = Work()
        keep_frame(work, frame, shown=self._context.bus.is_heard(TOPIC))
        self.commit_aside(work, who.id)

    def _frame(
        self, who: Correspondent, at_ms: int, direction: Direction, kind: Kind, raw: str, message_id: str | None, action: str | None
    ) -> Frame:
        return Frame(
            id=self._frame_ids.next(at_ms),
            station_id=who.id,
            at_ms=at_ms,
            direction=direction,
            version=who.version,
            kind=kind,
            action=action,
            message_id=message_id,
            raw=raw,
        )

    def commit_aside(self, work: Work, station_id: str) -> None:
        """Commit what nobody waits for; a failure is logged."""
        try:
            commit = asyncio.ensure_future(self._context.database.commit(work))
            commit.add_done_callback(partial(_log_failure, station_id))
        except StoreFailed as error:
            _log.error("not stored", station=station_id, error=str(error))


def _check_may_ask(who: Correspondent, action: str) -> Link:
    """The link to ask over. Raises: NotConnected, PeerCannot."""
    if who.link is None:
        raise NotConnected(f"{who.id} is not connected")
    reason = who.must_not_be_asked(action)
    if reason is not None:
        raise PeerCannot(action, reason)
    return who.link


def _action(message: CallReceived | SendReceived | Request) -> str:
    return message.action


def _not_stored(unit: Unit, error: BaseException) -> InternalError:
    _log.error("not stored", station=unit.who.id, action=_action(unit.mail.message), error=str(error))
    return InternalError("the message could not be stored")


def _log_failure(station_id: str, commit: "asyncio.Future[None]") -> None:
    failure = None if commit.cancelled() else commit.exception()
    if failure is not None:
        _log.error("not stored", station=station_id, error=str(failure))
