"""Puts the roads to arXiv together, as the configuration wants them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.oai_client import OaiClient
from bot.config import Settings
from bot.model.polling import Road
from bot.polling.announced_day import DayReader
from bot.polling.api_source import ApiSource
from bot.polling.breakers import ApiTexts, Breakers
from bot.polling.doubt import Doubt
from bot.polling.harvest_source import HarvestMemory, HarvestSource
from bot.polling.roads import Roads, Traffic
from bot.polling.source import Source
from bot.polling.sweep_source import SweepSource
from bot.polling.witness import Witness
from bot.store import Store


def source_of(
    settings: Settings,
    arxiv: ArxivClient,
    oai: OaiClient,
    feeds: FeedsClient,
    store: Store,
    *,
    clock: Callable[[], datetime],
) -> Roads:
    """Return how papers are asked for, as `arxiv.source` chooses.

    With less than three seconds between requests, only roads on this machine are used.
    """
    breakers = Breakers(clock, settings.poll.interval, lambda: arxiv.last_success)
    texts = ApiTexts(arxiv, breakers)
    memory = HarvestMemory(store.papers.as_stored, store.harvests.versions, store.meta.get)
    roads: dict[Road, Source] = {Road.API: ApiSource(arxiv, store.papers.matched_between)}
    traffic: dict[Road, Traffic] = {Road.API: arxiv}
    witness = None
    if settings.arxiv.may_use(settings.arxiv.rss_url):
        witness = Witness(DayReader(feeds, store.meta.get), memory, texts, breakers)
    doubt = Doubt(store.meta.get, witness.announced if witness else None)
    if settings.arxiv.may_use(settings.arxiv.oai_url):
        roads[Road.OAI] = HarvestSource(oai, texts, memory, doubt)
        traffic[Road.OAI] = oai.transport
    if witness is not None:
        traffic[Road.FEEDS] = feeds.transport
    return Roads(
        roads,
        breakers,
        preferred=settings.arxiv.source,
        traffic=traffic,
        texts=texts,
        unfilled=store.papers.provisional,
        sweep=SweepSource(arxiv, store.harvests.versions, doubt),
        witness=witness,
    )
