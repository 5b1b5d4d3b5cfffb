"""Who plays in a whole story: our station, an operator at the HTTP API, a watcher of the live events, and the judge of all frames."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.ocpp.schemas import parse, validator
from tests.scenarios.foreign import eventually
from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram
from voltgate.station.keeping import open_store
from voltgate.station.operations import EvseView, Operations
from voltgate.station.settings import StationSpec

PATIENCE = 30.0
"""Seconds; a machine that is busy with other things is no fault of ours."""


class FrameJudge:
    """Sees every frame of one station, both directions, and knows which action an answer belongs to."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.frames: list[tuple[str, str]] = []

    def see(self, direction: str, text: str) -> None:
        """A frame has passed; ``out`` is what the station says."""
        self.frames.append((direction, text))

    def check(self) -> dict[str, int]:
        """Every CALL and CALLRESULT follows the official schema of its version; how often each action was used, by either side."""
        asked: dict[tuple[str, str], str] = {}
        used: dict[str, int] = {}
        for direction, text in self.frames:
            frame = parse(text.encode())
            if frame[0] == 2:
                asked[direction, frame[1]] = frame[2]
                used[frame[2]] = used.get(frame[2], 0) + 1
                if frame[2] in ACTIONS[self.version]:
                    validator(self.version, ACTIONS[self.version][frame[2]].request).validate(frame[3])
            elif frame[0] == 3:
                action = ACTIONS[self.version][asked["in" if direction == "out" else "out", frame[1]]]
                assert action.response is not None
                validator(self.version, action.response).validate(frame[2])
        return used

    def answers_of(self, message: str) -> list[str]:
        """The CALLRESULTs of the station as they are, for CALLs whose text contains `message`."""
        ids = [json.loads(text)[1] for direction, text in self.frames if direction == "in" and message in text]
        return [text for direction, text in self.frames if direction == "out" and text.startswith("[3") and json.loads(text)[1] in ids]

    def said(self, action: str) -> list[dict[str, Any]]:
        """The payloads of the station's CALLs of this action."""
        calls = [json.loads(text) for direction, text in self.frames if direction == "out" and text.startswith("[2")]
        return [call[3] for call in calls if call[2] == action]


class Person:
    """Somebody at the station."""

    def __init__(self, operations: Operations) -> None:
        self.do = operations

    def evse(self, evse_id: int) -> EvseView:
        """How an EVSE is."""
        return self.do.view().evses[evse_id - 1]

    async def sees(self, question: Any, seconds: float = PATIENCE) -> None:
        """Wait until `question` (a plain function) is true."""

        async def ask() -> Any:
            return question()

        await eventually(ask, seconds)


@asynccontextmanager
async def our_station(url: str, version: Version, password: str, judge: FrameJudge, data: Path, **variables: str) -> AsyncIterator[Person]:
    """Our station, powered."""
    store, close = await open_store(data)
    spec = StationSpec(
        id="CS-1",
        url=url,
        version=version,
        password=password,
        time_factor=120,
        boot_seconds=0.05,
        variables={name.replace("__", "."): value for name, value in variables.items()},
    )
    program = StationProgram(spec, store, watch=judge.see)
    await program.start()
    ticking = asyncio.ensure_future(_tick(program))
    try:
        yield Person(Operations(program))
    finally:
        ticking.cancel()
        await program.stop()
        await close()


async def _tick(program: StationProgram) -> None:
    while True:
        program.tick()
        await asyncio.sleep(0.02)


class Operator:
    """Somebody at the HTTP API, for one station."""

    def __init__(self, api: httpx.AsyncClient, station_id: str = "CS-1") -> None:
        self.api = api
        self.path = f"/stations/{station_id}"

    async def get(self, path: str = "", **parameters: Any) -> Any:
        """What is at a path below the station (or, with a leading slash, anywhere)."""
        answer = await self.api.get(path if path.startswith("/") else f"{self.path}/{path}".rstrip("/"), params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def call(self, action: str, **request: Any) -> Any:
        """A 2.1 call; its answer."""
        answer = await self.api.post(f"{self.path}/calls/{action}", json=request)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def evse(self, evse_id: int) -> dict[str, Any]:
        """An EVSE as the API shows it."""
        return next((dict(evse) for evse in (await self.get())["evses"] if evse["evse_id"] == evse_id), {})

    async def sees_state(self, evse_id: int, *states: str) -> None:
        """Wait until an EVSE is in one of these states."""

        async def ask() -> bool:
            return (await self.evse(evse_id)).get("state") in states

        await eventually(ask, PATIENCE)

    async def variable(self, component: str, variable: str) -> dict[str, Any]:
        """One variable with its wish."""
        found = (await self.get("variables", component=component, limit=500))["items"]
        return next((dict(one) for one in found if (one["variable"], one["attribute"]) == (variable, "Actual")), {})


class Live:
    """Somebody who watches the live events of a station."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def of(self, topic: str) -> list[dict[str, Any]]:
        """What came on a topic."""
        return [data for name, data in self.events if name == topic]

    @asynccontextmanager
    async def watching(self, api: httpx.AsyncClient, station_id: str = "CS-1") -> AsyncIterator[None]:
        """Watch."""
        async with api.stream("GET", "/events", params={"station": station_id}, timeout=None) as stream:
            assert stream.status_code == 200
            task = asyncio.ensure_future(self._read(stream))
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _read(self, stream: httpx.Response) -> None:
        topic = ""
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                topic = value
            elif name == "data":
                self.events.append((topic, json.loads(value)))
