"""The page about the API says what the program does."""

from pathlib import Path

from voltgate.csms.api.access import ADMIN_ONLY
from voltgate.csms.api.answering import HANDLERS
from voltgate.csms.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from voltgate.csms.api.problems import Refusal

PAGE = (Path(__file__).parents[3] / "docs" / "http-api.md").read_text("utf-8")


def test_the_table_of_what_needs_an_admin() -> None:
    rows = [
        line for line in PAGE.splitlines() if line.startswith("| ") and line.split(" | ")[0] in {"| any", "| POST", "| DELETE", "| PATCH"}
    ]
    assert rows == [f"| {method} | `{path}` | {reason} |" for method, path, reason in ADMIN_ONLY]


def test_every_refusal_is_explained() -> None:
    for kind in [Refusal, *Refusal.__subclasses__()]:
        assert f"| {kind.status} | `{kind.word}`" in PAGE, kind
    assert len(HANDLERS) == 13  # a new one needs a line on the page


def test_limits_of_lists() -> None:
    assert f"1 to {MAX_LIMIT}, default {DEFAULT_LIMIT}" in PAGE
