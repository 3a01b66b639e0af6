"""Faults of Discord: any route can refuse, fail, lose its answer, hang or limit the rate."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """What goes wrong with requests to the matching routes.

    *path* is a concrete path or a route such as `/channels/{}/messages`, where `{}` stands for any segment.
    `status` refuses with Discord's error *code*. `lost` performs the request, then resets the connection
    instead of answering, or answers with `status`; `reset` does the same without performing it. `hang` waits
    for `release()` before it refuses or resets. `delay` alone answers correctly, that many seconds late.
    `retry_after` makes the refusal a rate limit; `via=False` omits the header by which discord.py tells
    Discord's own 429 from Cloudflare's. `garble` answers with what it makes of the answer's data: JSON, or
    bytes that are sent as they are, under `content_type`; with `status`, that is the body of the refusal. The
    fault ends after *times* requests, or never if that is None.
    *when* is a condition on the request's body.
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
    garble: Callable[[Any], Any] | None = None
    content_type: str = "application/json"
    times: int | None = 1
    when: Callable[[Any], bool] | None = None
    hits: int = 0
    hit: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._pattern = re.compile("[^/]+".join(re.escape(part) for part in self.path.split("{}")))

    def takes(self, method: str, path: str, body: Any) -> bool:
        """Return whether this request fails, and count it."""
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
        """End the fault, and release the requests that hang."""
        self.times = self.hits
        self._released.set()
