"""Block C, authorization: who may charge. The cache, the question to the central system, and the rules without connection.

Front door: `judge`, `learn`, `cached_verdict`, `is_master_pass`, `spell`, `Verdict`. Owns `Memory.cache`.
"""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21
from voltgate.ocpp.messages import Answer
from voltgate.station.station import CachedToken, Station

MAX_CACHED_TOKENS = 1_000
NO_AUTHORIZATION = "NoAuthorization"
CENTRAL = "Central"
_NEVER_CACHED = (NO_AUTHORIZATION, CENTRAL)  # C02.FR.03, C05.FR.02
_SECRET = "KeyCode"  # a kind, no secret


class Verdict(Struct, frozen=True):
    """Whether a token may charge."""

    status: v21.AuthorizationStatusEnumType
    group: v21.IdTokenType | None = None

    @property
    def accepted(self) -> bool:
        """It may."""
        return self.status == "Accepted"


UNKNOWN = Verdict("Unknown")


def judge(station: Station, token: v21.IdTokenType, on_verdict: Callable[[Verdict], None], *, evse_id: int | None = None) -> None:
    """Find out whether `token` may charge; `on_verdict` may be called at once or when the central system has answered."""
    if token.type == NO_AUTHORIZATION or not station.variables.flag("AuthCtrlr", "Enabled"):
        on_verdict(Verdict("Accepted"))
        return
    cached = cached_verdict(station, token, evse_id)
    known = _verdict_at_once(station, cached)
    if known is not None:
        on_verdict(known)
        return

    def hear(answer: Answer | None) -> None:
        if isinstance(answer, v21.AuthorizeResponse):
            learn(station, token, answer.idTokenInfo)
            on_verdict(_verdict(answer.idTokenInfo, evse_id))
        else:  # no usable answer: as if offline
            on_verdict(_offline_verdict(station, cached_verdict(station, token, evse_id)))

    station.outbox.tell(v21.AuthorizeRequest(idToken=token), hear, urgent=True)


def learn(station: Station, token: v21.IdTokenType, info: v21.IdTokenInfoType) -> None:
    """Remember what the central system said about a token (C10.FR.04, C10.FR.05)."""
    if not station.variables.flag("AuthCacheCtrlr", "Enabled") or token.type in _NEVER_CACHED:
        return
    cache, key = station.memory.cache, _key_of(token)
    cache.pop(key, None)
    if len(cache) >= MAX_CACHED_TOKENS:
        del cache[next(iter(cache))]  # the one learned longest ago (C10.FR.07)
    cache[key] = CachedToken(info, station.now_ms)
    station.save()


def cached_verdict(station: Station, token: v21.IdTokenType, evse_id: int | None = None) -> Verdict | None:
    """What the cache says, if it may be used and has not expired (C10.FR.08)."""
    if not station.variables.flag("AuthCacheCtrlr", "Enabled"):
        return None
    cached = station.memory.cache.get(_key_of(token))
    if cached is None:
        return None
    expiry = cached.info.cacheExpiryDateTime
    lifetime = station.variables.integer("AuthCacheCtrlr", "LifeTime")
    if expiry is not None and to_ms(expiry) <= station.now_ms:
        return Verdict("Expired")
    if expiry is None and lifetime and station.now_ms - cached.learned_ms >= timedelta(seconds=lifetime) // timedelta(milliseconds=1):
        return None
    return _verdict(cached.info, evse_id)


def is_master_pass(station: Station, verdict: Verdict) -> bool:
    """Whether an accepted token may stop every transaction and start none (C16)."""
    group = station.variables.text("AuthCtrlr", "MasterPassGroupId").lower()
    return bool(group) and verdict.accepted and verdict.group is not None and verdict.group.idToken.lower() == group


def spell(token: v21.IdTokenType) -> str:
    """A token for the log; key codes are not shown (C04.FR.04)."""
    return "a key code" if token.type == _SECRET else token.idToken


def handle_clear_cache(_request: v21.ClearCacheRequest, station: Station) -> v21.ClearCacheResponse:
    """C11."""
    if not station.variables.flag("AuthCacheCtrlr", "Enabled"):
        return v21.ClearCacheResponse(status="Rejected")  # C11.FR.04
    station.memory.cache.clear()
    station.save()
    return v21.ClearCacheResponse(status="Accepted")


def _key_of(token: v21.IdTokenType) -> str:
    return f"{token.type} {token.idToken}".lower()  # C01.FR.25


def _verdict_at_once(station: Station, cached: Verdict | None) -> Verdict | None:
    """The verdict that needs no question; None when the central system is to be asked."""
    if not station.online:
        return _offline_verdict(station, cached)
    flag = station.variables.flag
    if cached is not None and cached.accepted and flag("AuthCtrlr", "LocalPreAuthorize"):
        return cached  # C12.FR.02
    if cached is not None and not cached.accepted and flag("AuthCacheCtrlr", "DisablePostAuthorize"):
        return cached  # else C10.FR.03, C12.FR.05
    return (cached or UNKNOWN) if flag("AuthCtrlr", "DisableRemoteAuthorization") else None


def _offline_verdict(station: Station, cached: Verdict | None) -> Verdict:
    """C13, C15: what counts while nobody can be asked."""
    if not station.memory.accepted_once and not station.variables.flag("TxCtrlr", "TxBeforeAcceptedEnabled"):
        return UNKNOWN  # B02.FR.03, B03.FR.01
    if cached is not None and station.variables.flag("AuthCtrlr", "LocalAuthorizeOffline"):
        return cached
    if cached is None and station.variables.flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled"):
        return Verdict("Accepted")
    return UNKNOWN


def _verdict(info: v21.IdTokenInfoType, evse_id: int | None) -> Verdict:
    if info.status == "Accepted" and info.evseId and evse_id is not None and evse_id not in info.evseId:
        return Verdict("NotAllowedTypeEVSE", info.groupIdToken)  # C01.FR.21
    return Verdict(info.status, info.groupIdToken)


HANDLERS = {"ClearCache": handle_clear_cache}
