"""The tables of the security room."""

from collections.abc import Sequence

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, bindparam, delete, select, update

from voltgate.csms.schema import metadata
from voltgate.csms.security.model import Passwords, StoredPassword, digest_password
from voltgate.infrastructure.database import Database, Row, Statement, Value, Work, insert

STATION_PASSWORDS = Table(
    "station_passwords",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("raw_digest", LargeBinary),
    Column("next_salt", LargeBinary),
    Column("next_digest", LargeBinary),
    Column("next_raw_digest", LargeBinary),
)
"""`salt` and `digest` are empty while there is only the next password: the one the station was told and has not confirmed yet."""

SECURITY_EVENTS = Table(
    "security_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("received_ms", Integer, nullable=False),
    Column("tech_info", Text),
    # The same event sent again is kept once.
    Index("ux_security_events_station", "station_id", "at_ms", "type", unique=True),
)

_NOTHING: dict[str, Value] = dict.fromkeys(column.name for column in STATION_PASSWORDS.columns) | {"salt": b"", "digest": b""}
_FIRST, _NEXT = ("salt", "digest", "raw_digest"), ("next_salt", "next_digest", "next_raw_digest")
_THIS = STATION_PASSWORDS.c.station_id == bindparam("station")

_upsert = insert(STATION_PASSWORDS)
_KEEP = Statement(
    _upsert.on_conflict_do_update(index_elements=["station_id"], set_={name: _upsert.excluded[name] for name in (*_FIRST, *_NEXT)})
)
_KEEP_NEXT = Statement(_upsert.on_conflict_do_update(index_elements=["station_id"], set_={name: _upsert.excluded[name] for name in _NEXT}))
_CONFIRM = Statement(
    update(STATION_PASSWORDS)
    .where(_THIS, STATION_PASSWORDS.c.next_digest.is_not(None))
    .values({first: STATION_PASSWORDS.c[new] for first, new in zip(_FIRST, _NEXT, strict=True)} | dict.fromkeys(_NEXT))
)
_DROP_NEXT = Statement(update(STATION_PASSWORDS).where(_THIS).values(dict.fromkeys(_NEXT)))
_FORGET = Statement(delete(STATION_PASSWORDS).where(_THIS))
_READ = Statement(select(STATION_PASSWORDS).where(_THIS))
_ADD_EVENT = Statement(insert(SECURITY_EVENTS).on_conflict_do_nothing())


def keep_password(work: Work, station_id: str, password: str | None, key: bytes) -> None:
    """Store the digest of a station's password in place of the old one; None takes it away."""
    if password is None:
        work.write(_FORGET, station=station_id)
        return
    work.write(_KEEP, **_NOTHING | {"station_id": station_id} | _columns(_FIRST, digest_password(password, key)))


def keep_next_password(work: Work, station_id: str, password: str, key: bytes) -> None:
    """The station is told this password: it counts beside the old one until the station has confirmed or refused it (A01.FR.04)."""
    work.write(_KEEP_NEXT, **_NOTHING | {"station_id": station_id} | _columns(_NEXT, digest_password(password, key)))


def confirm_next_password(work: Work, station_id: str) -> None:
    """The station uses the next password: the old one counts no longer (A01.FR.03). No-op without one."""
    work.write(_CONFIRM, station=station_id)


def drop_next_password(work: Work, station_id: str) -> None:
    """The station has not taken the next password (A01.FR.04)."""
    work.write(_DROP_NEXT, station=station_id)


async def read_password(database: Database, station_id: str) -> Passwords:
    """What is kept of a station's passwords."""
    rows = await database.read(_READ, station=station_id)
    return Passwords(_stored(rows[0], _FIRST), _stored(rows[0], _NEXT)) if rows else Passwords()


def _stored(row: Row, names: Sequence[str]) -> StoredPassword | None:
    salt, digest, raw_digest = (row[name] for name in names)
    return StoredPassword(salt, digest, raw_digest) if digest else None


def _columns(names: Sequence[str], kept: StoredPassword) -> dict[str, Value]:
    return dict(zip(names, (kept.salt, kept.digest, kept.raw_digest), strict=True))


def forget_station(work: Work, station_id: str) -> None:
    """Take away the secrets of a station that is deleted; its security events stay."""
    work.write(_FORGET, station=station_id)


def add_event(work: Work, station_id: str, type_: str, at_ms: int, received_ms: int, tech_info: str | None) -> None:
    """Store a security event; once, if it is sent again."""
    work.write(_ADD_EVENT, station_id=station_id, type=type_, at_ms=at_ms, received_ms=received_ms, tech_info=tech_info)
