"""The list of dialects and what they say about their peers."""

from typing import get_args

import msgspec
import pytest

from tests.ocpp.dialects.v16.talking import NOW
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.dialects import Dialect
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialogue import Talk, play
from voltgate.ocpp.errors import Version


@pytest.mark.parametrize("version", get_args(Version))
def test_every_version_has_a_dialect_that_keeps_its_memory(version: Version) -> None:
    dialect: Dialect = DIALECTS[version]
    memory = dialect.new_memory()
    assert dialect.traits.version == version
    assert dialect.load_memory(dialect.dump_memory(memory)) == memory
    assert dialect.load_memory(b"") == memory


def test_newer_stations_hear_more() -> None:
    heard = [DIALECTS[version].traits.hears for version in ("1.6", "2.0.1", "2.1")]
    assert heard[0] < heard[1] < heard[2]
    assert heard[2] == {action.name for action in ACTIONS["2.1"].values() if action.sender != "station"}


@pytest.mark.parametrize("way", ["hear_station", "say_station", "hear_csms", "say_csms"])
def test_21_is_passed_on_as_it_is(way: str) -> None:
    dialect = DIALECTS["2.1"]
    request, answer = v21.HeartbeatRequest(), v21.HeartbeatResponse(currentTime=NOW)
    assert play(getattr(dialect, way)(request, Talk(None, NOW, lambda: 1)), [(request, answer)]) is answer


def test_the_memory_of_16_is_a_struct_and_the_others_have_none() -> None:
    assert isinstance(DIALECTS["1.6"].new_memory(), msgspec.Struct)
    assert DIALECTS["2.0.1"].new_memory() is None
    assert DIALECTS["2.1"].new_memory() is None


def test_a_station_of_16_hears_only_what_its_dialect_says() -> None:
    hears = DIALECTS["1.6"].traits.hears
    assert {"RequestStartTransaction", "Reset", "GetVariables", "SetVariables", "GetBaseReport"} <= hears
    assert "SetDisplayMessage" not in hears
    assert v16.ResetRequest.action in hears
