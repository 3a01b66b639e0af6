"""How often Discord refused us lately; 10,000 invalid requests in ten minutes, and it shuts the address out.

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
"""From so many refusals in `WINDOW` on nothing is posted: a twentieth of what Discord takes."""

_INVALID = (401, 403, 404, 429)


class Refusals:
    """Counts the invalid requests of this process, whoever made them. `total` is since its start."""

    def __init__(self, clock: Callable[[], datetime], *, allowed: int = ALLOWED) -> None:
        self.total = 0
        self._clock = clock
        self._allowed = allowed
        self._recent = SlidingWindow(WINDOW)

    @property
    def recent(self) -> int:
        """How many there were within `WINDOW`."""
        return self._recent.count(self._clock())

    def rest(self) -> timedelta:
        """Return how long to wait before the next request that may be refused; nothing while all is well."""
        return self._recent.wait(self._clock(), self._allowed)

    def count(self, status: int, scope: str = "") -> None:
        """Note an answer; a rate limit that others share in (*scope* `shared`) is not our fault."""
        if status in _INVALID and scope != "shared":
            self.total += 1
            self._recent.add(self._clock())

    def watch(self, config: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Let the requests that *config* traces be counted; return it."""
        config.on_request_end.append(self._ended)
        return config

    async def _ended(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        request: aiohttp.TraceRequestEndParams,
    ) -> None:
        self.count(request.response.status, request.response.headers.get("X-RateLimit-Scope", ""))
