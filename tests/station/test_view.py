import io

import pytest
from rich.console import Console

from voltgate.station.app import StationProgram
from voltgate.station.operations import Operations
from voltgate.station.settings import StationSpec
from voltgate.station.store import MemoryStore
from voltgate.station.view import Terminal


@pytest.fixture
async def terminal() -> Terminal:
    """The view of a station that is not connected."""
    variables = {"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "TxCtrlr.TxBeforeAcceptedEnabled": "true"}
    program = StationProgram(StationSpec(id="SEEN", variables=variables), MemoryStore())
    return Terminal(Operations(program), "A1", Console(file=io.StringIO(), width=100))


def shown(terminal: Terminal) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(terminal._render())
    text = console.file
    assert isinstance(text, io.StringIO)
    return text.getvalue()


async def test_keys_act_on_the_chosen_evse(terminal: Terminal) -> None:
    for key in "2pt":
        terminal.press(key)
    assert "energised" in shown(terminal)
    for key in "vveeasf":
        terminal.press(key)
    assert "faulted" in shown(terminal)
    for key in "fllu":
        terminal.press(key)
    assert "unplugged" in shown(terminal)
    assert "energised" not in shown(terminal)


async def test_what_cannot_be_done_is_shown_and_other_keys_do_nothing(terminal: Terminal) -> None:
    for key in "u?9":
        terminal.press(key)
    assert "EVSE 1 has no vehicle" in shown(terminal)
    terminal.press("q")
    assert terminal.quit.is_set()
