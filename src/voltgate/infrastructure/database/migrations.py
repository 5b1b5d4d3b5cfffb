"""Schema migrations: numbered files run by Alembic, in this process, when the program opens a database.

A database that is up to date opens without importing Alembic: the number in its version table is the number of the newest file.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, NullPool, create_engine, event

from voltgate.infrastructure.database.port import CannotOpen

_FILE = re.compile(r"(\d{4})_\w+\.py")


class Migrations:
    """The migrations in a folder: an Alembic environment whose `versions/NNNN_words.py` have NNNN as their revision."""

    def __init__(self, folder: Path, metadata: MetaData) -> None:
        self._folder = folder
        self._metadata = metadata
        self.versions = sorted(match[1] for file in (folder / "versions").iterdir() if (match := _FILE.fullmatch(file.name)))

    def prepare(self, path: Path) -> None:
        """Bring the database file `path` to the newest version, all steps or none; create it if it is missing.

        Raises: CannotOpen if the file was written by a newer program or by another one.
        """
        version = current_version(path)
        if self.versions and version == self.versions[-1]:
            return
        if version is not None and version not in self.versions:
            raise CannotOpen(self._strange(path, version))
        with _engine(path) as engine, engine.begin() as connection:
            self.upgrade(connection)

    def upgrade(self, connection: Any) -> None:
        """Run the missing migrations on a SQLAlchemy connection, in its transaction."""
        from alembic import command

        command.upgrade(self.config(connection), "head")

    def differences(self, path: Path) -> list[Any]:
        """What the up-to-date file `path` lacks to be equal to the metadata; nothing if the migrations are complete."""
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with _engine(path) as engine, engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
            return list(compare_metadata(context, self._metadata))

    def write_next(self, path: Path, words: str) -> Path:
        """Write the migration from the up-to-date file `path` to the metadata; for developers. Returns the new file."""
        from alembic import command

        number = f"{int(self.versions[-1]) + 1 if self.versions else 1:04}"
        with _engine(path) as engine, engine.begin() as connection:
            script = command.revision(self.config(connection), message=words, autogenerate=True, rev_id=number)
        if isinstance(script, list) or script is None:
            raise RuntimeError("Alembic wrote no single migration")
        return Path(script.path)

    def config(self, connection: Any) -> Any:
        """Alembic's settings, with what `env.py` needs in its attributes."""
        from alembic.config import Config

        config = Config(stdout=StringIO())  # it would narrate what it does
        config.set_main_option("script_location", str(self._folder).replace("%", "%%"))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        config.attributes["metadata"] = self._metadata
        return config

    def _strange(self, path: Path, version: str) -> str:
        newest = self.versions[-1] if self.versions else "none"
        if version.isdigit() and self.versions and version > newest:
            return (
                f"{path} was written by a newer voltgate (schema {version}; this one knows up to {newest}): install that one or a newer one"
            )
        return f"{path} has the schema {version!r}, which this voltgate (schema {newest}) does not know"


def current_version(path: Path) -> str | None:
    """The version in the database file; None if it is missing or empty.

    Raises: CannotOpen if it is not a database, or one that was not made by these migrations.
    """
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall() if "alembic_version" in tables else []
    except sqlite3.DatabaseError as error:
        raise CannotOpen(f"{path}: {error}") from error
    if rows:
        return str(rows[0][0])
    if tables - {"alembic_version", "sqlite_sequence"}:
        raise CannotOpen(f"{path} is a database of another program: choose another file")
    return None


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    """An engine whose transactions hold schema changes too: the driver must not begin or end any by itself."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path, timeout=10, isolation_level=None), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        yield engine
    finally:
        engine.dispose()
