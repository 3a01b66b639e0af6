"""What can be wrong with an answer of the fake arXiv, and who asked for it.

Each request uses up one fault, in order; None stands for a correct answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer; the functions below create them."""

    status: int = 200
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    reset: bool = False
    truncated: bool = False
    entries: int | None = None
    total: int | None = None
    disordered: bool = False
    ignores_dates: bool = False


def status(code: int, *, retry_after: str | None = None, body: bytes = b"upstream error") -> Fault:
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return Fault(status=code, body=body, headers=headers)


def rate_exceeded(retry_after: str | None = None) -> Fault:
    return status(429, retry_after=retry_after, body=b"Rate exceeded.")


def serves(content: bytes, *, code: int = 200) -> Fault:
    return Fault(status=code, body=content)


def gzipped(content: bytes) -> Fault:
    return Fault(body=content, headers=(("Content-Encoding", "gzip"),))


def web_page() -> Fault:
    return Fault(body=b"<!DOCTYPE html><html><body>Access denied<br></body></html>")


def hang() -> Fault:
    return Fault(hang=True)


def reset() -> Fault:
    return Fault(reset=True)


def truncated() -> Fault:
    return Fault(truncated=True)


def empty_page() -> Fault:
    """HTTP 200 with the correct count, but no entries."""
    return Fault(entries=0)


def short_page(entries: int) -> Fault:
    return Fault(entries=entries)


def nothing_found() -> Fault:
    """HTTP 200 without entries and with a count of zero."""
    return Fault(entries=0, total=0)


def claims(total: int) -> Fault:
    return Fault(total=total)


def disordered() -> Fault:
    """ArXiv ignores the sort order, as in November 2025."""
    return Fault(disordered=True)


def ignores_dates() -> Fault:
    """ArXiv ignores the requested dates and the sort order."""
    return Fault(ignores_dates=True, disordered=True)


@dataclass(frozen=True)
class Request:
    """One request: *at* is its monotonic time, *concurrent* the number of requests then, including it."""

    parameters: Mapping[str, str]
    method: str
    headers: Mapping[str, str]
    at: float
    concurrent: int
    path: str = ""

    @property
    def search_query(self) -> str:
        return self.parameters.get("search_query", "")

    @property
    def start(self) -> int:
        return int(self.parameters.get("start", "0"))


class Faults:
    """The faults of one of arXiv's interfaces, and the requests that it got."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.always: Fault | None = None
        self._faults: deque[Fault | None] = deque()

    def fail(self, *faults: Fault | None) -> None:
        """Answer the next requests with *faults*."""
        self._faults.extend(faults)

    def take(self) -> Fault:
        """Return what is wrong with the next answer."""
        return (self._faults.popleft() if self._faults else self.always) or Fault()
