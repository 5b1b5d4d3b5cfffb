"""A closed-loop load generator: every connection always has one CALL outstanding. Prints one JSON line when done."""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field

from mixes import frames
from websockets.asyncio.client import connect


@dataclass
class Tally:
    """What came back."""

    answered: int = 0
    errors: int = 0
    waits: list[float] = field(default_factory=list)


async def station(url: str, version: str, number: int, until: float, tally: Tally, ready: asyncio.Barrier) -> None:
    """One station: say the next frame when the answer to the last one is there."""
    async with connect(
        f"{url}/bench-{number}", subprotocols=[f"ocpp{version}"], compression=None, ping_interval=None, open_timeout=60
    ) as link:  # type: ignore[list-item]
        await ready.wait()
        for frame in frames(version, number):
            sent = time.perf_counter()
            if sent > until:
                return
            await link.send(frame)
            answer = await link.recv()
            tally.answered += 1
            tally.errors += answer[1:2] not in ("3", b"3")
            tally.waits.append(time.perf_counter() - sent)


async def run(options: argparse.Namespace) -> None:
    """All stations at once; prints the tally."""
    tally = Tally()
    ready = asyncio.Barrier(options.connections)
    until = time.perf_counter() + options.seconds
    started = time.perf_counter()
    await asyncio.gather(*(station(options.url, options.version, number, until, tally, ready) for number in range(options.connections)))
    waits = sorted(tally.waits)
    result = {
        "answered": tally.answered,
        "errors": tally.errors,
        "seconds": time.perf_counter() - started,
        "p50_ms": waits[len(waits) // 2] * 1000 if waits else None,
        "p99_ms": waits[len(waits) * 99 // 100] * 1000 if waits else None,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--version", default="2.0.1")
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0)
    asyncio.run(run(parser.parse_args()))
