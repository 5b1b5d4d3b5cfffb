"""Statuses, errors, heartbeat and availability, in both directions."""

from typing import Any, get_args

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, facts, hear, later, run, start, status, talk, values
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.words import CHARGING_STATES, CONNECTOR_STATUSES
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import PeerCannot

EVSE_1 = v21.EVSEType(id=1, connectorId=1)
TOLD = v16.StatusNotificationResponse()
WORDS = get_args(v16.ChargePointStatus)


def test_every_status_has_a_word() -> None:
    assert set(CONNECTOR_STATUSES) == set(WORDS)
    assert set(CHARGING_STATES) < set(WORDS)


@pytest.mark.action("1.6:StatusNotification")
@pytest.mark.parametrize("said", WORDS)
def test_a_status_keeps_its_own_word_beside_that_of_21(said: v16.ChargePointStatus) -> None:
    (heard,) = hear(talk(), status(said))
    assert heard == v21.StatusNotificationRequest(
        timestamp=NOW,
        connectorStatus=CONNECTOR_STATUSES[said],
        evseId=1,
        connectorId=1,
        customData=facts(status=said, errorCode="NoError"),
    )
    encode(heard)


@pytest.mark.action("1.6:StatusNotification")
def test_a_status_without_time_is_of_now_and_keeps_all_it_says() -> None:
    request = v16.StatusNotificationRequest(
        connectorId=2, errorCode="NoError", status="Available", info="i", vendorId="v", vendorErrorCode="c"
    )
    (heard,) = hear(talk(), request)
    assert heard.timestamp == NOW
    assert heard.customData == facts(status="Available", errorCode="NoError", info="i", vendorId="v", vendorErrorCode="c")


@pytest.mark.action("1.6:StatusNotification")
def test_a_running_transaction_hears_its_charging_state_once() -> None:
    here = talk()
    hear(here, status("Preparing"), start())
    _, changed = hear(here, status("Charging"))
    assert changed == v21.TransactionEventRequest(
        eventType="Updated",
        timestamp=NOW,
        triggerReason="ChargingStateChanged",
        seqNo=1,
        transactionInfo=v21.TransactionType(transactionId="7", chargingState="Charging"),
        evse=EVSE_1,
        customData=facts(status="Charging"),
    )
    assert [type(one) for one in hear(here, status("Charging"))] == [v21.StatusNotificationRequest]
    assert hear(here, status("SuspendedEVSE"))[1].transactionInfo.chargingState == "SuspendedEVSE"
    assert hear(here, status("Finishing"))[1].transactionInfo.chargingState == "EVConnected"
    assert len(hear(here, status("Available"))) == 1, "a free connector says nothing about the transaction"
    assert len(hear(here, status("Charging", connector=2))) == 1, "another connector neither"


@pytest.mark.action("1.6:StatusNotification", "1.6:MeterValues")
def test_a_transaction_whose_stop_is_missing_does_not_take_the_states_of_the_next_one() -> None:
    here = talk()
    hear(here, status("Preparing"), start(), status("Charging"), status("Available"))
    assert len(hear(here, status("Preparing"))) == 1
    assert hear(here, start(at=later(60)), status("Charging"))[-1].transactionInfo.transactionId == "8"


@pytest.mark.action("1.6:StatusNotification", "1.6:MeterValues")
def test_a_transaction_that_goes_on_after_a_reboot_is_heard_by_its_readings() -> None:
    here = talk()
    readings = v16.MeterValuesRequest(connectorId=1, transactionId=7, meterValue=[values(v16.SampledValue(value="1"))])
    hear(here, start(), status("Charging"), status("Available"), readings)
    assert hear(here, status("SuspendedEV"))[1].transactionInfo.transactionId == "7"


@pytest.mark.action("1.6:StatusNotification")
def test_an_error_is_raised_once_and_cleared() -> None:
    here = talk()
    error = status("Faulted", error="GroundFailure", info="leak", vendorErrorCode="E7", vendorId="v")
    raised = hear(here, error)[1]
    assert raised == v21.NotifyEventRequest(
        generatedAt=NOW,
        seqNo=0,
        eventData=[
            v21.EventDataType(
                eventId=1,
                timestamp=NOW,
                trigger="Alerting",
                actualValue="true",
                eventNotificationType="HardWiredNotification",
                component=v21.ComponentType(name="Connector", evse=EVSE_1),
                variable=v21.VariableType(name="Problem"),
                techCode="GroundFailure",
                techInfo="leak",
                customData=facts(vendorErrorCode="E7", vendorId="v"),
            )
        ],
    )
    assert len(hear(here, error)) == 1
    (cleared,) = hear(here, status("Available"))[1].eventData
    assert (cleared.cleared, cleared.techCode, cleared.actualValue, cleared.eventId) == (True, "GroundFailure", "false", 2)


@pytest.mark.action("1.6:StatusNotification")
def test_another_error_clears_the_first_and_raises_the_second() -> None:
    here = talk()
    hear(here, status("Faulted", error="GroundFailure"))
    _, events = hear(here, status("Faulted", error="OtherError", vendorErrorCode="1"))
    assert [(one.techCode, one.cleared) for one in events.eventData] == [("GroundFailure", True), ("OtherError", None)]
    _, events = hear(here, status("Faulted", error="OtherError", vendorErrorCode="2"))
    assert [(one.techCode, one.cleared) for one in events.eventData] == [("OtherError", None)]


@pytest.mark.action("1.6:StatusNotification")
def test_connector_0_is_the_station() -> None:
    (heard,) = hear(talk(), status("Unavailable", connector=0, error="InternalError"))
    state, problem = heard.eventData
    assert (state.component.name, state.variable.name, state.actualValue) == ("ChargingStation", "AvailabilityState", "Unavailable")
    assert (problem.component, problem.techCode) == (v21.ComponentType(name="ChargingStation"), "InternalError")
    encode(heard)
    (heard,) = hear(talk(), status("Preparing", connector=0))
    assert heard.eventData[0].customData == facts(status="Preparing", errorCode="NoError")


@pytest.mark.action("1.6:Heartbeat")
def test_a_heartbeat_is_the_same_in_both_directions() -> None:
    beat_21, beat_16 = v21.HeartbeatResponse(currentTime=later(1)), v16.HeartbeatResponse(currentTime=later(1))
    assert play(DIALECT.hear_station(v16.HeartbeatRequest(), talk()), [(v21.HeartbeatRequest(), beat_21)]) == beat_16
    assert play(DIALECT.say_csms(v21.HeartbeatRequest(), talk()), [(v16.HeartbeatRequest(), beat_16)]) == beat_21


@pytest.mark.action("1.6:ChangeAvailability")
@pytest.mark.parametrize(("evse", "connector"), [(None, 0), (v21.EVSEType(id=2), 2), (v21.EVSEType(id=2, connectorId=1), 2)])
def test_availability_is_changed_by_connector(evse: v21.EVSEType | None, connector: int) -> None:
    request = v21.ChangeAvailabilityRequest(operationalStatus="Inoperative", evse=evse)
    wire = v16.ChangeAvailabilityRequest(connectorId=connector, type="Inoperative")
    answer = v16.ChangeAvailabilityResponse(status="Scheduled")
    assert play(DIALECT.say_station(request, talk()), [(wire, answer)]) == v21.ChangeAvailabilityResponse(status="Scheduled")
    heard = v21.ChangeAvailabilityRequest(operationalStatus="Inoperative", evse=v21.EVSEType(id=connector) if connector else None)
    assert play(DIALECT.hear_csms(wire, talk()), [(heard, v21.ChangeAvailabilityResponse(status="Scheduled"))]) == answer


@pytest.mark.action("1.6:ChangeAvailability")
def test_a_connector_that_cannot_be_is_refused() -> None:
    wire = v16.ChangeAvailabilityRequest(connectorId=-1, type="Operative")
    assert play(DIALECT.hear_csms(wire, talk()), []) == v16.ChangeAvailabilityResponse(status="Rejected")
    request = v21.ChangeAvailabilityRequest(operationalStatus="Operative", evse=v21.EVSEType(id=1, connectorId=2))
    with pytest.raises(PeerCannot, match="connector 2 of EVSE 1"):
        play(DIALECT.say_station(request, talk()), [])


def connector(state: v21.ConnectorStatusEnumType, **more: Any) -> v21.StatusNotificationRequest:
    return v21.StatusNotificationRequest(timestamp=NOW, connectorStatus=state, evseId=1, connectorId=1, **more)


@pytest.mark.action("1.6:StatusNotification")
@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("Available", "Available"),
        ("Occupied", "Preparing"),
        ("Reserved", "Reserved"),
        ("Unavailable", "Unavailable"),
        ("Faulted", "Faulted"),
    ],
)
def test_a_station_says_its_status_every_time(state: v21.ConnectorStatusEnumType, word: v16.ChargePointStatus) -> None:
    here = talk()
    for _ in range(2):
        assert play(DIALECT.say_csms(connector(state), here), [(status(word), TOLD)]) == v21.StatusNotificationResponse()


@pytest.mark.action("1.6:StatusNotification")
def test_a_word_of_16_that_came_from_16_goes_back_as_it_was() -> None:
    request = connector("Occupied", customData=facts(status="SuspendedEV"))
    play(DIALECT.say_csms(request, talk()), [(status("SuspendedEV"), TOLD)])


def event(component: str = "Connector", variable: str = "Problem", value: str = "true", **more: Any) -> v21.NotifyEventRequest:
    place = v21.ComponentType(name=component, evse=None if component == "ChargingStation" else EVSE_1)
    data = v21.EventDataType(
        eventId=1,
        timestamp=NOW,
        trigger="Alerting",
        actualValue=value,
        eventNotificationType="HardWiredNotification",
        component=place,
        variable=v21.VariableType(name=variable),
        **more,
    )
    return v21.NotifyEventRequest(generatedAt=NOW, seqNo=0, eventData=[data])


@pytest.mark.action("1.6:StatusNotification")
def test_a_problem_is_an_error_code_until_it_is_cleared() -> None:
    here = talk()
    play(DIALECT.say_csms(connector("Faulted"), here), [(status("Faulted"), TOLD)])
    raised = status("Faulted", error="HighTemperature", info="hot")
    play(DIALECT.say_csms(event(techCode="HighTemperature", techInfo="hot"), here), [(raised, TOLD)])
    play(DIALECT.say_csms(connector("Faulted"), here), [(status("Faulted", error="HighTemperature"), TOLD)])
    play(DIALECT.say_csms(event(value="false", cleared=True, techCode="HighTemperature"), here), [(status("Faulted"), TOLD)])


@pytest.mark.action("1.6:StatusNotification")
def test_a_problem_of_its_own_kind_is_another_error() -> None:
    raised = status("Available", error="OtherError", info="x" * 50, vendorErrorCode="E7")
    play(DIALECT.say_csms(event(techCode="E7", techInfo="x" * 60), talk()), [(raised, TOLD)])


@pytest.mark.action("1.6:StatusNotification")
def test_the_state_of_the_whole_station_is_connector_0() -> None:
    request = event("ChargingStation", "AvailabilityState", "Unavailable")
    play(DIALECT.say_csms(request, talk()), [(status("Unavailable", connector=0), TOLD)])


@pytest.mark.action("1.6:StatusNotification")
@pytest.mark.parametrize("request_21", [event(variable="Power", value="11"), event("ChargingStation", "AvailabilityState", "Occupied")])
def test_other_events_have_no_word(request_21: v21.NotifyEventRequest) -> None:
    with pytest.raises(PeerCannot, match="no event"):
        play(DIALECT.say_csms(request_21, talk()), [])


@pytest.mark.action("1.6:StatusNotification")
def test_every_error_survives_the_way_there_and_back() -> None:
    for code in get_args(v16.ChargePointErrorCode):
        if code == "NoError":
            continue
        heard = hear(talk(), status("Faulted", error=code, vendorErrorCode="c", info="i"))
        here = talk()
        said = [one for request in heard for one in run_wire(request, here)]
        assert said[-1] == status("Faulted", error=code, vendorErrorCode="c", info="i")


def run_wire(request: Any, here: Any) -> list[Any]:
    return run(DIALECT.say_csms(request, here))[0]
