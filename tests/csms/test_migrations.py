"""The migrations of the central system end at the tables in its code."""

import importlib
import pkgutil
from pathlib import Path

import voltgate.csms
from voltgate.csms.migrations import FOLDER
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database.migrations import Migrations, current_version


def test_migrated_tables_equal_the_tables_in_the_code(tmp_path: Path) -> None:
    for module in pkgutil.walk_packages(voltgate.csms.__path__, "voltgate.csms."):
        if not module.name.startswith("voltgate.csms.migrations."):
            importlib.import_module(module.name)
    migrations = Migrations(FOLDER, metadata)
    migrations.prepare(tmp_path / "fresh.db")
    assert migrations.differences(tmp_path / "fresh.db") == [], "run: make migration NAME='what changed'"
    assert current_version(tmp_path / "fresh.db") == migrations.versions[-1]


def test_migrations_are_numbered_without_gaps() -> None:
    versions = Migrations(FOLDER, metadata).versions
    assert versions == [f"{number:04}" for number in range(1, len(versions) + 1)]
