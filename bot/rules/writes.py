"""What the store writes once it is decided who gets what (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.rules.newness import Intent


@dataclass(frozen=True, slots=True)
class Writes:
    """The intents behind each kind of row.

    `seen`: new papers, which their destinations have seen from now on. `digest_again`: revisions that stand
    in the next digest, although their destinations have seen the paper. `rows`: what enters the outbox, as a
    queued row or a held one.
    """

    seen: tuple[Intent, ...]
    digest_again: tuple[Intent, ...]
    rows: tuple[Intent, ...]

    @property
    def queued(self) -> int:
        """How many posts are queued."""
        return len(self.rows) - self.held

    @property
    def for_digest(self) -> int:
        """How many papers a digest or list will show."""
        new = sum(intent.digest and not intent.held for intent in self.seen)
        return new + len(self.digest_again)

    @property
    def held(self) -> int:
        """How many papers are held back."""
        return sum(intent.held for intent in self.rows)


def writes_of(intents: Iterable[Intent], waiting: Collection[tuple[int, PaperId]]) -> Writes:
    """Return what is written for *intents*.

    *waiting* are the papers, by destination, that a post or list has yet to show: it will show the newest
    version, so a revision of such a paper is left out.
    """
    intents = list(intents)
    new = [intent for intent in intents if intent.kind is Kind.PAPER]
    revisions = [
        intent
        for intent in intents
        if intent.kind is Kind.REVISION and (intent.destination, intent.paper) not in waiting
    ]
    return Writes(
        seen=tuple(new),
        digest_again=tuple(intent for intent in revisions if intent.digest),
        rows=tuple(intent for intent in (*new, *revisions) if intent.live or intent.held),
    )
