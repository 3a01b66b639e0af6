"""Which roads to arXiv a configuration opens."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import ArxivSettings, Settings
from bot.model.polling import Road
from bot.runtime.sources import source_of
from tests.store.store_cases import store

__all__ = ["store"]

HERE = "http://127.0.0.1:8001"


async def roads_of(arxiv: dict[str, Any], store: Any) -> list[Road]:
    settings = Settings(arxiv=ArxivSettings(**arxiv))
    gate = Gate(0)

    def clock() -> datetime:
        return datetime(2026, 7, 27, tzinfo=UTC)

    async with aiohttp.ClientSession() as session:
        client = ArxivClient(session, gate, settings.arxiv, clock=clock)
        oai = OaiClient(session, gate, settings.arxiv, clock=clock)
        feeds = FeedsClient(session, gate, settings.arxiv, clock=clock)
        return [each.road for each in source_of(settings, client, oai, feeds, store, clock=clock).roads]


@pytest.mark.parametrize(
    ("arxiv", "roads"),
    [
        ({}, list(Road)),
        ({"source": "api"}, list(Road)),
        ({"source": "harvest"}, list(Road)),
        ({"api_url": f"{HERE}/api/query"}, list(Road)),
        ({"api_url": f"{HERE}/api/query", "min_interval": 0}, [Road.API]),
        ({"api_url": f"{HERE}/api/query", "oai_url": f"{HERE}/oai", "min_interval": 0}, [Road.API, Road.OAI]),
        ({"api_url": f"{HERE}/api/query", "rss_url": HERE, "min_interval": 0}, [Road.API, Road.FEEDS]),
    ],
    ids=["default", "api", "harvest", "a fake API, politely", "a fake API, fast", "OAI, too", "feeds, too"],
)
async def test_without_arxivs_interval_only_roads_on_this_machine_are_open(
    arxiv: dict[str, Any], roads: list[Road], store: Any, tmp_path: Path
) -> None:
    assert await roads_of(arxiv, store) == roads
