"""Tokens and the cache, in both directions."""

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, later, talk, token
from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import CallTimedOut, PeerCannot

ASKED_16 = v16.AuthorizeRequest(idTag="TAG")
ASKED_21 = v21.AuthorizeRequest(idToken=token("TAG"))


@pytest.mark.action("1.6:Authorize")
def test_a_tag_is_judged_in_both_directions() -> None:
    info_16 = v16.IdTagInfo(status="Blocked", expiryDate=later(5), parentIdTag="GROUP")
    info_21 = v21.IdTokenInfoType(status="Blocked", cacheExpiryDateTime=later(5), groupIdToken=token("GROUP"))
    answer_16, answer_21 = v16.AuthorizeResponse(idTagInfo=info_16), v21.AuthorizeResponse(idTokenInfo=info_21)
    assert play(DIALECT.hear_station(ASKED_16, talk()), [(ASKED_21, answer_21)]) == answer_16
    assert play(DIALECT.say_csms(ASKED_21, talk()), [(ASKED_16, answer_16)]) == answer_21


@pytest.mark.action("1.6:Authorize")
def test_an_empty_tag_is_a_token_like_any_other() -> None:
    heard = v21.AuthorizeRequest(idToken=v21.IdTokenType(idToken="", type="ISO14443"))
    answer = v21.AuthorizeResponse(idTokenInfo=v21.IdTokenInfoType(status="Unknown"))
    wire = v16.AuthorizeResponse(idTagInfo=v16.IdTagInfo(status="Invalid"))
    assert play(DIALECT.hear_station(v16.AuthorizeRequest(idTag=""), talk()), [(heard, answer)]) == wire


@pytest.mark.action("1.6:Authorize")
def test_contracts_and_silence_come_out_as_errors() -> None:
    with pytest.raises(PeerCannot, match="contract"):
        play(DIALECT.say_csms(v21.AuthorizeRequest(idToken=token("E"), certificate="PEM"), talk()), [])
    with pytest.raises(CallTimedOut):
        play(DIALECT.say_csms(ASKED_21, talk()), [(ASKED_16, CallTimedOut("30 s"))])


@pytest.mark.action("1.6:ClearCache")
def test_the_cache_is_cleared_in_both_directions() -> None:
    ask_16, ask_21 = v16.ClearCacheRequest(), v21.ClearCacheRequest()
    done_16, done_21 = v16.ClearCacheResponse(status="Rejected"), v21.ClearCacheResponse(status="Rejected")
    assert play(DIALECT.say_station(ask_21, talk()), [(ask_16, done_16)]) == done_21
    assert play(DIALECT.hear_csms(ask_16, talk()), [(ask_21, done_21)]) == done_16
