"""A 2.1 station and a 2.1 CSMS that talk through 1.6: everything passes the wire as bytes."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec

from tests.ocpp.dialects.v16.talking import NOW
from voltgate.ocpp.actions import decode_request, decode_response, encode
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialogue import Talk
from voltgate.ocpp.errors import CallRefused, MessageError, Version

Room = Callable[[Any], Any]


class Pipe:
    """Both ends of one link. `csms` and `station` are their rooms: a 2.1 request in, its answer out."""

    def __init__(self, version: Version, csms: Room, station: Room) -> None:
        self.version = version
        self.dialect = DIALECTS[version]
        numbers = count(1001)
        self.at_csms: Talk[Any] = Talk(self.dialect.new_memory(), NOW, lambda: next(numbers))
        self.at_station: Talk[Any] = Talk(self.dialect.new_memory(), NOW, lambda: 0)
        self.csms, self.station = csms, station
        self.heard: list[Any] = []
        self.wire: list[Any] = []

    def to_csms(self, request: Any) -> Any:
        """The station says something; `heard` is what the rooms of the CSMS heard of it."""
        self.heard = []
        return self._drive(self.dialect.say_csms(request, self.at_station), self._arrive_at_csms)

    def to_station(self, request: Any) -> Any:
        """The CSMS says something; `heard` is what the rooms of the station heard of it."""
        self.heard = []
        return self._drive(self.dialect.say_station(request, self.at_csms), self._arrive_at_station)

    def _arrive_at_csms(self, request: Any) -> Any:
        return self._pass(request, lambda heard: self.dialect.hear_station(heard, self.at_csms), self.csms)

    def _arrive_at_station(self, request: Any) -> Any:
        return self._pass(request, lambda heard: self.dialect.hear_csms(heard, self.at_station), self.station)

    def _pass(self, request: Any, hear: Callable[[Any], Any], room: Room) -> Any:
        """Over the wire as bytes, through the rooms, and back as bytes."""
        self.wire.append(request)
        arrived = decode_request(self.version, request.action, encode(request))
        try:
            answer = self._drive(hear(arrived), lambda heard: self._ask(heard, room))
        except MessageError as error:
            raise CallRefused(error.code, error.description) from error
        return decode_response(self.version, request.action, encode(answer))

    def _ask(self, request: Any, room: Room) -> Any:
        encode(request)
        self.heard.append(request)
        return room(request)

    @staticmethod
    def _drive(dialogue: Any, exchange: Callable[[Any], Any]) -> Any:
        try:
            request = next(dialogue)
            while True:
                try:
                    answer = exchange(request)
                except (CallRefused, MessageError) as error:
                    request = dialogue.throw(error)
                else:
                    request = dialogue.send(answer)
        except StopIteration as end:
            return end.value


def differences(said: Any, heard: Any) -> set[str]:
    """The paths of the fields in which two messages differ, without the places in lists."""
    one, other = (dict(_leaves(msgspec.to_builtins(message), message.action)) for message in (said, heard))
    return {re.sub(r"\[\d+\]", "[]", path) for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and not path.endswith(".customData"):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    else:
        yield path, value
