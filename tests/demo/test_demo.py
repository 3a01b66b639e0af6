from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.arxiv import feed
from bot.demo import browser, sample
from bot.demo.arxiv import BATCH, HISTORY, SampleArxiv
from bot.demo.studies import TOPICS, Study
from bot.demo.world import on_a_day_of_papers
from bot.model.errors import ArxivRefused
from bot.model.papers import Page, PaperId
from bot.polling.report import PollReport, state_of
from bot.present.latex.unicode import to_unicode
from tests.demo.demo_cases import address_of, demo
from tests.fakes.clock import Clock

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
OPENING = NOW - timedelta(hours=12)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_demo_says_where_it_is_and_ends_on_a_signal(number: signal.Signals) -> None:
    with demo() as process:
        address_of(process)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert errors == ""


async def test_demo_serves_its_own_files_and_those_of_the_preview_to_this_machine_only() -> None:
    with demo() as process:
        address = await asyncio.to_thread(address_of, process)
        async with aiohttp.ClientSession() as session:

            async def get(path: str, **headers: str) -> tuple[int, str]:
                async with session.get(address + path, headers=headers) as answer:
                    return answer.status, answer.content_type

            assert await get("") == (200, "text/html")
            assert await get("demo/front.css") == (200, "text/css")
            assert await get("demo/front.js") == (200, "text/javascript")
            assert await get("demo/channels") == (200, "application/json")
            assert await get("demo/rooms.js") == (200, "text/javascript")
            assert (await get("demo/front.html"))[0] == 404
            assert (await get("demo/world.py"))[0] == 404
            assert (await get("", Host="rebound.example.org"))[0] == 403

            for path in (
                "preview.css",
                "demo/front.css",
            ):  # text does not wait for a font, and fonts come once
                async with session.get(address + path) as answer:
                    css = await answer.text()
                assert css.count("@font-face") == css.count("font-display: swap")
            async with session.get(address + css.partition('url("/')[2].partition('"')[0]) as font:
                assert (font.status, font.headers["Cache-Control"]) == (200, "max-age=86400")


def test_demo_ends_on_a_signal_while_it_is_being_prepared() -> None:
    with demo(PYTHONUNBUFFERED="1") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2.5)
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode in {0, -signal.SIGTERM}


def test_demo_on_a_taken_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo("--port", str(port)) as process:
            _, errors = process.communicate(timeout=30)
        assert process.returncode == 1
        assert errors == f"Port {port} cannot be used (address already in use); choose another with --port.\n"


async def test_chromium_does_not_outlive_a_picture_that_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    chromium = tmp_path / "chromium"
    chromium.write_text(f"#!/bin/sh\necho $$ > {started}.1 && mv {started}.1 {started} && exec sleep 60\n")
    chromium.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    taking = asyncio.create_task(browser.take_screenshot("http://127.0.0.1:9/", tmp_path / "page.png"))
    async with asyncio.timeout(20):
        while not started.exists():  # noqa: ASYNC110 - a process says so in no other way
            await asyncio.sleep(0.01)
    taking.cancel()
    await asyncio.wait({taking})
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_picture_without_chromium_is_refused_with_what_to_install(tmp_path: Path) -> None:
    with demo("--screenshot", str(tmp_path / "page.png"), PATH=str(tmp_path)) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "apt-get install chromium" in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
    ],
)
def test_a_browser_is_opened_only_where_somebody_sees_it(
    environment: dict[str, str], platform: str, expected: bool
) -> None:
    assert browser.has_screen(environment, platform) is expected


@pytest.fixture
def arxiv() -> SampleArxiv:
    return SampleArxiv(lambda: NOW, opening=OPENING, every=timedelta(seconds=8))


async def ask(arxiv: SampleArxiv, **parameters: str) -> Page:
    async with TestClient(TestServer(arxiv.application())) as client:
        answer = await client.get("/api/query", params=parameters)
        return feed.parse(await answer.read())


async def test_sample_arxiv_has_many_pages_of_anything(arxiv: SampleArxiv) -> None:
    page = await ask(arxiv, search_query='ti:"speech synthesis"', start="20", max_results="10")
    assert (page.start, len(page.papers), page.skipped) == (20, 10, 0)
    assert page.total > 50


def test_sample_papers_come_as_time_goes_on() -> None:
    clock = Clock(OPENING)
    arxiv = SampleArxiv(clock, opening=OPENING, every=timedelta(seconds=8))
    assert len(arxiv.papers()) == HISTORY
    clock.advance(timedelta(minutes=2))
    assert len(arxiv.papers()) == HISTORY + BATCH
    arxiv.live = clock.advance(timedelta(hours=11))
    clock.advance(timedelta(seconds=20))
    assert len(arxiv.papers()) == HISTORY + BATCH + 3


def test_sample_papers_come_more_slowly_after_the_first_minute() -> None:
    clock = Clock(OPENING)
    arxiv = SampleArxiv(clock, opening=OPENING, every=timedelta(seconds=20))
    arxiv.live = clock.advance(timedelta(hours=12))
    clock.advance(timedelta(minutes=1))
    lively = len(arxiv.papers())
    clock.advance(timedelta(minutes=2))
    assert (lively, len(arxiv.papers())) == (HISTORY + BATCH + 8, HISTORY + BATCH + 8 + 6)


@pytest.mark.parametrize("hours", range(0, 24 * 8, 5))
def test_demo_shows_a_day_on_which_arxiv_announced(hours: int) -> None:
    real = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hours)  # a week with a weekend and a holiday
    opened = on_a_day_of_papers(real)
    assert opened <= real
    for visited in (opened, opened + timedelta(hours=2, minutes=59)):
        state, _ = state_of(PollReport(when=opened), visited, outage=False, failing_since=None)
        assert state == "fresh"


def test_demo_shows_the_real_time_where_that_is_such_a_day() -> None:
    assert on_a_day_of_papers(NOW + timedelta(hours=4)) == NOW + timedelta(hours=4)


async def test_sample_arxiv_refuses_what_arxiv_refuses(arxiv: SampleArxiv) -> None:
    with pytest.raises(ArxivRefused, match="column 4"):
        await ask(arxiv, search_query="ti:(")
    with pytest.raises(ArxivRefused, match="incorrect id format for abc"):
        await ask(arxiv, id_list="abc")
    with pytest.raises(ArxivRefused, match="start must be"):
        await ask(arxiv, search_query="ti:speech", start="-1")


async def test_sample_arxiv_sorts_and_looks_up(arxiv: SampleArxiv) -> None:
    first = sample.paper(0, OPENING - HISTORY * timedelta(hours=1, minutes=15))
    assert (await ask(arxiv, id_list=str(first.id))).papers == (first,)
    page = await ask(arxiv, search_query="cat:cs.RO", sortBy="submittedDate", sortOrder="ascending")
    dates = [paper.published for paper in page.papers]
    assert dates == sorted(dates)


def test_sample_papers_are_the_same_every_time_and_nobody_elses() -> None:
    papers = [sample.paper(index, NOW + index * timedelta(seconds=8)) for index in range(500)]
    assert papers == [sample.paper(index, NOW + index * timedelta(seconds=8)) for index in range(500)]
    assert [paper.id for paper in papers] == sorted({paper.id for paper in papers})
    assert papers[0].id >= PaperId("2607.90001"), "no month of arXiv has ninety thousand papers"


def test_sample_papers_of_a_visit_have_different_titles() -> None:
    papers = [sample.paper(index, NOW) for index in range(HISTORY, HISTORY + BATCH + 20)]
    assert len({paper.title for paper in papers}) == len(papers)
    assert len({paper.authors for paper in papers}) == len(papers)


@pytest.mark.parametrize(
    "study",
    {study.title: study for topic in TOPICS for study in topic.studies}.values(),
    ids=lambda study: study.title[:30],
)
def test_each_gap_of_a_study_is_filled_and_each_detail_is_used(study: Study) -> None:
    gaps = {gap for _, gap, _, _ in Formatter().parse(study.title + study.abstract) if gap}
    assert gaps - {"name"} == set(study.details)
    for options in study.details.values():
        assert len(set(options)) == len(options) > 1
    filled = study.abstract.format(name="Wren", **{gap: options[0] for gap, options in study.details.items()})
    assert "\\" not in to_unicode(filled)
    assert re.search(r"\b(?:[Ww]e|Wren)\b", filled), "it says what its authors did"
