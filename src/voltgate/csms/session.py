"""What a handler gets besides its message: the station, the time and one unit of work."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event, Row, Statement, Value, Work
from voltgate.ocpp import v21
from voltgate.ocpp.traits import Traits


class Session(Struct):
    """One message of one station while it is being handled."""

    context: Context
    station_id: str
    traits: Traits
    now: datetime
    registration: v21.RegistrationStatusEnumType
    """Accepted, Pending or Rejected: how the station's last boot was answered. The provisioning room sets it when it answers a boot."""
    booted: bool = False
    """Set by the provisioning room when this message was a boot: what waits for the station is looked at after the answer."""
    work: Work = field(default_factory=Work)

    def read(self, statement: Statement, /, **parameters: Value) -> Awaitable[Sequence[Row]]:
        """Look something up; does not see the writes of this unit."""
        return self.context.database.read(statement, **parameters)

    def write(self, statement: Statement, /, **parameters: Value) -> None:
        """Run `statement` when this unit commits, just before the answer leaves."""
        self.work.write(statement, **parameters)

    def write_row(self, statement: Statement, values: tuple[Value, ...], /) -> None:
        """See `Work.write_row`."""
        self.work.write_row(statement, values)

    def tell(self, topic: str, **data: Any) -> None:
        """Record an event of this station in the outbox."""
        self.work.tell(Event(topic, to_ms(self.now), self.station_id, data))

    def show(self, topic: str, **data: Any) -> None:
        """Publish to whoever looks right now; not kept."""
        self.work.show(topic, {"station_id": self.station_id, "at_ms": to_ms(self.now), **data})

    def raise_alarm(self, kind: str, text: str, **data: Any) -> None:
        """Tell the back office that a person should look; `kind` is a stable word, `text` one sentence."""
        self.tell("alarm.raised", kind=kind, text=text, **data)
