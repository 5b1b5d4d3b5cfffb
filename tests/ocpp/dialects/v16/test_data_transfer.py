"""DataTransfer, in both directions at both ends."""

from typing import Any

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, talk
from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialogue import play

TEXT_16 = v16.DataTransferRequest(vendorId="v", messageId="m", data="text")
TEXT_21 = v21.DataTransferRequest(vendorId="v", messageId="m", data="text")


@pytest.mark.action("1.6:DataTransfer")
@pytest.mark.parametrize("hear", [DIALECT.hear_station, DIALECT.hear_csms])
def test_data_is_heard(hear: Any) -> None:
    script = [(TEXT_21, v21.DataTransferResponse(status="Accepted", data={"a": [1]}))]
    assert play(hear(TEXT_16, talk()), script) == v16.DataTransferResponse(status="Accepted", data='{"a":[1]}')


@pytest.mark.action("1.6:DataTransfer")
@pytest.mark.parametrize("say", [DIALECT.say_station, DIALECT.say_csms])
@pytest.mark.parametrize(("data", "text"), [("text", "text"), (None, None), ({"a": 1}, '{"a":1}'), (1.5, "1.5"), (False, "false")])
def test_data_is_said_as_text(say: Any, data: Any, text: str | None) -> None:
    script = [(v16.DataTransferRequest(vendorId="v", data=text), v16.DataTransferResponse(status="UnknownMessageId", data="back"))]
    answer = play(say(v21.DataTransferRequest(vendorId="v", data=data), talk()), script)
    assert answer == v21.DataTransferResponse(status="UnknownMessageId", data="back")
