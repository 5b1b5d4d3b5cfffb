"""Whatever we can say passes the official schema and comes back unchanged: every message of every version."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ocpp.schemas import message_id, messages, parse, validator
from tests.ocpp.strategies import messages_of
from voltgate.ocpp import payload
from voltgate.ocpp.actions import Version

MESSAGES = [pytest.param(version, message, id=message_id(version, message)) for version, message in messages()]


@pytest.mark.parametrize(("version", "message"), MESSAGES)
@settings(max_examples=8, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_message_is_valid_on_the_wire_and_survives_it(version: Version, message: type[msgspec.Struct], data: st.DataObject) -> None:
    said = data.draw(messages_of(message))
    raw = payload.encode(said)
    validator(version, message).validate(parse(raw))
    assert payload.decode(message, raw) == said
