import pytest
import typer
from typer.testing import CliRunner

from voltgate.station.cli import add_commands

app = typer.Typer()
add_commands(app)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["station", "--set", "TxCtrlr.TxStartPoint=Moonrise"], "Moonrise"),
        (["station", "--set", "TxCtrlr.TxStartPoint"], "NAME=VALUE"),
        (["station", "--power", "steam"], "steam"),
        (["station", "--version", "1.7"], "2.0.1"),
        (["station", "--control", "here"], "HOST:PORT"),
        (["fleet", "--mix", "1.6,9"], "2.0.1"),
        (["fleet", "--mix", ","], "--mix"),
        (["fleet", "--tokens", " ,"], "--tokens"),
        (["fleet", "--url", "http://127.0.0.1"], "wss://"),
        (["station", "--url", "nonsense"], "ws://"),
        (["station", "--url", "ws://"], "ws://"),
        (["station", "--id", ""], "--id"),
    ],
)
def test_wrong_options_are_named(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert said in result.output


def test_help_names_the_options() -> None:
    result = CliRunner().invoke(app, ["station", "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert all(option in result.output for option in ("--control", "--time-factor", "--set", "--data"))
