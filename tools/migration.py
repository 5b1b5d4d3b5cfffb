"""Write the next migration of the central system's database, or ``--check`` that none is missing.

The tables in the code are compared with a fresh database that all migrations have run on.
"""

import importlib
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

import voltgate.csms
from voltgate.csms.migrations import FOLDER
from voltgate.csms.schema import metadata
from voltgate.infrastructure.database.migrations import Migrations


def whole_schema() -> MetaData:
    """The metadata with the tables of all rooms, whether the program uses them yet or not."""
    for module in pkgutil.walk_packages(voltgate.csms.__path__, "voltgate.csms."):
        if not module.name.startswith("voltgate.csms.migrations."):
            importlib.import_module(module.name)
    return metadata


def brief(difference: Any) -> str:
    """One line about a difference as Alembic reports it."""
    if isinstance(difference, list):  # changes of one column
        return "; ".join(brief(one) for one in difference)
    kind, *things = difference
    return f"{kind} {' '.join(str(getattr(thing, 'name', thing)) for thing in things if thing is not None)}"


def main(words: str) -> int:
    """Write or check; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.db"
        migrations = Migrations(FOLDER, whole_schema())
        migrations.prepare(path)
        differences = migrations.differences(path)
        if words == "--check":
            for difference in differences:
                print(f"no migration for: {brief(difference)}")
            return 1 if differences else 0
        if not differences:
            print("nothing to migrate")
            return 0
        written = migrations.write_next(path, words)
        for command in ("check --fix --quiet", "format --quiet"):
            subprocess.run([sys.executable, "-m", "ruff", *command.split(), str(written)], check=True)
        print(f"wrote {written}; read it before you commit it")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit("say what changes: make migration NAME='add notes'")
    sys.exit(main(sys.argv[1]))
