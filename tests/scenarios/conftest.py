"""A whole central system on free loopback ports, and a client of its HTTP API."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from voltgate.csms.app import Csms
from voltgate.csms.settings import HttpSettings, OcppSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Loopback, free ports, unknown stations refused, no waiting."""
    return Settings(
        data=str(tmp_path / "data"),
        ocpp=OcppSettings(listen="127.0.0.1:0", settle_seconds=0.0, call_timeout=5.0),
        http=HttpSettings(listen="127.0.0.1:0"),
    )


@pytest.fixture
async def csms(settings: Settings) -> AsyncIterator[Csms]:
    """A central system that serves."""
    async with Csms(settings) as running:
        yield running


@pytest.fixture
async def api(csms: Csms) -> AsyncIterator[httpx.AsyncClient]:
    """Its HTTP API, as the first admin."""
    headers = {"authorization": f"Bearer {csms.admin_key}"}
    async with httpx.AsyncClient(base_url=f"{csms.http_url}/api/v1", headers=headers, timeout=10) as client:
        yield client


@pytest.fixture
def log_lines() -> Iterator[list[dict[str, object]]]:
    """What the program logs while the test runs."""
    capture = LogCapture()
    structlog.configure(processors=[capture], cache_logger_on_first_use=False)
    yield capture.entries
    structlog.reset_defaults()
