"""Turns what PostgreSQL and the way to it answer into sentences for the operator.

As in `sqlite_errors`, any other error is a bug of ours and stays as it is, with its traceback.
https://www.postgresql.org/docs/current/errcodes-appendix.html lists the codes.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import asyncpg
import sqlalchemy as sa

from bot.model.errors import StoreAway, StoreBusy, StoreCorrupt, StoreError

IN_USE = "42P07"  # a table of that name exists
_READ_ONLY = "25006"


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Turn errors of the database called *name* that the block raises into sentences.

    Raises:
        StoreError: the database cannot be used; the subclass says why, where that is known.
    """
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StoreBusy(f"The database {name} is overloaded; try again in a moment.") from error
    except (sa.exc.DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if (failure := _failure(name, error)) is None:
            raise
        raise failure from error


def busy(name: str) -> StoreBusy:
    """Return the error for a database whose lock another process keeps."""
    return StoreBusy(f"Another process keeps the database {name} locked; stop it, or try again in a moment.")


def away(name: str) -> StoreAway:
    """Return the error for a server that does not answer."""
    return StoreAway(
        f"The server of the database {name} does not answer; check that it runs. Nothing stored before is "
        "lost."
    )


def code_of(error: BaseException) -> str:
    """Return the SQLSTATE that the server answered, "" if the error is none of the server's."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")


def connection_lost(error: BaseException) -> bool:
    """Tell whether *error* ended the connection, or may have, so that nobody knows what the server did."""
    code = code_of(error)
    return (
        isinstance(error, OSError)
        or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)
        or code.startswith(("08", "57P"))
        or not code
    )


def leads_elsewhere(error: BaseException) -> bool:
    """Tell whether a new connection may reach another server: the primary, where this one is a standby."""
    return code_of(error) == _READ_ONLY


def _failure(name: str, error: BaseException) -> StoreError | None:
    code = code_of(error)
    if not code:
        return _without_code(name, error)
    sentence = _BY_CODE.get(code) or _BY_CLASS.get(code[:2])
    return sentence(name) if sentence else None


def _without_code(name: str, error: BaseException) -> StoreError | None:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return StoreError(f"No secure connection to the database {name} can be made ({cause.reason}).")
        if isinstance(cause, OSError | asyncpg.InterfaceError):
            return away(name)
        cause = cause.__cause__
    return away(name) if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated else None


def _refused(name: str) -> StoreError:
    return StoreError(
        f"The server of the database {name} refuses the user or the password; correct them in database.url."
    )


def _missing(name: str) -> StoreError:
    return StoreError(
        f"There is no database {name}; create it (createdb -E UTF8 -T template0), or correct database.url."
    )


def _not_allowed(name: str) -> StoreError:
    return StoreError(
        f"The user of database.url may not use or make tables in the database {name}; make the user its "
        "owner (ALTER DATABASE … OWNER TO …)."
    )


def _full(name: str) -> StoreAway:
    return StoreAway(
        f"No space is left on the disk of the database {name}; free some. Nothing stored before is lost."
    )


def _read_only(name: str) -> StoreAway:
    return StoreAway(
        f"The database {name} cannot be written; its server is a standby, or was made read-only. "
        "Nothing stored before is lost."
    )


def _crowded(name: str) -> StoreAway:
    return StoreAway(
        f"The server of the database {name} has no connection left; raise max_connections, or stop others."
    )


def _stopping(name: str) -> StoreAway:
    return StoreAway(
        f"The server of the database {name} is starting or stopping. Nothing stored before is lost."
    )


def _damaged(name: str) -> StoreCorrupt:
    return StoreCorrupt(f"The database {name} is damaged; restore a backup with pg_restore.")


def _foreign(name: str) -> StoreCorrupt:
    return StoreCorrupt(
        f"The database {name} is another program's; set database.url to an empty one.",
        why="another program's",
    )


_Sentence = Callable[[str], StoreError]
_BY_CODE: Mapping[str, _Sentence] = {
    "3D000": _missing,
    "42501": _not_allowed,
    IN_USE: _foreign,
    _READ_ONLY: _read_only,
    "40001": busy,
    "40P01": busy,
    "55P03": busy,  # lock_timeout
    "25P03": busy,  # idle_in_transaction_session_timeout
    "53100": _full,
    "53200": _crowded,
    "53300": _crowded,
    "57014": away,  # statement_timeout
    "57P01": _stopping,
    "57P02": _stopping,
    "57P03": _stopping,
    "57P04": _missing,
    "XX001": _damaged,
    "XX002": _damaged,
}
_BY_CLASS: Mapping[str, _Sentence] = {
    "08": away,
    "28": _refused,
    "53": _crowded,
    "58": away,  # the server cannot read or write its files
}
