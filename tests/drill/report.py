"""The results of the drill as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from tests.drill.witness import Count
from tests.drill.world import SCALE, World

_COLUMNS = tuple(field.name for field in fields(Count))


@dataclass(frozen=True)
class Report:
    """The results of a drill. It `passed` if nothing is lost, doubled, stray or out of order."""

    worlds: Sequence[World]
    seed: int
    seconds: float
    commit: str = ""

    @property
    def total(self) -> Count:
        return sum((count for world in self.worlds for count in world.counts().values()), Count())

    @property
    def kills(self) -> Counter[str]:
        return sum((world.tally.kills for world in self.worlds), Counter())

    @property
    def unexpected(self) -> list[str]:
        return [each for world in self.worlds for each in world.tally.unexpected]

    @property
    def passed(self) -> bool:
        return self.total.faultless and not self.unexpected

    def text(self, *, every_channel: bool = False) -> str:
        """Return the table: by channel with *every_channel* or if something is wrong, else by world."""
        total = self.total
        lines = [
            f"seed {self.seed}, commit {self.commit or 'unknown'}, {timedelta(seconds=round(self.seconds))}",
            f"{self.kills.total()} kills, {total.posted} posts, {self._channels()} channels",
            "",
            *self._table(every_channel=every_channel),
            "",
            *_listed("kills", self.kills),
            "",
            *_listed("faults", sum((world.tally.faults for world in self.worlds), Counter())),
            "",
            *_listed("also", sum((world.tally.other for world in self.worlds), Counter())),
            "",
            *self.unexpected,
            *self._faults(),
            "PASSED" if self.passed else "FAILED",
        ]
        return "\n".join(lines)

    def _faults(self) -> Iterable[str]:
        for world in self.worlds:
            for channel, name in world.names.items():
                for line in world.witness.faults(channel):
                    yield f"world {world.plan.number}, {name}: {line}"

    def diary(self) -> str:
        """Return the events with their times by the clock of each world."""
        return "".join(
            f"world {world.plan.number}: {line}\n" for world in self.worlds for line in world.tally.diary
        )

    def _channels(self) -> int:
        return sum(len(world.names) for world in self.worlds)

    def _table(self, *, every_channel: bool) -> Iterable[str]:
        yield f"{'':42}" + "".join(f"{name.replace('_', ' '):>14}" for name in _COLUMNS)
        for world in self.worlds:
            counts = world.counts()
            kind = "python -m bot run" if world.plan.untouched else f"launched, time × {SCALE:g}"
            yield _row(
                f"world {world.plan.number} ({kind}; {world.plan.source})", sum(counts.values(), Count())
            )
            for channel, count in counts.items():
                if every_channel or not count.faultless:
                    yield _row(f"  {world.names[channel]}", count)
        yield _row("total", self.total)


def _row(name: str, count: Count) -> str:
    return f"{name:42}" + "".join(f"{getattr(count, column):>14}" for column in _COLUMNS)


def _listed(title: str, counted: Counter[str]) -> Iterable[str]:
    yield f"{title}:"
    yield from (f"  {number:>7}  {name}" for name, number in sorted(counted.items()))
