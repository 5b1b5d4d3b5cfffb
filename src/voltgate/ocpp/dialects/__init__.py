"""Dialects: how each version says what the domain means. Inside there is one language, 2.1; see `Dialect`."""

from typing import Any, Protocol

from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.messages import Request
from voltgate.ocpp.traits import Traits


class Dialect(Protocol):
    """Translates between one wire version and 2.1, for both sides.

    `hear_*` takes a wire message and yields 2.1 requests; `say_*` takes a 2.1 request and yields wire requests.
    `Talk.memory` is what `new_memory` or `load_memory` gave.
    `say_*` raises `PeerCannot` when the version cannot express the request: at the call or at the first step, before anything is yielded.
    A failed exchange is raised at its `yield` and comes out, unless the dialogue has done something already; then it becomes a result.
    """

    traits: Traits

    def hear_station(self, request: Request, talk: Talk[Any]) -> Dialogue:
        """At the CSMS: a wire request of a station -> 2.1 requests for the rooms -> the wire answer."""
        ...

    def say_station(self, request: Request, talk: Talk[Any]) -> Dialogue:
        """At the CSMS: a 2.1 request for a station -> wire requests -> the 2.1 answer."""
        ...

    def hear_csms(self, request: Request, talk: Talk[Any]) -> Dialogue:
        """At the station: a wire request of the CSMS -> 2.1 requests for the rooms -> the wire answer."""
        ...

    def say_csms(self, request: Request, talk: Talk[Any]) -> Dialogue:
        """At the station: a 2.1 request for the CSMS -> wire requests -> the 2.1 answer."""
        ...

    def new_memory(self) -> Any:
        """The memory of a peer never met; a mutable msgspec Struct, or None."""
        ...

    def load_memory(self, data: bytes) -> Any:
        """The memory as `dump_memory` wrote it."""
        ...

    def dump_memory(self, memory: Any) -> bytes:
        """The memory as bytes, for the database."""
        ...


class Memoryless:
    """The memory of a dialect that has nothing to remember."""

    def new_memory(self) -> None:
        """None."""
        return

    def load_memory(self, data: bytes) -> None:
        """None."""
        return

    def dump_memory(self, memory: None) -> bytes:
        """Nothing."""
        return b""
