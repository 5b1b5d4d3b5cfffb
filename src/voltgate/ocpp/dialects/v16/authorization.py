"""Authorize and ClearCache."""

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialects.v16.tokens import hear_info, hear_tag, say_info, say_tag
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import PeerCannot


def hear_authorize(request: v16.AuthorizeRequest, talk: Talk[Memory]) -> Dialogue:
    """A station asks about a tag."""
    answer: v21.AuthorizeResponse = yield v21.AuthorizeRequest(idToken=hear_tag(request.idTag))
    return v16.AuthorizeResponse(idTagInfo=say_info(answer.idTokenInfo))


def say_authorize(request: v21.AuthorizeRequest, talk: Talk[Memory]) -> Dialogue:
    """A station asks about a token. Raises PeerCannot when a contract certificate is to be judged."""
    if request.certificate or request.iso15118CertificateHashData:
        raise PeerCannot("Authorize", "OCPP 1.6 has no contract certificates")
    answer: v16.AuthorizeResponse = yield v16.AuthorizeRequest(idTag=say_tag("Authorize", request.idToken))
    return v21.AuthorizeResponse(idTokenInfo=hear_info(answer.idTagInfo))


def say_clear_cache(request: v21.ClearCacheRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS clears the station's cache."""
    answer: v16.ClearCacheResponse = yield v16.ClearCacheRequest()
    return v21.ClearCacheResponse(status=answer.status)


def hear_clear_cache(request: v16.ClearCacheRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is told to clear its cache."""
    answer: v21.ClearCacheResponse = yield v21.ClearCacheRequest()
    return v16.ClearCacheResponse(status=answer.status)


HEAR_STATION = {v16.AuthorizeRequest: hear_authorize}
SAY_STATION = {v21.ClearCacheRequest: say_clear_cache}
HEAR_CSMS = {v16.ClearCacheRequest: hear_clear_cache}
SAY_CSMS = {v21.AuthorizeRequest: say_authorize}
