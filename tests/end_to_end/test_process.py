"""`python -m bot run` as its own process, between an arXiv and a Discord on loopback that know nothing of it.

A page of papers that arXiv really served arrives with its dates moved to today, since a poll asks for what
was submitted lately; everything else in it is as arXiv wrote it. Where the real pages are missing, one of our
own takes its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bot.arxiv import feed
from bot.model.papers import Paper
from bot.query.query import parse
from bot.query.text import analyze_paper
from bot.store import Store
from bot.store.tables import outbox
from tests.fakes import discord_payloads as payloads
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.atom import atom
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.papers import make_paper, make_papers
from tests.shared import SHARED

ROOT = Path(__file__).parents[2]
REAL_PAGE = SHARED / "arxiv" / "atom" / "es_q_testing_s0_m100_http200.xml"
KEYWORD = "testing"
OLD = make_paper(id="0704.0001", title="Testing", abstract="Testing.")
PATIENCE = 60.0
POST = ("POST", "/channels/{}/messages")


def page_of_today() -> bytes:
    """Return a page whose papers were submitted in the last hours."""
    if not REAL_PAGE.exists():
        papers = make_papers(60, title="On testing $O(n^2)$ *models*", abstract="Testing <b> @everyone | it.")
        return atom(dated(papers), total=60, start=0, per_page=500)
    page = REAL_PAGE.read_text(encoding="utf-8")
    entries = page.count("<entry>")
    page = re.sub(r"(<opensearch:totalResults[^>]*>)\d+", rf"\g<1>{entries}", page)
    moments = iter(range(entries))
    return re.sub(
        r"<entry>.*?</entry>", lambda entry: _of_today(entry[0], next(moments)), page, flags=re.DOTALL
    ).encode()


def _of_today(entry: str, number: int) -> str:
    moment = datetime.now(UTC) - timedelta(hours=1, minutes=number)
    return re.sub(r"(<(published|updated)>)[^<]*", rf"\g<1>{moment:%Y-%m-%dT%H:%M:%SZ}", entry)


def dated(papers: list[Paper]) -> list[Paper]:
    now = datetime.now(UTC).replace(microsecond=0)
    moments = [now - timedelta(hours=1, minutes=number) for number in range(len(papers))]
    return [
        replace(paper, published=moment, updated=moment)
        for paper, moment in zip(papers, moments, strict=True)
    ]


def wanted(content: bytes) -> list[str]:
    """Return the papers of the page that the keyword wants and that are newer than `OLD`, in their order."""
    query = parse(KEYWORD)
    found = [paper for paper in feed.parse(content).papers if query.matches(analyze_paper(paper)) is not None]
    return [paper.versioned for paper in sorted(found, key=lambda paper: paper.id) if paper.id > OLD.id]


class Household:
    """The two servers, the configuration file, and the processes that are started on it."""

    def __init__(self, arxiv: FakeArxiv, discord: FakeDiscord, folder: Path) -> None:
        self.arxiv = arxiv
        self.discord = discord
        self.config = folder / "config.yaml"
        self.guild = discord.add_guild()
        self.channel = discord.add_channel(self.guild)
        self.database = f"sqlite:///{folder}/papers.db"
        self.output = ""
        content = {
            "discord": {"token": discord.token, "api_base": discord.api_base},
            "arxiv": {"api_url": arxiv.url, "min_interval": 0},
            "poll": {"every": "1s"},
            "database": {"url": self.database},
            "http": {"port": 0},
        }
        self.config.write_text(yaml.safe_dump(content), encoding="utf-8")

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Process]:
        """Run the bot for the time of the block; what it wrote is added to `output`."""
        outside = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("PAPERS_") and key != "DISCORD_TOKEN"
        }
        arguments = ("-m", "bot", "run", "-c", str(self.config))
        running = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, env=outside, stdout=PIPE, stderr=PIPE
        )
        reading = asyncio.create_task(running.communicate())
        try:
            yield running
        finally:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
            out, err = await reading
            self.output += (out + err).decode()

    async def connected(self) -> None:
        await self.discord.until(lambda: self.discord.gateway.live and self.discord.commands, within=PATIENCE)

    async def subscribe(self) -> None:
        self.arxiv.serve(atom([OLD], total=1, start=0, per_page=100))
        answer = await self.discord.interaction(
            self.channel, MANAGER, "subscribe", {"keyword": KEYWORD, "channel": self.channel}
        )
        assert answer.ephemeral
        assert KEYWORD in answer.text

    def posted(self, channel: int = 0) -> list[str]:
        posts = self.discord.posts(channel or self.channel)
        return [embed["url"].rpartition("/")[2] for post in posts for embed in post["embeds"]]

    async def status_says(self, words: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while words not in await self._status():  # noqa: ASYNC110 - only asking again tells
                await asyncio.sleep(0.2)

    async def _status(self) -> str:
        return (await self.discord.interaction(self.channel, MANAGER, "status")).text

    async def let_minutes_pass(self) -> None:
        """Make the last try older than any nonce, for the store and for Discord."""
        async with await Store.open(self.database) as store, store.database.write() as connection:
            long_ago = datetime.now(UTC) - timedelta(minutes=10)
            await connection.execute(
                outbox.update().where(outbox.c.first_tried.is_not(None)).values(first_tried=long_ago)
            )
        self.discord.nonces.clear()

    async def all_posted(self, papers: list[str]) -> None:
        """Wait until as many posts are there as papers, and then for the rounds that would post one twice."""
        await self.discord.until(lambda: len(self.posted()) >= len(papers), within=PATIENCE)
        polled = len(self.arxiv.requests)
        await self.discord.until(lambda: len(self.arxiv.requests) >= polled + 2, within=PATIENCE)


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    async with FakeArxiv() as arxiv, FakeDiscord() as discord:
        household = Household(arxiv, discord, tmp_path)
        yield household
        assert discord.invalid == []
        assert discord.token not in household.output
        assert "Traceback" not in household.output


async def test_a_page_of_arxiv_arrives_in_the_channel_that_asked_for_it(household: Household) -> None:
    page = page_of_today()
    expected = wanted(page)
    async with household.process() as running:
        await household.connected()
        await household.subscribe()
        household.arxiv.serve(page)
        await household.all_posted(expected)
        assert household.posted() == expected
        assert len(expected) >= 50
        started = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), PATIENCE) == 0
        assert time.monotonic() - started < 10
    egg = json.loads((ROOT / "docs" / "deploy" / "pterodactyl.json").read_text(encoding="utf-8"))
    assert json.loads(egg["config"]["startup"])["done"] in household.output  # what the panel waits for
    for post in household.discord.posts(household.channel):
        assert post["content"] == ""  # nobody is mentioned


async def test_killed_while_posting_it_loses_nothing_and_repeats_nothing(household: Household) -> None:
    page = page_of_today()
    expected = wanted(page)
    third = expected[len(expected) // 3]
    # Posted, but the process dies before it hears of it.
    unheard = household.discord.fault(
        *POST, hang=True, lost=True, when=lambda body: third in json.dumps(body)
    )
    async with household.process() as running:
        await household.connected()
        await household.subscribe()
        household.arxiv.serve(page)
        await asyncio.wait_for(unheard.hit.wait(), PATIENCE)
        await household.discord.until(lambda: third in household.posted())
        running.send_signal(signal.SIGKILL)
        await running.wait()
    assert 0 < len(household.posted()) < len(expected)
    async with household.process() as running:
        await household.all_posted(expected)
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), PATIENCE) == 0
    assert Counter(household.posted()) == Counter(expected)
    assert household.posted() == expected
    assert len(household.discord.sent("PUT", "/applications/{application_id}/commands")) == 1


async def test_killed_with_an_old_nonce_it_looks_before_it_posts(household: Household) -> None:
    page = page_of_today()
    expected = wanted(page)
    unheard = household.discord.fault(*POST, hang=True, lost=True)
    async with household.process() as running:
        await household.connected()
        await household.subscribe()
        household.arxiv.serve(page)
        await asyncio.wait_for(unheard.hit.wait(), PATIENCE)
        await household.discord.until(household.posted)
        running.send_signal(signal.SIGKILL)
        await running.wait()
    await household.let_minutes_pass()
    async with household.process():
        await household.all_posted(expected)
    assert household.posted() == expected
    assert household.discord.repeated == 0


async def test_a_channel_without_permission_gets_its_papers_when_it_has_it_again(
    household: Household,
) -> None:
    page = page_of_today()
    expected = wanted(page)
    async with household.process():
        await household.connected()
        await household.subscribe()
        await household.discord.deny(household.channel, payloads.SEND_MESSAGES)
        household.arxiv.serve(page)
        await household.status_says("I do not have the Send Messages permission")
        assert household.posted() == []
        await household.discord.deny(household.channel, 0)
        await household.all_posted(expected)
    assert household.posted() == expected


async def test_a_wrong_token_is_one_sentence_and_exit_code_2(household: Household) -> None:
    content = yaml.safe_load(household.config.read_text(encoding="utf-8"))
    content["discord"]["token"] = "MTIzNDU2Nzg5MDEyMzQ1Njc4.wrong.token-that-nobody-may-see"
    household.config.write_text(yaml.safe_dump(content), encoding="utf-8")
    async with household.process() as running:
        assert await asyncio.wait_for(running.wait(), PATIENCE) == 2
    assert household.output.splitlines()[-1].startswith("discord.token: Discord refused the token")
    assert "that-nobody-may-see" not in household.output
