"""Write docs/settings.md from the settings' own definition; ``--check`` compares."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "voltgate" / "csms" / "settings.py"
PAGE = ROOT / "docs" / "settings.md"
HEAD = """# Settings of the central system

Written by `make docs` from `src/voltgate/csms/settings.py`; do not edit.

Each setting can stand in a TOML file (`voltgate csms --config voltgate.toml`), in the environment, or, for the most used, in a
flag (`voltgate csms --help`); a flag wins over the environment, the environment over the file. A wrong name or value is refused at
the start, with the names or values that are accepted. Durations are in seconds unless the name says otherwise.

```toml
data = "/var/lib/voltgate"

[ocpp]
listen = "0.0.0.0:9000"
unknown_stations = "pending"
```
"""

WORDS = {
    "Positive": "whole number from 1",
    "Seconds": "number above 0",
    "Annotated[float, Meta(ge=0)]": "number from 0",
    "Annotated[int, Meta(ge=0)]": "whole number from 0",
    "UnknownStations": "`refuse`, `pending` or `accept`",
    "bool": "`true` or `false`",
    "str": "text",
}
"""The types of settings as people say them."""

Field = tuple[str, str, str, str]


def fields(definition: ast.ClassDef) -> Iterator[Field]:
    """Name, type, default and explanation of each field of a settings Struct."""
    following = [*definition.body[1:], ast.Pass()]
    for statement, after in zip(definition.body, following, strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
            explained = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            text = str(after.value.value) if explained else ""  # type: ignore[attr-defined]  # checked the line before
            yield statement.target.id, ast.unparse(statement.annotation), ast.unparse(statement.value), " ".join(text.split())


def said(kind: str) -> str:
    """A type as people say it; a choice by its words."""
    choices = (
        ", ".join(f"`{word.strip()}`" for word in kind.rpartition("Literal[")[2].split("]")[0].replace("'", "").split(","))
        if "Literal[" in kind
        else kind
    )
    return WORDS.get(kind, ("any of " if "tuple" in kind else "one of ") + choices)


def section(title: str, prefix: str, definition: ast.ClassDef) -> list[str]:
    """One table of settings."""
    lines = [
        f"## {title}\n",
        f"{ast.get_docstring(definition)}\n",
        "| key | environment | default | values | meaning |",
        "|---|---|---|---|---|",
    ]
    for name, kind, default, text in fields(definition):
        if not default.startswith("field("):
            lines.append(
                f"| `{prefix}{name}` | `VOLTGATE_{(prefix + name).replace('.', '_').upper()}` | `{default}` | {said(kind)} | {text} |"
            )
    return [*lines, ""]


def page() -> str:
    """The page as Markdown."""
    classes = {node.name: node for node in ast.parse(SOURCE.read_text()).body if isinstance(node, ast.ClassDef)}
    parts = [HEAD, *section("General", "", classes["Settings"])]
    for name, kind, default, _ in fields(classes["Settings"]):
        if default.startswith("field("):
            parts += section(f"[{name}]", f"{name}.", classes[kind])
    return "\n".join(parts)


def main() -> None:
    """Write or compare."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        raise SystemExit("docs/settings.md is out of date: make docs")


if __name__ == "__main__":
    main()
