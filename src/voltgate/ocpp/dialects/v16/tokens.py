"""idTag <-> IdToken, IdTagInfo <-> IdTokenInfo."""

from collections.abc import Mapping
from typing import get_args

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.limits import MAX_TAG, short
from voltgate.ocpp.errors import PeerCannot

TOKEN_TYPE = "ISO14443"  # the kind of a token, no secret
"""1.6 does not say what an idTag is; nearly always it is the UID of an RFID card."""

NO_TAG = ""
"""The idTag of a transaction that nobody authorised (2.1: type NoAuthorization, an empty token)."""

_STATUS: Mapping[v21.AuthorizationStatusEnumType, v16.AuthorizationStatus] = {
    "Accepted": "Accepted",
    "Blocked": "Blocked",
    "ConcurrentTx": "ConcurrentTx",
    "Expired": "Expired",
    "Invalid": "Invalid",
    "Unknown": "Invalid",
    "NoCredit": "Blocked",
    "NotAllowedTypeEVSE": "Blocked",
    "NotAtThisLocation": "Blocked",
    "NotAtThisTime": "Blocked",
}
"""1.6 §7.2: Invalid is an unknown identifier, Blocked one that may not charge."""

assert set(_STATUS) == set(get_args(v21.AuthorizationStatusEnumType))


def hear_tag(tag: str) -> v21.IdTokenType:
    """An idTag as a token. An empty one is a token too, and surely unknown: it must not open anything."""
    return v21.IdTokenType(idToken=tag, type=TOKEN_TYPE)


def hear_starter(tag: str) -> v21.IdTokenType:
    """The idTag of a transaction that has begun; an empty one means that the station asked nobody."""
    return v21.IdTokenType(idToken=tag, type="NoAuthorization") if tag == NO_TAG else hear_tag(tag)


def say_tag(action: str, token: v21.IdTokenType) -> str:
    """A token as an idTag; its type is lost. Raises PeerCannot for what makes it a different token."""
    if token.additionalInfo:
        raise PeerCannot(action, "idToken.additionalInfo has no place in OCPP 1.6")
    return short(action, "idToken", token.idToken, MAX_TAG)


def say_info(info: v21.IdTokenInfoType | None) -> v16.IdTagInfo:
    """What the CSMS decided, for a station.

    A group whose name is longer than 20 characters is left out: the answer must leave, and the group only matters for stopping.
    """
    if info is None:
        return v16.IdTagInfo(status="Accepted")
    group = info.groupIdToken.idToken if info.groupIdToken else ""
    return v16.IdTagInfo(
        status=_STATUS[info.status],
        expiryDate=info.cacheExpiryDateTime,
        parentIdTag=group if 0 < len(group) <= MAX_TAG else None,
    )


def hear_info(info: v16.IdTagInfo) -> v21.IdTokenInfoType:
    """What a 1.6 CSMS decided."""
    return v21.IdTokenInfoType(
        status=info.status,
        cacheExpiryDateTime=info.expiryDate,
        groupIdToken=hear_tag(info.parentIdTag) if info.parentIdTag else None,
    )
