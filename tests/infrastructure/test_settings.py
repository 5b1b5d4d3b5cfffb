"""Settings: where they come from, and what is said about wrong ones."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct, field

from voltgate.csms.settings import Settings
from voltgate.infrastructure.settings import SettingsError, describe, load


class Ocpp(Struct, frozen=True, kw_only=True):
    listen: str = "0.0.0.0:9000"
    unknown_stations: Literal["refuse", "pending", "accept"] = "refuse"
    versions: tuple[Literal["1.6", "2.1"], ...] = ("2.1", "1.6")
    call_timeout: Annotated[float, Meta(gt=0)] = 30.0
    mailbox_length: Annotated[int, Meta(ge=1, le=1000)] = 64

    def __post_init__(self) -> None:
        if self.listen == "nowhere":
            raise ValueError("listen must be HOST:PORT")


OCPP_KEYS = "call_timeout, listen, mailbox_length, unknown_stations, versions"


class Program(Struct, frozen=True, kw_only=True):
    data: str = "data"
    quiet: bool = False
    limit: int | None = None
    labels: dict[str, str] = {}
    ocpp: Ocpp = field(default_factory=Ocpp)


def read(tmp_path: Path, text: str = "", environment: dict[str, str] | None = None, **flags: object) -> Program:
    file = tmp_path / "voltgate.toml"
    file.write_text(text)
    return load(Program, file, environment or {}, {name.replace("__", "."): value for name, value in flags.items()})


def mistakes(tmp_path: Path, text: str = "", environment: dict[str, str] | None = None, **flags: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text, environment, **flags)
    return [mistake.replace(f"{tmp_path}/", "") for mistake in caught.value.mistakes]


def test_defaults_need_no_file() -> None:
    assert load(Program, None, {"HOME": "/root"}, {}) == Program()
    assert load(Settings, None, {}, {}) == Settings()


def test_flags_win_over_environment_and_that_over_the_file(tmp_path: Path) -> None:
    text = 'data = "file"\n[ocpp]\nlisten = "file"\ncall_timeout = 5\nversions = ["2.1"]\n[labels]\na = "b"'
    environment = {"VOLTGATE_DATA": "environment", "VOLTGATE_OCPP_LISTEN": "environment"}
    settings = read(tmp_path, text, environment, ocpp__listen="flag", data=None)
    expected = Program(data="environment", labels={"a": "b"}, ocpp=Ocpp(listen="flag", call_timeout=5.0, versions=("2.1",)))
    assert settings == expected


def test_variables_are_converted_to_the_type_of_their_field(tmp_path: Path) -> None:
    environment = {
        "VOLTGATE_QUIET": "true",
        "VOLTGATE_LIMIT": "7",
        "VOLTGATE_OCPP_VERSIONS": "1.6, 2.1",
        "VOLTGATE_OCPP_CALL_TIMEOUT": "2.5",
        "VOLTGATE_OCPP_MAILBOX_LENGTH": "9",
        "VOLTGATE_ADMIN_KEY": "not a setting",
    }
    settings = read(tmp_path, "", environment)
    assert (settings.quiet, settings.limit) == (True, 7)
    assert settings.ocpp == Ocpp(versions=("1.6", "2.1"), call_timeout=2.5, mailbox_length=9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[ocpp]\nunknown_stations = "maybe"', 'voltgate.toml: ocpp.unknown_stations = "maybe": must be one of refuse, pending, accept'),
        ("[ocpp]\ncall_timeout = 0", "voltgate.toml: ocpp.call_timeout = 0: must be a number, more than 0"),
        ("[ocpp]\nmailbox_length = 1.5", "voltgate.toml: ocpp.mailbox_length = 1.5: must be a whole number, at least 1, at most 1000"),
        ('[ocpp]\nversions = ["3"]', 'voltgate.toml: ocpp.versions = ["3"]: must be a list, each one of 1.6, 2.1'),
        ('quiet = "yes"', 'voltgate.toml: quiet = "yes": must be true or false'),
        ("data = 5", "voltgate.toml: data = 5: must be text"),
        ('limit = "a"', 'voltgate.toml: limit = "a": must be a whole number'),
        ("[ocpp]\nlistn = 1", f"voltgate.toml: ocpp.listn: unknown key (did you mean ocpp.listen?); accepted: {OCPP_KEYS}"),
        ("zzz = 1", "voltgate.toml: zzz: unknown key; accepted: data, labels, limit, ocpp, quiet"),
        ("ocpp = 3", "voltgate.toml: ocpp: this is a section, not a value: write [ocpp]"),
        ('[ocpp]\nlisten = "nowhere"', "ocpp: listen must be HOST:PORT"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_what_is_accepted(tmp_path: Path, text: str, said: str) -> None:
    assert mistakes(tmp_path, text) == [said]


def test_mistakes_elsewhere_name_their_source(tmp_path: Path) -> None:
    environment = {"VOLTGATE_OCPP_CALL_TIMEOUT": "soon", "VOLTGATE_OCPP_LISTN": "x", "VOLTGATE_QQQ": ""}
    assert mistakes(tmp_path, "", environment, ocpp__mailbox_length=0, dta="x") == [
        "VOLTGATE_OCPP_LISTN: unknown variable (did you mean VOLTGATE_OCPP_LISTEN?)",
        "VOLTGATE_QQQ: unknown variable",
        'VOLTGATE_OCPP_CALL_TIMEOUT = "soon": must be a number, more than 0',
        "command line: ocpp.mailbox_length = 0: must be a whole number, at least 1, at most 1000",
        "command line: dta: unknown key (did you mean data?); accepted: data, labels, limit, ocpp, quiet",
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere.toml: No such file"):
        load(Program, tmp_path / "nowhere.toml", {}, {})
    assert mistakes(tmp_path, "data = ")[0].startswith("voltgate.toml: Invalid value")


def test_a_setting_without_a_default_must_be_given() -> None:
    class Needy(Struct):
        key: str

    with pytest.raises(SettingsError, match="key: must be given"):
        load(Needy, None, {}, {})


def test_types_are_described_in_words() -> None:
    assert describe(Annotated[str, Meta(pattern="^a")]) == "text like ^a"
    assert describe(dict[str, str]) == "a dict"
    assert describe(Annotated[int, Meta(lt=5, description="small")]) == "a whole number, less than 5"
