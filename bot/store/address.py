"""What `database.url` names: a file, or a database of a PostgreSQL server."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bot.config.server_url import SERVERS, ServerAddress, server_address
from bot.model.errors import StoreError

_FILES = ("sqlite", "sqlite+aiosqlite")


def address_of(url: str) -> Path | ServerAddress:
    """Return the absolute path of the file, or the address of the server's database, that *url* names.

    *url* is `sqlite:///relative/path`, `sqlite:////absolute/path`, or `postgresql://user:password@host/name`.

    Raises:
        StoreError: it names another kind of database, or none. The message never repeats a password.
    """
    if url.startswith(SERVERS):
        try:
            return server_address(url)
        except ValueError as error:
            raise StoreError(f"database.url {error}.") from None
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise StoreError("database.url is not a valid URL; write sqlite:///data/papers.db.") from None
    if parsed.drivername not in _FILES:
        raise StoreError(
            f"“{parsed.drivername}” databases are not supported; set database.url to "
            "sqlite:///data/papers.db or postgresql://user:password@host/papers."
        )
    if parsed.database in {None, "", ":memory:"}:
        raise StoreError("database.url does not name a file; write sqlite:///data/papers.db.")
    return Path(str(parsed.database)).expanduser().resolve()


def database_file(url: str) -> Path | None:
    """Return the absolute path of the file that *url* names, None if it names a server's database.

    Raises:
        StoreError: see `address_of`.
    """
    address = address_of(url)
    return address if isinstance(address, Path) else None


def database_name(url: str) -> str:
    """Return what sentences call the database that *url* names, which is no secret.

    Raises:
        StoreError: see `address_of`.
    """
    address = address_of(url)
    return str(address) if isinstance(address, Path) else address.name
