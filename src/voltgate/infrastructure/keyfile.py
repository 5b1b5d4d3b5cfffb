"""A secret key of the installation in a file of its own, so that a copied database alone is worth nothing."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyUnusable(Exception):
    """The key file cannot be read or is not ours; the text says what to do."""


def read_or_create_key(path: Path) -> bytes:
    """The key in `path`; created with random bytes and mode 0600 when it is missing.

    Raises: KeyUnusable, never a new key in place of a damaged one: what was digested with it would be lost.
    """
    try:
        return _create(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    try:
        key = path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"{path} is damaged: restore it from the backup that belongs to the database")
    return key


def _create(path: Path) -> bytes:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key
