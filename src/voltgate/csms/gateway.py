"""The way in: who may connect, who is connected, and what is left of a station when its link goes.

Rules
- An identity must be registered; what happens to an unknown one is a setting (404, registered as pending, registered and accepted).
- Credentials are checked before the 101 (A00.FR.204, A00.FR.207).
- The newest link of a station wins. The old one is closed, and its late end does not mark the station as gone.
- The mailbox, the dialect's memory and the answers given lately belong to the station, not to the link.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import partial

import structlog

from voltgate.csms import security, stations
from voltgate.csms.context import Context
from voltgate.csms.correspondent import Correspondent
from voltgate.csms.exchange import Exchange, Handler
from voltgate.csms.message_log import FrameIds
from voltgate.csms.reconciling import Reconciler, Reconciling
from voltgate.csms.stations import Station
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event, Work
from voltgate.infrastructure.metrics import Metrics
from voltgate.links import Admission, Link, Peer, Refusal, Socket, Upgrade, basic_auth
from voltgate.links.link import SUBPROTOCOLS
from voltgate.links.port import choose_subprotocol, no_common_subprotocol, too_busy, unauthorized, unknown_station
from voltgate.ocpp.dialects.registry import DIALECTS

LAST_SEEN_SECONDS = 30.0
"""How often the times at which stations were heard are written down."""

RETRY_AFTER_SECONDS = 5
ALARM_SECONDS = 600.0
"""How long refused attempts to connect as the same station are one alarm."""

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")

_log = structlog.get_logger("voltgate.gateway")


class Gateway:
    """All stations that are or were connected since the start."""

    def __init__(
        self,
        context: Context,
        handlers: Mapping[str, Handler],
        reconcilers: Sequence[Reconciler],
        metrics: Metrics,
        frame_ids: FrameIds | None = None,
    ) -> None:
        self._context = context
        self._settings = context.settings.ocpp
        self._metrics = metrics
        self._reconciling = Reconciling(context, reconcilers)
        self.exchange = Exchange(context, handlers, frame_ids or FrameIds(), metrics, self._booted)
        self._known: dict[str, Correspondent] = {}
        self._written_ms: dict[str, int] = {}
        self._alarmed: dict[str, float] = {}
        self._draining = False
        self._ticking: asyncio.Task[None] | None = None
        self._subprotocols = [name for name, version in SUBPROTOCOLS.items() if version in self._settings.versions]

    # ---- coming in

    async def admit(self, upgrade: Upgrade) -> Admission | Refusal:
        """Decide about a connection before the 101."""
        if self._draining:
            return too_busy(RETRY_AFTER_SECONDS)
        station = await self._find(upgrade)
        if station is None:
            return self._refuse(upgrade, unknown_station(), "no such station is registered")
        verdict = await self._judge(station, upgrade)
        if not verdict.admitted:
            self._raise_alarm(station.id, verdict.reason, upgrade.remote_address)
            return self._refuse(upgrade, unauthorized(), verdict.reason)
        subprotocol = choose_subprotocol(upgrade.offered, self._subprotocols)
        if subprotocol is None:
            offered = ", ".join(upgrade.offered) or "nothing"
            return self._refuse(upgrade, no_common_subprotocol(), f"no common subprotocol: it offers {offered}")
        version = SUBPROTOCOLS[subprotocol]
        saved = await stations.read_memory(self._context.database, station.id, version)
        peer = Peer(identity=station.id, version=version, remote_address=upgrade.remote_address, secured=upgrade.secured)
        return Admission(subprotocol, partial(self._open, station, peer, saved))

    async def _find(self, upgrade: Upgrade) -> Station | None:
        database, identity = self._context.database, upgrade.identity
        station = await stations.find_station(database, identity)
        policy = self._settings.unknown_stations
        if station is not None or policy == "refuse":
            return station
        if stations.check_identity(identity) is not None or choose_subprotocol(upgrade.offered, self._subprotocols) is None:
            return None
        work = Work()
        now_ms = to_ms(self._context.clock.now())
        stations.register_station(work, identity, now_ms, {"next_boot": "Pending" if policy == "pending" else None})
        work.tell(Event("station.appeared", now_ms, identity, {"policy": policy, "remote": upgrade.remote_address}))
        await self._context.database.commit(work)
        return await stations.find_station(database, identity)

    async def _judge(self, station: Station, upgrade: Upgrade) -> security.Verdict:
        given = basic_auth.parse(upgrade.authorization)
        credentials = None if given is None else security.Credentials(given.user, given.password)
        kept = await security.read_password(self._context.database, station.id)
        key, secured = self._context.station_key, upgrade.secured
        verdict = security.judge(upgrade.identity, station.security_profile, kept, credentials, secured=secured, key=key)
        if verdict.renewed:
            work = Work()
            security.confirm_next_password(work, station.id)
            self.exchange.commit_aside(work, station.id)
        return verdict

    def _refuse(self, upgrade: Upgrade, refusal: Refusal, reason: str) -> Refusal:
        shown = _UNPRINTABLE.sub("?", upgrade.identity)[:64]
        _log.warning("connection refused", station=shown, status=refusal.status, reason=reason, remote=upgrade.remote_address)
        return refusal

    def _raise_alarm(self, station_id: str, reason: str, remote: str) -> None:
        """A person should look when somebody cannot prove to be a station; not at every attempt."""
        now = self._context.clock.monotonic()
        if now - self._alarmed.get(station_id, -ALARM_SECONDS) < ALARM_SECONDS:
            return
        self._alarmed[station_id] = now
        work = Work()
        told = {"kind": "authentication", "text": f"A connection was refused: {reason}", "remote": remote}
        work.tell(Event("alarm.raised", to_ms(self._context.clock.now()), station_id, told))
        self.exchange.commit_aside(work, station_id)

    def _open(self, station: Station, peer: Peer, saved: bytes | None, socket: Socket) -> Link:
        who = self._correspondent(station, peer, saved)
        link = Link(
            socket,
            peer,
            on_call=partial(self.exchange.hear, who),
            on_send=partial(self.exchange.hear, who),
            on_event=partial(self.exchange.see_event, who),
            on_frame=partial(self.exchange.see_frame, who),
            on_closed=partial(self._closed, who),
            answered=who.answered,
        )
        old, who.link = who.link, link
        who.heard = who.paused = None
        who.heard_at = self._context.clock.now()
        self._metrics.link_opened(peer.version)
        if old is not None:
            _log.info("newer connection wins", station=who.id, remote=peer.remote_address)
            old.close(1000, "a newer connection took over")
        self._write_arrival(who, peer)
        if who.registration == "Accepted":
            self._reconciling.start(who.id)
        return link

    def _correspondent(self, station: Station, peer: Peer, saved: bytes | None) -> Correspondent:
        who = self._known.get(station.id)
        if who is None or who.station.created_ms != station.created_ms:
            who = Correspondent(station, peer.version, DIALECTS[peer.version], station.registration)
            who.speak(peer.version, DIALECTS[peer.version], saved)
            self._known[station.id] = who
        elif who.version != peer.version:
            who.speak(peer.version, DIALECTS[peer.version], saved)
        return who

    def _write_arrival(self, who: Correspondent, peer: Peer) -> None:
        work = Work()
        stations.write_connected(work, who.id, peer.version, who.last_seen_ms)
        told = {"protocol": peer.version, "remote": peer.remote_address}
        work.tell(Event("station.connected", who.last_seen_ms, who.id, told))
        self.exchange.commit_aside(work, who.id)
        _log.debug("connected", station=who.id, protocol=peer.version, remote=peer.remote_address)

    # ---- going away

    def _closed(self, who: Correspondent, link: Link, code: int, reason: str) -> None:
        self._metrics.link_closed(link.peer.version)
        if who.link is not link:
            return
        who.link = None
        who.paused = None
        self._reconciling.stop(who.id)
        work = Work()
        now_ms = to_ms(self._context.clock.now())
        stations.write_disconnected(work, who.id, who.last_seen_ms)
        work.tell(Event("station.disconnected", now_ms, who.id, {"reason": reason or f"code {code}", "code": code}))
        self.exchange.commit_aside(work, who.id)
        _log.debug("disconnected", station=who.id, code=code, reason=reason)

    def hang_up(self, station_id: str, reason: str) -> None:
        """Close the link of a station; no-op when there is none."""
        who = self._known.get(station_id)
        if who is not None and who.link is not None:
            who.link.close(1000, reason[:120])

    # ---- who is there

    def connected(self, station_id: str) -> Correspondent | None:
        """A station that is connected now; None if it is not."""
        who = self._known.get(station_id)
        return who if who is not None and who.link is not None and who.link.is_open else None

    def _booted(self, who: Correspondent) -> None:
        if who.registration == "Accepted":
            self._reconciling.start(who.id)

    # ---- the beginning and the end

    async def start(self) -> None:
        """Nobody is connected yet, whatever the database says."""
        work = Work()
        stations.write_all_offline(work)
        await self._context.database.commit(work)
        self._ticking = asyncio.create_task(self._tick(), name="gateway-last-seen")

    async def drain(self, seconds: float = 5.0) -> None:
        """Let nobody in any more, close all links, and wait until what was received is stored; at most `seconds`."""
        self._draining = True
        for who in list(self._known.values()):
            if who.link is not None:
                who.link.close(1001, "the central system is going down")
        deadline = asyncio.get_running_loop().time() + seconds
        while any(who.busy or who.mailbox or who.link for who in self._known.values()):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        await self._reconciling.close()
        if self._ticking is not None:
            self._ticking.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(LAST_SEEN_SECONDS)
            self.write_last_seen()

    def write_last_seen(self) -> None:
        """Write down when stations were heard last: all in one commit, since nothing depends on it."""
        work = Work()
        for who in self._known.values():
            if who.link is not None and self._written_ms.get(who.id) != who.last_seen_ms:
                stations.write_last_seen(work, who.id, who.last_seen_ms)
                self._written_ms[who.id] = who.last_seen_ms
        if work.writes:
            self.exchange.commit_aside(work, "all")
