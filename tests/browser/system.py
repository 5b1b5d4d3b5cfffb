"""The system under test: a central system and one station of each version, in a thread with its own event loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx

from voltgate.csms.app import Csms
from voltgate.csms.settings import HttpSettings, OcppSettings, Settings
from voltgate.ocpp.messages import Version
from voltgate.station.fleet import Fleet
from voltgate.station.hardware import PowerSpec
from voltgate.station.operations import Operations
from voltgate.station.settings import EvseSpec, StationSpec

T = TypeVar("T")

VERSIONS: dict[str, Version] = {"CS-16": "1.6", "CS-201": "2.0.1", "CS-21": "2.1"}
TOKEN = "04A1B2C3D4"
PASSWORD = "a-long-password-of-a-station"
PATIENCE_SECONDS = 60


class System:
    """Runs between `start` and `stop`; the calling thread stays free for the browser."""

    def __init__(self, data: Path, *, login_required: bool) -> None:
        self.url = ""
        self.admin_key: str | None = None
        self._settings = Settings(
            data=str(data),
            log_level="error",
            ocpp=OcppSettings(listen="127.0.0.1:0", settle_seconds=0.1),
            http=HttpSettings(listen="127.0.0.1:0", login_required=login_required),
        )
        self._csms = Csms(self._settings)
        self._fleet: Fleet | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="system under test")

    def start(self) -> None:
        """Serve, register the stations and connect them."""
        self._thread.start()
        self.run(self._csms.start())
        self.url, self.admin_key = self._csms.http_url, self._csms.admin_key
        self._fleet = self.furnish()
        self.run(self._fleet.start())

    def furnish(self) -> Fleet:
        """Register the stations, and what else there is; returns the stations to start."""
        with self.api() as api:
            site = api.post("/sites", json={"name": "Harbour", "address": "Rotterdam", "latitude": 51.9, "longitude": 4.5}).json()
            api.post("/tokens", json={"id_token": TOKEN, "note": "Pool car", "concurrent_transactions": "accept"}).raise_for_status()
            for station in VERSIONS:
                api.post("/stations", json={"id": station, "password": PASSWORD, "site": site["id"]}).raise_for_status()
        return Fleet([self._spec(station, version) for station, version in VERSIONS.items()], arrivals_per_hour=0)

    def stop(self) -> None:
        """End everything."""
        if self._fleet is not None:
            self.run(self._fleet.stop())
        self.run(self._csms.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()

    def api(self) -> httpx.Client:
        """A client of the API, as admin."""
        headers = {"authorization": f"Bearer {self.admin_key}"} if self._settings.http.login_required else {}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=PATIENCE_SECONDS)

    def at(self, station: str, do: Callable[[Operations], T]) -> T:
        """Let a person do something at a station."""
        assert self._fleet is not None
        operations = next(one for one in self._fleet.operations if one.program.spec.id == station)

        async def done() -> T:
            return do(operations)

        return self.run(done())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the thread of the system."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    def _spec(self, station: str, version: Version) -> StationSpec:
        return StationSpec(
            id=station,
            url=self._csms.ocpp_url,
            version=version,
            password=PASSWORD,
            evses=(EvseSpec(PowerSpec("AC", 11_000)), EvseSpec(PowerSpec("AC", 22_000))),
            variables={"SampledDataCtrlr.TxUpdatedInterval": "1"},
        )
