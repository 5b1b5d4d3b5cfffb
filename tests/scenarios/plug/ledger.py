"""What stations said, what was acknowledged, and what they know themselves: the other side of the comparison."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tests.ocpp.schemas import parse
from voltgate.ocpp import v21
from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram

REGISTER = "Energy.Active.Import.Register"


class Acknowledged(NamedTuple):
    """One CALL of a station and its CALLRESULT."""

    message_id: str
    action: str
    payload: dict[str, Any]
    answer: dict[str, Any]
    raw: str
    raw_answer: str


class Value(NamedTuple):
    """One measured value, as the station said it."""

    at_ms: int
    transaction_id: str | None
    measurand: str
    phase: str | None
    context: str
    milli: int


class Session(NamedTuple):
    """One transaction as the station knows it."""

    evse_id: int
    started_ms: int
    ended_ms: int | None
    begin_milli: int
    end_milli: int
    events: int


def to_ms(text: str | datetime) -> int:
    """Milliseconds since the epoch."""
    at = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return round(at.timestamp() * 1000)


@dataclass
class Ledger:
    """The book of one station."""

    station_id: str
    version: Version
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """CALLERRORs."""
    own: list[v21.TransactionEventRequest] = field(default_factory=list)
    """Every transaction event when it happened, sent or not."""
    _open: dict[str, tuple[str, dict[str, Any], str]] = field(default_factory=dict)

    def follow(self, program: StationProgram) -> None:
        """Keep this book about a running program from now on."""
        program.watch = self.frame
        outbox = program.station.outbox
        store = outbox.store

        def note(request: v21.TransactionEventRequest) -> None:
            self.own.append(request)
            store(request)

        outbox.store = note  # type: ignore[method-assign]  # the book is kept where events come into being

    def frame(self, direction: str, text: str) -> None:
        """One frame has passed."""
        message = parse(text.encode())
        if direction == "out" and message[0] == 2:
            self._open[message[1]] = (message[2], message[3], text)
        elif direction == "in" and message[0] in (3, 4) and message[1] in self._open:
            action, payload, raw = self._open.pop(message[1])
            if message[0] == 3:
                self.acknowledged.append(Acknowledged(message[1], action, payload, message[2], raw, text))
            else:
                self.refused.append(f"{raw} -> {text}")

    # ---- what must be stored

    def events(self) -> set[tuple[str, int, str, int]]:
        """Acknowledged events of 2.x: transaction, number, type, time."""
        return {
            (payload["transactionInfo"]["transactionId"], payload["seqNo"], payload["eventType"], to_ms(payload["timestamp"]))
            for payload in self._payloads("TransactionEvent")
        }

    def starts(self) -> dict[str, dict[str, Any]]:
        """Acknowledged StartTransactions of 1.6 by the number they got."""
        return {str(one.answer["transactionId"]): one.payload for one in self.acknowledged if one.action == "StartTransaction"}

    def stops(self) -> dict[str, dict[str, Any]]:
        """Acknowledged StopTransactions of 1.6 by number."""
        return {str(payload["transactionId"]): payload for payload in self._payloads("StopTransaction")}

    def readings(self) -> Counter[tuple[str, int]]:
        """Acknowledged MeterValues of 1.6 by transaction and time, each different one once."""
        different = {str(payload): payload for payload in self._payloads("MeterValues")}.values()
        return Counter((str(payload["transactionId"]), to_ms(payload["meterValue"][-1]["timestamp"])) for payload in different)

    def values(self) -> Counter[Value]:
        """Every acknowledged value; what was said again counts once."""
        return self._values_16() if self.version == "1.6" else self._values_2()

    def sessions(self) -> dict[str, Session]:
        """The station's own account, by its own transaction ids."""
        by_id: dict[str, list[v21.TransactionEventRequest]] = {}
        for request in self.own:
            by_id.setdefault(request.transactionInfo.transactionId, []).append(request)
        return {transaction_id: _session(events) for transaction_id, events in by_id.items()}

    # ---- inside

    def _payloads(self, action: str) -> list[dict[str, Any]]:
        return [one.payload for one in self.acknowledged if one.action == action]

    def _values_2(self) -> Counter[Value]:
        found: Counter[Value] = Counter()
        different = {
            (payload["transactionInfo"]["transactionId"], payload["seqNo"]): payload for payload in self._payloads("TransactionEvent")
        }
        for (transaction_id, _), payload in different.items():
            found.update(_read(payload.get("meterValue", ()), transaction_id))
        return found

    def _values_16(self) -> Counter[Value]:
        found: Counter[Value] = Counter()
        for number, start in self.starts().items():
            found[_register(start["timestamp"], number, "Transaction.Begin", start["meterStart"])] += 1
        for payload in {str(payload): payload for payload in self._payloads("MeterValues")}.values():
            found.update(_read(payload["meterValue"], str(payload["transactionId"])))
        for number, stop in self.stops().items():
            values = _read(stop.get("transactionData", ()), number)
            found.update(values)
            ends = [value for value in values if value.measurand == REGISTER and value.context == "Transaction.End"]
            if not ends or abs(ends[-1].milli - stop["meterStop"] * 1000) >= 1000:
                found[_register(stop["timestamp"], number, "Transaction.End", stop["meterStop"])] += 1
        return found


def _session(events: list[v21.TransactionEventRequest]) -> Session:
    first, last = events[0], events[-1]
    assert first.evse is not None
    registers = [
        round(Decimal(repr(sampled.value)) * 1000)
        for event in events
        for value in event.meterValue or ()
        for sampled in value.sampledValue
        if sampled.measurand == REGISTER
    ]
    ended = to_ms(last.timestamp) if last.eventType == "Ended" else None
    return Session(first.evse.id, to_ms(first.timestamp), ended, registers[0], registers[-1], len(events))


def _read(values: Any, transaction_id: str) -> list[Value]:
    return [
        Value(
            to_ms(value["timestamp"]),
            transaction_id,
            sampled["measurand"],
            sampled.get("phase"),
            sampled.get("context", "Sample.Periodic"),
            int(Decimal(sampled["value"]) * 1000),
        )
        for value in values
        for sampled in value["sampledValue"]
    ]


def _register(timestamp: str, transaction_id: str, context: str, energy_wh: int) -> Value:
    return Value(to_ms(timestamp), transaction_id, REGISTER, None, context, energy_wh * 1000)
