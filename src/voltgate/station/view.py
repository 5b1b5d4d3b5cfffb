"""A running station on a terminal: a live table, and keys that act on the chosen EVSE."""

import asyncio
import sys
import termios
import tty
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from voltgate.station.operations import CannotDo, Operations

HELP = (
    "1..9 choose EVSE  p plug in  u unplug  t token  s stop  v vehicle pauses\n"
    "e EVSE suspends  f fault  l lock sticks  n network  a aligned sample\n"
    "c power cycle  r power cycle, transactions resume  q quit"
)

_COLOURS = {"energised": "green", "suspended": "yellow", "authorised": "cyan", "plugged": "blue", "faulted": "red"}


class Terminal:
    """The live view; use as a context manager and call `draw` now and then. `quit` is set when q was pressed."""

    def __init__(self, operations: Operations, token: str, console: Console) -> None:
        self._operations, self._token, self._console = operations, token, console
        self._chosen = 1
        self._lines: deque[str] = deque(maxlen=8)
        self._network = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._before: Any = None
        self._live = Live(console=console, auto_refresh=False, screen=False)
        self.quit = asyncio.Event()

    def log(self, line: str) -> None:
        """Show a line below the table."""
        self._lines.append(line)

    def draw(self) -> None:
        """Draw what is now."""
        self._live.update(self._render(), refresh=True)

    def __enter__(self) -> Self:
        self._live.start()
        if sys.stdin.isatty():
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin.fileno())
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._read_key)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._before is not None:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
        self._live.stop()

    # ---- inside

    def _read_key(self) -> None:
        self.press(sys.stdin.read(1))
        self.draw()

    def press(self, key: str) -> None:
        """Do what a key stands for; unknown keys do nothing."""
        if key == "q":
            self.quit.set()
        elif key.isdigit() and 1 <= int(key) <= len(self._operations.view().evses):
            self._chosen = int(key)
        elif key in self._keys():
            try:
                self._keys()[key]()
            except CannotDo as error:
                self.log(str(error))

    def _keys(self) -> dict[str, Callable[[], None]]:
        do, evse_id = self._operations, self._chosen
        now = do.view().evses[evse_id - 1]
        return {
            "p": lambda: do.plug_in(evse_id),
            "u": lambda: do.unplug(evse_id),
            "t": lambda: do.present_token(self._token, evse_id),
            "s": lambda: do.stop(evse_id),
            "v": lambda: do.pause_vehicle(evse_id, now.charging_state != "SuspendedEV"),
            "e": lambda: do.suspend(evse_id, now.charging_state != "SuspendedEVSE"),
            "f": lambda: do.fault(evse_id, "OtherError" if now.fault is None else None),
            "l": lambda: do.break_lock(evse_id, not now.lock_broken),
            "a": do.sample_clock_aligned,
            "n": self._toggle_network,
            "c": lambda: self._cycle(keep=False),
            "r": lambda: self._cycle(keep=True),
        }

    def _toggle_network(self) -> None:
        self._network = not self._network
        self._operations.network(self._network)

    def _cycle(self, *, keep: bool) -> None:
        task = asyncio.get_running_loop().create_task(self._operations.power_cycle(keep))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _render(self) -> Group:
        view = self._operations.view()
        link = "[green]connected[/]" if view.connected else "[red]offline[/]"
        table = Table(title=f"{view.id}  OCPP {view.version}  {link}  {view.registration or 'not booted'}  waiting {view.waiting_events}")
        for name in ("", "", "State", "Status", "Token", "kW", "kWh", "Register", "SoC"):
            table.add_column(name, justify="right" if name in ("kW", "kWh", "Register", "SoC") else "left", no_wrap=True)
        for evse in view.evses:
            table.add_row(
                ">" if evse.evse_id == self._chosen else "",
                str(evse.evse_id),
                Text(evse.state, style=_COLOURS.get(evse.state, "dim")),
                ", ".join(evse.connectors.values()),
                evse.id_token or "",
                f"{evse.power_w / 1000:.2f}",
                f"{evse.energy_wh / 1000:.3f}",
                f"{evse.register_wh / 1000:.3f}",
                "" if evse.soc_percent is None else f"{evse.soc_percent}%",
            )
        return Group(table, *self._lines, Text(HELP, style="dim"))
