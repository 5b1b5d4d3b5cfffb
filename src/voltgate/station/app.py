"""A running station: the core, its connection and its store. The only file of the station that waits for anything.

Three things happen here, and each step of the core is followed by `_after_step`:

- requests of the central system are answered (`_answer`), after what they changed has been stored;
- the pump says what the outbox names, one message at a time, each transaction event after it has been stored;
- `tick`, called several times a second by whoever owns the loop (`run` for one station, `Fleet` for many).
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from voltgate.infrastructure.clock import Clock, SystemClock, from_ms, to_ms
from voltgate.links import Link, Peer, Socket
from voltgate.links.websocket_client import Client
from voltgate.ocpp import actions
from voltgate.ocpp.dialects import Dialect
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialogue import Talk, converse
from voltgate.ocpp.errors import (
    ActionNotSupported,
    CallFailed,
    InternalError,
    InvalidAnswer,
    LinkLost,
    MessageError,
    NotConnected,
    PeerCannot,
)
from voltgate.ocpp.messages import Answer, Request
from voltgate.ocpp.rpc import AnsweredCalls, CallReceived
from voltgate.station.connecting import client_for, follow_backoff, password_of
from voltgate.station.core import Core
from voltgate.station.device_model import configuration_keys
from voltgate.station.outbox import Change, Item
from voltgate.station.settings import StationSpec
from voltgate.station.station import Station
from voltgate.station.store import Store

logger = logging.getLogger("voltgate.station")

TICK_SECONDS = 0.25

Watch = Callable[[str, str], None]
"""Hears every frame: direction ("in", "out") and text."""


def _nothing(*_: object) -> None:
    return None


class StationProgram:
    """One station that runs. Use `start` and `stop`; `tick` must be called in between, or `run` once."""

    def __init__(self, spec: StationSpec, store: Store, *, clock: Clock | None = None, watch: Watch = _nothing) -> None:
        self.spec = spec
        self.core = Core(Station(spec, 0))
        self.why_offline = ""  # how the last connection ended or failed
        self.on_log: Callable[[str], None] = lambda text: logger.info("%s: %s", spec.id, text)
        self._store = store
        self._time_factor = spec.time_factor
        self._clock: Clock = SystemClock() if clock is None else clock
        self.watch = watch
        self._answered_calls = AnsweredCalls()
        self._dialect: Dialect = DIALECTS[spec.version]
        self._dialect_memory = self._dialect.new_memory()
        self._dialect_dirty = False
        self._committed: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        self._answering = 0
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: Client | None = None
        self._pump_task: asyncio.Task[None] | None = None
        self._restarting = False

    @property
    def station(self) -> Station:
        """The station as it is now; a restart replaces it."""
        return self.core.station

    @property
    def connected(self) -> bool:
        """Whether the connection is up."""
        return self.station.connected

    @property
    def time_factor(self) -> float:
        """How much faster vehicles charge than real ones."""
        return self._time_factor

    @time_factor.setter
    def time_factor(self, value: float) -> None:
        self.core.catch_up(self.now_ms)
        self._time_factor = self.station.time_factor = value

    @property
    def now_ms(self) -> int:
        """The time, as the core wants it."""
        return to_ms(self._clock.now())

    # ---- life

    async def start(self) -> None:
        """Remember, take up what was interrupted, and connect."""
        await self._boot()
        self._pump_task = asyncio.get_running_loop().create_task(self._pump(), name=f"station {self.spec.id}")

    async def stop(self) -> None:
        """Store everything and say goodbye. Transactions stay open, as when the power goes."""
        if self._pump_task is not None:
            self._pump_task.cancel()
            await asyncio.wait((self._pump_task,))
        if self._client is not None:
            await self._client.stop()
        for task in list(self._tasks):
            task.cancel()
        self.core.catch_up(self.now_ms)
        for evse in self.station.evses:
            self.station.save_evse(evse)
        await self._commit()

    async def wind_down(self, seconds: float = 5.0) -> None:
        """End the transactions and wait a little for their events to be delivered: for a station that will not come back."""
        self.station.closing = True
        for evse in self.station.evses:
            self.core.stop(evse, self.now_ms)
        self._after_step()
        for _ in range(round(seconds / 0.02)):
            if not (self.station.online and self.station.outbox.events):
                break
            await asyncio.sleep(0.02)

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            self.tick()
            await asyncio.sleep(TICK_SECONDS)

    def tick(self) -> None:
        """Let the time pass."""
        if self._restarting:
            return
        now_ms = self.now_ms
        self.core.tick(now_ms)
        reboot = self.core.reboot_due(now_ms)
        if reboot is not None:
            self._spawn(self.restart(abruptly=False))
        self._after_step()

    async def restart(self, *, abruptly: bool) -> None:
        """Boot again; `abruptly`: as after a loss of power, without goodbye."""
        if self._restarting:
            return
        self._restarting = True
        self.core.catch_up(self.now_ms)
        for evse in self.station.evses:
            self.station.save_evse(evse)
        await self._commit()
        if self._client is not None:
            self._client.go_offline(1001, "restarting", abruptly=abruptly)
            await self._client.stop()
        await self._commit()
        await asyncio.sleep(self.spec.boot_seconds)
        self._restarting = False
        await self._boot()

    def step(self) -> None:
        """To be called after anything was done to the core from outside."""
        self._after_step()

    def go_offline(self) -> None:
        """The network is gone."""
        if self._client is not None:
            self._client.go_offline(abruptly=True)

    def go_online(self) -> None:
        """The network is back."""
        if self._client is not None:
            self._client.go_online()

    # ---- boot

    async def _boot(self) -> None:
        kept = await self._store.load(self.spec.id)
        now_ms = self.now_ms
        station = Station(self.spec, now_ms)
        station.log = self._log
        if not self._dialect.traits.reports_device_model:
            station.tells_whole = True
            station.offer(configuration_keys(self.spec, station.variables))
            station.tells_registers = True
        station.time_factor = self._time_factor
        if "memory" in kept.documents:
            station.restore_memory(kept.documents["memory"])
        saved = [evse.load(kept.documents[f"evse.{evse.id}"]) for evse in station.evses if f"evse.{evse.id}" in kept.documents]
        station.outbox.restore(kept.events)
        memory = kept.documents.get(self._dialect_document)
        self._dialect_memory = self._dialect.new_memory() if memory is None else self._dialect.load_memory(memory)
        self.core = Core(station)
        self.core.start(now_ms, saved_ms=max(saved) if saved else None)
        await self._commit()
        self._client = self._make_client(station)
        self._client.start()

    def _make_client(self, station: Station) -> Client:
        return client_for(
            station,
            self._dialect.traits,
            self._make_link,
            on_connected=self._connected,
            on_disconnected=lambda code, reason: self._disconnected(f"closed: {code} {reason}".rstrip()),
            on_failed=lambda reason: self._disconnected(f"no connection: {reason}"),
        )

    def _make_link(self, socket: Socket, peer: Peer) -> Link:
        return Link(
            socket,
            peer,
            on_call=self._hear,
            on_frame=lambda _link, direction, text: self.watch(direction, text),
            answered=self._answered_calls,
        )

    def _connected(self, _link: Link) -> None:
        self.on_log("connected")
        self.core.connected(self.now_ms)
        self._after_step()

    def _disconnected(self, reason: str) -> None:
        if self._restarting:
            return
        self.why_offline = reason
        self.on_log(reason)
        self.core.disconnected(self.now_ms)
        self._after_step()

    # ---- what we hear

    def _hear(self, link: Link, call: CallReceived) -> None:
        self._answering += 1
        self._spawn(self._answer(link, call))

    async def _answer(self, link: Link, call: CallReceived) -> None:
        core = self.core
        try:
            request = self._decode(link, call)
            talk = self._talk()
            answer = await converse(self._dialect.hear_csms(request, talk), self._ask_core)
            for message in talk.later:
                core.station.later(lambda message=message: core.station.outbox.tell(message, solicited=True))  # type: ignore[misc]  # bound now
            self._dialect_dirty = True
            if answer is None:
                raise InternalError("the dialogue gave no answer")
            payload = actions.encode(answer)
            await self._commit()
            link.answer(call, payload)
        except MessageError as error:
            link.refuse(call, error)
        except PeerCannot as error:
            link.refuse(call, ActionNotSupported(str(error)))
        except Exception:
            logger.exception("%s: %s failed", self.spec.id, call.action)
            link.refuse(call, InternalError("the station failed to process the request"))
        finally:
            self._answering -= 1
            core.after_answer(self.now_ms)
            self._follow_connection()
            self._after_step()

    def _decode(self, link: Link, call: CallReceived) -> Request:
        version = link.peer.version
        if actions.action_named(version, call.action).sender == "station":
            raise ActionNotSupported(f"{call.action} is not for stations")
        return actions.decode_request(version, call.action, call.payload)

    async def _ask_core(self, request: Request) -> Answer:
        # A dialogue may ask more than once (1.6 unlocks after it has stopped): the next question sees what followed from the last.
        self.core.after_answer(self.now_ms)
        return self.core.hear(request, self.now_ms)

    def _follow_connection(self) -> None:
        """A new password counts from the next connection on (A01.FR.02), new waits from the next attempt on."""
        client, password = self._client, password_of(self.station, self._dialect.traits)
        if client is not None:
            follow_backoff(self.station, client.backoff)
        if client is not None and not self._restarting and client.password != password:
            client.password = password
            client.reconnect(1000, "new password")

    # ---- what we say

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._drain()
            except Exception:
                if self._failure is None:  # nothing is told that is not kept: the next step tries again
                    logger.exception("%s: the outbox failed", self.spec.id)

    async def _drain(self) -> None:
        while self._answering == 0 and not self._restarting:
            item = self.core.next_item(self.now_ms)
            link = None if self._client is None else self._client.link
            if item is None or link is None:
                return
            await self._commit()
            await self._say(self.core, link, item)
            self._after_step()

    async def _say(self, core: Core, link: Link, item: Item) -> None:
        async def exchange(request: Request) -> Answer | None:
            return await self._exchange(link, request)

        try:
            answer = await converse(self._dialect.say_csms(item.request, self._talk()), exchange)
        except (PeerCannot, MessageError) as error:
            logger.warning("%s: cannot be said: %s", self.spec.id, error)
            core.answered(item, None, self.now_ms)
        except (LinkLost, NotConnected):
            await asyncio.sleep(0)  # `_disconnected` follows
        except CallFailed as error:
            core.refused(item, str(error), self.now_ms)
        except Exception as error:  # a mistake of ours must not stop the queue for ever
            logger.exception("%s: %s failed", self.spec.id, item.request.action)
            core.refused(item, str(error), self.now_ms)
        else:
            core.answered(item, answer, self.now_ms)
        finally:
            self._dialect_dirty = True

    async def _exchange(self, link: Link, request: Request) -> Answer:
        action = request.action
        timeout = self.station.variables.integer("OCPPCommCtrlr", "MessageTimeout", "Default")
        result = await link.ask(action, actions.encode(request), timeout)
        try:
            return actions.decode_response(link.peer.version, action, result.payload)
        except MessageError as error:
            link.refuse_result(result.id, error)
            raise InvalidAnswer(error) from error

    # ---- store

    def _after_step(self) -> None:
        if self.station.dirty or self.station.outbox.changes:
            self._hand_over()
        if self._answering == 0 and self.station.connected and self.station.outbox.has_something:
            self._wake.set()

    async def _commit(self) -> None:
        """Wait until everything up to now is kept. Raises what the store raises; it is handed over again with the next step."""
        self._hand_over()
        if self._committed is not None:
            await asyncio.shield(self._committed)
        if self._failure is not None:  # an earlier one failed, and this one did not
            raise self._failure

    def _hand_over(self) -> None:
        station = self.station
        names, station.dirty = station.dirty, set()
        changes, station.outbox.changes = station.outbox.changes, []
        documents = {name: station.document(name) for name in names}
        if self._dialect_dirty and self._dialect_memory is not None:
            documents[self._dialect_document] = self._dialect.dump_memory(self._dialect_memory)
        self._dialect_dirty, self._failure = False, None
        if documents or changes:
            self._committed = asyncio.ensure_future(self._store.commit(self.spec.id, documents, changes))
            self._committed.add_done_callback(lambda commit: self._kept(commit, station, names, changes))

    def _kept(self, commit: asyncio.Future[None], station: Station, names: set[str], changes: list[Change]) -> None:
        """Nothing of a failed commit was kept: say so, and hand it over again as it is then."""
        if commit.cancelled() or commit.exception() is None:
            return
        self._failure = commit.exception()
        self._log(f"cannot be kept: {self._failure}")
        station.dirty |= names
        station.outbox.keep_again(change.place for change in changes)
        self._dialect_dirty = True

    @property
    def _dialect_document(self) -> str:
        return f"dialect.{self.spec.version}"

    # ---- inside

    def _log(self, text: str) -> None:
        self.on_log(text)  # may be replaced while the station runs

    def _talk(self) -> Talk[object]:
        return Talk(self._dialect_memory, from_ms(self.now_ms), number=_no_number)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _no_number() -> int:
    raise RuntimeError("only a central system numbers transactions")
