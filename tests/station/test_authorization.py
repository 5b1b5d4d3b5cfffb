import pytest

from tests.station.harness import OTHER, TOKEN, Bench, Refuse
from voltgate.infrastructure.clock import from_ms
from voltgate.ocpp import v21

pytestmark = pytest.mark.action("2.1:Authorize")


def answering(bench: Bench, info: v21.IdTokenInfoType) -> None:
    bench.answers["Authorize"] = lambda _request: v21.AuthorizeResponse(idTokenInfo=info)


def start(bench: Bench) -> bool:
    """Plug in and show the token; whether energy flows. Everything is put back afterwards."""
    bench.plug_in()
    bench.present()
    charging = bench.hardware().energised
    if charging:
        bench.present()
    bench.unplug()
    return charging


@pytest.mark.requirement("C01.FR.02")
@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid", "Unknown", "ConcurrentTx", "NoCredit"])
def test_a_token_that_is_not_accepted_starts_nothing(status: v21.AuthorizationStatusEnumType) -> None:
    bench = Bench()
    answering(bench, v21.IdTokenInfoType(status=status))
    assert not start(bench)
    assert bench.events() == []


@pytest.mark.requirement("C10.FR.01", "C10.FR.04", "C12.FR.02")
def test_the_cache_spares_the_question_when_it_may() -> None:
    bench = Bench(AuthCtrlr__LocalPreAuthorize="true")
    assert start(bench)
    assert start(bench)
    assert bench.names().count("Authorize") == 1


def test_without_pre_authorisation_every_token_is_asked_about() -> None:
    bench = Bench()
    assert start(bench)
    assert start(bench)
    assert bench.names().count("Authorize") == 2


@pytest.mark.requirement("C13.FR.02", "C15.FR.02")
@pytest.mark.parametrize(
    ("variables", "known", "unknown"),
    [
        ({}, True, False),
        ({"AuthCtrlr__LocalAuthorizeOffline": "false"}, False, False),
        ({"AuthCtrlr__OfflineTxForUnknownIdEnabled": "true"}, True, True),
        ({"AuthCacheCtrlr__Enabled": "false"}, False, False),
    ],
)
def test_offline_rules(variables: dict[str, str], known: bool, unknown: bool) -> None:
    bench = Bench(**variables)
    assert start(bench)
    bench.disconnect()
    assert start(bench) is known
    bench.plug_in()
    bench.present(OTHER)
    assert bench.hardware().energised is unknown


@pytest.mark.requirement("C10.FR.08")
def test_the_cache_forgets_by_time() -> None:
    bench = Bench(AuthCacheCtrlr__LifeTime="100")
    assert start(bench)
    bench.disconnect()
    bench.wait(50, step=10)
    assert start(bench)
    bench.wait(51, step=10)
    assert not start(bench)


def test_the_cache_respects_the_expiry_of_the_token() -> None:
    bench = Bench()
    answering(bench, v21.IdTokenInfoType(status="Accepted", cacheExpiryDateTime=from_ms(bench.now_ms + 20_000)))
    bench.answers["TransactionEvent"] = lambda _request: v21.TransactionEventResponse()
    assert start(bench)
    bench.disconnect()
    bench.wait(30)
    assert not start(bench)


@pytest.mark.requirement("C10.FR.05")
def test_the_answer_to_an_event_updates_the_cache() -> None:
    bench = Bench()
    bench.answers["TransactionEvent"] = lambda request: v21.TransactionEventResponse(
        idTokenInfo=v21.IdTokenInfoType(status="Blocked") if request.idToken else None
    )
    bench.plug_in()
    bench.present()
    bench.unplug()
    bench.disconnect()
    assert not start(bench)


@pytest.mark.requirement("C11.FR.01", "C11.FR.03", "C11.FR.04")
@pytest.mark.action("2.1:ClearCache")
def test_clearing_the_cache() -> None:
    bench = Bench()
    assert start(bench)
    assert bench.ask(v21.ClearCacheRequest()).status == "Accepted"
    bench.disconnect()
    assert not start(bench)
    assert Bench(AuthCacheCtrlr__Enabled="false").ask(v21.ClearCacheRequest()).status == "Rejected"


def test_no_usable_answer_counts_as_being_offline() -> None:
    bench = Bench()
    assert start(bench)

    def refuse(_request: object) -> v21.AuthorizeResponse:
        raise Refuse("InternalError")

    bench.answers["Authorize"] = refuse
    assert start(bench)
    bench.plug_in()
    bench.present(OTHER)
    assert not bench.hardware().energised


@pytest.mark.requirement("C01.FR.17")
def test_a_token_may_be_for_some_evses_only() -> None:
    bench = Bench()
    answering(bench, v21.IdTokenInfoType(status="Accepted", evseId=[2]))
    assert not start(bench)


def test_without_authorisation_the_cable_is_enough() -> None:
    bench = Bench(AuthCtrlr__Enabled="false")
    bench.plug_in()
    assert bench.hardware().energised
    assert bench.events()[0].idToken == v21.IdTokenType(idToken="", type="NoAuthorization")
    assert "Authorize" not in bench.names()


def test_a_link_lost_while_asking_lets_the_cache_decide() -> None:
    bench = Bench()
    assert start(bench)
    bench.plug_in()
    bench.core.token(bench.evse(), TOKEN, bench.now_ms)
    assert bench.evse().authorising
    bench.disconnect()
    assert bench.hardware().energised
    assert not bench.evse().authorising
