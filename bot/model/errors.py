"""Everything that can go wrong and that someone can do something about.

    BotError
    ├── UserError               text for the person who typed the command
    │   └── QueryError          … with the column where the query went wrong
    ├── ConfigError             every mistake of the configuration at once
    ├── FileError               a file that was named cannot be read or written, or holds something else
    ├── DiscordUnreachable      Discord did not let the bot log in just now; later it may
    ├── ArxivError              arXiv did not answer, or not with what was asked
    │   ├── ArxivUnreachable    time-out, reset, no route
    │   ├── ArxivBusy           429 or 503; may carry Retry-After
    │   ├── ArxivHTTPError      any other status
    │   ├── ArxivRefused        an error feed: the request itself is wrong
    │   ├── MalformedFeed       not an Atom feed, or not all of one
    │   ├── AnswerTooLarge      more bytes than any page can have
    │   └── IncompleteAnswer    fewer entries than arXiv itself says there are
    └── StoreError              the database cannot be used
        ├── StoreBusy           another process runs on this file
        ├── StoreNewer          written by a later version of the bot
        ├── StoreCorrupt        not a database, or a damaged one
        ├── StoreReadOnly       the file or its folder cannot be written
        └── StoreFull           no space left on the disk

A message is one sentence that says what is wrong and, where something can be done, what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.i18n import gettext as _


class BotError(Exception):
    """Base of every error that is answered with a sentence rather than with a traceback."""


class UserError(BotError):
    """What a person typed cannot be done; `str()` is written for that person."""


class QueryError(UserError):
    """A query that cannot be read. `column` counts from 1 and points into `query`."""

    def __init__(self, message: str, *, query: str, column: int) -> None:
        super().__init__(_("{message} (column {column})").format(message=message, column=column))
        self.reason = message
        self.query = query
        self.column = column

    def pointed(self) -> str:
        """Return the query and, on a second line, a caret under the column (for a monospaced block)."""
        return f"{self.query}\n{' ' * (self.column - 1)}^"


class ConfigError(BotError):
    """The configuration is wrong. `problems` has one line a mistake, each starting with its dotted path."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class FileError(BotError):
    """A file that a person named cannot be read or written, or does not hold what it should."""


class DiscordUnreachable(BotError):
    """Logging in to Discord failed for a reason that may pass."""


class ArxivError(BotError):
    """ArXiv could not be asked, or its answer cannot be used. `retry` tells whether asking again may help."""

    retry = True

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class ArxivUnreachable(ArxivError):
    """No answer: a time-out, a reset connection, no route to the host."""


class ArxivBusy(ArxivError):
    """HTTP 429 or 503. `retry_after` is what arXiv asked for, None where it asked for nothing usable."""

    def __init__(
        self, message: str, *, url: str = "", status: int, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, url=url)
        self.status = status
        self.retry_after = retry_after


class ArxivHTTPError(ArxivError):
    """Any other HTTP status; only 5xx are worth another try."""

    def __init__(self, message: str, *, url: str = "", status: int) -> None:
        super().__init__(message, url=url)
        self.status = status
        self.retry = status >= 500


class ArxivRefused(ArxivError):
    """An error feed: arXiv read the request and says what is wrong with it. `id` is the feed entry's."""

    retry = False

    def __init__(self, message: str, *, url: str = "", id: str = "") -> None:  # noqa: A002 - Atom's own name
        super().__init__(message, url=url)
        self.id = id


class MalformedFeed(ArxivError):
    """The answer is no Atom feed, or a truncated one."""


class AnswerTooLarge(ArxivError):
    """The answer is larger than the client is willing to read."""

    retry = False


class IncompleteAnswer(ArxivError):
    """ArXiv answered 200 with fewer entries than its own count promises."""


class StoreError(BotError):
    """The database cannot be used; nothing already committed is lost.

    *final* tells that it will stay so until somebody does something about it.
    """

    final = False


class StoreBusy(StoreError):
    """Another process holds this database."""


class StoreNewer(StoreError):
    """The database was written by a later version of the bot."""


class StoreCorrupt(StoreError):
    """The file is not a database of this bot, or it is damaged; `why` says which in a few words."""

    final = True

    def __init__(self, message: str, *, why: str = "damaged") -> None:
        super().__init__(message)
        self.why = why


class StoreReadOnly(StoreError):
    """The database or its folder cannot be written."""

    final = True


class StoreFull(StoreError):
    """No space is left for the database."""

    final = True
