"""The demo's parts together: what a visitor does and what happens by itself take turns."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp

from bot.demo.stage import open_stage

PATIENCE = 6  # times the usual: other tests run at the same time


class Visitor:
    """A page of the demo as its script sees it, without a browser."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._headers: dict[str, str] = {}
        self._sequence = 0

    async def open(self) -> None:
        async with self._session.get(self._url) as answer:
            capability = re.search(r'data-capability="([^"]+)"', await answer.text())[1]
        self._headers = {"X-Simcord-Capability": capability}
        async with self._session.post(f"{self._url}api/pages", json={}, headers=self._headers) as answer:
            self._headers["X-Simcord-Context"] = (await answer.json())["context"]["id"]

    async def refresh(self) -> str:
        """Ask for the present state; return how that ended."""
        return await self._act(kind="refresh")

    async def state(self) -> str:
        """Return what the page shows, as JSON."""
        async with self._session.get(f"{self._url}api/state", headers=self._headers) as answer:
            return await answer.text()

    async def command(self, name: str) -> str:
        """Run a command without options; return how that ended."""
        async with self._session.get(f"{self._url}api/commands", headers=self._headers) as answer:
            entries = (await answer.json())["entries"]
        revision = json.loads(await self.state())["publishedRevision"]
        [entry] = [each for each in entries if each["invocation"] == name]
        return await self._act(
            kind="run_command",
            published_revision=revision,
            command_id=entry["commandId"],
            path=entry["path"],
            schema_fingerprint=entry["schemaFingerprint"],
            options={},
        )

    async def _act(self, **action: object) -> str:
        self._sequence += 1
        action |= {
            "protocol_version": 3,
            "sequence": self._sequence,
            "request_id": f"action-{self._sequence}",
            "generation": 1,
            "bot_generation": 1,
        }
        url = f"{self._url}api/action"
        async with self._session.post(url, json=action, headers=self._headers) as answer:
            assert answer.status == 200, await answer.text()
            receipt = await answer.json()
        return str(receipt["settlement"])


async def test_visitor_who_comes_during_the_first_poll_neither_stops_it_nor_is_refused() -> None:
    async with open_stage(patience=PATIENCE) as stage, aiohttp.ClientSession() as session:
        visitor = Visitor(session, stage.url)
        await visitor.open()
        polling = asyncio.create_task(stage.go_live())
        endings = [await visitor.refresh()]
        while not polling.done():
            endings.append(await visitor.refresh())
        await polling
    assert set(endings) == {"settled"}


async def test_channel_cares_for_what_its_people_gave_it_and_saved() -> None:
    async with open_stage(patience=PATIENCE) as stage, aiohttp.ClientSession() as session:
        visitor = Visitor(session, stage.url)
        await visitor.open()
        assert await visitor.command("interests show") == "settled"
        shown = await visitor.state()
    assert "streaming speech" in shown
    assert "Learnt from 6 saves by 3 people and 9 added papers" in shown
    assert "like your saves" in shown, "a post is marked"
    assert "Closest to what you save" in shown, "the digest begins with the closest"


async def test_top_shows_what_its_people_saved() -> None:
    async with open_stage(patience=PATIENCE) as stage, aiohttp.ClientSession() as session:
        visitor = Visitor(session, stage.url)
        await visitor.open()
        assert await visitor.command("top") == "settled"
        shown = json.dumps(json.loads(await visitor.state()), ensure_ascii=False)
    assert "Saved most this week" in shown
    assert [count for count in range(1, 5) if f"★ {count}" in shown] == [1, 2, 3]


async def test_command_that_takes_too_long_does_not_close_the_page_to_the_next() -> None:
    async with open_stage(patience=PATIENCE) as stage, aiohttp.ClientSession() as session:
        visitor = Visitor(session, stage.url)
        await visitor.open()
        env = stage.world._env
        patience, env.settle_timeout = env.settle_timeout, 0.001
        first = await visitor.command("status")
        env.settle_timeout = patience
        assert (first, await visitor.command("status")) == ("timeout", "settled")
