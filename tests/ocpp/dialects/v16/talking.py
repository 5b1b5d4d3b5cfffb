"""Builders and scripts for the dialogues of 1.6."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialogue import Talk

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
DIALECT = DIALECTS["1.6"]
ACCEPTED = v21.IdTokenInfoType(status="Accepted")


def later(seconds: float) -> datetime:
    """So many seconds after `NOW`."""
    return NOW + timedelta(seconds=seconds)


def talk(memory: Memory | None = None) -> Talk[Memory]:
    """A talk whose transaction numbers start at 7."""
    numbers = count(7)
    return Talk(memory or Memory(), NOW, lambda: next(numbers))


def facts(**kept: Any) -> dict[str, Any]:
    """The customData that carries what 2.1 has no word for."""
    return {"vendorId": "org.voltgate", "ocpp16": kept}


def wh(value: float, at: datetime, context: v21.ReadingContextEnumType) -> v21.MeterValueType:
    """An energy register as the dialect writes it."""
    sample = v21.SampledValueType(
        value=value,
        context=context,
        measurand="Energy.Active.Import.Register",
        unitOfMeasure=v21.UnitOfMeasureType(unit="Wh", multiplier=0),
    )
    return v21.MeterValueType(timestamp=at, sampledValue=[sample])


def token(text: str) -> v21.IdTokenType:
    """A token as 1.6 tags are heard."""
    return v21.IdTokenType(idToken=text, type="ISO14443")


def start(connector: int = 1, tag: str = "TAG", meter: int = 100, at: datetime = NOW, **more: Any) -> v16.StartTransactionRequest:
    """A start."""
    return v16.StartTransactionRequest(connectorId=connector, idTag=tag, meterStart=meter, timestamp=at, **more)


def status(
    word: v16.ChargePointStatus, connector: int = 1, error: v16.ChargePointErrorCode = "NoError", **more: Any
) -> v16.StatusNotificationRequest:
    """A status."""
    return v16.StatusNotificationRequest(connectorId=connector, errorCode=error, status=word, timestamp=NOW, **more)


def values(*samples: v16.SampledValue, at: datetime = NOW) -> v16.MeterValue:
    """Readings of one moment."""
    return v16.MeterValue(timestamp=at, sampledValue=list(samples))


def answer_of(request: Any) -> Any:
    """A friendly room: the answer that lets everything go on."""
    if isinstance(request, v21.BootNotificationRequest):
        return v21.BootNotificationResponse(status="Accepted", currentTime=NOW, interval=300)
    if isinstance(request, v21.TransactionEventRequest):
        return v21.TransactionEventResponse(idTokenInfo=ACCEPTED if request.idToken else None)
    return type(request).__orig_bases__[0].__args__[0]()


def run(dialogue: Any) -> tuple[list[Any], Any]:
    """What a dialogue says to friendly rooms, and its answer."""
    said: list[Any] = []
    try:
        said.append(next(dialogue))
        while True:
            said.append(dialogue.send(answer_of(said[-1])))
    except StopIteration as end:
        return said, end.value


def hear(talk: Talk[Memory], *messages: Any) -> list[Any]:
    """All that the CSMS's rooms hear of these messages of a station."""
    return list(_heard(talk, messages))


def _heard(talk: Talk[Memory], messages: tuple[Any, ...]) -> Iterator[Any]:
    for message in messages:
        yield from run(DIALECT.hear_station(message, talk))[0]
