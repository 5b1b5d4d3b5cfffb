"""The command line: one word for each thing the program can do. Each side brings its commands; heavy parts are imported when they run."""

import typer

from voltgate.csms import client, command
from voltgate.demo import cli as demo
from voltgate.station import cli as station

app = typer.Typer(
    name="voltgate",
    help="An open OCPP platform: a central system for charging stations, a charging station, and the proof that both work.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

demo.add_commands(app)
command.add_to(app)
client.add_to(app)
station.add_commands(app)


def main() -> None:
    """Run the command that the arguments name."""
    app()


if __name__ == "__main__":
    main()
