"""Logs: one line per fact with its values beside it, for people or as JSON, and never a secret."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

Level = Literal["debug", "info", "warning", "error"]

HIDDEN = "[hidden]"
_SECRET_WORDS = (
    "password",
    "passwd",
    "secret",
    "authorization",
    "cookie",
    "private_key",
    "api_key",
    "admin_key",
    "access_token",
    "credential",
)
_SECRET_TEXT = re.compile(
    r"(?i)\b(basic|bearer)\s+[\w.~+/=-]{6,}|(?<=://)[^/\s:@]*:[^/\s@]*(?=@)|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*"
)


def set_up_logs(form: Literal["console", "json"], level: Level = "info", stream: TextIO | None = None) -> None:
    """Send the program's logs, and those of the libraries it uses, to `stream` (standard error if None)."""
    stream = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_ending(form, stream)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_number(level))
    for noisy in ("alembic", "asyncio", "httpcore", "httpx", "uvicorn", "voltgate.links.server", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _number(level: Level) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _ending(form: Literal["console", "json"], stream: TextIO) -> list[structlog.types.Processor]:
    clean: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        return [*clean, structlog.processors.format_exc_info, hide_secrets, structlog.processors.JSONRenderer(default=str)]
    plain = structlog.dev.plain_traceback
    renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="at", exception_formatter=plain)
    return [*clean, structlog.processors.format_exc_info, hide_secrets, renderer]


def hide_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what is a secret by its name, or looks like one in a text."""
    for name, value in line.items():
        line[name] = _cleaned(name, value)
    return line


def _cleaned(name: str, value: Any) -> Any:
    if any(word in name.lower() for word in _SECRET_WORDS):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {key: _cleaned(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned("", inner) for inner in value]
    return value
