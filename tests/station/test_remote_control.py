import pytest

from tests.station.harness import OTHER, TOKEN, Bench
from voltgate.ocpp import v21
from voltgate.ocpp.errors import ActionNotSupported


def remote_start(bench: Bench, evse_id: int | None = 1) -> v21.RequestStartTransactionResponse:
    answer: v21.RequestStartTransactionResponse = bench.ask(
        v21.RequestStartTransactionRequest(idToken=TOKEN, remoteStartId=42, evseId=evse_id)
    )
    return answer


@pytest.mark.requirement("F01.FR.02", "F01.FR.19", "F01.FR.25", "F02.FR.01")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_remote_start_with_the_cable_in() -> None:
    bench = Bench()
    bench.plug_in()
    assert remote_start(bench).status == "Accepted"
    first, second = bench.events()
    assert (first.triggerReason, first.transactionInfo.remoteStartId, first.idToken) == ("RemoteStart", 42, TOKEN)
    assert second.transactionInfo.remoteStartId is None
    assert "Authorize" not in bench.names()


@pytest.mark.requirement("F02.FR.21")
def test_remote_start_before_the_cable_is_told_with_the_cable() -> None:
    bench = Bench()
    remote_start(bench)
    assert bench.events() == []
    bench.plug_in()
    assert bench.story()[0] == ("Started", "RemoteStart", "EVConnected")
    assert bench.events()[0].transactionInfo.remoteStartId == 42


@pytest.mark.requirement("F01.FR.13", "F01.FR.25")
def test_remote_start_of_a_transaction_that_runs_without_authorisation() -> None:
    bench = Bench(TxCtrlr__TxStartPoint="EVConnected")
    bench.plug_in()
    running = bench.evse().transaction
    assert running is not None
    assert remote_start(bench).transactionId == running.id
    assert bench.story()[1] == ("Updated", "RemoteStart", "EVConnected")


@pytest.mark.requirement("F01.FR.01")
def test_a_remote_start_may_have_to_be_authorised() -> None:
    bench = Bench(AuthCtrlr__AuthorizeRemoteStart="true")
    bench.plug_in()
    remote_start(bench)
    assert bench.names()[1] == "Authorize"
    assert bench.hardware().energised


@pytest.mark.requirement("F01.FR.20")
def test_without_an_evse_the_one_with_a_vehicle_is_taken() -> None:
    bench = Bench()
    bench.plug_in(2)
    remote_start(bench, None)
    assert bench.evse(2).transaction is not None


@pytest.mark.requirement("F01.FR.23", "F01.FR.24")
def test_a_remote_start_is_rejected_where_nobody_can_charge() -> None:
    bench = Bench()
    bench.charge()
    assert remote_start(bench, 1).status == "Rejected"
    bench.core.fault(bench.evse(2), "OtherError", bench.now_ms)
    assert remote_start(bench, 2).status == "Rejected"
    assert remote_start(bench, 9).status == "Rejected"
    assert remote_start(bench, None).status == "Rejected"


@pytest.mark.requirement("F03.FR.03", "F03.FR.07", "F03.FR.08")
@pytest.mark.action("2.1:RequestStopTransaction")
def test_remote_stop() -> None:
    bench = Bench()
    transaction_id = bench.charge()
    assert bench.ask(v21.RequestStopTransactionRequest(transactionId="other")).status == "Rejected"
    assert bench.ask(v21.RequestStopTransactionRequest(transactionId=transaction_id)).status == "Accepted"
    ended = bench.events()[-1]
    assert (ended.eventType, ended.triggerReason, ended.transactionInfo.stoppedReason) == ("Ended", "RemoteStop", "Remote")


@pytest.mark.requirement("F03.FR.02")
def test_remote_stop_where_the_cable_decides_the_end() -> None:
    bench = Bench(TxCtrlr__TxStopPoint="EVConnected")
    bench.ask(v21.RequestStopTransactionRequest(transactionId=bench.charge()))
    assert bench.story()[-2:] == [("Updated", "RemoteStop", "Charging"), ("Updated", "ChargingStateChanged", "EVConnected")]
    assert not bench.hardware().energised
    bench.unplug()
    assert bench.story()[-1] == ("Ended", "EVCommunicationLost", "Idle")
    assert bench.events()[-1].transactionInfo.stoppedReason == "Remote"


@pytest.mark.requirement("F05.FR.02", "F05.FR.03", "F05.FR.04", "F05.FR.05", "F05.FR.06")
@pytest.mark.action("2.1:UnlockConnector")
def test_unlocking() -> None:
    bench = Bench()

    def unlock(evse_id: int = 1, connector_id: int = 1) -> str:
        answer: v21.UnlockConnectorResponse = bench.ask(v21.UnlockConnectorRequest(evseId=evse_id, connectorId=connector_id))
        return answer.status

    assert unlock() == "Unlocked"
    assert unlock(1, 2) == unlock(9, 1) == "UnknownConnector"
    bench.charge()
    assert unlock() == "OngoingAuthorizedTransaction"
    bench.hardware().lock_broken = True
    bench.present()
    assert unlock() == "UnlockFailed"


@pytest.mark.requirement("F06.FR.04", "F06.FR.06", "F06.FR.07", "F06.FR.08", "F06.FR.11", "F06.FR.15", "F06.FR.16", "F06.FR.17")
@pytest.mark.action("2.1:TriggerMessage")
@pytest.mark.parametrize(
    ("wanted", "place", "status", "said"),
    [
        ("BootNotification", None, "Rejected", []),
        ("Heartbeat", None, "Accepted", ["Heartbeat"]),
        ("StatusNotification", v21.EVSEType(id=2, connectorId=1), "Accepted", ["StatusNotification"]),
        ("StatusNotification", v21.EVSEType(id=9, connectorId=1), "Rejected", []),
        ("MeterValues", v21.EVSEType(id=1), "Accepted", ["MeterValues"]),
        ("MeterValues", None, "Accepted", ["MeterValues", "MeterValues"]),
        ("TransactionEvent", None, "Accepted", ["TransactionEvent"]),
        ("TransactionEvent", v21.EVSEType(id=2), "Rejected", []),
        ("LogStatusNotification", None, "Accepted", ["LogStatusNotification"]),
        ("FirmwareStatusNotification", None, "Accepted", ["FirmwareStatusNotification"]),
        ("SignV2GCertificate", None, "NotImplemented", []),
    ],
)
def test_triggers(wanted: v21.MessageTriggerEnumType, place: v21.EVSEType | None, status: str, said: list[str]) -> None:
    bench = Bench()
    bench.charge()
    bench.said.clear()
    assert bench.ask(v21.TriggerMessageRequest(requestedMessage=wanted, evse=place)).status == status
    assert bench.names() == said
    if said == ["TransactionEvent"]:
        assert bench.story() == [("Updated", "Trigger", "Charging")]


@pytest.mark.action("2.1:DataTransfer")
@pytest.mark.requirement("P01.FR.05")
def test_no_vendor_is_known() -> None:
    assert Bench().ask(v21.DataTransferRequest(vendorId="com.example")).status == "UnknownVendorId"


def test_what_is_not_offered_is_not_supported() -> None:
    with pytest.raises(ActionNotSupported):
        Bench().ask(v21.GetLocalListVersionRequest())


def test_the_token_of_somebody_else_does_not_stop_a_remote_transaction() -> None:
    bench = Bench()
    bench.plug_in()
    remote_start(bench)
    bench.present(OTHER)
    assert bench.evse().transaction is not None
