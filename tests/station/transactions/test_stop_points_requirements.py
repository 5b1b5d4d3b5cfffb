"""Where transactions start and stop, and what is said about why (E01, E03, E05, E06, E09, F03)."""

import pytest

from tests.station.harness import TOKEN, Bench
from voltgate.ocpp import v21
from voltgate.station.hardware import Vehicle

pytestmark = pytest.mark.action("2.1:TransactionEvent")

Story = list[tuple[str, str, str | None]]
CHARGING = ("Updated", "ChargingStateChanged", "Charging")


def reasons(bench: Bench) -> list[str | None]:
    return [event.transactionInfo.stoppedReason for event in bench.events() if event.eventType == "Ended"]


@pytest.mark.requirement("E01.FR.02", "E01.FR.03", "E01.FR.05", "E01.FR.06", "E01.FR.15", "E01.FR.18", "E02.FR.06", "E02.FR.15")
@pytest.mark.parametrize(
    ("start", "story"),
    [
        ("EVConnected", [("Started", "CablePluggedIn", "EVConnected"), ("Updated", "Authorized", "EVConnected"), CHARGING]),
        ("Authorized", [("Started", "Authorized", "EVConnected"), CHARGING]),
        ("PowerPathClosed", [("Started", "Authorized", "EVConnected"), CHARGING]),
        ("EnergyTransfer", [("Started", "ChargingStateChanged", "Charging")]),
        ("EVConnected,Authorized", [("Started", "CablePluggedIn", "EVConnected"), ("Updated", "Authorized", "EVConnected"), CHARGING]),
        ("PowerPathClosed,EnergyTransfer", [("Started", "Authorized", "EVConnected"), CHARGING]),
    ],
)
def test_start_points_with_the_cable_first(start: str, story: Story) -> None:
    bench = Bench(TxCtrlr__TxStartPoint=start)
    bench.charge()
    assert bench.story() == story
    assert [event.idToken for event in bench.events() if event.idToken] == [TOKEN]
    assert [event.evse for event in bench.events() if event.evse] == [v21.EVSEType(id=1, connectorId=1)]


@pytest.mark.requirement(
    "E01.FR.02", "E01.FR.03", "E01.FR.05", "E01.FR.06", "E03.FR.12", "E03.FR.13", "E02.FR.17", "E02.FR.18", "F01.FR.05"
)
@pytest.mark.parametrize(
    ("start", "story"),
    [
        ("EVConnected", [("Started", "CablePluggedIn", "EVConnected"), CHARGING]),
        ("Authorized", [("Started", "Authorized", "Idle"), ("Updated", "CablePluggedIn", "EVConnected"), CHARGING]),
        ("PowerPathClosed", [("Started", "CablePluggedIn", "EVConnected"), CHARGING]),
        ("EnergyTransfer", [("Started", "ChargingStateChanged", "Charging")]),
    ],
)
def test_start_points_with_the_token_first(start: str, story: Story) -> None:
    bench = Bench(TxCtrlr__TxStartPoint=start)
    bench.present()
    bench.plug_in()
    assert bench.story() == story
    assert bench.events()[0].idToken == TOKEN
    assert [event.numberOfPhasesUsed for event in bench.events() if event.numberOfPhasesUsed] == [3]


@pytest.mark.requirement(
    "E06.FR.02", "E06.FR.03", "E06.FR.06", "E06.FR.07", "E06.FR.15", "E07.FR.02", "E07.FR.05", "E07.FR.07", "E06.FR.10"
)
@pytest.mark.parametrize(
    ("stop", "after_token", "after_unplug"),
    [
        ("Authorized", [("Ended", "StopAuthorized", "EVConnected")], []),
        ("PowerPathClosed", [("Ended", "StopAuthorized", "EVConnected")], []),
        ("EnergyTransfer", [("Ended", "StopAuthorized", "EVConnected")], []),
        (
            "EVConnected",
            [("Updated", "StopAuthorized", "Charging"), ("Updated", "ChargingStateChanged", "EVConnected")],
            [("Ended", "EVCommunicationLost", "Idle")],
        ),
        ("EVConnected,Authorized", [("Ended", "StopAuthorized", "EVConnected")], []),
    ],
)
def test_stop_points_when_the_driver_stops(stop: str, after_token: Story, after_unplug: Story) -> None:
    bench = Bench(TxCtrlr__TxStopPoint=stop)
    bench.charge()
    bench.said.clear()
    bench.present()
    assert bench.story() == after_token
    assert not bench.hardware().energised
    assert not bench.hardware().locked
    bench.unplug()
    assert bench.story() == after_token + after_unplug
    assert reasons(bench) == ["Local"]


@pytest.mark.requirement("E06.FR.02", "E06.FR.06", "E06.FR.07", "E06.FR.08", "E09.FR.01", "E09.FR.02", "E07.FR.06")
@pytest.mark.parametrize("stop", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_a_vehicle_that_goes_is_deauthorised_and_ends_it(stop: str) -> None:
    bench = Bench(TxCtrlr__TxStopPoint=stop)
    bench.charge()
    bench.unplug()
    assert bench.story()[-1] == ("Ended", "EVCommunicationLost", "Idle")
    assert reasons(bench) == ["EVDisconnected"]
    assert not bench.hardware().locked
    bench.plug_in()
    assert not bench.hardware().energised
    assert bench.evse().transaction is None


@pytest.mark.requirement("F03.FR.02", "F03.FR.03", "F03.FR.09")
@pytest.mark.parametrize("stop", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_a_remote_stop_is_the_reason_also_of_a_later_end(stop: str) -> None:
    bench = Bench(TxCtrlr__TxStopPoint=stop)
    bench.ask(v21.RequestStopTransactionRequest(transactionId=bench.charge()))
    assert not bench.hardware().energised
    assert "RemoteStop" in [event.triggerReason for event in bench.events()]
    bench.unplug()
    assert reasons(bench) == ["Remote"]


@pytest.mark.requirement("E06.FR.07")
def test_a_vehicle_that_holds_off_ends_the_energy_transfer() -> None:
    bench = Bench(TxCtrlr__TxStopPoint="EnergyTransfer")
    bench.plug_in(vehicle=Vehicle(stored_mwh=1_000_000, target_mwh=1_010_000))
    bench.present()
    bench.wait(30)
    assert bench.story()[-1] == ("Ended", "ChargingStateChanged", "SuspendedEV")
    assert reasons(bench) == ["StoppedByEV"]


@pytest.mark.requirement("E01.FR.01", "E01.FR.04", "E06.FR.01")
@pytest.mark.parametrize("variable", ["TxStartPoint", "TxStopPoint"])
@pytest.mark.parametrize("point", ["ParkingBayOccupancy", "DataSigned", "EVConnected,DataSigned"])
def test_points_that_the_hardware_cannot_see_are_refused(variable: str, point: str) -> None:
    wish = v21.SetVariableDataType(
        component=v21.ComponentType(name="TxCtrlr"), variable=v21.VariableType(name=variable), attributeValue=point
    )
    [result] = Bench().ask(v21.SetVariablesRequest(setVariableData=[wish])).setVariableResult
    assert result.attributeStatus == "Rejected"


@pytest.mark.requirement("E03.FR.05", "C01.FR.26", "F02.FR.07")
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
def test_nobody_plugs_in_and_the_evse_is_ready_again(stop: str) -> None:
    bench = Bench(TxCtrlr__TxStartPoint="Authorized", TxCtrlr__TxStopPoint=stop, TxCtrlr__EVConnectionTimeOut="20")
    bench.present()
    bench.wait(21)
    assert bench.story()[-1] == ("Ended", "EVConnectTimeout", "Idle")
    assert reasons(bench) == ["Timeout"]
    bench.plug_in()
    assert not bench.hardware().energised
    bench.present()
    assert bench.hardware().energised


@pytest.mark.requirement("C01.FR.26")
def test_no_timeout_while_the_cable_is_in() -> None:
    bench = Bench(TxCtrlr__EVConnectionTimeOut="20")
    bench.charge(seconds=60)
    assert bench.hardware().energised


@pytest.mark.requirement("E05.FR.02", "C15.FR.06")
def test_energy_that_stops_for_an_invalid_token_ends_it_where_energy_decides() -> None:
    bench = Bench(TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__TxStopPoint="EnergyTransfer")
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Blocked") if request.idToken else None
    )
    bench.plug_in()
    bench.present()
    bench.wait(2)
    assert bench.story()[-1] == ("Ended", "ChargingStateChanged", "SuspendedEVSE")
    assert reasons(bench) == ["DeAuthorized"]


@pytest.mark.requirement("E05.FR.09", "E05.FR.10", "C15.FR.04", "E06.FR.04", "C15.FR.03")
@pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected", "EVConnected,Authorized"])
def test_deauthorised_after_the_connection_is_back(stop: str) -> None:
    bench = Bench(AuthCtrlr__OfflineTxForUnknownIdEnabled="true", TxCtrlr__TxStopPoint=stop)
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Invalid") if request.idToken else None
    )
    bench.disconnect()
    bench.charge()
    bench.connect()
    assert [event.offline for event in bench.events()] == [True, True, None]
    ends = stop != "EVConnected"
    assert bench.story()[-1] == ("Ended" if ends else "Updated", "Deauthorized", "EVConnected")
    assert not bench.hardware().energised
    bench.unplug()
    assert reasons(bench) == ["DeAuthorized"]


@pytest.mark.requirement("C15.FR.07", "E05.FR.03")
def test_an_allowance_holds_after_the_connection_is_back() -> None:
    bench = Bench(AuthCtrlr__OfflineTxForUnknownIdEnabled="true", TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="10000")
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Invalid") if request.idToken else None
    )
    bench.disconnect()
    bench.charge()
    bench.connect()
    bench.wait(60)
    assert bench.hardware().energised


@pytest.mark.requirement("C01.FR.01", "C06.FR.01")
def test_no_energy_without_authorisation() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="EVConnected")
    bench.plug_in()
    bench.wait(30)
    assert not bench.hardware().energised
    assert bench.hardware().meter.register_mwh == 0


@pytest.mark.requirement("E14.FR.05", "E14.FR.07", "E14.FR.08")
@pytest.mark.action("2.1:GetTransactionStatus")
def test_messages_in_the_queue() -> None:
    bench = Bench()
    transaction = bench.charge()
    bench.disconnect()
    bench.present()
    named, any_of_all = v21.GetTransactionStatusRequest(transactionId=transaction), v21.GetTransactionStatusRequest()
    assert bench.core.hear(any_of_all, bench.now_ms) == v21.GetTransactionStatusResponse(messagesInQueue=True)
    bench.connect()
    assert bench.ask(named) == v21.GetTransactionStatusResponse(messagesInQueue=False, ongoingIndicator=False)
    assert bench.ask(any_of_all) == v21.GetTransactionStatusResponse(messagesInQueue=False)


@pytest.mark.requirement(
    "E04.FR.04",
    "E08.FR.07",
    "E08.FR.08",
    "E11.FR.01",
    "E11.FR.02",
    "E04.FR.02",
    "E02.FR.07",
    "E03.FR.06",
    "E05.FR.04",
    "E06.FR.14",
    "E07.FR.11",
    "E09.FR.04",
    "E04.FR.06",
    "E11.FR.03",
    "E12.FR.03",
    "E08.FR.06",
)
def test_numbers_go_on_through_an_offline_time() -> None:
    bench = Bench(SampledDataCtrlr__TxUpdatedInterval="10")
    bench.charge()
    bench.disconnect()
    bench.wait(30)
    bench.connect()
    bench.wait(10)
    bench.present()
    numbers = [event.seqNo for event in bench.events()]
    assert numbers == list(range(len(numbers)))
    assert [event.triggerReason for event in bench.events() if event.offline] == ["MeterValuePeriodic"] * 3


@pytest.mark.requirement("E08.FR.01", "E08.FR.02", "E08.FR.03", "E08.FR.04", "E08.FR.05")
def test_offline_the_same_group_stops_from_the_cache() -> None:
    group = v21.IdTokenType(idToken="FAMILY", type="Central")
    family = v21.IdTokenInfoType(status="Accepted", groupIdToken=group)
    bench = Bench()
    bench.answers["Authorize"] = lambda _request: v21.AuthorizeResponse(idTokenInfo=family)
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(idTokenInfo=family if request.idToken else None)
    other = v21.IdTokenType(idToken="SISTER", type="ISO14443")
    bench.present(other)
    bench.present(other)
    bench.charge()
    bench.disconnect()
    bench.present(other)
    assert not bench.hardware().energised
    assert not bench.hardware().locked
    bench.connect()
    assert bench.story()[-1] == ("Ended", "StopAuthorized", "EVConnected")
    assert bench.events()[-1].idToken == other
    assert bench.events()[-1].offline is True


@pytest.mark.requirement("E05.FR.11", "C15.FR.05")
@pytest.mark.parametrize("how", ["token", "unlock", "unplug"])
def test_the_plug_of_a_refused_token_stays_locked_until_its_owner_comes(how: str) -> None:
    bench = Bench()
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Invalid") if request.idToken else None
    )
    bench.plug_in()
    bench.present()
    assert bench.evse().transaction is None
    assert bench.hardware().locked
    bench.said.clear()
    if how == "token":
        bench.present()
    elif how == "unlock":
        assert bench.ask(v21.UnlockConnectorRequest(evseId=1, connectorId=1)).status == "Unlocked"
    else:
        bench.unplug()
    assert not bench.hardware().locked
    assert bench.events() == []
    assert bench.evse().held_for is None
