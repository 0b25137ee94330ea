"""Logging: structlog's context over the standard library's loggers, one line an entry, to standard error.

Library layers log with `logging.getLogger(__name__)`; whoever runs a meeting binds its name with
`structlog.contextvars.bind_contextvars`, and every line of that task then carries it. Secrets are removed last, from
the finished texts, tracebacks included.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from eyeline.config.redaction import redact

_LEVELS = logging.getLevelNamesMapping()
_COLORS = {"debug": "\x1b[2m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31;1m"}
_RESET = "\x1b[0m"

# They tell every candidate and every request at INFO; of interest to who debugs, noise to everybody else.
_CHATTY = ("aioice", "aiortc", "aiohttp.access", "asyncio")


class _Handler(logging.StreamHandler[TextIO]):
    """Ours among the root logger's handlers, so that configuring again replaces it and nobody else's."""


def configure_logging(level: str, *, json_lines: bool = False, stream: TextIO | None = None) -> None:
    """Send the logs of this process to standard error. Calling again replaces the earlier configuration.

    Args:
        level: debug, info, warning or error.
        json_lines: One JSON object a line, for machines; otherwise short lines for people.
        stream: Instead of standard error.
    """
    target = stream or sys.stderr
    handler = _Handler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _drop_formatted, *_shared_processors()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                _redact,
                _render_json if json_lines else _render_lines(colors=_wants_colors(target)),
            ],
        )
    )
    number = _LEVELS[level.upper()]
    root = logging.getLogger()
    root.handlers = [*(other for other in root.handlers if not isinstance(other, _Handler)), handler]
    root.setLevel(number)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(number if number <= logging.DEBUG else max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]


def _drop_formatted(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Forget what another handler's formatter has left on the standard library's record."""
    del logger, method
    event.pop("message", None)
    event.pop("asctime", None)
    return event


def _wants_colors(stream: TextIO) -> bool:
    """On a terminal, unless the person says no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    redacted = redact(event)
    assert isinstance(redacted, dict)  # noqa: S101 - for mypy: a mapping stays one
    return redacted


def _render_json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    del logger, method
    stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", event)
    return json.dumps(stamped, ensure_ascii=False, default=str)


def _render_lines(*, colors: bool) -> Processor:
    """`HH:MM:SS level message key=value`, and a traceback below it."""
    clock = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)

    def render(logger: WrappedLogger, method: str, event: EventDict) -> str:
        del logger, method
        time = clock(None, "", event).pop("timestamp")
        level = str(event.pop("level", "info"))
        event.pop("logger", None)
        below = [str(event.pop(key)) for key in ("stack", "exception") if event.get(key)]
        parts = [f"{time} {level:<7}", _one_line(event.pop("event", ""))]
        parts += [f"{key}={_one_line(value)}" for key, value in event.items()]
        line = " ".join(parts)
        if colors and level in _COLORS:
            line = f"{_COLORS[level]}{line}{_RESET}"
        return "\n".join([line, *below])

    return render


def _one_line(value: object) -> str:
    """A text that can neither forge a second line nor steer the terminal: names in a meeting are others' texts."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(value))
