"""``voltgate csms``: run a central system until it is told to stop."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from voltgate.csms.settings import Settings

DEFAULT_FILE = "voltgate.toml"

TURN_SECONDS = 0.02
"""How long a thread may run Python before another one that waits gets its turn; 0.005 is Python's own."""

Config = Annotated[Path | None, typer.Option(help=f"Settings file; ./{DEFAULT_FILE} if it is there.")]
Data = Annotated[str | None, typer.Option(help="Data directory; created when missing.")]
Ocpp = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where stations connect.")]
Http = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where people and programs connect.")]
Database = Annotated[str | None, typer.Option(metavar="URL", help="Only SQLite in the data directory in this release.")]
Bus = Annotated[str | None, typer.Option(metavar="URL", help="Only inside the process in this release.")]
Unknown = Annotated[str | None, typer.Option(metavar="refuse|pending|accept", help="What happens to stations that are not registered.")]
LogFormat = Annotated[str | None, typer.Option(metavar="console|json", help="How the log is written.")]
LogLevel = Annotated[str | None, typer.Option(metavar="debug|info|warning|error", help="What is logged.")]


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("csms")(csms)


def csms(
    config: Config = None,
    data: Data = None,
    ocpp: Ocpp = None,
    http: Http = None,
    database: Database = None,
    bus: Bus = None,
    unknown_stations: Unknown = None,
    log_format: LogFormat = None,
    log_level: LogLevel = None,
) -> None:
    """Run the central system. Ends cleanly on Ctrl-C."""
    flags = {
        "data": data,
        "database": database,
        "bus": bus,
        "ocpp.listen": ocpp,
        "http.listen": http,
        "ocpp.unknown_stations": unknown_stations,
        "log_format": log_format,
        "log_level": log_level,
    }
    settings = read_settings(config, flags)
    run(lambda: serve(settings))


def read_settings(config: Path | None, flags: dict[str, Any]) -> Settings:
    """Settings from file, environment and flags; a mistake ends the program with its name."""
    from voltgate.infrastructure.settings import SettingsError, load

    default = Path(DEFAULT_FILE)
    try:
        return load(Settings, config or (default if default.exists() else None), os.environ, flags)
    except SettingsError as error:
        raise fail(str(error), 2) from error


async def serve(settings: Settings, announce: Callable[[str], None] = typer.echo) -> None:
    """Serve until SIGINT or SIGTERM."""
    from voltgate.csms.app import Csms
    from voltgate.infrastructure.logs import set_up_logs

    set_up_logs(settings.log_format, settings.log_level)
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    async with Csms(settings) as running:
        calm_the_interpreter()
        if running.admin_key is not None:
            announce(f"admin key, shown only now: {running.admin_key}")
        announce(f"ready ocpp={running.ocpp_url} http={running.http_url}")
        await asked_to_stop.wait()
    announce("stopped")


def calm_the_interpreter() -> None:
    """Collect garbage less often, and change threads less often.

    What is there now stays; a message leaves no cycles, so looking for them often costs more than it finds. The threads of the database
    get their turn whenever the loop waits or reads; taking it away in the middle of a message costs both sides more than the wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    sys.setswitchinterval(TURN_SECONDS)


def run(job: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `job` on the fastest loop there is; what it cannot do ends the program with one line."""
    from voltgate.csms.app import NotOffered
    from voltgate.infrastructure.database import CannotOpen
    from voltgate.infrastructure.http_server import CannotListen
    from voltgate.infrastructure.keyfile import KeyUnusable

    os.umask(0o077)  # the data directory is nobody else's business
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(job())
    except (NotOffered, CannotOpen, CannotListen, KeyUnusable) as error:
        raise fail(str(error), 1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(text: str, code: int) -> typer.Exit:
    """Say what is wrong on standard error; raise what this returns."""
    typer.echo(text, err=True)
    return typer.Exit(code)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
