"""Block G, availability: status of connectors, heartbeats, and what may be used.

Front door: `report_changes`, `report_all`, `apply_pending`, `beat`. Owns `Evse.operative`, `Evse.reported`, `Memory.operative`.
"""

from datetime import datetime

from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21
from voltgate.ocpp.messages import Answer
from voltgate.station.evses import Evse, component_of_fault
from voltgate.station.station import Station

GRAVE, FOR_INFORMATION = 2, 8
"""Severities of what the station notices itself (N07.FR.21): a failure of its hardware, and what is normal."""


def report_changes(station: Station) -> None:
    """Send the status of every connector whose status the central system does not know (G01, B04.FR.02)."""
    if not station.online:
        return
    if station.tells_whole and station.whole_told != station.state:
        _tell_whole(station)
    for evse in station.evses:
        if evse.fault != evse.fault_told:
            _tell_fault(station, evse)
        for connector in evse.connectors:
            if evse.reported.get(connector) != evse.status(station.memory.operative, connector):
                report(station, evse, connector)


def report(station: Station, evse: Evse, connector: int, *, solicited: bool = False) -> None:
    """Send the status of one connector."""
    status = evse.status(station.memory.operative, connector)
    evse.reported[connector] = status

    def hear(answer: Answer | None) -> None:
        if answer is None:
            evse.reported.pop(connector, None)

    request = v21.StatusNotificationRequest(timestamp=station.now, connectorStatus=status, evseId=evse.id, connectorId=connector)
    station.outbox.tell(request, hear, solicited=solicited)


def _tell_fault(station: Station, evse: Evse) -> None:
    """A fault has appeared or gone, told as the Problem of the EVSE's first connector or of its lock (G05.FR.02); techCode says which."""
    fault, known = evse.fault, evse.fault_told
    if fault is not None and known is not None and component_of_fault(fault) != component_of_fault(known):
        _tell_problem(station, evse, known, over=True)
    _tell_problem(station, evse, fault or known or "", over=fault is None)
    evse.fault_told = fault


def _tell_problem(station: Station, evse: Evse, fault: str, *, over: bool) -> None:
    event = v21.EventDataType(
        eventId=_next_event_id(station),
        timestamp=station.now,
        trigger="Delta",  # a boolean has changed
        actualValue="false" if over else "true",
        cleared=True if over else None,
        techCode=fault,
        component=v21.ComponentType(name=component_of_fault(fault), evse=v21.EVSEType(id=evse.id, connectorId=1)),
        variable=v21.VariableType(name="Problem"),
        eventNotificationType="HardWiredNotification",
        severity=GRAVE,
    )
    station.outbox.tell(v21.NotifyEventRequest(generatedAt=station.now, seqNo=0, eventData=[event]))


def _tell_whole(station: Station) -> None:
    """The state of the station as a whole is an event: only connectors have a StatusNotification."""
    station.whole_told = station.state
    event = v21.EventDataType(
        eventId=_next_event_id(station),
        timestamp=station.now,
        trigger="Delta",
        actualValue=station.state,
        component=v21.ComponentType(name="ChargingStation"),
        variable=v21.VariableType(name="AvailabilityState"),
        eventNotificationType="HardWiredNotification",
        severity=FOR_INFORMATION,
    )

    def hear(answer: Answer | None) -> None:
        if answer is None:
            station.whole_told = None

    station.outbox.tell(v21.NotifyEventRequest(generatedAt=station.now, seqNo=0, eventData=[event]), hear)


def _next_event_id(station: Station) -> int:
    station.memory.next_event_id += 1
    station.save()
    return station.memory.next_event_id


def forget_reports(station: Station) -> None:
    """Everything is to be reported anew (B01.FR.05, B04.FR.01)."""
    station.whole_told = None
    for evse in station.evses:
        evse.reported.clear()


def beat(station: Station, *, solicited: bool = False) -> None:
    """Send a Heartbeat (G02)."""

    def hear(answer: Answer | None) -> None:
        if isinstance(answer, v21.HeartbeatResponse):
            set_clock(station, answer.currentTime)

    station.next_heartbeat_ms = station.now_ms + station.variables.integer("OCPPCommCtrlr", "HeartbeatInterval") * 1_000
    station.outbox.tell(v21.HeartbeatRequest(), hear, solicited=solicited)


def set_clock(station: Station, central: datetime) -> None:
    """Follow the central system's clock, if that is the first time source (B01.FR.06, G02.FR.03)."""
    sources = station.variables.members("ClockCtrlr", "TimeSource")
    station.clock_offset_ms = to_ms(central) - station.now_ms if sources and sources[0] == "Heartbeat" else 0


def handle_change_availability(request: v21.ChangeAvailabilityRequest, station: Station) -> v21.ChangeAvailabilityResponse:
    """G03, G04."""
    operative = request.operationalStatus == "Operative"
    if request.evse is None or request.evse.id == 0:
        return v21.ChangeAvailabilityResponse(status=_change_station(station, operative))
    evse = station.evse(request.evse.id)
    connector = request.evse.connectorId or 0
    if evse is None or connector not in evse.operative:
        return v21.ChangeAvailabilityResponse(status="Rejected", statusInfo=v21.StatusInfoType(reasonCode="UnknownEvse"))
    return v21.ChangeAvailabilityResponse(status=_change(station, evse, connector, operative))


def apply_pending(station: Station) -> None:
    """Do what waited for the end of a transaction (G03.FR.05, G04.FR.06)."""
    if station.memory.pending_operative is not None and not station.transactions_running:
        station.memory.operative, station.memory.pending_operative = station.memory.pending_operative, None
        station.save()
    for evse in station.evses:
        if evse.pending and evse.transaction is None:
            evse.operative.update(evse.pending)
            evse.pending.clear()
            station.save()


def _change_station(station: Station, operative: bool) -> v21.ChangeAvailabilityStatusEnumType:
    station.memory.pending_operative = None
    if station.memory.operative == operative:
        return "Accepted"  # G04.FR.03
    if not operative and station.transactions_running:
        station.memory.pending_operative = operative
        station.save()
        return "Scheduled"
    station.memory.operative = operative
    station.save()
    return "Accepted"


def _change(station: Station, evse: Evse, connector: int, operative: bool) -> v21.ChangeAvailabilityStatusEnumType:
    evse.pending.pop(connector, None)
    if evse.operative[connector] == operative:
        return "Accepted"  # G03.FR.03
    if not operative and evse.transaction is not None:
        evse.pending[connector] = operative
        station.save()
        return "Scheduled"
    evse.operative[connector] = operative
    station.save()  # G03.FR.08
    return "Accepted"


HANDLERS = {"ChangeAvailability": handle_change_availability}
