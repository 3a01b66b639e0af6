"""The metrics for Prometheus at `/metrics`.

Counters are read, at each scrape, from the parts that count. The store is queried at most every ten seconds,
no matter how many scrapes there are. While it does not respond, its last values stay, with their time stamp.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from bot import __version__
from bot.arxiv.client import ArxivClient
from bot.delivery.loop import Delivery
from bot.model.errors import BotError
from bot.model.polling import PollState
from bot.model.subscriptions import State
from bot.polling.poller import Poller
from bot.polling.report import PollResult
from bot.store import Store

_log = logging.getLogger(__name__)

_FRESH = timedelta(seconds=10)
_TIMEOUT = 5.0  # seconds for the store; a scrape usually waits for ten
_LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OUTCOMES = ("sent", "edited", "retried", "plain", "failed", "paused")


@dataclass(frozen=True, slots=True)
class _Stored:
    """The values from the store, as of *at*."""

    at: datetime
    waiting: int = 0
    oldest: datetime | None = None
    destinations: dict[State, int] = field(default_factory=dict)


class Metrics(Collector):
    """All metrics of this process, in their own registry; `text()` is the answer to a scrape.

    *gateway_up* returns whether all shards are connected. `observe_lag` takes seconds.
    """

    def __init__(
        self,
        *,
        poller: Poller,
        arxiv: ArxivClient,
        delivery: Delivery,
        store: Store,
        gateway_up: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._poller = poller
        self._arxiv = arxiv
        self._delivery = delivery
        self._store = store
        self._gateway_up = gateway_up
        self._clock = clock
        self._stored: _Stored | None = None
        self._querying = asyncio.Lock()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        lag = Histogram(
            "papers_event_loop_lag_seconds",
            "Delay of the event loop",
            buckets=_LAGS,
            registry=self._registry,
        )
        self.observe_lag: Callable[[float], None] = lag.observe

    async def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        async with self._querying:
            if self._stored is None or self._clock() - self._stored.at >= _FRESH:
                await self._query_store()
        return generate_latest(self._registry)

    async def _query_store(self) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT):
                waiting, oldest = await self._store.outbox.backlog()
                destinations = await self._store.destinations.counts()
        except (BotError, TimeoutError) as error:
            _log.debug("metrics: the store does not respond: %s", error)
        else:
            self._stored = _Stored(self._clock(), waiting, oldest, destinations)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics that are read from other parts; prometheus-client calls this."""
        yield _labelled("papers_build_info", "The running version", "version", {__version__: 1})
        yield from self._of_polls()
        yield from self._of_roads()
        outcomes = CounterMetricFamily(
            "papers_deliveries", "Attempts to send a message, by outcome", labels=["outcome"]
        )
        for outcome in _OUTCOMES:
            outcomes.add_metric([outcome], self._delivery.outcomes[outcome])
        yield outcomes
        yield GaugeMetricFamily(
            "papers_messages_in_flight", "Messages being sent", value=self._delivery.in_flight
        )
        yield GaugeMetricFamily(
            "papers_gateway_up", "1 while every shard is connected to Discord", value=self._gateway_up()
        )
        if self._stored is not None:
            yield from self._of_store(self._stored)

    def _of_polls(self) -> Iterator[Metric]:
        totals, report = self._poller.totals, self._poller.report
        polls = CounterMetricFamily("papers_polls", "Polls of arXiv, by result", labels=["result"])
        for result in PollResult:
            polls.add_metric([result], totals.rounds[result])
        yield polls
        yield _counter("papers_seen", "Papers returned by polls", totals.papers)
        yield _counter("papers_matched", "Papers from polls that match a subscription", totals.matched)
        yield _counter("papers_unattributed", "Papers from polls that match no query", totals.unclaimed)
        yield _counter("papers_queued", "Posts queued by polls", totals.queued)
        states = {state.value: int(state is report.state) for state in PollState}
        yield _labelled("papers_poll_state", "1 for the current state of polling, else 0", "state", states)
        checked = report.checked
        announced = {"listed": checked.listed if checked else 0, "read": checked.read if checked else 0}
        text = "New papers of the last announcement that was compared with the feeds"
        yield _labelled("papers_announced", text, "papers", announced)
        if report.last_success is not None:
            yield GaugeMetricFamily(
                "papers_last_good_poll_timestamp_seconds",
                "Unix time of the last successful poll",
                value=report.last_success.timestamp(),
            )

    def _of_roads(self) -> Iterator[Metric]:
        roads = self._poller.roads
        refusals = sum(road.refusals for road in roads) if roads else self._arxiv.refusals
        yield _counter("papers_arxiv_requests", "Requests to arXiv", self._poller.requests)
        yield _counter("papers_arxiv_refusals", "Requests that arXiv refused with HTTP 429", refusals)
        opened = {road.road.value: int(road.closed_since is None) for road in roads}
        yield _labelled("papers_arxiv_road_open", "1 while a road to arXiv is open, else 0", "road", opened)
        served = {road.road.value: road.served.timestamp() for road in roads if road.served}
        name = "papers_arxiv_road_served_timestamp_seconds"
        yield _labelled(name, "Unix time when a road to arXiv last served a poll", "road", served)

    def _of_store(self, stored: _Stored) -> Iterator[Metric]:
        yield GaugeMetricFamily("papers_outbox_rows", "Messages waiting to be sent", value=stored.waiting)
        age = (self._clock() - stored.oldest).total_seconds() if stored.oldest else 0.0
        yield GaugeMetricFamily(
            "papers_outbox_oldest_age_seconds",
            "Age of the oldest message waiting to be sent",
            value=max(age, 0.0),
        )
        channels = {state.value: stored.destinations.get(state, 0) for state in State}
        yield _labelled("papers_destinations", "Channels with subscriptions, by state", "state", channels)
        yield GaugeMetricFamily(
            "papers_store_asked_timestamp_seconds",
            "Unix time of the store's last answer for these metrics",
            value=stored.at.timestamp(),
        )


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
