"""A central system as a process of its own, which can be killed like a machine that loses power."""

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path

CODE = "from voltgate.cli import main; main()"


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class CsmsProcess:
    """``voltgate csms`` on the same data directory and the same ports, start after start."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """`settings` are environment variables without their prefix."""
        self.data = folder / "data"
        self.ocpp_port, self.http_port = free_port(), free_port()
        self.start_seconds: list[float] = []
        """How long each start took until it was ready."""
        self.admin_key = ""
        self._log = folder / "csms.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VOLTGATE_")}
        self._environment = {**kept, **{f"VOLTGATE_{name}": value for name, value in settings.items()}}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def ocpp_url(self) -> str:
        """Where stations connect."""
        return f"ws://127.0.0.1:{self.ocpp_port}/ocpp"

    @property
    def database(self) -> Path:
        """The file with everything."""
        return self.data / "voltgate.db"

    @property
    def log(self) -> str:
        """What it wrote on standard error, over all starts."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    async def spawn(self) -> None:
        """Begin to start; ready later."""
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", CODE, "csms", "--data", str(self.data), "--log-level", "warning"),
                *("--ocpp", f"127.0.0.1:{self.ocpp_port}", "--http", f"127.0.0.1:{self.http_port}", "--unknown-stations", "accept"),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=self._environment,
            )

    async def start(self) -> None:
        """Start, and wait until it is ready."""
        started = time.perf_counter()
        await self.spawn()
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            while line := (await self._process.stdout.readline()).decode():
                if line.startswith("admin key"):
                    self.admin_key = line.rpartition(" ")[2].strip()
                if line.startswith("ready"):
                    self.start_seconds.append(time.perf_counter() - started)
                    return
        raise AssertionError(f"the central system did not start:\n{self.log}")

    async def kill(self) -> None:
        """``kill -9``: it cannot finish anything."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Let it end in good order."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(number)
        await asyncio.wait_for(process.communicate(), 20)
