"""Write docs/coverage.md: which actions and which requirements of OCPP have a test; ``--check`` compares.

Tests say so themselves with the marks `action` and `requirement`; nothing is run, only collected.
"""

import sys
from collections import defaultdict
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from voltgate.ocpp.actions import ACTIONS, Version

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coverage.md"
SENDERS = {"station": "station", "csms": "CSMS", "both": "both"}
HEAD = """# What the tests prove

Written by `make docs` from the marks on the tests; do not edit.
"""


class Marks:
    """A pytest plugin that collects the marks of all tests."""

    def __init__(self) -> None:
        self.requirements: set[str] = set()
        self.actions: set[str] = set()
        self.broken: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what cannot be imported: its marks would be missing."""
        if report.failed:
            self.broken.append(report.nodeid)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the marks."""
        for item in session.items:
            for mark in item.iter_markers("requirement"):
                self.requirements.update(mark.args)
            for mark in item.iter_markers("action"):
                self.actions.update(mark.args)


def collect() -> Marks:
    """The marks of the whole suite."""
    marks = Marks()
    with redirect_stdout(StringIO()) as output:
        code = pytest.main(["--collect-only", "-q", "--rootdir", str(ROOT), str(ROOT / "tests")], plugins=[marks])
    if code is not pytest.ExitCode.OK and not marks.broken:
        sys.exit(output.getvalue())
    return marks


def page(requirements: set[str], actions: set[str]) -> str:
    """The page as Markdown."""
    parts = [HEAD, "## Actions\n"]
    parts += [_actions(version, {name for name in actions if name.startswith(f"{version}:")}) for version in ACTIONS]
    parts += ["## Requirements and use cases\n", _requirements(requirements)]
    return "\n".join(parts)


def unknown(actions: set[str]) -> list[str]:
    """Marks that name no action."""
    known = {f"{version}:{name}" for version, table in ACTIONS.items() for name in table}
    return sorted(actions - known)


def _actions(version: Version, tested: set[str]) -> str:
    rows = [
        f"### OCPP {version}: {len(tested)} of {len(ACTIONS[version])} actions\n",
        "| block | action | sent by | tested |",
        "|---|---|---|---|",
    ]
    for action in sorted(ACTIONS[version].values(), key=lambda action: (action.block, action.name)):
        yes = "yes" if f"{version}:{action.name}" in tested else ""
        rows.append(f"| {action.block} | {action.name} | {SENDERS[action.sender]} | {yes} |")
    return "\n".join(rows) + "\n"


def _requirements(requirements: set[str]) -> str:
    cases: dict[str, list[str]] = defaultdict(list)
    for requirement in sorted(requirements):
        case = "OCPP-J" if requirement.startswith("FR.") else requirement.partition(".FR.")[0]
        cases[case].append(requirement)
    rows = ["| use case | tested |", "|---|---|"]
    rows += [f"| {case} | {', '.join(ids)} |" for case, ids in sorted(cases.items())]
    return "\n".join(rows) + "\n"


def main(*, check: bool) -> int:
    """Write or compare; the exit code."""
    marks = collect()
    wrong = [f"cannot collect {name}" for name in marks.broken] + [f"no such action: {name}" for name in unknown(marks.actions)]
    text = page(marks.requirements, marks.actions)
    if check and (not PAGE.exists() or PAGE.read_text("utf-8") != text):
        wrong.append(f"{PAGE.relative_to(ROOT)} is out of date: run make docs")
    for line in wrong:
        print(line)
    if not wrong and not check:
        PAGE.write_text(text, "utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}: {len(marks.actions)} actions, {len(marks.requirements)} requirements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
