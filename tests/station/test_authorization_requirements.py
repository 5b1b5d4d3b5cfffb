"""The cache and the questions about tokens (C01, C06, C10, C11, C13)."""

import pytest

from tests.station.harness import OTHER, TOKEN, Bench
from voltgate.infrastructure.clock import from_ms
from voltgate.ocpp import v21
from voltgate.station.authorization import MAX_CACHED_TOKENS, learn

pytestmark = pytest.mark.action("2.1:Authorize")
ACCEPTED = v21.IdTokenInfoType(status="Accepted")


def starts(bench: Bench, token: v21.IdTokenType = TOKEN) -> bool:
    """Whether energy flows after the token was shown; everything is put back."""
    bench.plug_in()
    bench.present(token)
    energised = bench.hardware().energised
    bench.unplug()
    return energised


@pytest.mark.requirement("C01.FR.02", "C01.FR.04", "C06.FR.02")
@pytest.mark.parametrize("kind", ["ISO14443", "Local", "KeyCode", "MacAddress", "eMAID"])
def test_every_kind_of_token_is_asked_about(kind: str) -> None:
    bench = Bench()
    token = v21.IdTokenType(idToken="ABC", type=kind)
    assert starts(bench, token)
    [asked] = [message for message in bench.said if isinstance(message, v21.AuthorizeRequest)]
    assert asked == v21.AuthorizeRequest(idToken=token)


@pytest.mark.requirement("C01.FR.21")
@pytest.mark.parametrize(("evses", "allowed"), [([1], True), ([2], False), ([1, 2], True), (None, True)])
def test_a_token_may_be_for_some_evses_only(evses: list[int] | None, allowed: bool) -> None:
    bench = Bench()
    bench.answers["Authorize"] = lambda _request: v21.AuthorizeResponse(idTokenInfo=v21.IdTokenInfoType(status="Accepted", evseId=evses))
    assert starts(bench) is allowed


@pytest.mark.requirement("C10.FR.07")
def test_a_full_cache_forgets_the_oldest() -> None:
    bench = Bench()
    for number in range(MAX_CACHED_TOKENS + 1):
        learn(bench.station, v21.IdTokenType(idToken=f"T{number}", type="ISO14443"), ACCEPTED)
    bench.disconnect()
    assert len(bench.station.memory.cache) == MAX_CACHED_TOKENS
    assert not starts(bench, v21.IdTokenType(idToken="T0", type="ISO14443"))
    assert starts(bench, v21.IdTokenType(idToken=f"T{MAX_CACHED_TOKENS}", type="ISO14443"))


@pytest.mark.requirement("C10.FR.08", "C10.FR.10")
def test_the_life_time_counts_from_the_last_update() -> None:
    bench = Bench(AuthCacheCtrlr__LifeTime="60")
    learn(bench.station, TOKEN, ACCEPTED)
    bench.wait(50, step=10)
    learn(bench.station, TOKEN, ACCEPTED)
    bench.wait(50, step=10)
    bench.disconnect()
    assert starts(bench)
    bench.wait(11)
    assert not starts(bench)


@pytest.mark.requirement("C10.FR.13")
def test_an_expiry_of_the_central_system_counts_before_the_life_time() -> None:
    bench = Bench(AuthCacheCtrlr__LifeTime="10", AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    learn(bench.station, TOKEN, v21.IdTokenInfoType(status="Accepted", cacheExpiryDateTime=from_ms(bench.now_ms + 30_000)))
    bench.disconnect()
    bench.wait(20)
    assert starts(bench)
    bench.wait(11)
    assert not starts(bench)


@pytest.mark.requirement("C10.FR.11", "C11.FR.02")
@pytest.mark.action("2.1:ClearCache")
def test_a_cache_that_is_disabled_learns_nothing_and_cannot_be_cleared() -> None:
    bench = Bench(AuthCacheCtrlr__Enabled="false", AuthCtrlr__LocalPreAuthorize="true")
    assert starts(bench)
    assert starts(bench)
    assert bench.names().count("Authorize") == 2
    assert bench.station.memory.cache == {}
    assert bench.ask(v21.ClearCacheRequest()).status == "Rejected"


@pytest.mark.requirement("C13.FR.04", "C15.FR.08")
def test_offline_an_unknown_token_may_be_welcome_but_not_a_refused_one() -> None:
    bench = Bench(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    learn(bench.station, TOKEN, v21.IdTokenInfoType(status="Blocked"))
    bench.disconnect()
    assert not starts(bench, TOKEN)
    assert starts(bench, OTHER)


@pytest.mark.requirement("C10.FR.03", "C12.FR.05")
@pytest.mark.parametrize(("disabled", "asked"), [("false", 1), ("true", 0)])
def test_a_cached_refusal_is_asked_about_unless_that_is_disabled(disabled: str, asked: int) -> None:
    bench = Bench(AuthCacheCtrlr__DisablePostAuthorize=disabled)
    learn(bench.station, TOKEN, v21.IdTokenInfoType(status="Blocked"))
    assert starts(bench) is (asked == 1)
    assert bench.names().count("Authorize") == asked


@pytest.mark.requirement("C01.FR.02", "C01.FR.05")
def test_without_remote_authorisation_only_the_cache_decides() -> None:
    bench = Bench(AuthCtrlr__DisableRemoteAuthorization="true")
    learn(bench.station, TOKEN, ACCEPTED)
    assert starts(bench, TOKEN)
    assert not starts(bench, OTHER)
    assert "Authorize" not in bench.names()


@pytest.mark.requirement("C01.FR.21")
@pytest.mark.parametrize("connected", [True, False])
def test_the_cache_knows_for_which_evses_a_token_is(connected: bool) -> None:
    bench = Bench(AuthCtrlr__LocalPreAuthorize="true", AuthCacheCtrlr__DisablePostAuthorize="true")
    learn(bench.station, TOKEN, v21.IdTokenInfoType(status="Accepted", evseId=[2]))
    if not connected:
        bench.disconnect()
    assert not starts(bench)
    bench.plug_in(2)
    bench.present(evse_id=2)
    assert bench.hardware(2).energised
