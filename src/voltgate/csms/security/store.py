"""The tables of the security room."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, bindparam, delete, select

from voltgate.csms.schema import metadata
from voltgate.csms.security.model import StoredPassword, digest_password
from voltgate.infrastructure.database import Database, Statement, Work, insert

STATION_PASSWORDS = Table(
    "station_passwords",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("raw_digest", LargeBinary),
)

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

_upsert = insert(STATION_PASSWORDS)
_KEEP = Statement(
    _upsert.on_conflict_do_update(
        index_elements=["station_id"],
        set_={"salt": _upsert.excluded.salt, "digest": _upsert.excluded.digest, "raw_digest": _upsert.excluded.raw_digest},
    )
)
_FORGET = Statement(delete(STATION_PASSWORDS).where(STATION_PASSWORDS.c.station_id == bindparam("station")))
_READ = Statement(select(STATION_PASSWORDS).where(STATION_PASSWORDS.c.station_id == bindparam("station")))
_ADD_EVENT = Statement(insert(SECURITY_EVENTS).on_conflict_do_nothing())


def keep_password(work: Work, station_id: str, password: str | None, key: bytes) -> None:
    """Store the digest of a station's password in place of the old one; None takes it away."""
    if password is None:
        work.write(_FORGET, station=station_id)
        return
    kept = digest_password(password, key)
    work.write(_KEEP, station_id=station_id, salt=kept.salt, digest=kept.digest, raw_digest=kept.raw_digest)


async def read_password(database: Database, station_id: str) -> StoredPassword | None:
    """What is kept of a station's password; None if it has none."""
    rows = await database.read(_READ, station=station_id)
    return StoredPassword(rows[0]["salt"], rows[0]["digest"], rows[0]["raw_digest"]) if rows else None


def forget_station(work: Work, station_id: str) -> None:
    """Take away the secrets of a station that is deleted; its security events stay."""
    work.write(_FORGET, station=station_id)


def add_event(work: Work, station_id: str, type_: str, at_ms: int, received_ms: int, tech_info: str | None) -> None:
    """Store a security event; once, if it is sent again."""
    work.write(_ADD_EVENT, station_id=station_id, type=type_, at_ms=at_ms, received_ms=received_ms, tech_info=tech_info)
