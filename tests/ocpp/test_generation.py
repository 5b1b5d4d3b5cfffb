"""The generated files are what the generator writes today, and it notices when they are not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = Path("src", "voltgate", "ocpp")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the generator of a tree."""
    command = [sys.executable, str(root / "tools" / "generate_messages.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the generator and of what it wrote."""
    for name in ("generate_messages.py", "message_names.py"):
        (tmp_path / "tools").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools" / name)
    for package in ("v16", "v201", "v21"):
        shutil.copytree(ROOT / LANGUAGE / package, tmp_path / LANGUAGE / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / LANGUAGE / "action_table.py", tmp_path / LANGUAGE / "action_table.py")
    return tmp_path


def test_the_generated_files_are_up_to_date() -> None:
    result = run(ROOT, "--check")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_an_edited_a_missing_and_a_surplus_file_are_named_and_repaired(copied: Path) -> None:
    folder = copied / LANGUAGE
    (folder / "v16" / "security.py").write_text("edited\n")
    (folder / "v21" / "tariff.py").unlink()
    (folder / "v21" / "surplus.py").write_text("")
    result = run(copied, "--check")
    assert result.returncode == 1
    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        "src/voltgate/ocpp/v16/security.py",
        "src/voltgate/ocpp/v21/surplus.py",
        "src/voltgate/ocpp/v21/tariff.py",
    ]
    assert run(copied).returncode == 0
    assert run(copied, "--check").returncode == 0
