"""The demonstration as it runs: a central system and its stations in one process."""

import asyncio
import secrets
import signal
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from voltgate.csms.app import Csms
from voltgate.csms.settings import Settings
from voltgate.demo.scene import TOKENS, furnish, seats, specs
from voltgate.station.fleet import Fleet

ARRIVALS_PER_HOUR = 2.0


def greeting(http_url: str, time_factor: float) -> Panel:
    """What to look at."""
    return Panel(
        f"[bold]Open {http_url}[/bold]\n\n"
        "Twelve stations speak OCPP 1.6, 2.0.1 and 2.1 on one port; cars come and\n"
        f"go, {time_factor:g} times as fast as real ones. Look at\n\n"
        "  /            every station and what it does right now\n"
        "  /map         the three sites\n"
        f"  /stations/{next(seats()).id}\n               one station: live power, commands, every frame\n"
        "  /messages    the frames of all stations, searchable\n"
        "  /api/docs    the same for programs\n\n"
        "Ctrl-C ends it; the next run goes on with the stored data.",
        title="voltgate demo",
        expand=False,
    )


async def run(settings: Settings, time_factor: float) -> None:
    """Serve until cancelled."""
    data = Path(settings.data)
    console = Console()
    with console.status("Starting the central system and its stations"):
        csms = Csms(settings)
        await csms.start()
        try:
            passwords = await furnish(csms.http_url)
            tokens = [token for token, kind, _ in TOKENS if kind == "ISO14443"]
            fleet = Fleet(
                specs(csms.ocpp_url, passwords),
                time_factor=time_factor,
                seed=secrets.randbits(32),
                data_dir=data / "stations",
                tokens=tokens,
                arrivals_per_hour=ARRIVALS_PER_HOUR,
            )
            await fleet.start()
        except BaseException:
            await csms.stop()
            raise
    console.print(greeting(csms.http_url, time_factor))
    console.print(f"ready {csms.http_url}", highlight=False)
    try:
        await asyncio.Event().wait()
    finally:
        console.print("Stopping")
        await fleet.stop()
        await csms.stop()


async def until_interrupted(settings: Settings, time_factor: float) -> None:
    """Run until Ctrl-C or SIGTERM, then end everything in order."""
    task = asyncio.ensure_future(run(settings, time_factor))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
