"""Calls to a station: every action of 2.1 as typed JSON, and any CALL of its own version as raw JSON."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath, QueryParameter

from voltgate.csms.api.injected import TheContext
from voltgate.csms.api.problems import BadRequest, NotFound
from voltgate.csms.context import Context
from voltgate.csms.stations import find_station
from voltgate.ocpp.actions import ACTIONS, decode_request, encode
from voltgate.ocpp.errors import InvalidAnswer, MessageError
from voltgate.ocpp.messages import Action, Answer, Call

LONGEST_TIMEOUT_SECONDS = 300.0
LONGEST_ACTION = 100
JSON = "application/json"

AnswerT = TypeVar("AnswerT", bound=Answer)

Command: TypeAlias = Callable[..., Awaitable[Answer]]
"""What a room does for an action besides asking the station: ``async def command(context, station_id, request) -> answer``."""

Timeout = Annotated[
    float | None, QueryParameter(gt=0, le=LONGEST_TIMEOUT_SECONDS, description="Seconds to wait for the answer, else `call_timeout`.")
]

CALLS: Mapping[str, Action] = {
    name: action for name, action in ACTIONS["2.1"].items() if action.sender in ("csms", "both") and action.kind == "call"
}
"""What a CSMS may ask a station in 2.1."""


def call_routes(commands: Mapping[str, Command]) -> list[Any]:
    """The routes, over the rooms' commands by action; an action without one is a plain question."""

    @post("/stations/{station_id:str}/calls/{action:str}", tags=["calls"], status_code=200, summary="Call a station")
    async def call_station(
        context: TheContext, request: Request[Any, Any, Any], station_id: FromPath[str], action: FromPath[str], timeout: Timeout = None
    ) -> Response[bytes]:
        """Sends a request of OCPP 2.1 in the words of the station's own version; the answer is the 2.1 response."""
        if action not in CALLS:
            raise NotFound(f"a CSMS has no action {action!r} in OCPP 2.1", field="action")
        station = await _known(context, station_id)
        question = cast("Call[Answer]", decode_request("2.1", action, await request.body() or b"{}"))
        command = commands.get(action)
        if command is None:
            return _answered(await context.ask(station, question, timeout=timeout))
        return _answered(await command(cast("Context", _InTime(context, timeout)) if timeout else context, station, question))

    return [call_station, wire_call]


def _answered(answer: Answer) -> Response[bytes]:
    """Raises: InvalidAnswer when what the station said is no 2.1: that is not the fault of who asked."""
    try:
        return Response(encode(answer), media_type=JSON)
    except MessageError as error:
        raise InvalidAnswer(error) from error


class _InTime:
    """A context whose questions have another time-out: how `?timeout=` reaches what a command asks."""

    def __init__(self, context: Context, timeout: float) -> None:
        self._context = context
        self._timeout = timeout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def ask(self, station_id: str, request: Call[AnswerT], *, timeout: float | None = None) -> AnswerT:
        """See `Context.ask`."""
        return await self._context.ask(station_id, request, timeout=timeout or self._timeout)


@post("/stations/{station_id:str}/wire-calls/{action:str}", tags=["calls"], status_code=200, summary="Call a station verbatim")
async def wire_call(
    context: TheContext, request: Request[Any, Any, Any], station_id: FromPath[str], action: FromPath[str], timeout: Timeout = None
) -> Response[bytes]:
    """Sends a CALL in the station's own version: the body goes out as it is (only white space is taken out) and is checked by nobody;
    the payload of the CALLRESULT comes back as it is."""
    if len(action) > LONGEST_ACTION:
        raise BadRequest(f"an action has at most {LONGEST_ACTION} characters", field="action")
    station = await _known(context, station_id)
    return Response(await context.wire_call(station, action, _compact(await request.body()), timeout=timeout), media_type=JSON)


def _compact(body: bytes) -> bytes:
    """The same JSON, token by token, without white space. Raises: BadRequest when it is none."""
    try:
        body.decode()
        return msgspec.json.format(body or b"{}", indent=-1)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}", field="body") from error


async def _known(context: Context, station_id: str) -> str:
    """The id of a station as it was registered. Raises: NotFound."""
    station = await find_station(context.database, station_id)
    if station is None:
        raise NotFound(f"there is no station {station_id!r}")
    return station.id
