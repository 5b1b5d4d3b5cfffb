"""``voltgate demo``."""

from pathlib import Path
from typing import Annotated

import typer


def add_commands(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("demo")(demo)


def demo(
    data: Annotated[Path, typer.Option(help="Where the demonstration keeps its data.")] = Path("data/demo"),
    ocpp: Annotated[str, typer.Option(help="HOST:PORT for stations; loopback.")] = "127.0.0.1:9000",
    http: Annotated[str, typer.Option(help="HOST:PORT for the pages; loopback.")] = "127.0.0.1:8080",
    time_factor: Annotated[float, typer.Option(min=0.1, max=600, help="How much faster cars charge, come and go.")] = 30.0,
) -> None:
    """Run a central system and twelve stations on this machine."""
    for name, address in (("--ocpp", ocpp), ("--http", http)):
        if address.rpartition(":")[0] not in ("127.0.0.1", "localhost", "[::1]"):
            raise typer.BadParameter(
                f"{name} {address}: the demonstration has no log-in, so it listens on loopback only, e.g. 127.0.0.1:8080"
            )
    from voltgate.csms.command import run
    from voltgate.csms.settings import HttpSettings, OcppSettings, Settings
    from voltgate.demo.running import until_interrupted
    from voltgate.infrastructure.logs import set_up_logs

    settings = Settings(
        data=str(data), log_level="error", ocpp=OcppSettings(listen=ocpp), http=HttpSettings(listen=http, login_required=False)
    )
    set_up_logs(settings.log_format, settings.log_level)
    run(lambda: until_interrupted(settings, time_factor))
