"""ArXiv and Discord for the drill: they count, fail at random, and cut the connection on request."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar

from aiohttp import web

from tests.drill.clock import WorldClock
from tests.drill.witness import Witness, papers_in
from tests.fakes import arxiv, discord_payloads
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.arxiv_faults import Faults
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_faults import Fault
from tests.fakes.discord_requests import Request

_POSTS = ("/channels/{channel_id}/messages", "/channels/{channel_id}/threads")
_ENTRY = re.compile(rb"<id>http://arxiv\.org/abs/(\d{4}\.\d{4,5})v")
_LISTED = re.compile(rb"oai:arXiv\.org:(\d{4}\.\d{4,5})(?=v|<)")
T = TypeVar("T")
_POST_FAULTS = {
    "performed, then reset": 0.04,
    "performed, then silence": 0.01,
    "performed, then 502": 0.02,
    "reset": 0.03,
    "silence": 0.01,
    "500": 0.01,
    "502": 0.01,
    "503": 0.01,
    "429": 0.005,
    "slow": 0.04,
}
_CHECKED = 0.02  # share of requests that are checked against Discord's own description


class Plug:
    """An action that runs synchronously at the *at*th of the moments that it is set for."""

    def __init__(self) -> None:
        self._left = 0
        self._pull: Callable[[], None] = lambda: None

    def set(self, at: int, pull: Callable[[], None]) -> None:
        self._left, self._pull = at, pull

    def clear(self) -> None:
        self._left = 0

    def pass_by(self) -> bool:
        """Return whether this was the moment."""
        if self._left == 0:
            return False
        self._left -= 1
        if self._left == 0:
            self._pull()
            return True
        return False


class DrillDiscord(FakeDiscord):
    """Reports every message to the witness; without `weather` it has no faults, and while `down` no answers.

    `arriving` passes before a post is processed, `performed` after it is stored and before it is answered.
    """

    def __init__(self, clock: WorldClock, chance: Random, witness: Witness) -> None:
        super().__init__()
        self.rate_limit = (5, 1.0)
        self.arriving = Plug()
        self.performed = Plug()
        self.signs = asyncio.Event()
        self.weather = False
        self.down = False
        self.faults_made: dict[str, int] = {}
        self._clock = clock
        self._chance = chance
        self._witness = witness

    def now(self) -> float:
        return self._clock.unix() + self.skipped

    def check(self, request: Request) -> None:
        self.signs.set()
        if self._chance.random() < _CHECKED:
            super().check(request)

    def add_message(self, channel_id: int, body: dict[str, Any], **options: Any) -> dict[str, Any]:
        message = super().add_message(channel_id, body, **options)
        channel = self.channels[channel_id]
        place = int(channel["parent_id"]) if channel["type"] in discord_payloads.THREADS else channel_id
        papers, as_list = papers_in(body, options.get("files"))
        how = f"at {self.now():.1f} with nonce {body.get('nonce')}"
        self._witness.received(place, papers, how, as_list=as_list)
        self.performed.pass_by()
        return message

    def fault_for(self, request: Request) -> Fault | None:
        posts = request.method == "POST" and request.route in _POSTS
        if posts and self.arriving.pass_by():
            return self._made("killed on arrival", reset=True)
        if self.down:
            return self._away()
        if not self.weather:
            return None
        return self._for_post(request) if posts else self._for_other()

    def _away(self) -> Fault:
        kind = self._chance.choice(("502", "503", "reset", "silence"))
        if kind == "silence":
            return self._released_later(self._made("outage: silence", hang=True))
        if kind == "reset":
            return self._made("outage: reset", reset=True)
        return self._made(f"outage: {kind}", status=int(kind))

    def _for_post(self, request: Request) -> Fault | None:
        kinds = list(_POST_FAULTS)
        if request.route == _POSTS[1]:
            # A forum post that appears after the bot has searched for it is doubled; nothing can prevent
            # that.
            kinds.remove("slow")
        dice = self._chance.random()
        for kind in kinds:
            dice -= _POST_FAULTS[kind]
            if dice < 0:
                return self._post_fault(kind)
        return None

    def _post_fault(self, kind: str) -> Fault:
        what, _, then = kind.rpartition(", then ")
        lost = what == "performed"
        match then:
            case "slow":
                return self._made(kind, delay=self._chance.uniform(0.05, 0.5))
            case "reset":
                return self._made(kind, lost=lost, reset=not lost)
            case "silence":
                return self._released_later(self._made(kind, lost=lost, hang=True))
            case "429":
                return self._made(kind, status=429, retry_after=round(self._chance.uniform(0.2, 2), 3))
            case _:
                return self._made(kind, lost=lost, status=int(then))

    def _for_other(self) -> Fault | None:
        dice = self._chance.random()
        if dice < 0.01:
            return self._made("other request: reset", reset=True)
        if dice < 0.02:
            return self._made("other request: 503", status=503)
        return None

    def _made(self, kind: str, **what: Any) -> Fault:
        self.faults_made[kind] = self.faults_made.get(kind, 0) + 1
        return Fault("", "", **what)

    def _released_later(self, fault: Fault) -> Fault:
        asyncio.get_running_loop().call_later(self._chance.uniform(0.3, 2), fault.release)
        return fault

    @contextmanager
    def blackout(self) -> Iterator[None]:
        """Answer no request correctly during the block."""
        self.down = True
        try:
            yield
        finally:
            self.down = False


class DrillArxiv(FakeArxiv):
    """Reports its answers to the witness; `answering` passes when an answer is ready but not sent.

    Its three interfaces show the same papers. While one of them is in `closed`, it fails as that says.
    """

    def __init__(self, clock: WorldClock, chance: Random, witness: Witness) -> None:
        super().__init__(clock=clock.now)
        self.oai.page = 50
        self.closed: dict[str, arxiv.Fault] = {}
        self.asked_for: Counter[str] = Counter()
        self.answering = Plug()
        self.answers = 0
        self.weather = False
        self.faults_made: dict[str, int] = {}
        self._chance = chance
        self._witness = witness

    @property
    def roads(self) -> dict[str, Faults]:
        """The interfaces by name."""
        return {"API": self, "OAI-PMH": self.oai, "feeds": self.feeds}

    async def _through(
        self, interface: Faults, request: web.Request, respond: Callable[..., Any]
    ) -> web.StreamResponse:
        [road] = [name for name, each in self.roads.items() if each is interface]
        del interface.requests[:-10]
        self.answers += 1
        self.asked_for[road] += 1
        if road in self.closed:
            interface.always = self._made(f"{road}: closed", self.closed[road])
        elif self.weather and self._chance.random() < 0.15:
            interface.always = self._misfortune(road)
        else:
            interface.always = None
        if interface is self.oai:
            lies = self.weather and self._chance.random() < 0.05
            self.oai.shown = (
                self._made("OAI-PMH: far too short", self._chance.randrange(20)) if lies else None
            )
        response = await super()._through(interface, request, respond)
        if self.answering.pass_by() and request.transport is not None:
            request.transport.abort()
        return response

    async def _carry_out(
        self,
        request: web.Request,
        fault: arxiv.Fault,
        answer: Callable[[], tuple[int, bytes]],
        content_type: str,
    ) -> web.StreamResponse:
        def noted() -> tuple[int, bytes]:
            status, content = answer()
            shown = (found.decode() for found in _LISTED.findall(content))
            self._witness.shown(shown, first_page="resumptionToken" not in request.query)
            return status, content

        of_the_api = content_type == "application/atom+xml" and request.path.startswith("/api")
        return await super()._carry_out(request, fault, answer if of_the_api else noted, content_type)

    def answer(self, parameters: Mapping[str, str], fault: arxiv.Fault | None = None) -> tuple[int, bytes]:
        status, content = super().answer(parameters, fault)
        shown = (found.decode() for found in _ENTRY.findall(content))
        self._witness.shown(shown, first_page=parameters.get("start", "0") == "0")
        return status, content

    def _misfortune(self, road: str) -> arxiv.Fault:
        kinds: dict[str, Callable[[], arxiv.Fault]] = {
            "429": arxiv.rate_exceeded,
            "429, Retry-After": lambda: arxiv.rate_exceeded("1"),
            "503": lambda: arxiv.status(503),
            "500": lambda: arxiv.status(500),
            "hang": arxiv.hang,
            "reset": arxiv.reset,
            "truncated": arxiv.truncated,
            "a web page": arxiv.web_page,
        }
        if road == "API":
            kinds |= {
                "empty page": arxiv.empty_page,
                "short page": lambda: arxiv.short_page(self._chance.randrange(1, 20)),
                "lie: nothing found": arxiv.nothing_found,
                "lie: fewer than there are": lambda: arxiv.claims(self._chance.randrange(1, 30)),
                "lie: more than there are": lambda: arxiv.claims(self._chance.randrange(300, 3000)),
                "out of order": arxiv.disordered,
                "dates ignored": arxiv.ignores_dates,
            }
        kind = self._chance.choice(list(kinds))
        return self._made(f"{road}: {kind}", kinds[kind]())

    def _made(self, kind: str, what: T) -> T:
        self.faults_made[kind] = self.faults_made.get(kind, 0) + 1
        return what
