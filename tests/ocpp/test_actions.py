"""The table of actions is complete, and it reads and writes by name and version."""

from datetime import UTC, datetime
from typing import get_args, get_type_hints

import msgspec
import pytest

from tests.ocpp.schemas import PACKAGES, schema_path
from voltgate.ocpp import v16, v21, v201
from voltgate.ocpp.actions import ACTIONS, Action, Version, action_named, action_of, decode_request, decode_response, encode
from voltgate.ocpp.errors import ActionNotImplemented, OccurrenceConstraintViolation, ProtocolError
from voltgate.ocpp.messages import Answer, Call, Send

ROWS = [pytest.param(action, id=f"{version}-{action.name}") for version, actions in ACTIONS.items() for action in actions.values()]
VERSIONS: list[Version] = ["1.6", "2.0.1", "2.1"]


@pytest.mark.parametrize(("version", "calls", "sends"), [("1.6", 28 + 11, 0), ("2.0.1", 64, 0), ("2.1", 90, 1)])
def test_every_version_has_all_its_actions(version: Version, calls: int, sends: int) -> None:
    kinds = [action.kind for action in ACTIONS[version].values()]
    assert (kinds.count("call"), kinds.count("send")) == (calls, sends)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_schema_file_has_its_message(version: Version) -> None:
    ours = {schema_path(version, kind) for action in ACTIONS[version].values() for kind in (action.request, action.response) if kind}
    assert ours == set(schema_path(version, v21.ResetRequest).parent.glob("*.json"))


@pytest.mark.parametrize("action", ROWS)
def test_a_row_agrees_with_its_messages(action: Action) -> None:
    assert action.request.action == action.name
    assert action.request.__module__ == f"voltgate.ocpp.{PACKAGES[action.version]}.{action.block}"
    if action.kind == "send":
        assert issubclass(action.request, Send)
        assert action.response is None
        return
    assert action.response is not None
    assert action.response.action == action.name
    assert issubclass(action.response, Answer)
    assert issubclass(action.request, Call)
    [base] = action.request.__orig_bases__  # type: ignore[attr-defined]  # set by Python on subclasses of generic classes
    assert get_args(base) == (action.response,)


@pytest.mark.parametrize(
    ("version", "name", "sender"),
    [
        ("1.6", "StartTransaction", "station"),
        ("1.6", "RemoteStartTransaction", "csms"),
        ("1.6", "DataTransfer", "both"),
        ("1.6", "SignCertificate", "station"),
        ("2.0.1", "TransactionEvent", "station"),
        ("2.0.1", "PublishFirmware", "csms"),
        ("2.0.1", "Get15118EVCertificate", "station"),
        ("2.1", "NotifyPeriodicEventStream", "station"),
        ("2.1", "OpenPeriodicEventStream", "station"),
        ("2.1", "AdjustPeriodicEventStream", "csms"),
        ("2.1", "NotifyAllowedEnergyTransfer", "csms"),
        ("2.1", "NotifyWebPaymentStarted", "csms"),
        ("2.1", "PullDynamicScheduleUpdate", "station"),
        ("2.1", "DataTransfer", "both"),
    ],
)
def test_who_may_send_an_action(version: Version, name: str, sender: str) -> None:
    assert action_named(version, name).sender == sender


@pytest.mark.parametrize("name", ["Teleport", "reset", "ResetRequest", ""])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_action_is_not_implemented(version: Version, name: str) -> None:
    with pytest.raises(ActionNotImplemented):
        decode_request(version, name, b"{}")


def test_an_action_of_another_version_is_not_implemented() -> None:
    with pytest.raises(ActionNotImplemented):
        decode_request("2.1", "StartTransaction", b"{}")


def test_the_same_name_is_another_message_in_every_version() -> None:
    assert type(decode_request("1.6", "Heartbeat", b"{}")) is v16.HeartbeatRequest
    assert type(decode_request("2.0.1", "Heartbeat", b"{}")) is v201.HeartbeatRequest
    assert type(decode_request("2.1", "Heartbeat", b"{}")) is v21.HeartbeatRequest


def test_an_answer_is_read_by_the_action_it_answers() -> None:
    assert decode_response("1.6", "Reset", b'{"status":"Accepted"}') == v16.ResetResponse(status="Accepted")
    with pytest.raises(OccurrenceConstraintViolation):
        decode_response("1.6", "Reset", b"{}")


def test_a_send_has_no_answer() -> None:
    with pytest.raises(ProtocolError):
        decode_response("2.1", "NotifyPeriodicEventStream", b"{}")


def test_a_part_of_a_frame_is_read_as_it_is() -> None:
    frame = msgspec.json.decode(b'[2,"1","Reset",{"type":"Immediate"}]', type=tuple[int, str, str, msgspec.Raw])
    assert decode_request("2.1", frame[2], frame[3]) == v21.ResetRequest(type="Immediate")


def test_a_message_knows_its_action() -> None:
    assert action_of(v21.ResetRequest(type="Immediate")) is ACTIONS["2.1"]["Reset"]
    assert action_of(v16.ResetResponse(status="Accepted")) is ACTIONS["1.6"]["Reset"]
    with pytest.raises(TypeError):
        action_of(v21.EVSEType(id=1))  # type: ignore[arg-type]  # a data type is no message


def test_a_message_is_written_with_the_names_of_the_schema() -> None:
    answer = v21.HeartbeatResponse(currentTime=datetime(2025, 1, 1, tzinfo=UTC))
    assert encode(answer) == b'{"currentTime":"2025-01-01T00:00:00Z"}'


def test_the_field_called_action_does_not_hide_the_action() -> None:
    request = v21.Get15118EVCertificateRequest(iso15118SchemaVersion="urn:iso", action_="Install", exiRequest="eA==")
    assert request.action == "Get15118EVCertificate"
    assert b'"action":"Install"' in encode(request)
    assert decode_request("2.1", "Get15118EVCertificate", encode(request)) == request


def test_limits_are_part_of_the_annotations() -> None:
    hints = get_type_hints(v16.AuthorizeRequest, include_extras=True)
    assert hints["idTag"].__metadata__ == (msgspec.Meta(max_length=20),)
