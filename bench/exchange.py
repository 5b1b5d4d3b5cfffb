"""What the message path costs without a network: the exchange, all rooms and the real database, behind sockets that are not there."""

import argparse
import asyncio
import cProfile
import logging
import os
import pstats
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import structlog
import uvloop
from cpu import cpu_seconds, thread_seconds
from mixes import frames

from voltgate.csms.blocks import HANDLERS, RECONCILERS
from voltgate.csms.command import calm_the_interpreter
from voltgate.csms.exchange import Exchange
from voltgate.csms.gateway import Gateway
from voltgate.csms.schema import metadata
from voltgate.csms.services import Services
from voltgate.csms.settings import OcppSettings, Settings
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import SystemClock
from voltgate.infrastructure.database.sequences import Numbers
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.infrastructure.metrics import Metrics
from voltgate.links import Admission, Link, Upgrade
from voltgate.ocpp import actions
from voltgate.ocpp.rpc import RpcConnection


class Station:
    """A socket whose peer says the next frame as soon as the last one is answered."""

    remote_address = "127.0.0.1:1"
    link: Link

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._script: Iterator[str] = iter(())
        self._done: Callable[[], None]

    def begin(self, script: list[str], done: Callable[[], None]) -> None:
        """Say this next; `done` is called after the last answer."""
        self._script, self._done = iter(script), done

    def say(self) -> None:
        """The next frame, if there is one."""
        frame = next(self._script, None)
        if frame is not None:
            self.link.received(frame)
        else:
            self._done()

    def send(self, text: str) -> None:
        """An answer; it reaches the peer in the next round of the loop, as it would through a real socket."""
        if text[1] == "2":
            return  # what reconcilers ask has no answer here
        if text[1] == "4":
            raise SystemExit(f"refused: {text}")
        self._loop.call_soon(self.say)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """The script decides when it ends."""

    def abort(self) -> None:
        """See `close`."""

    def pause_reading(self) -> None:
        """A closed loop never fills a mailbox."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""


async def office(folder: str) -> tuple[SqliteDatabase, Gateway]:
    """A central system without ports."""
    metrics, bus = Metrics(), LocalBus()
    database = await SqliteDatabase.open(Path(folder) / "bench.db", metadata, bus=bus, observe=metrics.commit)
    settings = Settings(ocpp=OcppSettings(unknown_stations="accept"))
    services = Services(database, bus, SystemClock(), Numbers(database), settings, b"k" * 32)
    await services.numbers.open("transaction")
    gateway = services.gateway = Gateway(services, HANDLERS, RECONCILERS, metrics)
    return database, gateway


async def connect(gateway: Gateway, version: str, number: int) -> Station:
    """Admit a station as the WebSocket server would."""
    name = f"bench-{number}"
    upgrade = Upgrade(
        identity=name, path=f"/ocpp/{name}", headers={}, offered=[f"ocpp{version}"], remote_address=Station.remote_address, secured=False
    )
    admission = await gateway.admit(upgrade)
    assert isinstance(admission, Admission)
    station = Station()
    link = admission.listener(station)
    assert isinstance(link, Link)
    station.link = link
    return station


@dataclass(frozen=True)
class Round:
    """What one round cost, CPU microseconds per message."""

    whole: float
    loop: float

    def __str__(self) -> str:
        return f"{self.whole:6.1f} us/message: loop {self.loop:6.1f}, writer and others {self.whole - self.loop:6.1f}"


async def measure(stations: list[Station], scripts: list[list[str]]) -> Round:
    """All stations say their scripts to the end, at once."""
    finished = asyncio.Event()
    left = len(stations)

    def done() -> None:
        nonlocal left
        left -= 1
        if not left:
            finished.set()

    for station, script in zip(stations, scripts, strict=True):
        station.begin(script, done)
    before, before_loop = cpu_seconds(os.getpid()), thread_seconds(threading.get_native_id())
    for station in stations:
        station.say()
    await finished.wait()
    count = sum(map(len, scripts)) / 1e6
    return Round((cpu_seconds(os.getpid()) - before) / count, (thread_seconds(threading.get_native_id()) - before_loop) / count)


class Stopwatch:
    """Wall time of functions without that of the watched functions they call; adds about half a microsecond to each call."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Charge `owner.name` to `stage`, on this thread."""
        function = getattr(owner, name)

        def timed(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            self._inner.append(0.0)
            try:
                return function(*args, **named)
            finally:
                whole = time.perf_counter() - started
                self.spent[stage] += whole - self._inner.pop()
                self._inner[-1] += whole

        setattr(owner, name, timed)


def watch_stages(watch: Stopwatch) -> None:
    """The stages of a message on the loop's thread, from the frame to its answer."""
    watch.watch(Link, "received", "link: frame in, events out")
    watch.watch(RpcConnection, "receive", "rpc: read the frame")
    watch.watch(Exchange, "see_frame", "frames seen by the exchange")
    watch.watch(Exchange, "hear", "mailbox, unit, dialect, rooms")
    watch.watch(actions, "decode_request", "decode the payload")
    watch.watch(actions, "encode", "encode the answer")
    watch.watch(SqliteDatabase, "read", "database: point look-ups")
    watch.watch(Exchange, "_keep_exchange", "both frames for the log")
    watch.watch(SqliteDatabase, "commit", "database: hand over")
    watch.watch(SqliteDatabase, "_answer", "database: batch answered")
    watch.watch(Exchange, "_stored", "after the commit")
    watch.watch(Exchange, "_answer", "answer the station")


async def run(options: argparse.Namespace, folder: str) -> None:
    """All rounds; prints the cheapest, because what else the machine does only makes a round dearer."""
    watch = Stopwatch()
    if options.stages:
        watch_stages(watch)
    database, gateway = await office(folder)
    said = [frames(options.mix, number) for number in range(options.stations)]
    stations = [await connect(gateway, options.mix, number) for number in range(options.stations)]
    calm_the_interpreter()
    profile = cProfile.Profile()
    rounds = []
    for _ in range(options.rounds):
        scripts = [list(islice(frames, options.messages)) for frames in said]
        if options.profile:
            profile.enable()
        rounds.append(await measure(stations, scripts))
        profile.disable()
    best = min(rounds, key=lambda one: one.whole)
    print(f"{options.mix:6} best of {len(rounds)}: CPU {best}; median {median(one.whole for one in rounds):6.1f}")
    count = options.rounds * options.stations * options.messages / 1e6
    for stage, seconds in sorted(watch.spent.items(), key=lambda item: -item[1]):
        print(f"    {seconds / count:6.1f}  {stage}")
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    await database.close()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mix", default="2.0.1", choices=["1.6", "2.0.1"])
    parser.add_argument("--stations", type=int, default=200)
    parser.add_argument("--messages", type=int, default=20, help="of each station in a round")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", default=None, help="where the database is written")
    parser.add_argument("--stages", action="store_true", help="also the wall time of each stage on the loop's thread")
    parser.add_argument("--profile", action="store_true", help="also cProfile's table of the loop's thread")
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(options, folder))


if __name__ == "__main__":
    main()
