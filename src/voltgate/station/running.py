"""Running a station or a fleet in the foreground: opening and closing everything in order, and showing it."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from rich.console import Console

from voltgate.station.app import TICK_SECONDS, StationProgram
from voltgate.station.fleet import Fleet, FleetView
from voltgate.station.keeping import open_store
from voltgate.station.operations import Operations, StationView
from voltgate.station.settings import StationSpec


class Run(Struct):
    """How one station is to run."""

    spec: StationSpec
    data: Path | None
    control: tuple[str, int] | None
    token: str
    live: bool
    frames: bool


def say(line: str) -> None:
    """One log line."""
    print(f"{datetime.now().astimezone():%H:%M:%S.%f}"[:12], line, flush=True)  # noqa: T201  # the terminal is the log


async def run_station(run: Run) -> None:
    """Run until cancelled, or until q is pressed."""
    async with AsyncExitStack() as stack:
        store, close_store = await open_store(run.data)
        stack.push_async_callback(close_store)
        program = StationProgram(run.spec, store)
        program.on_log = say
        if run.frames:
            program.watch = lambda direction, text: program.on_log(f"{direction:>3} {text}")
        operations = Operations(program)
        await program.start()
        stack.push_async_callback(program.stop)
        if run.data is None:
            stack.push_async_callback(program.wind_down)
        address = ""
        if run.control is not None:
            address = await _open_control(stack, operations, run.control)
        if run.live:
            await _live(program, operations, run.token)
        else:
            say(f"ready {run.spec.id} {address}".rstrip())
            await _plain(program, operations)


async def _open_control(stack: AsyncExitStack, operations: Operations, address: tuple[str, int]) -> str:
    from voltgate.station.control import ControlServer  # costs start-up time

    server = ControlServer(operations, *address)
    url = await server.start()
    stack.push_async_callback(server.stop)
    return url


async def _plain(program: StationProgram, operations: Operations) -> None:
    shown = ""
    while True:
        program.tick()
        line = _line(operations.view())
        if line != shown:
            say(line)
            shown = line
        await asyncio.sleep(TICK_SECONDS)


def _line(view: StationView) -> str:
    evses = "  ".join(f"{evse.evse_id}:{evse.state}" for evse in view.evses)
    return f"{view.id} {'online' if view.connected else 'offline'} {view.registration or '-'}  {evses}"


async def _live(program: StationProgram, operations: Operations, token: str) -> None:
    from voltgate.station.view import Terminal  # needs a terminal

    with Terminal(operations, token, Console()) as terminal:
        program.on_log = terminal.log
        while not terminal.quit.is_set():
            program.tick()
            terminal.draw()
            await asyncio.sleep(TICK_SECONDS)


async def run_fleet(fleet: Fleet) -> None:
    """Run until cancelled."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    total = len(fleet.specs)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn())
    try:
        with Progress(*columns, TextColumn("{task.fields[note]}")) as progress:
            connected = progress.add_task("connected", total=total, note="")
            charging = progress.add_task("charging", total=sum(len(spec.evses) for spec in fleet.specs), note="")
            starting = asyncio.ensure_future(fleet.start())
            while True:
                if starting.done():
                    starting.result()
                view = fleet.view()
                progress.update(connected, completed=view.connected, note=f"waiting events {view.waiting_events}  {view.why_offline}")
                progress.update(charging, completed=view.charging, note=_note(view))
                await asyncio.sleep(0.5)
    finally:
        await fleet.stop()


def _note(view: FleetView) -> str:
    return f"{view.power_w / 1000:.1f} kW  {view.energy_wh / 1000:.1f} kWh  sessions {view.sessions}"
