"""Speaking names for what tests of the central system need again and again: messages, stations, sessions and a context."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from httpx import ASGITransport, AsyncClient
from msgspec.structs import replace

from voltgate.csms.api.app import create_api
from voltgate.csms.session import Session
from voltgate.csms.settings import AuthorizationSettings, HttpSettings, Settings
from voltgate.infrastructure.bus import LocalBus
from voltgate.infrastructure.clock import ManualClock, to_ms
from voltgate.infrastructure.database import Database, Row, Statement, Work
from voltgate.infrastructure.database.outbox import Outbox
from voltgate.infrastructure.database.sequences import Numbers
from voltgate.ocpp import v21
from voltgate.ocpp.messages import Answer, Call
from voltgate.ocpp.traits import Traits

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOON_MS = to_ms(NOON)
STATION = "CS-1"

NUMBERING = Traits(
    version="2.1", hears=frozenset(), numbers_events=True, reports_device_model=True, answers_broken_results=True, raw_password=False
)
UNNUMBERED = Traits(
    version="1.6", hears=frozenset(), numbers_events=False, reports_device_model=False, answers_broken_results=False, raw_password=True
)


def after(minutes: float = 0, *, seconds: float = 0) -> datetime:
    """A moment so long after noon."""
    return NOON + timedelta(minutes=minutes, seconds=seconds)


@dataclass
class StandInContext:
    """A `Context` without links: `ask` takes its answers from `answers` and keeps what was asked."""

    database: Database
    bus: LocalBus
    clock: ManualClock
    settings: Settings
    numbers: Numbers
    station_key: bytes = b"k" * 32
    answers: list[Answer | Exception] = field(default_factory=list)
    asked: list[tuple[str, Call[Any]]] = field(default_factory=list)

    def traits(self, station_id: str) -> Traits | None:
        return NUMBERING

    async def ask(self, station_id: str, request: Call[Any], *, timeout: float | None = None) -> Any:
        self.asked.append((station_id, request))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wire_call(self, station_id: str, action: str, payload: bytes, *, timeout: float | None = None) -> bytes:
        raise NotImplementedError

    async def hang_up(self, station_id: str, reason: str) -> None:
        raise NotImplementedError


def a_context(database: Database, bus: LocalBus | None = None, **authorization: Any) -> StandInContext:
    """A context over a real database; `authorization` are settings of that name."""
    settings = Settings(authorization=AuthorizationSettings(**authorization))
    return StandInContext(database, bus or LocalBus(), ManualClock(NOON), settings, Numbers(database))


def a_client(context: StandInContext, routes: Sequence[Any]) -> AsyncClient:
    """A client of the HTTP API over `routes`; nobody has to log in."""
    context.settings = replace(context.settings, http=HttpSettings(login_required=False))
    app = create_api(cast(Any, context), outbox=Outbox(context.database, context.bus), rooms_routes=routes, commands={})
    return AsyncClient(transport=ASGITransport(app=app, raise_app_exceptions=False), base_url="http://127.0.0.1/api/v1")


def a_session(context: StandInContext, *, station: str = STATION, traits: Traits = NUMBERING, now: datetime | None = None) -> Session:
    """One message of a station being handled."""
    return Session(context, station, traits, now or context.clock.now(), "Accepted")


@dataclass
class Heard:
    """What came out of one message."""

    answer: Any
    work: Work

    @property
    def told(self) -> list[str]:
        return [event.topic for event in self.work.events]

    @property
    def alarms(self) -> list[str]:
        return [event.data["kind"] for event in self.work.events if event.topic == "alarm.raised"]

    def shown(self, topic: str) -> list[dict[str, Any]]:
        return [dict(data) for said, data in self.work.shown if said == topic]


@dataclass
class Station:
    """A station as the rooms hear it: says messages one after the other, each committed before the next."""

    context: StandInContext
    handlers: dict[str, Callable[..., Awaitable[Any]]]
    name: str = STATION
    traits: Traits = NUMBERING

    async def says(self, *requests: Call[Any], at: datetime | None = None) -> Heard:
        """Say `requests` in one unit of work; the answer is that of the last."""
        session = a_session(self.context, station=self.name, traits=self.traits, now=at or after(24 * 60))
        answer = None
        for request in requests:
            answer = await self.handlers[request.action](request, session)
        await self.context.database.commit(session.work)
        return Heard(answer, session.work)


async def rows(database: Database, query: Any) -> Sequence[Row]:
    """The rows of a query."""
    return await database.query(query if isinstance(query, Statement) else cast(Any, query))


def a_token(text: str = "CARD-1", kind: str = "ISO14443") -> v21.IdTokenType:
    return v21.IdTokenType(idToken=text, type=kind)


def a_sample(value: float, measurand: str | None = None, **fields: Any) -> v21.SampledValueType:
    """One sampled value; ``unit`` and ``multiplier`` may be given directly."""
    unit, multiplier = fields.pop("unit", None), fields.pop("multiplier", None)
    measure = v21.UnitOfMeasureType(unit=unit, multiplier=multiplier) if unit or multiplier is not None else None
    return v21.SampledValueType(value=value, measurand=cast(Any, measurand), unitOfMeasure=measure, **fields)


def measured(at: datetime, *samples: v21.SampledValueType) -> v21.MeterValueType:
    """Samples of one moment."""
    return v21.MeterValueType(timestamp=at, sampledValue=list(samples))


def register(at: datetime, wh: float, context: str | None = None) -> v21.MeterValueType:
    """The meter register in Wh."""
    return measured(at, a_sample(wh, "Energy.Active.Import.Register", unit="Wh", context=context))


def an_event(
    kind: str,
    number: int,
    at: datetime,
    *meter: v21.MeterValueType,
    transaction: str = "T-1",
    trigger: str = "ChargingStateChanged",
    token: v21.IdTokenType | None = None,
    evse: int | None = None,
    **fields: Any,
) -> v21.TransactionEventRequest:
    """A transaction event; fields of `transactionInfo` and of the request itself may be given by name."""
    own = {name: fields.pop(name) for name in list(fields) if name in v21.TransactionEventRequest.__struct_fields__}
    return v21.TransactionEventRequest(
        eventType=cast(Any, kind),
        timestamp=at,
        triggerReason=cast(Any, trigger),
        seqNo=number,
        transactionInfo=v21.TransactionType(transactionId=transaction, **fields),
        meterValue=list(meter) or None,
        idToken=token,
        evse=v21.EVSEType(id=evse, connectorId=1) if evse is not None else None,
        **own,
    )


def started(number: int = 0, at: datetime = NOON, wh: float | None = 1000.0, **fields: Any) -> v21.TransactionEventRequest:
    """The start on EVSE 1 with a register."""
    meter = [register(at, wh, "Transaction.Begin")] if wh is not None else []
    fields.setdefault("evse", 1)
    return an_event("Started", number, at, *meter, **{"trigger": "CablePluggedIn", "chargingState": "EVConnected", **fields})


def updated(number: int, at: datetime, wh: float | None = None, **fields: Any) -> v21.TransactionEventRequest:
    """An update, with a register if one is given."""
    meter = [register(at, wh)] if wh is not None else []
    return an_event("Updated", number, at, *meter, **{"trigger": "MeterValuePeriodic", **fields})


def ended(number: int, at: datetime, wh: float | None = None, **fields: Any) -> v21.TransactionEventRequest:
    """The end, with a register if one is given."""
    meter = [register(at, wh, "Transaction.End")] if wh is not None else []
    return an_event("Ended", number, at, *meter, **{"trigger": "EVDeparted", "chargingState": "Idle", **fields})
