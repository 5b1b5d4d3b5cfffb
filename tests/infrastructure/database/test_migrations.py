"""The machinery of migrations, on a tiny schema."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from voltgate.csms.migrations import FOLDER
from voltgate.infrastructure.database import CannotOpen
from voltgate.infrastructure.database.migrations import Migrations, current_version
from voltgate.infrastructure.database.sqlite import SqliteDatabase


def schema(*columns: str) -> MetaData:
    metadata = MetaData()
    Table("birds", metadata, Column("id", Integer, primary_key=True), *(Column(name, Text) for name in columns))
    return metadata


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An environment like the real one, without its versions."""
    folder = tmp_path / "migrations with 100% odd name"
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        shutil.copy(FOLDER / name, folder / name)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "birds.db"


def write_next(folder: Path, path: Path, metadata: MetaData, words: str) -> str:
    """Generate the next migration and run it."""
    Migrations(folder, metadata).prepare(path)
    name = Migrations(folder, metadata).write_next(path, words).name
    Migrations(folder, metadata).prepare(path)
    return name


def test_migrations_are_generated_numbered_and_run(folder: Path, path: Path) -> None:
    assert write_next(folder, path, schema("name"), "first birds") == "0001_first_birds.py"
    assert write_next(folder, path, schema("name", "colour"), "colours") == "0002_colours.py"
    assert current_version(path) == "0002"
    assert Migrations(folder, schema("name", "colour")).differences(path) == []
    assert Migrations(folder, schema("name", "colour", "size")).differences(path) != []


def test_an_older_file_is_brought_up_and_keeps_its_rows(folder: Path, path: Path) -> None:
    write_next(folder, path, schema("name"), "first")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO birds (name) VALUES ('crow')")
    old = path.with_name("old.db")
    shutil.copy(path, old)
    write_next(folder, path, schema("name", "colour"), "second")
    Migrations(folder, schema()).prepare(old)
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT name, colour FROM birds").fetchall() == [("crow", None)]


def test_a_migration_that_fails_changes_nothing(folder: Path, path: Path) -> None:
    write_next(folder, path, schema("name"), "first")
    script = """
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("INSERT INTO birds (name) VALUES ('half')")
    raise RuntimeError("half way")
"""
    (folder / "versions" / "0002_fails.py").write_text(script)
    with pytest.raises(RuntimeError, match="half way"):
        Migrations(folder, schema()).prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM birds").fetchone() == (0,)
    assert current_version(path) == "0001"


@pytest.mark.parametrize(("version", "words"), [("0009", "was written by a newer voltgate"), ("abc", "does not know")])
def test_a_file_of_another_version_is_refused(folder: Path, path: Path, version: str, words: str) -> None:
    write_next(folder, path, schema("name"), "first")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    with pytest.raises(CannotOpen, match=words):
        Migrations(folder, schema("name")).prepare(path)


def test_a_database_of_another_program_is_refused(folder: Path, path: Path) -> None:
    write_next(folder, path.with_name("good.db"), schema("name"), "first")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE fish (id INTEGER)")
    with pytest.raises(CannotOpen, match="another program"):
        Migrations(folder, schema("name")).prepare(path)


async def test_the_database_opens_with_migrations_and_refuses_strange_files(folder: Path, path: Path) -> None:
    metadata = schema("name")
    from voltgate.infrastructure.database.tables import attach_infrastructure

    attach_infrastructure(metadata)
    write_next(folder, path, metadata, "first")
    await (await SqliteDatabase.open(path.with_name("new.db"), Migrations(folder, metadata))).close()
    assert current_version(path.with_name("new.db")) == "0001"


def test_an_up_to_date_file_opens_without_alembic(folder: Path, path: Path) -> None:
    write_next(folder, path, schema("name"), "first")
    program = """
import sys
from pathlib import Path
from sqlalchemy import MetaData
from voltgate.infrastructure.database.migrations import Migrations
Migrations(Path(sys.argv[1]), MetaData()).prepare(Path(sys.argv[2]))
assert "alembic" not in sys.modules
"""
    source = str(Path(__file__).parents[3] / "src")
    subprocess.run([sys.executable, "-c", program, str(folder), str(path)], check=True, env={"PYTHONPATH": source})
