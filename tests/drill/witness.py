"""Records what Discord received and what arXiv had listed by then, and judges it.

Papers are identified by the URLs in posts. The fakes record everything at the network's edge; the bot and its
database are not consulted.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from bot.model.papers import PaperId

_ADDRESS = re.compile(r"https://arxiv\.org/abs/(\d{4}\.\d{4,5})(?:v\d+)?")


def papers_in(message: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> tuple[list[str], bool]:
    """Return the papers in a message as it was sent, without duplicates, and whether it is a list.

    A list shows its first page; its *files* contain all of its papers.
    """
    embeds = message.get("embeds") or ()
    posted = [message.get("content") or "", *(embed.get("url") or "" for embed in embeds)]
    listed = [text for embed in embeds for text in _texts(embed)]
    listed += [_markdown(name, content) for name, content in (files or {}).items()]
    found = [found for text in posted for found in _ADDRESS.findall(text)]
    also = [found for text in listed for found in _ADDRESS.findall(text)]
    return list(dict.fromkeys((*found, *also))), not found


def _markdown(name: str, content: bytes) -> str:
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def _texts(embed: Mapping[str, Any]) -> list[str]:
    return [embed.get("description") or "", *(field["value"] for field in embed.get("fields") or ())]


@dataclass
class Witness:
    """Counts for one world. `expected`, `posted` and `strays` are by channel.

    `expected[channel]` has the identifiers of the papers that arXiv announced for it; `posted[channel]` those
    that arrived, in order and with repetitions; those in `listed` arrived in a list.
    """

    expected: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    posted: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    missing: set[tuple[int, str]] = field(default_factory=set)
    arrivals: int = 0
    _how: dict[tuple[int, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _sweeps: list[set[str]] = field(default_factory=list)
    _shown_when_posted: dict[tuple[int, str], int] = field(default_factory=dict)

    # --- what arXiv does ---

    def announced(self, paper: str, channels: Iterable[int]) -> None:
        """Expect *paper* once in each of *channels*."""
        for channel in channels:
            if paper not in self.expected[channel]:
                self.expected[channel].add(paper)
                self.missing.add((channel, paper))

    def shown(self, papers: Iterable[str], *, first_page: bool) -> None:
        """Record that arXiv answers with *papers*; further pages of a list belong to its first."""
        if first_page or not self._sweeps:
            self._sweeps.append(set())
        self._sweeps[-1] |= set(papers)

    # --- what Discord gets ---

    def received(self, channel: int, papers: Iterable[str], how: str = "", *, as_list: bool = False) -> None:
        """Record a message; *how* helps to find the reason of a fault."""
        for paper in papers:
            if as_list:
                self.listed[channel].add(paper)
            self.posted[channel].append(paper)
            self._how[channel, paper].append(how)
            self.missing.discard((channel, paper))
            self._shown_when_posted.setdefault((channel, paper), len(self._sweeps))
            self.arrivals += 1

    # --- the verdict ---

    def is_everywhere(self, paper: str) -> bool:
        return not any((channel, paper) in self.missing for channel in self.expected)

    def count(self, channel: int) -> Count:
        """Return the counts of one channel so far."""
        expected, posted = self.expected[channel], self.posted[channel]
        first = list(dict.fromkeys(posted))
        return Count(
            expected=len(expected),
            posted=len(set(posted) & expected),
            lost=len(expected - set(posted)),
            doubled=len(posted) - len(set(posted)),
            stray=len(set(posted) - expected),
            out_of_order=sum(1 for _ in self._disorder(channel, first)),
        )

    def faults(self, channel: int) -> Iterator[str]:
        """Yield a line for each problem of *channel*."""
        expected, posted = self.expected[channel], self.posted[channel]
        first = list(dict.fromkeys(posted))
        for paper in sorted(expected - set(posted)):
            yield f"{paper} is lost"
        for paper in first:
            if posted.count(paper) > 1:
                yield f"{paper} is doubled: {'; '.join(self._how[channel, paper])}"
            if paper not in expected:
                yield f"{paper} does not belong here: {self._how[channel, paper][0]}"
        for early, late in self._disorder(channel, first):
            yield (
                f"{late} came too late: {self._how[channel, late][0]}, {early} {self._how[channel, early][0]}"
            )

    def _disorder(self, channel: int, posted: list[str]) -> Iterator[tuple[str, str]]:
        """Yield each paper that should have come before one that came earlier: see `docs/reliability.md`.

        The bot can only order papers that it knows. When it posted *early*, it knew that paper from one of
        arXiv's answers; if all of these answers also contained *late*, which has the lower number, it knew
        both. Lists are by keyword and are not compared.
        """
        posted = [paper for paper in posted if paper not in self.listed[channel]]
        order = {paper: PaperId(paper).serial for paper in posted}
        blamed = set()
        for early, late in combinations(posted, 2):
            if order[late] < order[early] and late not in blamed and self._knew(channel, early, late):
                blamed.add(late)
                yield early, late

    def _knew(self, channel: int, early: str, late: str) -> bool:
        until = self._shown_when_posted[channel, early]
        answers = [sweep for sweep in self._sweeps[:until] if early in sweep]
        return all(late in sweep for sweep in answers)


@dataclass(frozen=True)
class Count:
    """The counts of one channel, or the sum of several."""

    expected: int = 0
    posted: int = 0
    lost: int = 0
    doubled: int = 0
    stray: int = 0
    out_of_order: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.expected + other.expected,
            self.posted + other.posted,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.stray + other.stray,
            self.out_of_order + other.out_of_order,
        )

    @property
    def faultless(self) -> bool:
        return not (self.lost or self.doubled or self.stray or self.out_of_order)
