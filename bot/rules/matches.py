"""What the matches of a round say beyond those that are stored: first matches and revisions (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model.papers import PaperId, StoredMatch

MatchKey = tuple[int, PaperId]
"""A query, by the number of its row, and a paper that it matches."""


@dataclass(frozen=True, slots=True)
class MatchChanges:
    """What a round's matches change.

    `first`: the query never matched the paper before; `revised`: an earlier version of the paper was known;
    `stored`: what is to be stored.
    """

    first: set[MatchKey] = field(default_factory=set)
    revised: set[MatchKey] = field(default_factory=set)
    stored: dict[MatchKey, StoredMatch] = field(default_factory=dict)


def compare(
    found: Iterable[tuple[MatchKey, tuple[str, ...]]],
    *,
    stored: Mapping[MatchKey, StoredMatch],
    versions: Mapping[PaperId, int],
    versions_before: Mapping[PaperId, int],
) -> MatchChanges:
    """Compare the matches that a round *found*, each with its words, with those *stored*.

    *versions* are the versions of all their papers after the round, *versions_before* those that the store
    had before it. A paper that was stored for another query counts as known: its first match in a newer
    version is a revision, too. A match that arXiv alone found is stored again when its words are learnt.

    Raises:
        KeyError: *versions* lacks a paper that was found.
    """
    changes = MatchChanges()
    for key, words in found:
        version = versions[key[1]]
        known = stored.get(key)
        if known is None:
            changes.first.add(key)
        seen = known.version if known else versions_before.get(key[1], version)
        if seen < version:
            changes.revised.add(key)
        explained = known is not None and bool(known.words)
        if key in changes.first or key in changes.revised or (words and not explained):
            changes.stored[key] = StoredMatch(version, words)
    return changes
