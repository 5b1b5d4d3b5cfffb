"""Logging in with a password or a key, and holding back whoever guesses."""

from collections import OrderedDict
from dataclasses import dataclass

from voltgate.csms.api.injected import Operator
from voltgate.csms.api.problems import NotLoggedIn, TooMany
from voltgate.csms.backoffice.operators import store
from voltgate.csms.backoffice.operators.secrets import check_password, hash_secret, new_secret
from voltgate.csms.context import Context
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work

COOKIE = "voltgate_session"
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 30
WINDOW_SECONDS = 300.0
_REMEMBERED = 10_000


class Attempts:
    """Failed log-ins of the last minutes by what they were counted for; the oldest are forgotten when there are too many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until `key` may try again; 0 when it may now."""
        times = [at for at in self._failed.get(key, ()) if at > now - WINDOW_SECONDS]
        return times[0] + WINDOW_SECONDS - now if len(times) >= self._limit else 0.0

    def fail(self, key: str, now: float) -> None:
        """Count a failure."""
        times = [at for at in self._failed.pop(key, ()) if at > now - WINDOW_SECONDS]
        self._failed[key] = [*times, now][-self._limit :]
        if len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The last failure that was counted was none."""
        self._failed[key] = self._failed.get(key, [])[:-1]

    def forget(self, key: str) -> None:
        """A success clears the count."""
        self._failed.pop(key, None)


@dataclass(frozen=True, slots=True)
class Login:
    """A session that was just opened; `secret` goes into the cookie and nowhere else."""

    operator: Operator
    secret: str
    seconds: int


class Logins:
    """Opens and ends sessions."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_name = Attempts(FAILURES_PER_NAME)
        self._by_address = Attempts(FAILURES_PER_ADDRESS)

    async def with_password(self, name: str, password: str, address: str) -> Login:
        """Raises: NotLoggedIn, or TooMany after too many failures from this address or for this name from it."""
        guess = f"{address} {name}"
        self._hold_back(guess, address)
        # Counted before the slow check and taken back after it, so that many guesses at once cannot slip through.
        self._failed(guess, address)
        rows = await self._context.database.read(store.OPERATOR, name=name)
        if not await check_password(rows[0]["password_hash"] if rows else None, password):
            raise NotLoggedIn("name or password is wrong")
        self._by_name.forget(guess)
        self._by_address.take_back(address)
        return await self._open(Operator(rows[0]["name"], rows[0]["role"]), operator_name=name)

    async def with_key(self, key: str, address: str) -> Login:
        """Raises: NotLoggedIn or TooMany."""
        guess = f"{address} key"
        self._hold_back(guess, address)
        rows = await self._context.database.read(store.KEY_BY_HASH, key_hash=hash_secret(key))
        if not rows:
            self._failed(guess, address)
            raise NotLoggedIn("there is no such key")
        return await self._open(Operator(rows[0]["name"], rows[0]["role"]), key_id=rows[0]["id"])

    async def end(self, secret: str) -> None:
        """End a session; no-op when there is none."""
        work = Work()
        work.write(store.REMOVE_SESSION, secret_hash=hash_secret(secret))
        await self._context.database.commit(work)

    async def _open(self, operator: Operator, *, operator_name: str | None = None, key_id: str | None = None) -> Login:
        now_ms = to_ms(self._context.clock.now())
        seconds = self._context.settings.http.session_hours * 3600
        secret = new_secret()
        work = Work()
        work.write(store.REMOVE_EXPIRED, now_ms=now_ms)
        work.write(
            store.ADD_SESSION,
            secret_hash=hash_secret(secret),
            operator_name=operator_name,
            key_id=key_id,
            created_ms=now_ms,
            expires_ms=now_ms + seconds * 1000,
        )
        await self._context.database.commit(work)
        return Login(operator, secret, seconds)

    def _hold_back(self, guess: str, address: str) -> None:
        now = self._context.clock.monotonic()
        wait = max(self._by_name.wait(guess, now), self._by_address.wait(address, now))
        if wait > 0:
            raise TooMany("too many failed log-ins", retry_after=int(wait) + 1)

    def _failed(self, guess: str, address: str) -> None:
        now = self._context.clock.monotonic()
        self._by_name.fail(guess, now)
        self._by_address.fail(address, now)
