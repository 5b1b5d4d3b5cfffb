"""The dialect of 1.6 as a whole: what it takes, what it refuses, and that every action is one or the other."""

from typing import Any

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, talk
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.dialects.v16 import HEAR_CSMS, HEAR_STATION, NOT_YET, SAY_CSMS, SAY_STATION
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import ActionNotSupported, PeerCannot

TABLES = {"hear_station": HEAR_STATION, "hear_csms": HEAR_CSMS, "say_station": SAY_STATION, "say_csms": SAY_CSMS}


def test_everything_a_station_of_16_may_say_is_heard() -> None:
    said = {action.request for action in ACTIONS["1.6"].values() if action.sender in ("station", "both")}
    assert set(HEAR_STATION) == said


def test_every_table_has_messages_of_its_direction() -> None:
    for way, table in TABLES.items():
        version, sender = ("1.6" if way.startswith("hear") else "2.1"), ("station" if way in ("hear_station", "say_csms") else "csms")
        for kind in table:
            action: Any = ACTIONS[version][kind.action]  # type: ignore[attr-defined, index]  # a message; one of two versions
            assert action.request is kind
            assert action.sender in (sender, "both")


def test_what_is_not_translated_says_whether_it_could_be() -> None:
    for request, reason in [
        (v21.GetLocalListVersionRequest(), "not translated to OCPP 1.6 yet"),
        (v21.GetTransactionStatusRequest(transactionId="7"), "no such message"),
    ]:
        with pytest.raises(PeerCannot, match=reason) as refusal:
            play(DIALECT.say_station(request, talk()), [])
        assert refusal.value.action == request.action


def test_what_is_translated_is_not_also_promised() -> None:
    done = {kind.action for table in (SAY_STATION, SAY_CSMS) for kind in table}  # type: ignore[attr-defined]  # messages
    assert NOT_YET.isdisjoint(done)
    assert set(ACTIONS["2.1"]) > NOT_YET


def test_a_message_of_the_wrong_direction_is_not_offered() -> None:
    with pytest.raises(ActionNotSupported, match="Reset"):
        play(DIALECT.hear_station(v16.ResetRequest(type="Soft"), talk()), [])
    with pytest.raises(ActionNotSupported, match="GetLocalListVersion"):
        play(DIALECT.hear_csms(v16.GetLocalListVersionRequest(), talk()), [])


def test_its_traits_name_exactly_what_can_be_said() -> None:
    assert DIALECT.traits.hears == {kind.action for kind in SAY_STATION}  # type: ignore[attr-defined]  # messages
    assert not DIALECT.traits.numbers_events
    assert DIALECT.traits.raw_password
