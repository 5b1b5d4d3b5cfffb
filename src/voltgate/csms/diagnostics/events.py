"""Which events need a person; pure."""

from voltgate.ocpp import v21

_GRAVE = 3
"""Severities 0 danger, 1 hardware failure, 2 system failure, 3 critical; above that the station goes on (N04)."""


def connector_of(event: v21.EventDataType) -> tuple[int | None, int | None]:
    """EVSE and connector that an event is about; None for the station as a whole."""
    evse = event.component.evse
    return (None, None) if evse is None else (evse.id, evse.connectorId)


def is_problem(event: v21.EventDataType) -> bool:
    """Whether the event tells that its component has, or no longer has, a problem."""
    return event.variable.name == "Problem"


def is_over(event: v21.EventDataType) -> bool:
    """Whether the event tells that all is well again."""
    return bool(event.cleared) or (is_problem(event) and event.actualValue.strip().lower() in ("false", "0"))


def is_alarming(event: v21.EventDataType) -> bool:
    """Whether a person should look: a problem has come up, or a monitor says that it is grave."""
    if is_over(event):
        return False
    return is_problem(event) or (event.severity is not None and event.severity <= _GRAVE)


def alarm_kind(event: v21.EventDataType) -> str:
    """The kind of its alarm: one for each place and variable, so that what is over clears its own alarm only."""
    place = ".".join(str(number) for number in connector_of(event) if number is not None)
    return ".".join(part for part in (event.variable.name.lower(), event.component.name.lower(), place) if part)


def describe(event: v21.EventDataType) -> str:
    """One sentence for a person."""
    evse_id, connector_id = connector_of(event)
    place = "" if evse_id is None else f" at EVSE {evse_id}" + ("" if connector_id is None else f" connector {connector_id}")
    told = ": ".join(text for text in (event.techCode, event.techInfo) if text)
    return f"{event.component.name} {event.variable.name} is {event.actualValue}{place}" + (f" ({told})" if told else "")
