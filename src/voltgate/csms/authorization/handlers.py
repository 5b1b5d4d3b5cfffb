"""What stations may ask: may this token charge?"""

from voltgate.csms.authorization.model import NO_AUTHORIZATION, Known, Policy, Status, Token, judge
from voltgate.csms.authorization.store import read_known
from voltgate.csms.session import Session
from voltgate.csms.settings import AuthorizationSettings
from voltgate.infrastructure.clock import from_ms, to_ms
from voltgate.ocpp import v21

_GROUP_TYPE = "Central"  # C09.FR.13


async def handle_authorize(request: v21.AuthorizeRequest, session: Session) -> v21.AuthorizeResponse:
    """Judge a token that was presented (C01, C02, C04, C06, C09).

    A contract certificate cannot be checked here, and what cannot be verified is refused (C07.FR.17).
    """
    if request.certificate is not None or request.iso15118CertificateHashData is not None:
        return v21.AuthorizeResponse(idTokenInfo=v21.IdTokenInfoType(status="Invalid"), certificateStatus="CertChainError")
    known = await look_up(session, request.idToken)
    status = judge(known, request.idToken.type, to_ms(session.now), policy_of(session.context.settings.authorization))
    return v21.AuthorizeResponse(idTokenInfo=describe(status, known.token))


async def look_up(session: Session, presented: v21.IdTokenType) -> Known:
    """What is known about a presented token; a station that asks for none costs no look-up."""
    if presented.type == NO_AUTHORIZATION:
        return Known(None)
    return await read_known(session.context.database, session.station_id, presented.idToken, to_ms(session.now))


def policy_of(settings: AuthorizationSettings) -> Policy:
    """The policy of the installation."""
    return Policy(settings.unknown_tokens, settings.concurrent_transactions)


def refuses_concurrent(known: Known, policy: Policy) -> bool:
    """Whether other open transactions of this token matter at all, so that nobody counts them in vain."""
    own = known.token.concurrent_transactions if known.token else None
    return (own or policy.concurrent_transactions) == "refuse"


def describe(status: Status, token: Token | None) -> v21.IdTokenInfoType:
    """The answer to a station: status, group (C01.FR.06, C09.FR.12), language and how long it may be cached."""
    if token is None or (status == "Invalid" and token.status != status):  # a token of another kind is none of ours
        return v21.IdTokenInfoType(status=status)
    group = token.group_id_token
    return v21.IdTokenInfoType(
        status=status,
        groupIdToken=v21.IdTokenType(idToken=group, type=_GROUP_TYPE) if group else None,
        cacheExpiryDateTime=from_ms(token.expires_ms) if token.expires_ms is not None else None,
        language1=token.language,
    )


HANDLERS = {"Authorize": handle_authorize}
