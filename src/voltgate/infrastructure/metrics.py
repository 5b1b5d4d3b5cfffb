"""What the program counts and times, in the words of Prometheus."""

from collections.abc import Mapping
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Direction = Literal["in", "out"]
Outcome = Literal["answered", "refused", "failed", "timed_out"]

CONTENT_TYPE = CONTENT_TYPE_LATEST

_COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_COMMIT_UNITS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)
_CALL_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one program; an object, so that two programs in one process do not mix theirs."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        labels = ("version", "action", "direction", "outcome")
        self._messages = Counter("voltgate_messages", "OCPP messages that were dealt with", labels, registry=registry)
        self._message: dict[tuple[str, str, Direction, Outcome], Counter] = {}
        self._links = Gauge("voltgate_links_open", "Stations connected now", ("version",), registry=registry)
        self._calls = Histogram("voltgate_call_seconds", "From a call to its answer", ("action",), buckets=_CALL_SECONDS, registry=registry)
        self._commit = Histogram("voltgate_commit_seconds", "Duration of a group commit", buckets=_COMMIT_SECONDS, registry=registry)
        self._units = Histogram("voltgate_commit_units", "Units of work in a group commit", buckets=_COMMIT_UNITS, registry=registry)
        self._lag = Gauge("voltgate_outbox_lag", "Events a consumer has not handled yet", ("consumer",), registry=registry)

    def message(self, version: str, action: str, direction: Direction, outcome: Outcome) -> None:
        """Count one message. `action` must be a word of the specification, never a peer's invention: each becomes a series for ever."""
        key = (version, action, direction, outcome)
        counter = self._message.get(key)
        if counter is None:
            counter = self._message[key] = self._messages.labels(*key)
        counter.inc()

    def link_opened(self, version: str) -> None:
        """A station has connected."""
        self._links.labels(version).inc()

    def link_closed(self, version: str) -> None:
        """A station is gone."""
        self._links.labels(version).dec()

    def call_answered(self, action: str, seconds: float) -> None:
        """A call of ours was answered after `seconds`."""
        self._calls.labels(action).observe(seconds)

    def commit(self, units: int, seconds: float) -> None:
        """A group commit of `units` took `seconds`; may be called from any thread."""
        self._commit.observe(seconds)
        self._units.observe(units)

    def outbox_lag(self, lag: Mapping[str, int]) -> None:
        """How many events each consumer is behind."""
        for consumer, events in lag.items():
            self._lag.labels(consumer).set(events)

    def exposition(self) -> bytes:
        """All figures as text of the type `CONTENT_TYPE`."""
        return generate_latest(self._registry)
