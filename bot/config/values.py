"""Validates single values of the configuration: durations, web addresses, counts.

An error message is the second half of a line; `bot.config.problems` puts the path before it.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*")
_EMAIL = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>().]+(?:\.[^\s@<>().]+)+", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
LONGEST_LOOK_BACK = timedelta(days=365)
"""Polls never look back further than that, so papers are kept at least as long."""
_DATES = "must be a list of dates, such as [2027-01-18, 2027-06-18]"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """Read a duration such as `90s`, `30m`, `6h` or `1d`.

    Raises:
        ValueError: *text* is not one; the message says how to write a duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("must be a number and a unit: 90s, 30m, 6h or 1d")
    try:
        return timedelta(**{_UNITS[match[2]]: float(match[1])})
    except OverflowError:
        raise ValueError("is too long; write 90s, 30m, 6h or 1d") from None


def dates(value: object) -> tuple[date, ...]:
    """Read a list of dates, as YAML has it or, from the environment, as text.

    Raises:
        ValueError: *value* is something else; the message says how to write it.
    """
    listed = re.sub(r"[\[\],]", " ", value).split() if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise ValueError(_DATES)  # noqa: TRY004 - pydantic collects ValueErrors only
    found = []
    for number, each in enumerate(listed, start=1):
        try:
            # A moment with a time is no date, although Python counts it as one.
            found.append(each if type(each) is date else date.fromisoformat(str(each)))
        except ValueError:
            raise ValueError(f"{_DATES}; number {number} is not a date") from None
    return tuple(found)


def is_loopback(url: str) -> bool:
    """Tell whether the host of *url* is this machine: `localhost`, `127.0.0.0/8` or `::1`."""
    host = _host(url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_contact(text: str) -> bool:
    """Tell whether *text* looks like an email address, also with `mailto:`, or like a web address."""
    return bool(_EMAIL.fullmatch(text) or (_WEB.match(text) and "." in _host(text) and " " not in text))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # such as an unclosed bracket of an IPv6 address
        return ""


def _web_address(url: str) -> str:
    url = url.strip()
    if not _WEB.match(url) or not _host(url) or re.search(r"\s", url):
        raise ValueError("must be a web address such as https://example.org/path")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError("must have a port between 0 and 65535") from None
    return url.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]
Count = Annotated[int, Field(ge=1)]
