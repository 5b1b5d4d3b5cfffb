"""``voltgate station`` and ``voltgate fleet``."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

import typer

from voltgate.ocpp.messages import Version

_URL = "ws://127.0.0.1:9000/ocpp"


def add_commands(app: typer.Typer) -> None:
    """Mount the commands of this package."""
    app.command("station")(station)
    app.command("fleet")(fleet)


def station(
    station_id: Annotated[str, typer.Option("--id", help="Identity of the station.")] = "VG-001",
    version: Annotated[str, typer.Option(help="1.6, 2.0.1 or 2.1.")] = "2.1",
    url: Annotated[str, typer.Option(help="Endpoint of the central system, without the identity.")] = _URL,
    password: Annotated[str | None, typer.Option(help="Password of Basic authentication.", envvar="VOLTGATE_STATION_PASSWORD")] = None,
    evses: Annotated[int, typer.Option(min=1, max=64, help="Number of EVSEs.")] = 2,
    power: Annotated[str, typer.Option(help="Power of each EVSE: ac11, ac22 or a DC power such as dc150.")] = "ac11",
    data: Annotated[Path | None, typer.Option(help="Directory for what must survive a restart; without it nothing does.")] = None,
    control: Annotated[str | None, typer.Option(help="HOST:PORT of the control interface.")] = None,
    token: Annotated[str, typer.Option(help="The token that the key t presents.")] = "DEADBEEF",
    time_factor: Annotated[float, typer.Option(min=0.1, help="How much faster vehicles charge.")] = 1.0,
    variables: Annotated[list[str] | None, typer.Option("--set", help="Factory value, e.g. TxCtrlr.EVConnectionTimeOut=30.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Log lines even on a terminal.")] = False,
    frames: Annotated[bool, typer.Option("--frames", help="Log every message.")] = False,
) -> None:
    """Run one charging station with simulated hardware."""
    from voltgate.station.running import Run, run_station
    from voltgate.station.settings import StationSpec
    from voltgate.station.station import Station

    try:
        spec = StationSpec(
            id=_identity(station_id),
            version=_version(version),
            url=_endpoint(url),
            password=password,
            evses=tuple(_evse(power) for _ in range(evses)),
            time_factor=time_factor,
            variables=_variables(variables or []),
        )
        Station(spec, 0)  # says now what is wrong with it
        run = Run(spec, data, _address(control), token, live=sys.stdout.isatty() and not plain, frames=frames)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _run(run_station(run))


def fleet(
    stations: Annotated[int, typer.Option(min=1, help="Number of stations.")] = 10,
    mix: Annotated[str, typer.Option(help="Versions, dealt out in turn.")] = "1.6,2.0.1,2.1",
    url: Annotated[str, typer.Option(help="Endpoint of the central system, without the identity.")] = _URL,
    prefix: Annotated[str, typer.Option(help="Identities are PREFIX0001, PREFIX0002, ...")] = "FLEET-",
    password: Annotated[str | None, typer.Option(help="Password of all stations.", envvar="VOLTGATE_STATION_PASSWORD")] = None,
    evses: Annotated[int, typer.Option(min=1, max=64, help="EVSEs per station.")] = 2,
    tokens: Annotated[str, typer.Option(help="Tokens that drivers have, separated by commas.")] = "DEADBEEF",
    arrivals: Annotated[float, typer.Option(min=0, help="Vehicles per EVSE and hour, in simulated time.")] = 1.0,
    time_factor: Annotated[float, typer.Option(min=0.1, help="How much faster vehicles charge, come and go.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same drivers.")] = 0,
    data: Annotated[Path | None, typer.Option(help="Directory for what must survive a restart.")] = None,
) -> None:
    """Run many charging stations with drivers that come and go."""
    from voltgate.station.fleet import Fleet, mixed_specs
    from voltgate.station.running import run_fleet

    versions = tuple(_version(word.strip()) for word in mix.split(",") if word.strip())
    if not versions:
        raise typer.BadParameter("--mix names no version")
    specs = mixed_specs(stations, versions, url=_endpoint(url), prefix=prefix, password=password, evses=evses, seed=seed)
    words = [word.strip() for word in tokens.split(",") if word.strip()]
    if not words:
        raise typer.BadParameter("--tokens names no token")
    _run(run_fleet(Fleet(specs, time_factor=time_factor, seed=seed, data_dir=data, tokens=words, arrivals_per_hour=arrivals)))


def _run(program: Coroutine[Any, Any, None]) -> None:
    """Run until done or interrupted; SIGTERM and ^C end it in order, what cannot be opened is said in one line."""
    from voltgate.station.store import CannotKeep

    async def main() -> None:
        task = asyncio.ensure_future(program)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            pass

    try:
        asyncio.run(main())
    except (CannotKeep, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _version(text: str) -> Version:
    for version in get_args(Version):
        if version == text:
            known: Version = version
            return known
    raise typer.BadParameter(f"{text} is no version that we speak: 1.6, 2.0.1, 2.1")


def _identity(text: str) -> str:
    from voltgate.links.identity import MAX_IDENTITY

    if not text.isprintable() or not 0 < len(text) <= MAX_IDENTITY:
        raise typer.BadParameter(f"--id: 1 to {MAX_IDENTITY} printable characters are expected")
    return text


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise typer.BadParameter(f"--url {url}: ws://HOST:PORT/PATH or wss://HOST:PORT/PATH is expected")
    return url


def _evse(power: str) -> Any:
    from voltgate.station.hardware import PowerSpec
    from voltgate.station.settings import EvseSpec

    kind, kilowatts = power[:2].lower(), power[2:]
    if kind not in ("ac", "dc") or not kilowatts.isdigit() or int(kilowatts) == 0:
        raise ValueError(f"{power} is no power: ac11, ac22, dc150, ...")
    return EvseSpec(PowerSpec("AC" if kind == "ac" else "DC", int(kilowatts) * 1000))


def _variables(words: list[str]) -> dict[str, str]:
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"--set {word}: NAME=VALUE is expected")
        values[name] = value
    return values


def _address(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise ValueError(f"--control {text}: HOST:PORT is expected")
    return host or "127.0.0.1", int(port)
