"""Counts what Discord calls invalid requests: after 10,000 in ten minutes it blocks the address.

https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import aiohttp

from bot.rules.sliding_window import SlidingWindow

WINDOW = timedelta(minutes=10)
ALLOWED = 500
"""How many refusals within `WINDOW` stop all posting. Discord allows twenty times as many."""

_INVALID = (401, 403, 404, 429)


class InvalidRequests:
    """Counts the invalid requests of this process, whoever made them. `total` counts since its start."""

    def __init__(self, clock: Callable[[], datetime], *, allowed: int = ALLOWED) -> None:
        self.total = 0
        self._clock = clock
        self._allowed = allowed
        self._recent = SlidingWindow(WINDOW)

    @property
    def recent(self) -> int:
        """The number of refusals within the last `WINDOW`."""
        return self._recent.count(self._clock())

    def wait(self) -> timedelta:
        """Return how long to wait before the next request that may be refused; zero below the limit."""
        return self._recent.wait(self._clock(), self._allowed)

    def count(self, status: int, scope: str = "") -> None:
        """Count an answer with this *status*. A rate limit of *scope* `shared` is nobody's mistake."""
        if status in _INVALID and scope != "shared":
            self.total += 1
            self._recent.add(self._clock())

    def watch(self, config: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Count the requests that *config* traces; return *config*."""
        config.on_request_end.append(self._count_answer)
        return config

    async def _count_answer(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        request: aiohttp.TraceRequestEndParams,
    ) -> None:
        self.count(request.response.status, request.response.headers.get("X-RateLimit-Scope", ""))
