"""The control interface of a running station: HTTP on loopback, JSON in and out.

``GET /state`` shows everything; ``POST /{operation}`` with a JSON object of its arguments does one thing and shows the state after it.
Errors are problem+json: 404 unknown operation, 409 impossible now, 422 wrong arguments.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import msgspec
import uvicorn

from voltgate.ocpp import v21
from voltgate.station.hardware import Vehicle
from voltgate.station.operations import CannotDo, Operations

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 65_536


class OnEvse(msgspec.Struct, forbid_unknown_fields=True):
    """At one EVSE."""

    evse_id: int = 1


class PlugIn(OnEvse):
    """A vehicle; without one, an ordinary car."""

    connector_id: int = 1
    vehicle: Vehicle | None = None


class PresentToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token."""

    token: str
    evse_id: int | None = None
    token_type: str = "ISO14443"  # a kind, no secret


class PauseVehicle(OnEvse):
    """The vehicle pauses or goes on."""

    paused: bool = True


class Suspend(OnEvse):
    """The station holds the energy back or offers it."""

    suspended: bool = True


class Fault(OnEvse):
    """A fault, None for none."""

    fault: str | None = "OtherError"


class BreakLock(OnEvse):
    """The lock sticks or works."""

    broken: bool = True


class PowerCycle(msgspec.Struct, forbid_unknown_fields=True):
    """The power goes and comes back."""

    keep_transactions: bool = False


class Network(msgspec.Struct, forbid_unknown_fields=True):
    """The network."""

    up: bool


class SetVariable(msgspec.Struct, forbid_unknown_fields=True):
    """A variable as ``Component.Variable[instance]``."""

    name: str
    value: str


class FillCache(msgspec.Struct, forbid_unknown_fields=True):
    """A token and what the central system is said to have said about it."""

    token: str
    status: v21.AuthorizationStatusEnumType = "Accepted"


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No arguments."""


OPERATIONS: Mapping[str, tuple[type[msgspec.Struct], str]] = MappingProxyType(
    {
        "plug-in": (PlugIn, "plug_in"),
        "unplug": (OnEvse, "unplug"),
        "present-token": (PresentToken, "present_token"),
        "stop": (OnEvse, "stop"),
        "pause-vehicle": (PauseVehicle, "pause_vehicle"),
        "suspend": (Suspend, "suspend"),
        "fault": (Fault, "fault"),
        "break-lock": (BreakLock, "break_lock"),
        "power-cycle": (PowerCycle, "power_cycle"),
        "network": (Network, "network"),
        "set-variable": (SetVariable, "set_variable"),
        "fill-cache": (FillCache, "fill_cache"),
        "sample-clock-aligned": (Nothing, "sample_clock_aligned"),
    }
)
"""By path: the arguments, and the method of `Operations`."""


class Control:
    """The control interface of one station as an ASGI application."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        status, answer = await self._respond(scope["method"], scope["path"].strip("/"), await _body(receive))
        kind = b"application/json" if status < 400 else b"application/problem+json"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})

    async def _respond(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if method == "GET" and path in ("", "state"):
            return 200, self._operations.view()
        if path not in OPERATIONS:
            return 404, {"title": f"no operation {path}", "operations": list(OPERATIONS)}
        if method != "POST":
            return 405, {"title": "operations are POST"}
        kind, name = OPERATIONS[path]
        try:
            arguments = msgspec.json.decode(body or b"{}", type=kind)
            done = getattr(self._operations, name)(**{field: getattr(arguments, field) for field in kind.__struct_fields__})
            if inspect.isawaitable(done):
                await done
        except msgspec.MsgspecError as error:
            return 422, {"title": "wrong arguments", "detail": str(error)}
        except CannotDo as error:
            return 409, {"title": "impossible now", "detail": str(error)}
        return 200, self._operations.view()


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        body += chunk
        if not message.get("more_body") or len(body) > MAX_BODY_BYTES:
            return body


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the program's business."""
        yield


class ControlServer:
    """Serves `Control` until stopped."""

    def __init__(self, operations: Operations, host: str, port: int) -> None:
        """Port 0 takes a free one."""
        self._where = f"{host}:{port}"
        config = uvicorn.Config(
            Control(operations), host=host, port=port, log_level="critical", lifespan="off", ws="none", access_log=False, http="httptools"
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Begin; returns the address as a URL. Raises OSError when the port is taken."""
        self._task = asyncio.get_running_loop().create_task(self._serve(), name="control")
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.005)
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:  # uvicorn's way to say that the port is taken
            raise OSError(f"the control interface cannot be opened at {self._where}") from error

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.wait((self._task,), timeout=5)
