"""Keys, passwords and session secrets: how they are made, hashed and checked."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from voltgate.csms.backoffice.operators import store
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work

if TYPE_CHECKING:
    from argon2 import PasswordHasher

KEY_START = "vg_"
SHOWN_CHARACTERS = 8
"""How much of a key is kept to recognise it; of 43 random characters these are five."""
ENVIRONMENT_KEY = "VOLTGATE_ADMIN_KEY"
FIRST_KEY_ID = "admin"
SECRET_BYTES = 32
SHORT_KEY = 20
"""A chosen key with fewer characters is warned about."""

_log = structlog.get_logger("voltgate.operators")
_threads = ThreadPoolExecutor(2, thread_name_prefix="voltgate-password")
"""Log-ins cannot take more than two cores away from the stations."""


def new_key() -> str:
    """A random API key of 256 bits."""
    return KEY_START + secrets.token_urlsafe(SECRET_BYTES)


def new_secret() -> str:
    """A random session secret of 256 bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """How a key or session secret is stored."""
    return sha256(secret.encode()).hexdigest()


def shown_prefix(key: str) -> str:
    """What is shown of a key afterwards; at most a quarter of a short one that somebody chose."""
    return key[: min(SHOWN_CHARACTERS, len(key) // 4)]


async def hash_password(password: str) -> str:
    """The Argon2id hash, made in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hash, password)


async def check_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash (no such operator) it takes the same time and never fits."""
    fits = await asyncio.get_running_loop().run_in_executor(_threads, _verify, password_hash, password)
    return fits and password_hash is not None


def _hash(password: str) -> str:
    return _hasher().hash(password)


def _verify(password_hash: str | None, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerifyMismatchError

    try:
        return _hasher().verify(password_hash or _no_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _hasher() -> "PasswordHasher":
    """Argon2id as OWASP recommends it for a server that has other things to do: 19 MiB, two passes. Loaded with the first password."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _no_hash() -> str:
    """The hash of a password that nobody knows."""
    return _hash(new_secret())


async def first_key(context: Context, environment: Mapping[str, str] | None = None) -> str | None:
    """Make sure that somebody can get in; returns the key that must be shown now, because it is never shown again.

    ``VOLTGATE_ADMIN_KEY`` sets the key `admin` at every start (nothing is returned: who set it knows it). Without it, an installation
    where nobody can get in receives a random one.
    """
    chosen = (os.environ if environment is None else environment).get(ENVIRONMENT_KEY)
    if chosen:
        if len(chosen) < SHORT_KEY:
            _log.warning("the key in VOLTGATE_ADMIN_KEY is easy to guess: take a longer one", characters=len(chosen), recommended=SHORT_KEY)
        await _put_admin_key(context, chosen)
        return None
    if await context.database.read(store.ANYBODY):
        return None
    key = new_key()
    await _put_admin_key(context, key)
    return key


async def _put_admin_key(context: Context, key: str) -> None:
    work = Work()
    work.write(
        store.PUT_KEY,
        id=FIRST_KEY_ID,
        name="admin",
        role="admin",
        prefix=shown_prefix(key),
        key_hash=hash_secret(key),
        created_ms=to_ms(context.clock.now()),
        created_by="start",
    )
    await context.database.commit(work)
