"""What a central system costs before it hears a message: its start, an idle connection, and a reconnect with a password."""

import argparse
import asyncio
import base64
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from cpu import cpu_seconds, resident_bytes
from messages import free_port
from websockets.asyncio.client import ClientConnection, connect


class Running:
    """A `voltgate csms` on a data directory, from its start until it is stopped."""

    def __init__(self, data: str) -> None:
        self.ocpp, self.http = free_port(), free_port()
        command = [sys.executable, "-m", "voltgate.cli", "csms", "--data", data, "--ocpp", f"127.0.0.1:{self.ocpp}",
                   "--http", f"127.0.0.1:{self.http}", "--unknown-stations", "accept", "--log-level", "error"]  # fmt: skip
        started, self.admin_key = time.perf_counter(), ""
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("admin key"):
                self.admin_key = line.split()[-1]
            if line.startswith("ready"):
                break
        self.seconds = time.perf_counter() - started
        self.cpu = cpu_seconds(self.process.pid)

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        self.process.wait()

    def register(self, station_id: str, password: str) -> None:
        """Register a station with a password over the HTTP API."""
        body = json.dumps({"id": station_id, "password": password, "security_profile": 1}).encode()
        headers = {"Authorization": f"Bearer {self.admin_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/api/v1/stations", body, headers)
        urllib.request.urlopen(request).read()


async def connect_all(running: Running, number: int, password: str | None) -> list[ClientConnection]:
    """That many stations, 50 at a time."""
    few = asyncio.Semaphore(50)

    async def one(name: str) -> ClientConnection:
        headers = {}
        if password is not None:
            headers = {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}
        async with few:
            return await connect(
                f"ws://127.0.0.1:{running.ocpp}/ocpp/{name}", subprotocols=["ocpp2.0.1"], compression=None, ping_interval=None,
                additional_headers=headers, open_timeout=60,
            )  # type: ignore[list-item]  # fmt: skip

    prefix = "idle" if password is None else "secret"
    return await asyncio.gather(*(one(f"{prefix}-{place}") for place in range(number)))


async def measure_connections(running: Running, number: int) -> None:
    """Memory of idle connections, then CPU of a reconnect with a password."""
    warm = await connect_all(running, 20, None)
    await asyncio.gather(*(link.close() for link in warm))
    before, cpu = resident_bytes(running.process.pid), cpu_seconds(running.process.pid)
    idle = await connect_all(running, number, None)
    await asyncio.sleep(1)
    print(f"idle connection: {(resident_bytes(running.process.pid) - before) / number / 1024:.1f} KB")
    print(f"first connection of an unknown station: {(cpu_seconds(running.process.pid) - cpu) / number * 1e3:.2f} ms CPU")
    await asyncio.gather(*(link.close() for link in idle))
    password = secrets.token_urlsafe(16)
    for place in range(number):
        running.register(f"secret-{place}", password)
    for attempt in ("first connection", "reconnect"):
        await asyncio.sleep(1)
        cpu = cpu_seconds(running.process.pid)
        links = await connect_all(running, number, password)
        print(f"{attempt} with a password: {(cpu_seconds(running.process.pid) - cpu) / number * 1e3:.2f} ms CPU")
        await asyncio.gather(*(link.close() for link in links))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=3)
    options = parser.parse_args()
    seconds: dict[str, list[tuple[float, float]]] = {"empty": [], "existing": []}
    for _ in range(options.starts):
        with tempfile.TemporaryDirectory() as data:
            for figures in seconds.values():
                running = Running(str(Path(data) / "data"))
                figures.append((running.seconds, running.cpu))
                running.stop()
    for directory, figures in seconds.items():
        wall, cpu = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"start to ready, {directory} directory: {wall:.2f} s, {cpu:.2f} s CPU")
    with tempfile.TemporaryDirectory() as data:
        running = Running(data)
        try:
            asyncio.run(measure_connections(running, options.connections))
        finally:
            running.stop()


if __name__ == "__main__":
    main()
