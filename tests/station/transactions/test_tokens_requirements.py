"""Whose token may start and stop what (C01, C02, C05, C09, C16, E07)."""

import pytest

from tests.station.harness import OTHER, TOKEN, Bench
from voltgate.ocpp import v21

GROUP = v21.IdTokenType(idToken="FAMILY", type="Central")
MASTER = v21.IdTokenType(idToken="MASTER", type="Central")


def in_group(group: v21.IdTokenType | None, status: v21.AuthorizationStatusEnumType = "Accepted") -> v21.IdTokenInfoType:
    return v21.IdTokenInfoType(status=status, groupIdToken=group)


def grouped(bench: Bench, tokens: dict[str, v21.IdTokenInfoType]) -> None:
    """The central system answers about each token as given."""
    bench.answers["Authorize"] = lambda request: v21.AuthorizeResponse(idTokenInfo=tokens[request.idToken.idToken])
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=tokens[request.idToken.idToken] if request.idToken else None
    )


@pytest.mark.requirement("C01.FR.03", "E07.FR.01", "C09.FR.07")
@pytest.mark.parametrize("ahead", ["true", "false"])
def test_a_cached_token_of_the_group_stops_without_a_question(ahead: str) -> None:
    bench = Bench(AuthCtrlr__LocalPreAuthorize=ahead)
    grouped(bench, {TOKEN.idToken: in_group(GROUP), OTHER.idToken: in_group(GROUP)})
    bench.present(OTHER, 2)
    bench.present(OTHER, 2)
    bench.charge()
    bench.said.clear()
    bench.present(OTHER)
    assert bench.names() == ["TransactionEvent"]
    assert bench.story() == [("Ended", "StopAuthorized", "EVConnected")]
    assert bench.events()[0].idToken == OTHER


@pytest.mark.requirement("C09.FR.05", "C09.FR.11", "C09.FR.03")
@pytest.mark.parametrize(
    ("info", "ends"),
    [(in_group(GROUP), True), (in_group(GROUP, "Invalid"), False), (in_group(None), False), (in_group(MASTER), False)],
)
def test_an_unknown_token_is_asked_about_and_stops_only_in_the_group(info: v21.IdTokenInfoType, ends: bool) -> None:
    bench = Bench()
    grouped(bench, {TOKEN.idToken: in_group(GROUP), OTHER.idToken: info})
    bench.charge()
    bench.said.clear()
    bench.present(OTHER)
    assert bench.names()[0] == "Authorize"
    assert (bench.evse().transaction is None) is ends
    assert bench.hardware().energised is not ends


@pytest.mark.requirement("C10.FR.03", "C12.FR.05", "C12.FR.06")
def test_a_cached_refusal_is_asked_about_again() -> None:
    bench = Bench(AuthCtrlr__LocalPreAuthorize="true")
    grouped(bench, {TOKEN.idToken: in_group(None, "Blocked")})
    bench.plug_in()
    bench.present()
    assert not bench.hardware().energised
    grouped(bench, {TOKEN.idToken: in_group(None)})
    bench.present()
    assert bench.names().count("Authorize") == 2
    assert bench.hardware().energised


@pytest.mark.requirement("C12.FR.02", "C12.FR.04")
def test_a_cached_token_starts_without_a_question() -> None:
    bench = Bench(AuthCtrlr__LocalPreAuthorize="true")
    bench.charge()
    bench.present()
    bench.said.clear()
    bench.present()
    assert "Authorize" not in bench.names()
    assert bench.story()[0] == ("Started", "Authorized", "EVConnected")


@pytest.mark.requirement("C01.FR.25")
def test_the_same_text_of_another_type_is_another_token() -> None:
    bench = Bench()
    bench.charge()
    bench.present(v21.IdTokenType(idToken=TOKEN.idToken, type="KeyCode"))
    assert bench.evse().transaction is not None
    bench.present(v21.IdTokenType(idToken=TOKEN.idToken.lower(), type="ISO14443"))
    assert bench.evse().transaction is None


@pytest.mark.requirement("C01.FR.23")
def test_a_stopped_transaction_is_not_taken_over() -> None:
    bench = Bench(TxCtrlr__TxStopPoint="EVConnected")
    bench.charge()
    bench.present()
    bench.present(OTHER)
    assert not bench.hardware().energised
    bench.present()
    assert bench.hardware().energised
    assert len({event.transactionInfo.transactionId for event in bench.events()}) == 1


@pytest.mark.requirement("F01.FR.24", "F02.FR.26")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_stopped_transaction_is_not_restarted_from_afar() -> None:
    bench = Bench(TxCtrlr__TxStopPoint="EVConnected")
    bench.charge()
    bench.present()
    request = v21.RequestStartTransactionRequest(idToken=OTHER, remoteStartId=1, evseId=1)
    assert bench.ask(request).status == "Rejected"
    bench.unplug()
    assert bench.ask(request).status == "Accepted"


@pytest.mark.requirement("C02.FR.01", "C02.FR.03")
def test_a_start_without_token_says_so_and_is_not_cached() -> None:
    bench = Bench(AuthCtrlr__Enabled="false")
    bench.plug_in()
    assert bench.events()[0].idToken == v21.IdTokenType(idToken="", type="NoAuthorization")
    assert bench.station.memory.cache == {}


@pytest.mark.requirement("C05.FR.01", "C05.FR.02", "C05.FR.03", "C05.FR.05")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_token_of_the_central_system_is_neither_asked_about_nor_cached() -> None:
    bench = Bench(AuthCtrlr__AuthorizeRemoteStart="true")
    bench.plug_in()
    token = v21.IdTokenType(idToken="app-7", type="Central")
    bench.ask(v21.RequestStartTransactionRequest(idToken=token, remoteStartId=7, evseId=1))
    assert "Authorize" not in bench.names()
    first = bench.events()[0]
    assert (first.idToken, first.transactionInfo.remoteStartId, first.triggerReason) == (token, 7, "RemoteStart")
    assert bench.station.memory.cache == {}


@pytest.mark.requirement("C04.FR.04")
def test_key_codes_are_not_logged() -> None:
    bench = Bench()
    lines: list[str] = []
    bench.station.log = lines.append
    grouped(bench, {"4711": in_group(None, "Invalid"), TOKEN.idToken: in_group(None, "Invalid")})
    bench.present(v21.IdTokenType(idToken="4711", type="KeyCode"))
    bench.present()
    assert lines == ["EVSE 1: a key code is refused: Invalid", "EVSE 1: ABC123 is refused: Invalid"]


@pytest.mark.requirement("C15.FR.01", "C15.FR.08")
def test_what_is_accepted_unknown_is_not_cached() -> None:
    bench = Bench(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    bench.disconnect()
    bench.charge()
    assert bench.hardware().energised
    assert bench.station.memory.cache == {}


@pytest.mark.requirement("C16.FR.02", "C16.FR.03", "C16.FR.07", "C16.FR.08", "C12.FR.09")
def test_a_master_pass_stops_everything_and_starts_nothing() -> None:
    bench = Bench(AuthCtrlr__MasterPassGroupId="master", TxCtrlr__TxStopPoint="Authorized,EVConnected")
    grouped(bench, {TOKEN.idToken: in_group(GROUP), OTHER.idToken: in_group(MASTER)})
    bench.plug_in(1)
    bench.present(OTHER)
    assert bench.events() == []
    bench.present(evse_id=1)
    bench.charge(2)
    bench.said.clear()
    bench.present(OTHER)
    assert bench.story() == [("Ended", "StopAuthorized", "EVConnected")] * 2
    assert [event.idToken for event in bench.events()] == [OTHER, OTHER]
    assert [event.transactionInfo.stoppedReason for event in bench.events()] == ["MasterPass"] * 2


@pytest.mark.requirement("C16.FR.03")
@pytest.mark.action("2.1:RequestStartTransaction")
def test_a_master_pass_starts_nothing_from_afar() -> None:
    bench = Bench(AuthCtrlr__MasterPassGroupId="MASTER", AuthCtrlr__AuthorizeRemoteStart="true")
    grouped(bench, {OTHER.idToken: in_group(MASTER)})
    bench.plug_in()
    bench.ask(v21.RequestStartTransactionRequest(idToken=OTHER, remoteStartId=1, evseId=1))
    assert bench.events() == []
    assert not bench.hardware().energised


@pytest.mark.requirement("C16.FR.08")
def test_a_master_pass_is_the_reason_also_of_a_later_end() -> None:
    bench = Bench(AuthCtrlr__MasterPassGroupId="MASTER", TxCtrlr__TxStopPoint="EVConnected")
    grouped(bench, {TOKEN.idToken: in_group(None), OTHER.idToken: in_group(MASTER)})
    bench.charge()
    bench.present(OTHER, 2)
    bench.unplug()
    assert bench.events()[-1].transactionInfo.stoppedReason == "MasterPass"


def test_without_a_master_pass_group_nobody_is_master() -> None:
    bench = Bench()
    grouped(bench, {TOKEN.idToken: in_group(None), OTHER.idToken: in_group(v21.IdTokenType(idToken="", type="Central"))})
    bench.charge()
    bench.present(OTHER)
    assert bench.hardware().energised
