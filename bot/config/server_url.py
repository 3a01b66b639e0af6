"""Reads the URL of a server's database without ever repeating its password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

SERVERS = ("postgresql:", "postgresql+", "postgres:")
"""How the URL of a server's database begins."""

# Whatever in a user, password, or name has a meaning in a URL must be percent-encoded. Otherwise a part of a
# password would be taken for a host, and end up in sentences.
_URL = re.compile(
    r"(?:postgresql|postgresql\+asyncpg|postgres)://"
    r"(?:(?P<user>[^:@/?#\[\]]*)(?::(?P<password>[^:@/?#\[\]]*))?@)?"
    r"(?P<hosts>[\w.,\-\[\]:%]*)"
    r"(?:/(?P<database>[^:@/?#]*))?"
    r"(?:\?(?P<options>[^@?#]*))?"
)
_EXAMPLE = "postgresql://user:password@host/papers"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A database of a PostgreSQL server: its URL for the driver, and its *name* without user and password."""

    url: str = field(repr=False)
    name: str


def server_address(url: str) -> ServerAddress:
    """Return the address that *url* names.

    Raises:
        ValueError: it is no URL of PostgreSQL, or names no database. The message repeats nothing of it.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(
            f"is not a valid URL; write {_EXAMPLE}. In user and password, write : / ? # [ ] @ % as %3A %2F "
            "%3F %23 %5B %5D %40 %25"
        )
    options = parse_qs(match["options"] or "")
    database = unquote(match["database"] or "") or "".join(options.get("dbname", options.get("database", [])))
    if not database:
        raise ValueError(f"names no database; write {_EXAMPLE}")
    hosts = unquote(match["hosts"]) or ",".join(options.get("host", [])) or "localhost"
    return ServerAddress("postgresql://" + url.partition("://")[2], f"“{database}” on {hosts}")
