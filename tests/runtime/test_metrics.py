"""What Prometheus is told, by the real bot over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__
from bot.config import Settings
from bot.model.outcomes import Sent
from bot.model.subscriptions import State
from bot.runtime import loop_lag, metrics
from bot.runtime.loop_lag import LoopWatch
from bot.store import Store
from tests.fakes import discord_payloads as payloads
from tests.fakes.arxiv import FakeArxiv, status
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_papers
from tests.runtime.app_cases import arxiv, discord, health, serving, settings, until
from tests.runtime.app_cases import subscribe as subscribed
from tests.store.store_cases import CHANNEL, NOW, OTHER_CHANNEL, record, store, subscribe

__all__ = ["arxiv", "discord", "settings", "store"]

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
Scrape = dict[str, float]


@pytest.fixture(autouse=True)
def asked_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_FRESH", timedelta())


async def scrape(settings: Settings) -> Scrape:
    """Return the samples as `name` or `name{value of the label}`."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{settings.http.port}/metrics") as response,
    ):
        assert response.status == 200
        assert response.content_type == "text/plain"
        text = await response.text()
    found: Scrape = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            labels = "".join(f"{{{value}}}" for value in sample.labels.values())
            found[sample.name + labels] = sample.value
    return found


async def when(settings: Settings, name: str, at_least: float) -> Scrape:
    found: Scrape = {}
    deadline = time.monotonic() + 30
    while found.get(name, 0) < at_least and time.monotonic() < deadline:
        found = await scrape(settings)
    assert found[name] >= at_least
    return found


async def test_a_round_and_its_posts_are_counted(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribed(settings, discord)
    (channel,) = discord.channels
    started = time.time()
    async with serving(settings):
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        arxiv.publish(make_papers(2, first=90_000, published=datetime.now(UTC)))
        await until(lambda: len(discord.posts(channel)) == 2)
        await when(settings, "papers_deliveries_total{sent}", 2)
        found = await scrape(settings)  # the first one may have asked the store before the last was settled
        assert found["papers_deliveries_total{sent}"] == 2
        assert found["papers_polls_total{good}"] >= 2
        assert found["papers_polls_total{failed}"] == 0
        assert found["papers_arxiv_requests_total"] >= 2
        assert found["papers_arxiv_refusals_total"] == 0
        assert found["papers_seen_total"] >= found["papers_matched_total"] >= 2
        assert found["papers_queued_total"] == 2
        assert found["papers_unattributed_total"] == 0
        assert found["papers_outbox_rows"] == 0
        assert found["papers_outbox_oldest_age_seconds"] == 0
        assert found["papers_destinations{active}"] == 1
        assert found["papers_last_good_poll_timestamp_seconds"] > started
        assert found["process_resident_memory_bytes"] > 0
        await when(settings, "papers_gateway_up", 1)
        await when(settings, "papers_event_loop_lag_seconds_count", 1)
        await discord.stop()
        async with aiohttp.ClientSession():
            while (await scrape(settings))["papers_gateway_up"]:
                pass
        await discord.start(int(discord.api_base.split(":")[2].partition("/")[0]))


async def test_refusals_and_failures_are_counted(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribed(settings, discord)
    arxiv.always = status(429)
    async with serving(settings):
        await until(lambda: discord.gateway.live)
        found = await when(settings, "papers_polls_total{failed}", 1)
        assert found["papers_arxiv_refusals_total"] >= 1
        assert found["papers_poll_state{failed}"] == 1
        assert "papers_last_good_poll_timestamp_seconds" not in found


async def test_what_waits_and_what_is_paused_is_shown(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribed(settings, discord)
    (channel,) = discord.channels
    await discord.deny(channel, payloads.SEND_MESSAGES)
    async with serving(settings):
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        arxiv.publish(make_papers(3, first=90_000, published=datetime.now(UTC)))
        await when(settings, "papers_destinations{paused}", 1)
        found = await when(settings, "papers_deliveries_total{paused}", 1)  # counted once it is stored
        assert found["papers_outbox_rows"] == 3
        assert found["papers_outbox_oldest_age_seconds"] > 0
    assert discord.posts(channel) == []


async def test_the_store_is_asked_at_most_every_few_seconds(
    settings: Settings, discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_FRESH", timedelta(hours=1))
    async with serving(settings):
        await until(lambda: discord.gateway.live)
        first = await scrape(settings)
        again = await scrape(settings)
    name = "papers_store_asked_timestamp_seconds"
    assert first[name] == again[name]


async def test_the_documentation_lists_every_metric_and_every_value_of_its_label(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribed(settings, discord)
    async with serving(settings):
        await until(lambda: discord.gateway.live)
        found = await when(settings, "papers_last_good_poll_timestamp_seconds", 1)
    names = {re.sub(r"(_bucket|_sum|_count|_created)?(\{.*)?$", "", name) for name in found}
    rows = [line for line in OPERATING.splitlines() if line.startswith("| `papers_") and " > " not in line]
    described = {name: row for row in rows for name in re.findall(r"`(papers_\w+)", row)}
    assert set(described) == {name for name in names if name.startswith("papers_")}
    labelled = [name.rstrip("}").split("{") for name in found if name.startswith("papers_") and "{" in name]
    values = [(name, value) for name, value in labelled if name in described and value != __version__]
    assert len(values) > 10
    assert [(name, value) for name, value in values if f"`{value}`" not in described[name]] == []


async def test_depth_and_age_of_the_outbox(store: Store) -> None:
    assert await store.outbox.backlog() == (0, None)
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    await record(store, *make_papers(3, first=2000))
    await record(store, *make_papers(2, first=3000), now=NOW + timedelta(hours=1))
    assert await store.outbox.backlog() == (10, NOW)
    place = await store.destinations.by_channel(CHANNEL)
    assert place is not None
    assert place.state is State.ACTIVE
    for _ in range(3):
        for row in await store.outbox.heads(NOW, 10):
            await store.settle(row, Sent(1), NOW)
    assert await store.outbox.backlog() == (4, NOW + timedelta(hours=1))


# The event loop


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[LoopWatch, list[float]]]:
    monkeypatch.setattr(loop_lag, "_EVERY", 0.01)
    monkeypatch.setattr(loop_lag, "_STUCK", 0.6)  # beyond what a busy machine takes from us
    lags: list[float] = []
    async with LoopWatch(lags.append) as watch:
        yield watch, lags


async def test_a_loop_that_was_blocked_is_unhealthy_for_a_minute(
    watched: tuple[LoopWatch, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, lags = watched
    await until(lambda: lags)
    assert await watch.probe() == ""
    lags.clear()
    time.sleep(0.8)  # noqa: ASYNC251 - that is the fault
    await until(lambda: lags)
    assert max(lags) >= 0.6
    assert re.fullmatch(r"blocked for \d+ seconds within the last minute", await watch.probe())
    monkeypatch.setattr(loop_lag, "_RECENT", 0.0)
    assert await watch.probe() == ""


async def test_a_bot_whose_polls_do_not_work_is_not_ready(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(settings, discord)
    async with serving(settings):
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        assert (await health(settings, "/readyz"))[1]["arxiv"] == "ok"
        monkeypatch.setattr("bot.runtime.app._LONG", timedelta())
        arxiv.always = status(503)
        checks: dict[str, str] = {"arxiv": "ok"}
        while checks["arxiv"] == "ok":
            code, checks = await health(settings, "/readyz")
        assert code == 503
        assert re.search(r"since|due at", checks["arxiv"])
        assert (await health(settings, "/healthz"))[0] == 200
