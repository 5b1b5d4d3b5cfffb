"""Our programs as processes of their own, which can be killed like a machine that loses power."""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

CODE = "from voltgate.cli import main; main()"


def free_port() -> int:
    """A port of loopback that nobody has now, and that no outgoing connection will be given while its owner is dead."""
    while True:
        port = random.randint(15_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


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
    def api_url(self) -> str:
        """Where people and programs connect."""
        return f"http://127.0.0.1:{self.http_port}/api/v1"

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
        async with asyncio.timeout(60):
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
        await asyncio.wait_for(process.communicate(), 60)


class StationProcess:
    """``voltgate station`` with its data directory; the person at it uses its control interface."""

    def __init__(self, folder: Path, station_id: str, version: str, url: str, **variables: int | str) -> None:
        self.station_id = station_id
        self._arguments = ["station", "--plain", "--id", station_id, "--version", version, "--url", url, "--time-factor", "300"]
        self._arguments += ["--data", str(folder / station_id), "--control", "127.0.0.1:0"]
        for name, value in variables.items():
            self._arguments += ["--set", f"{name.replace('__', '.')}={value}"]
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[bytes] | None = None
        self._client = httpx.AsyncClient(trust_env=False)

    async def start(self) -> None:
        """Start, and wait until it is ready."""
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-c", CODE, *self._arguments, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while b"ready" not in (line := await self._process.stdout.readline()):
                assert line, f"{self.station_id} ended"
        self._client.base_url = httpx.URL(line.decode().split()[-1])
        self._reader = asyncio.ensure_future(self._process.stdout.read())

    async def kill(self) -> None:
        """``kill -9``; no-op when it does not run."""
        process, self._process = self._process, None
        if process is not None and self._reader is not None:
            process.kill()
            await process.wait()
            await self._reader

    async def close(self) -> None:
        """Kill it for good."""
        await self.kill()
        await self._client.aclose()

    async def state(self) -> dict[str, Any]:
        """How it stands."""
        state: dict[str, Any] = (await self._client.get("/state")).raise_for_status().json()
        return state

    async def do(self, operation: str, **arguments: Any) -> None:
        """Do something at the station; what is impossible just now is not done."""
        await self._client.post(f"/{operation}", json=arguments)
