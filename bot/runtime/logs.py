"""Logging: one stream on stderr, for people or for collectors, in which no secret ever appears.

structlog and the standard library (discord.py, aiohttp, alembic log there) end in one formatter. Secrets are
taken out of the finished line, since that is the only place that sees everything: messages, values,
tracebacks and what a library put into its own exception.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.config import Logging

_HIDDEN = "[hidden]"
_PATTERNS = (
    # a header in any spelling: Authorization: Bot x · 'Authorization': 'Bearer x' · authorization=x
    re.compile(
        r"""(authorization\\?['"]?\s*[:=,]\s*\\?['"]?(?:(?:bot|bearer|basic)\s+)?)[^\s'",)}\]\\]+""",
        re.IGNORECASE,
    ),
    # any bot token, also one that is not ours: id in base64, time stamp, signature
    re.compile(r"()\b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"),
    # an interaction's token lets its holder answer for fifteen minutes
    re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_%.-]{20,}"),
    # a password inside an address
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE),
)
_QUIET = 600.0  # seconds
_CHATTY = ("aiosqlite", "alembic", "asyncio", "discord.client", "discord.gateway", "discord.http")


def hidden(text: str, secrets: Collection[str] = ()) -> str:
    """Return *text* without *secrets* and without whatever looks like one."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{_HIDDEN}", text)
    return text


class Redaction:
    """The last processor: hides *secrets* in the rendered line."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, logger: WrappedLogger, name: str, line: EventDict | str | bytes) -> str:
        return hidden(line.decode(errors="replace") if isinstance(line, bytes) else str(line), self._secrets)


class DiscordChatter(logging.Filter):
    """Lets discord.py say once in ten minutes that a shard cannot connect, and without its traceback.

    It says so at every attempt, which in an outage of an hour is a log of nothing else. That it lacks the
    libraries for voice, which we never use, it need not say at all.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        said = str(record.msg) if record.name in {"discord.shard", "discord.client"} else ""
        if "voice will NOT be supported" in said:
            return False
        if "connect" not in said:
            return True
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.msg} ({type(record.exc_info[1]).__name__})"
            record.exc_info = None
        last = self._said.get(record.msg)
        if last is not None and record.created - last < _QUIET:
            return False
        self._said[record.msg] = record.created
        return True


def configure(settings: Logging, *, secrets: Collection[str] = (), stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process to *stream* (stderr), without *secrets*."""
    stream = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings, colors=stream.isatty()),
                Redaction(secrets),
            ],
        )
    )
    handler.addFilter(DiscordChatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.level)
    for name in _CHATTY:  # their INFO is about every reconnect and migration, their DEBUG about every packet
        quiet = logging.INFO if root.level == logging.DEBUG else logging.WARNING
        logging.getLogger(name).setLevel(max(quiet, root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # loggers made at import follow a later configure, as in tests
    )


def _renderers(settings: Logging, *, colors: bool) -> list[Processor]:
    if settings.format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Plain tracebacks: rich's show local variables, and wrap a token over two lines where nothing finds it.
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]
