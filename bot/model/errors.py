"""Errors that a person can do something about; everything else that is raised is a bug.

    BotError
    ├── UserError               text for the person who typed the command
    │   └── QueryError          … with the column of the mistake in the query
    ├── ConfigError             every mistake in the configuration at once
    ├── FileError               a named file cannot be read or written, or has the wrong content
    ├── DiscordUnreachable      logging in to Discord failed; later it may work
    ├── ArxivError              arXiv did not answer, or its answer cannot be used
    │   ├── ArxivUnreachable    time-out, reset, no route
    │   ├── ArxivBusy           429 or 503; may carry Retry-After
    │   ├── ArxivHTTPError      any other status
    │   ├── ArxivRefused        an error feed: the request itself is wrong
    │   ├── MalformedFeed       not an Atom feed, or a truncated one
    │   ├── AnswerTooLarge      more bytes than the client reads
    │   └── IncompleteAnswer    fewer entries than arXiv's own count
    │       ├── EmptyAnswer     none at all, where there must be some
    │       └── TooManyRevised  more revisions than arXiv shows of one search
    └── StoreError              the database cannot be used
        ├── StoreBusy           another process uses this database
        ├── StoreAway           its server does not answer, or takes nothing just now
        ├── StoreNewer          written by a later version of the bot
        ├── StoreCorrupt        not a database, or a damaged one
        ├── StoreReadOnly       the file or its folder cannot be written
        ├── StoreFull           no space left on the disk
        └── StoreLost           the file was deleted or replaced while it was open

A message is one sentence that says what is wrong and, if possible, what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.i18n import gettext as _

if TYPE_CHECKING:
    from bot.model.papers import Paper
from bot.model.foreign_text import clean_text

REASON_LENGTH = 500
"""How many characters of somebody else's error message are kept, since it ends up in answers and in logs."""


class BotError(Exception):
    """Base of every error that people see as a sentence rather than as a traceback."""


class UserError(BotError):
    """What a person asked for is not possible; the message is written for that person."""


class QueryError(UserError):
    """A query is not valid. `column` is the position of the mistake in `query`, counted from 1."""

    def __init__(self, message: str, *, query: str, column: int) -> None:
        super().__init__(_("{message} (column {column})").format(message=message, column=column))
        self.reason = message
        self.query = query
        self.column = column

    def pointed(self) -> str:
        """Return the query and, on a second line, a caret below the column, for monospaced text."""
        return f"{self.query}\n{' ' * (self.column - 1)}^"


class ConfigError(BotError):
    """The configuration is not valid. `problems` has a line for each mistake, starting with its path."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class FileError(BotError):
    """A file that a person named cannot be read or written, or has the wrong content."""


class DiscordUnreachable(BotError):
    """Logging in to Discord failed for a reason that is probably temporary."""


class ArxivError(BotError):
    """ArXiv did not answer, or its answer cannot be used. `retry` tells whether asking again may help.

    The message, which may be arXiv's own, is cleaned and cut to `REASON_LENGTH`.
    """

    retry = True

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(clean_text(message, REASON_LENGTH))
        self.url = url


class ArxivUnreachable(ArxivError):
    """No answer: a time-out, a reset connection, no route to the host."""


class ArxivBusy(ArxivError):
    """HTTP 429 or 503. `retry_after` is the time that arXiv asked to wait, None if it named none."""

    def __init__(
        self, message: str, *, url: str = "", status: int, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, url=url)
        self.status = status
        self.retry_after = retry_after


class ArxivHTTPError(ArxivError):
    """Any other HTTP status; only 5xx are worth another attempt."""

    def __init__(self, message: str, *, url: str = "", status: int) -> None:
        super().__init__(message, url=url)
        self.status = status
        self.retry = status >= 500


class ArxivRefused(ArxivError):
    """An error feed: arXiv says what is wrong with the request. `id` is that of the feed's entry."""

    retry = False

    def __init__(self, message: str, *, url: str = "", id: str = "") -> None:  # noqa: A002 - Atom's own name
        super().__init__(message, url=url)
        self.id = id


class MalformedFeed(ArxivError):
    """The answer is not an Atom feed, or a truncated one."""


class AnswerTooLarge(ArxivError):
    """The answer has more bytes than the client reads."""

    retry = False


class IncompleteAnswer(ArxivError):
    """ArXiv answered with HTTP 200 but fewer entries than its own count."""


class EmptyAnswer(IncompleteAnswer):
    """ArXiv answered with HTTP 200 and without papers, although there must be some.

    It does so when it is overloaded, whatever it is asked for, so no query is to blame.
    """


class TooManyRevised(IncompleteAnswer):
    """More papers of a search were revised than arXiv shows; `papers` are those that it did show."""

    def __init__(self, message: str, papers: Sequence[Paper]) -> None:
        super().__init__(message)
        self.papers = tuple(papers)


class StoreError(BotError):
    """The database cannot be used; everything committed is safe.

    *final* means that the problem stays until somebody solves it.
    """

    final = False


class StoreBusy(StoreError):
    """Another process uses this database."""


class StoreAway(StoreError):
    """The server of the database does not answer, or takes nothing at the moment; later it may."""


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
    """There is no space left on the disk for the database."""

    final = True


class StoreLost(StoreError):
    """A file of the open database was deleted or replaced, so nothing is stored any more."""

    final = True
