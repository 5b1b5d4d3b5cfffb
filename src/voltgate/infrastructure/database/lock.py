"""One process per database file."""

import fcntl
import os
from pathlib import Path

from voltgate.infrastructure.database.port import CannotOpen


class FileLock:
    """An exclusive lock beside a database file; the system frees it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Raises: CannotOpen if another process holds it."""
        path = database.with_name(database.name + ".lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CannotOpen(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._file, 20).decode("ascii", "replace").strip()
            os.close(self._file)
            raise CannotOpen(f"{database} is in use by another voltgate process (process {owner})") from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let another process have the file."""
        os.close(self._file)
