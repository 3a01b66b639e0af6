"""Faults at Discord's edge: any route can refuse, fail, lose its answer, stall or limit the rate."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """What goes wrong on the routes that match.

    *path* is a route such as `/channels/{}/messages`, where `{}` stands for any one segment, or a concrete
    path. `status` refuses with Discord's error *code*; `lost` performs the request and resets the connection
    instead of answering, or answers with `status`; `reset` does so without performing it; `hang` keeps silent
    until `release()`, and only then refuses or resets; `delay` alone answers well, so many seconds late.
    `retry_after` makes the refusal a rate limit; `via=False` leaves out the
    header by which discord.py tells Discord's own 429 from Cloudflare's. After *times* requests the fault is
    over; None is for good. *when* looks at the request's body.
    """

    method: str
    path: str
    status: int = 0
    code: int = 0
    message: str = "refused by the test"
    retry_after: float | None = None
    via: bool = True
    lost: bool = False
    reset: bool = False
    hang: bool = False
    delay: float = 0.0
    times: int | None = 1
    when: Callable[[Any], bool] | None = None
    hits: int = 0
    hit: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._pattern = re.compile("[^/]+".join(re.escape(part) for part in self.path.split("{}")))

    def takes(self, method: str, path: str, body: Any) -> bool:
        """Tell whether this request fails, and count it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if method != self.method or not self._pattern.fullmatch(path):
            return False
        if self.when is not None and not self.when(body):
            return False
        self.hits += 1
        self.hit.set()
        return True

    async def released(self) -> None:
        await self._released.wait()

    def release(self) -> None:
        """End the fault, and let go of the requests that hang in it."""
        self.times = self.hits
        self._released.set()
