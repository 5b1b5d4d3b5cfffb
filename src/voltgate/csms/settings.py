"""The settings of a CSMS, each also an environment variable (``VOLTGATE_OCPP_LISTEN``) and, where it says so, a flag."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
UnknownStations = Literal["refuse", "pending", "accept"]


class OcppSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The port that stations connect to."""

    listen: str = "0.0.0.0:9000"
    versions: Annotated[tuple[Literal["1.6", "2.0.1", "2.1"], ...], Meta(min_length=1)] = ("2.1", "2.0.1", "1.6")
    unknown_stations: UnknownStations = "refuse"
    """refuse: 404; pending: connected but not accepted until an operator does; accept: registered at once."""
    unsupported_subprotocol: Literal["close", "refuse"] = "close"
    call_timeout: Seconds = 30.0
    ping_interval: Seconds = 50.0
    ping_timeout: Seconds = 30.0
    handshake_timeout: Seconds = 10.0
    max_frame_bytes: Positive = 1_048_576
    mailbox_length: Positive = 64
    heartbeat_interval: Positive = 300
    """Seconds, sent in BootNotification."""
    retry_boot_interval: Positive = 60
    """Seconds a station that is pending or rejected waits before it boots again."""
    settle_seconds: Annotated[float, Meta(ge=0)] = 2.0
    """How long a station that booted or came back is left alone before what waits for it is sent."""


class HttpSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The port for people and programs."""

    listen: str = "127.0.0.1:8080"
    login_required: bool = True
    """False only for a demonstration on loopback."""
    session_hours: Positive = 12


class AuthorizationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How tokens are judged."""

    unknown_tokens: Literal["refuse", "accept"] = "refuse"
    concurrent_transactions: Literal["refuse", "accept"] = "refuse"
    """Whether one token may have several open transactions, unless the token says so itself."""


class RetentionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long records are kept, in days; 0 keeps them for ever."""

    messages_days: Annotated[int, Meta(ge=0)] = 90
    events_days: Annotated[int, Meta(ge=0)] = 30


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a CSMS can be told before it starts."""

    data: str = "data"
    """The data directory; created when missing."""
    database: str = ""
    """Empty: SQLite in the data directory."""
    bus: str = ""
    """Empty: inside this process."""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    ocpp: OcppSettings = field(default_factory=OcppSettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    authorization: AuthorizationSettings = field(default_factory=AuthorizationSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
