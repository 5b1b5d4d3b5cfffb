"""Who may use the central system: operators with passwords, API keys for programs, sessions of browsers.

A key is ``vg_`` and 256 random bits; only its SHA-256 is stored, so that a look-up is one point read (a slow hash
protects guessable secrets, which a random key is not). Passwords are stored with
Argon2id. A session is a random secret in a cookie, stored hashed, and ends with the
operator or key it came from.
"""

from voltgate.csms.backoffice.operators.login import COOKIE, Login, Logins
from voltgate.csms.backoffice.operators.secrets import first_key
from voltgate.csms.backoffice.operators.store import who_has_key, who_has_session

__all__ = ["COOKIE", "Login", "Logins", "first_key", "who_has_key", "who_has_session"]
