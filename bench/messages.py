"""What it costs to answer a message: ours, in memory and durable, beside a central system on PyPI `ocpp`, in one run."""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cpu import cpu_seconds, resident_bytes
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Result:
    """One row of the table."""

    server: str
    mix: str
    connections: int
    cpu_us: float
    rate: float
    p50_ms: float
    p99_ms: float
    errors: int
    resident_mb: float


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def ours(folder: str | None) -> Iterator[tuple[int, str]]:
    """A `voltgate csms` with its data under `folder` (None: the disk's temporary folder)."""
    port, http = free_port(), free_port()
    with tempfile.TemporaryDirectory(dir=folder) as data:
        command = [sys.executable, "-m", "voltgate.cli", "csms", "--data", data, "--ocpp", f"127.0.0.1:{port}",
                   "--http", f"127.0.0.1:{http}", "--unknown-stations", "accept"]  # fmt: skip
        with running(command) as pid:
            yield pid, f"ws://127.0.0.1:{port}/ocpp"


@contextmanager
def peer() -> Iterator[tuple[int, str]]:
    """The central system on PyPI `ocpp`."""
    port = free_port()
    with running([sys.executable, str(HERE / "peers/ocpp_central.py"), str(port)]) as pid:
        yield pid, f"ws://127.0.0.1:{port}"


@contextmanager
def running(command: list[str]) -> Iterator[int]:
    """Run a server until its line `ready`, and end it afterwards."""
    environment = {**os.environ, "VOLTGATE_LOG_LEVEL": "error"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as process:
        assert process.stdout is not None
        while "ready" not in (line := process.stdout.readline()):
            if not line:
                raise SystemExit(f"{' '.join(command)} ended before it was ready")
        try:
            yield process.pid
        finally:
            process.terminate()
            process.stdout.read()


def measure(name: str, pid: int, url: str, mix: str, connections: int, seconds: float) -> Result:
    """Load one server and read its CPU before and after."""
    before = cpu_seconds(pid)
    command = [sys.executable, str(HERE / "load.py"), url, "--version", mix, "--connections", str(connections), "--seconds", str(seconds)]
    tally = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    spent = cpu_seconds(pid) - before
    return Result(
        name, mix, connections, spent / tally["answered"] * 1e6, tally["answered"] / tally["seconds"],
        tally["p50_ms"], tally["p99_ms"], tally["errors"], resident_bytes(pid) / 1e6,
    )  # fmt: skip


def run(options: argparse.Namespace) -> list[Result]:
    """Every server with every mix, one after the other."""
    ram = "/dev/shm" if Path("/dev/shm").is_dir() else None
    servers = {"voltgate, in memory": lambda: ours(ram), "voltgate, durable": lambda: ours(None), "PyPI ocpp, stores nothing": peer}
    results = []
    for mix in options.mix:
        for name, start in servers.items():
            with start() as (pid, url):
                results.append(measure(name, pid, url, mix, options.connections, options.seconds))
    return results


def show(results: list[Result]) -> None:
    """The table, each row beside the peer of its mix."""
    peers = {result.mix: result.cpu_us for result in results if result.server.startswith("PyPI")}
    table = Table(title="CPU per answered message (closed loop)")
    for column in ("mix", "server", "connections", "CPU us", "x peer", "answers/s", "p50 ms", "p99 ms", "errors", "MB"):
        table.add_column(column, justify="left" if column in ("mix", "server") else "right")
    for row in results:
        ratio = f"{peers[row.mix] / row.cpu_us:.1f}" if row.mix in peers else ""
        table.add_row(row.mix, row.server, str(row.connections), f"{row.cpu_us:.0f}", ratio, f"{row.rate:.0f}", f"{row.p50_ms:.1f}",
                      f"{row.p99_ms:.1f}", str(row.errors), f"{row.resident_mb:.0f}")  # fmt: skip
    Console(width=130).print(table)


def main() -> None:
    """Run and print; `--json FILE` keeps the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mix", nargs="*", default=["1.6", "2.0.1"], choices=["1.6", "2.0.1"])
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = run(options)
    show(results)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=2))


if __name__ == "__main__":
    main()
