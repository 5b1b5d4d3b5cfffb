"""The table of actions: which messages each version has, who may send them, and how they are read and written."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from voltgate.ocpp import payload as payloads
from voltgate.ocpp.action_table import V16, V21, V201
from voltgate.ocpp.errors import ActionNotImplemented, ProtocolError, Version
from voltgate.ocpp.messages import Action, Answer, Kind, Message, Request, Sender

__all__ = [
    "ACTIONS",
    "Action",
    "Kind",
    "Sender",
    "Version",
    "action_named",
    "action_of",
    "decode_request",
    "decode_response",
    "encode",
]

ACTIONS: Mapping[Version, Mapping[str, Action]] = MappingProxyType(
    {
        "1.6": MappingProxyType({action.name: action for action in V16}),
        "2.0.1": MappingProxyType({action.name: action for action in V201}),
        "2.1": MappingProxyType({action.name: action for action in V21}),
    }
)
"""Every action by version and name; names are case-sensitive (part 4 §4.2.1)."""

_BY_TYPE: Mapping[type, Action] = {
    kind: action
    for actions in ACTIONS.values()
    for action in actions.values()
    for kind in (action.request, action.response)
    if kind is not None
}


def action_named(version: Version, name: str) -> Action:
    """The action with this name.

    Raises: ActionNotImplemented when the version does not know it.
    """
    action = ACTIONS[version].get(name)
    if action is None:
        raise ActionNotImplemented(f"OCPP {version} has no such action")
    return action


def action_of(message: Message) -> Action:
    """The action a message belongs to, request or answer.

    Raises: TypeError when it is no message, e.g. a data type.
    """
    action = _BY_TYPE.get(type(message))
    if action is None:
        raise TypeError(f"{type(message).__name__} is not an OCPP message")
    return action


def decode_request(version: Version, action: str, payload: bytes | msgspec.Raw) -> Request:
    """Read the payload of a CALL or SEND.

    Raises: MessageError, whose code and description go into the CALLERROR.
    """
    return payloads.decode(action_named(version, action).request, payload)


def decode_response(version: Version, action: str, payload: bytes | msgspec.Raw) -> Answer:
    """Read the payload of the CALLRESULT that answers this action.

    Raises: MessageError.
    """
    response = action_named(version, action).response
    if response is None:
        raise ProtocolError(f"{action} is never answered")
    return payloads.decode(response, payload)


def encode(message: Message) -> bytes:
    """Write the payload of a message, after the same checks that an arriving one must pass.

    Times leave in UTC and with milliseconds.
    Raises: MessageError when the message breaks its schema.
    """
    return payloads.encode(message)
