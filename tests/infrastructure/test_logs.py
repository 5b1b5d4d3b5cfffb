"""Logs in both forms, and what may not be in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from voltgate.infrastructure.logs import HIDDEN, set_up_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_json_has_one_object_per_line(stream: io.StringIO) -> None:
    set_up_logs("json", stream=stream)
    structlog.get_logger("voltgate.test").info("station booted", station="CS1", tries=2)
    logging.getLogger("some.library").warning("from %s", "outside")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("at").endswith("Z")
    assert first == {"event": "station booted", "station": "CS1", "tries": 2, "level": "info"}
    assert (second["event"], second["level"]) == ("from outside", "warning")


def test_the_console_shows_words_and_values(stream: io.StringIO) -> None:
    set_up_logs("console", stream=stream)
    structlog.get_logger().warning("station booted", station="CS1")
    assert "station booted" in stream.getvalue()
    assert "station=CS1" in stream.getvalue()


def test_the_level_is_a_floor(stream: io.StringIO) -> None:
    set_up_logs("console", "warning", stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_never_appear(stream: io.StringIO, form: str) -> None:
    set_up_logs("json" if form == "json" else "console", stream=stream)
    log = structlog.get_logger()
    log.info("in names", password="hunter2", Authorization="hunter2", headers={"cookie": "hunter2", "list": [{"api_key_hash": "hunter2"}]})
    log.info("in text", url="postgresql://me:hunter2@host/db", header="Basic aHVudGVyMg==", note="sent Bearer abc.hunter2-x")
    logging.getLogger("library").warning("connecting to https://me:hunter2@host")
    try:
        raise RuntimeError("could not reach ftp://me:hunter2@host/file")
    except RuntimeError:
        log.exception("failed")
    text = stream.getvalue()
    assert HIDDEN in text
    assert "RuntimeError" in text
    assert "hunter2" not in text
    assert "aHVudGVyMg" not in text
    assert "host/db" in text
