from types import SimpleNamespace
from typing import Any, cast

import pytest

from voltgate.csms.blocks import COMMANDS, HANDLERS, ROOMS, WrongBlocks, merge
from voltgate.ocpp.actions import ACTIONS

STATION = frozenset({"station", "both"})


def room(name: str, **handlers: Any) -> Any:
    return cast(Any, SimpleNamespace(__name__=name, HANDLERS=handlers))


def test_every_handler_is_for_a_message_of_stations_and_every_command_for_one_to_them() -> None:
    assert HANDLERS.keys() <= {name for name, action in ACTIONS["2.1"].items() if action.sender != "csms"}
    assert COMMANDS.keys() <= {name for name, action in ACTIONS["2.1"].items() if action.sender != "station"}
    assert {"BootNotification", "Heartbeat", "StatusNotification", "TransactionEvent", "MeterValues", "Authorize"} <= HANDLERS.keys()
    assert len({id(one) for one in ROOMS}) == len(ROOMS)


def test_two_rooms_cannot_have_the_same_action() -> None:
    with pytest.raises(WrongBlocks, match="Heartbeat is in the HANDLERS of a and of b"):
        merge([room("a", Heartbeat=1), room("b", Heartbeat=2)], "HANDLERS", STATION)


@pytest.mark.parametrize("action", ["Dance", "Reset"])
def test_an_action_that_stations_do_not_have_is_refused(action: str) -> None:
    with pytest.raises(WrongBlocks, match=action):
        merge([room("a", **{action: 1})], "HANDLERS", STATION)
