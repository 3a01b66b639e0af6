"""What arXiv announced for the channels, and what was posted there; the bot's own counts are not asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.model.outbox import Kind
from bot.model.papers import PaperId
from tests.simulation.submissions import Announced

_SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True)
class Reader:
    """A channel that subscribes to *topics*, with or without new versions."""

    channel: int
    topics: frozenset[str]
    revisions: bool = False


@dataclass(frozen=True)
class Wanted:
    """A channel should get this version of a paper, or a later one; a *revision* if it knows another."""

    version: int
    announced: datetime
    revision: bool


@dataclass(frozen=True)
class Posted:
    version: int
    at: datetime
    kind: Kind


@dataclass(frozen=True)
class Faults:
    """Counts, each of papers in channels. *days* says how long each took that was posted."""

    wanted: int
    missing: int
    doubled: int
    stray: int
    days: tuple[float, ...]

    @property
    def none(self) -> bool:
        return not (self.missing or self.doubled or self.stray)


_Key = tuple[int, PaperId]


class Arrivals:
    """Compares what was announced with what was posted, for these *readers*."""

    def __init__(self, readers: Iterable[Reader]) -> None:
        self._readers = tuple(readers)
        self._by_topic: defaultdict[str, set[Reader]] = defaultdict(set)
        for reader in self._readers:
            for topic in reader.topics:
                self._by_topic[topic].add(reader)
        self._wanted: defaultdict[_Key, list[Wanted]] = defaultdict(list)
        self._posted: defaultdict[_Key, list[Posted]] = defaultdict(list)

    def announced(self, item: Announced, at: datetime) -> None:
        """Expect a paper wherever it is new, and its new version where these are wanted."""
        for reader in {reader for topic in item.topics for reader in self._by_topic[topic]}:
            known = self._wanted[reader.channel, item.paper.id]
            revision = item.old or bool(known)
            if not revision or reader.revisions:
                known.append(Wanted(item.paper.version, at, revision))

    def posted(self, channel: int, paper: PaperId, version: int, kind: Kind, at: datetime) -> None:
        self._posted[channel, paper].append(Posted(version, at, kind))

    @property
    def is_complete(self) -> bool:
        return not any(map(self._missing, self._wanted))

    def count(self) -> Faults:
        return Faults(
            wanted=sum(map(len, self._wanted.values())),
            missing=sum(len(self._missing(key)) for key in self._wanted),
            doubled=sum(len(self._doubled(key)) for key in self._posted),
            stray=sum(len(self._stray(key)) for key in self._posted),
            days=tuple(sorted(self._days())),
        )

    def faults(self) -> Iterator[str]:
        """Yield a line for each fault."""
        for key in sorted(self._wanted | self._posted):
            channel, paper = key
            for name, found in (
                ("missing", self._missing(key)),
                ("doubled", self._doubled(key)),
                ("stray", self._stray(key)),
            ):
                for one in found:
                    yield f"{name} in channel {channel}: {paper} {one}; posted: {self._posted.get(key, [])}"

    def _missing(self, key: _Key) -> list[Wanted]:
        posted = self._posted.get(key, [])
        return [one for one in self._wanted.get(key, []) if _first(one, posted) is None]

    def _doubled(self, key: _Key) -> list[Posted]:
        """Return what repeats a version, or says once more that the paper is new."""
        found: list[Posted] = []
        versions: set[int] = set()
        new = False
        for one in self._posted.get(key, []):
            if one.version in versions or (new and one.kind is not Kind.REVISION):
                found.append(one)
            versions.add(one.version)
            new |= one.kind is not Kind.REVISION
        return found

    def _stray(self, key: _Key) -> list[Posted]:
        """Return what does not belong there, and new versions where nobody wants them."""
        wanted = self._wanted.get(key, [])
        revisions = {one.version for one in wanted}
        new = any(not one.revision for one in wanted)
        return [
            one
            for one in self._posted.get(key, [])
            if not (one.version in revisions if one.kind is Kind.REVISION else new)
        ]

    def _days(self) -> Iterator[float]:
        for key, wanted in self._wanted.items():
            for one in wanted:
                if first := _first(one, self._posted.get(key, [])):
                    yield (first.at - one.announced).total_seconds() / _SECONDS_A_DAY


def _first(wanted: Wanted, posted: Iterable[Posted]) -> Posted | None:
    return next((one for one in posted if one.version >= wanted.version), None)
