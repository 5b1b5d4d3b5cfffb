"""What the central system starts and unlocks from afar (F01, F02, F05)."""

import pytest

from tests.station.harness import OTHER, TOKEN, Bench, Refuse
from voltgate.ocpp import v21

Start = v21.RequestStartTransactionRequest


@pytest.mark.requirement("F01.FR.01", "F01.FR.03", "F02.FR.09", "F02.FR.11")
@pytest.mark.action("2.1:RequestStartTransaction")
@pytest.mark.parametrize("status", ["Accepted", "Blocked", "Invalid"])
@pytest.mark.parametrize("cable_first", [True, False])
def test_a_start_that_must_be_authorised(status: v21.AuthorizationStatusEnumType, cable_first: bool) -> None:
    bench = Bench(AuthCtrlr__AuthorizeRemoteStart="true")
    bench.answers["Authorize"] = lambda _request: v21.AuthorizeResponse(idTokenInfo=v21.IdTokenInfoType(status=status))
    if cable_first:
        bench.plug_in()
    answer = bench.ask(Start(idToken=TOKEN, remoteStartId=5, evseId=1))
    if not cable_first:
        bench.plug_in()
    assert answer == v21.RequestStartTransactionResponse(status="Accepted")
    assert bench.names().count("Authorize") == 1
    assert bench.hardware().energised is (status == "Accepted")
    assert [event.transactionInfo.remoteStartId for event in bench.events()] == ([5, None] if status == "Accepted" else [])


@pytest.mark.requirement("F01.FR.01", "F02.FR.09")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_start_may_be_authorised_by_the_cache() -> None:
    bench = Bench(AuthCtrlr__AuthorizeRemoteStart="true", AuthCtrlr__LocalPreAuthorize="true")
    bench.present()
    bench.present()
    bench.plug_in()
    bench.said.clear()
    bench.ask(Start(idToken=TOKEN, remoteStartId=5, evseId=1))
    assert "Authorize" not in bench.names()
    assert bench.hardware().energised


@pytest.mark.requirement("F01.FR.02", "F01.FR.03", "F01.FR.17", "F02.FR.10", "F02.FR.11", "E05.FR.10")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_start_without_authorisation_is_judged_by_the_answer_to_the_event() -> None:
    bench = Bench()
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Invalid") if request.idToken else None
    )
    bench.plug_in()
    bench.ask(Start(idToken=TOKEN, remoteStartId=5, evseId=1))
    assert "Authorize" not in bench.names()
    assert bench.story()[0] == ("Started", "RemoteStart", "EVConnected")
    assert bench.story()[-1] == ("Ended", "Deauthorized", "EVConnected")


@pytest.mark.requirement("F02.FR.13", "F02.FR.21", "E03.FR.05")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_start_whose_driver_does_not_come_ends_and_may_be_repeated() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="Authorized", TxCtrlr__EVConnectionTimeOut="20")
    for number in (1, 2):
        assert bench.ask(Start(idToken=TOKEN, remoteStartId=number, evseId=1)).status == "Accepted"
        bench.wait(21)
    assert bench.story() == [("Started", "RemoteStart", "Idle"), ("Ended", "EVConnectTimeout", "Idle")] * 2
    assert [event.transactionInfo.remoteStartId for event in bench.events()] == [1, None, 2, None]


@pytest.mark.requirement("F01.FR.12", "F02.FR.20")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_profile_is_ignored_without_smart_charging() -> None:
    period = v21.ChargingSchedulePeriodType(startPeriod=0, limit=6.0)
    schedule = v21.ChargingScheduleType(id=1, chargingRateUnit="A", chargingSchedulePeriod=[period])
    profile = v21.ChargingProfileType(
        id=1, stackLevel=0, chargingProfilePurpose="TxProfile", chargingProfileKind="Relative", chargingSchedule=[schedule]
    )
    bench = Bench()
    bench.plug_in()
    assert bench.ask(Start(idToken=TOKEN, remoteStartId=5, evseId=1, chargingProfile=profile)).status == "Accepted"
    assert bench.hardware().energised


@pytest.mark.requirement("F01.FR.23", "F02.FR.25", "F01.FR.24")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_where_nobody_can_charge_a_start_is_rejected() -> None:
    bench = Bench()
    place = v21.EVSEType(id=1)
    bench.ask(v21.ChangeAvailabilityRequest(operationalStatus="Inoperative", evse=place))
    assert bench.ask(Start(idToken=TOKEN, remoteStartId=1, evseId=1)).status == "Rejected"
    bench.ask(v21.ChangeAvailabilityRequest(operationalStatus="Operative", evse=place))
    assert bench.ask(Start(idToken=TOKEN, remoteStartId=2, evseId=1)).status == "Accepted"
    assert bench.ask(Start(idToken=OTHER, remoteStartId=3, evseId=1)).status == "Rejected"


@pytest.mark.requirement("F02.FR.22", "F02.FR.14")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_without_an_evse_a_free_one_is_chosen() -> None:
    bench = Bench()
    bench.charge(1)
    assert bench.ask(Start(idToken=OTHER, remoteStartId=1)).status == "Accepted"
    bench.plug_in(2)
    assert bench.evse(2).transaction is not None
    assert bench.ask(Start(idToken=OTHER, remoteStartId=2)).status == "Rejected"


@pytest.mark.requirement("C09.FR.03")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_the_group_of_a_remote_start_may_stop() -> None:
    group = v21.IdTokenType(idToken="FAMILY", type="Central")
    info = v21.IdTokenInfoType(status="Accepted", groupIdToken=group)
    bench = Bench()
    bench.answers["Authorize"] = lambda _request: v21.AuthorizeResponse(idTokenInfo=info)
    bench.answers["TransactionEvent"] = lambda _request: v21.TransactionEventResponse()
    bench.plug_in()
    bench.ask(Start(idToken=TOKEN, remoteStartId=1, evseId=1, groupIdToken=group))
    bench.present(OTHER)
    assert bench.story()[-1] == ("Ended", "StopAuthorized", "EVConnected")


@pytest.mark.requirement("F01.FR.01")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_no_answer_about_the_token_starts_nothing_and_frees_the_evse() -> None:
    def refuse(_request: object) -> v21.AuthorizeResponse:
        raise Refuse("InternalError")

    bench = Bench(AuthCtrlr__AuthorizeRemoteStart="true")
    bench.answers["Authorize"] = refuse
    bench.plug_in()
    bench.ask(Start(idToken=TOKEN, remoteStartId=1, evseId=1))
    assert not bench.hardware().energised
    del bench.answers["Authorize"]
    assert bench.ask(Start(idToken=TOKEN, remoteStartId=2, evseId=1)).status == "Accepted"
    assert bench.hardware().energised


@pytest.mark.requirement("F05.FR.01", "F05.FR.02", "F05.FR.04")
@pytest.mark.action("2.1:UnlockConnector")
def test_unlocking_while_a_transaction_waits_for_the_cable_to_go() -> None:
    bench = Bench(TxCtrlr__TxStopPoint="EVConnected")
    bench.charge()
    ask = v21.UnlockConnectorRequest(evseId=1, connectorId=1)
    assert bench.ask(ask).status == "OngoingAuthorizedTransaction"
    assert bench.hardware().energised
    bench.present()
    assert bench.ask(ask).status == "Unlocked"
    assert bench.evse().transaction is not None
