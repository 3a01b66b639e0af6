"""Logging to stderr, as text for people or JSON for collectors, without secrets.

structlog and the standard library (used by discord.py, aiohttp and alembic) share one formatter. Secrets are
removed from the finished line, because only that contains everything: messages, values, tracebacks and the
texts of libraries' exceptions.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TextIO

from bot.config import LoggingSettings


@contextmanager
def _not_installed(module: str) -> Iterator[None]:
    """Let *module* seem not to be installed during the block."""
    loaded = sys.modules.get(module)
    sys.modules[module] = None  # type: ignore[assignment]  # as documented: importing it then fails
    try:
        yield
    finally:
        del sys.modules[module]
        if loaded is not None:
            sys.modules[module] = loaded


with _not_installed("rich"):  # structlog would load it for tracebacks that are not used here: 9 MB
    import structlog
    from structlog.typing import EventDict, Processor, WrappedLogger

_HIDDEN = "[hidden]"
_PATTERNS = (
    # a header in any spelling: Authorization: Bot x · 'Authorization': 'Bearer x' · authorization=x
    re.compile(
        r"""(authorization\\?['"]?\s*[:=,]\s*\\?['"]?(?:(?:bot|bearer|basic)\s+)?)[^\s'",)}\]\\]+""",
        re.IGNORECASE,
    ),
    # any bot token, even another bot's: id in base64, time stamp, signature
    re.compile(r"()\b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"),
    # an interaction's token, which allows answering for fifteen minutes
    re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_%.-]{20,}"),
    # a password in a URL
    re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE),
)
_LONGEST_VALUE = 4_000  # characters of one value of a log message
_LONGEST_TRACEBACK = 40_000
_MARGIN = 500  # characters, more than a secret has
_QUIET = 600.0  # seconds
_CHATTY = ("aiosqlite", "alembic", "asyncio", "discord.client", "discord.gateway", "discord.http")


def hide_secrets(text: str, secrets: Collection[str] = ()) -> str:
    """Return *text* with `[hidden]` in place of *secrets* and of anything that looks like one."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{_HIDDEN}", text)
    return text


class Bounds:
    """A processor before the renderer: cuts values that are too long; of a traceback the end is kept.

    Values may be anybody's text: arXiv's answer, a title, an exception of a library. Some more is
    read than is kept, and *secrets* are hidden in it, since half a secret would not be recognized. There may
    be half a secret at its edge, so the edge goes.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if key == "exception":
                if len(value) > _LONGEST_TRACEBACK:
                    end = hide_secrets(value[-_LONGEST_TRACEBACK - _MARGIN :], self._secrets)
                    event[key] = f"…{end[_MARGIN:][-_LONGEST_TRACEBACK:]}"
            elif not isinstance(value, int | float | None):
                text = value if isinstance(value, str) else repr(value)
                if len(text) > _LONGEST_VALUE:
                    start = hide_secrets(text[: _LONGEST_VALUE + _MARGIN], self._secrets)
                    event[key] = f"{start[:-_MARGIN][:_LONGEST_VALUE]}…"
        return event


class Redaction:
    """The last processor: hides *secrets* in the finished line."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, logger: WrappedLogger, name: str, line: EventDict | str | bytes) -> str:
        return hide_secrets(
            line.decode(errors="replace") if isinstance(line, bytes) else str(line), self._secrets
        )


class DiscordChatter(logging.Filter):
    """Limits discord.py's messages about failed connections to one in ten minutes, without the traceback.

    discord.py logs every attempt, which fills the log in an outage of an hour. Its message about missing
    libraries for voice, which the bot does not use, is dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg) if record.name in {"discord.shard", "discord.client"} else ""
        if "voice will NOT be supported" in message:
            return False
        if "connect" not in message:
            return True
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.msg} ({type(record.exc_info[1]).__name__})"
            record.exc_info = None
        last = self._logged.get(record.msg)
        if last is not None and record.created - last < _QUIET:
            return False
        self._logged[record.msg] = record.created
        return True


def configure(
    settings: LoggingSettings, *, secrets: Collection[str] = (), stream: TextIO | None = None
) -> None:
    """Send all log messages of this process to *stream*, by default stderr, without *secrets*."""
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
                structlog.processors.format_exc_info,
                Bounds(secrets),
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
    for name in _CHATTY:  # INFO covers every reconnect and migration, DEBUG every packet
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
        cache_logger_on_first_use=False,  # loggers from import time follow a later `configure`, as in tests
    )


def _renderers(settings: LoggingSettings, *, colors: bool) -> list[Processor]:
    if settings.format == "json":
        return [structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Plain tracebacks: rich's show local variables, and may wrap a token over two lines, where it is not
    # found.
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]
