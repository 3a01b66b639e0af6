"""Which roads to arXiv are closed or lie, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.model.polling import Road
from tests.simulation.arxiv import Lie

ALL_CLOSED = timedelta(days=4)


@dataclass(frozen=True)
class Scenario:
    """*closed* roads are closed for the whole time, *lying* ones lie on some days, each time differently.

    With *outage*, all are closed for four days in the middle.
    """

    name: str
    closed: frozenset[Road] = frozenset()
    lying: Road | None = None
    outage: bool = False

    @property
    def is_open(self) -> bool:
        return not (self.closed or self.lying or self.outage)

    def lie_on(self, day: int, every: int) -> Lie | None:
        """Return how a road lies on a *day* (counted from 1), if it does; it lies every so many days."""
        times, rest = divmod(day, every)
        return list(Lie)[(times - 1) % len(Lie)] if self.lying and not rest else None


_NAMES = {Road.API: "API", Road.OAI: "OAI", Road.FEEDS: "feeds"}

SCENARIOS: Mapping[str, Scenario] = {
    "open": Scenario("all open"),
    **{
        f"{road}-closed": Scenario(f"{name} closed", closed=frozenset({road}))
        for road, name in _NAMES.items()
    },
    **{f"{road}-lying": Scenario(f"{name} lying", lying=road) for road, name in _NAMES.items()},
    "all-closed": Scenario("all closed, 4 days", outage=True),
}
"""By the name of `--only`."""
