"""What a round's matches change: first matches, revisions, and words that were missing."""

from __future__ import annotations

import pytest

from bot.model.papers import PaperId, StoredMatch
from bot.rules.matches import MatchChanges, compare

PAPER, OTHER = PaperId("2607.01001"), PaperId("2607.01002")
KEY = (1, PAPER)
WORDS = ("speech",)


@pytest.mark.parametrize(
    ("stored", "version_before", "version", "words", "first", "revised", "written"),
    [
        (None, None, 1, WORDS, True, False, True),
        (None, None, 3, WORDS, True, False, True),  # nobody here knew an earlier version
        (None, 1, 1, WORDS, True, False, True),  # another query knew the paper
        (None, 1, 2, WORDS, True, True, True),
        (StoredMatch(1, WORDS), 1, 1, WORDS, False, False, False),
        (StoredMatch(1, WORDS), 1, 2, WORDS, False, True, True),
        (StoredMatch(1, WORDS), 2, 2, WORDS, False, True, True),  # stored by another query of the poll
        (StoredMatch(2, WORDS), 2, 2, (), False, False, False),
        (StoredMatch(1), 1, 1, WORDS, False, False, True),  # arXiv alone had said so
        (StoredMatch(1), 1, 1, (), False, False, False),
        (StoredMatch(3, WORDS), 3, 2, WORDS, False, False, False),
    ],
)
def test_a_match_is_compared_with_what_was_known(
    *,
    stored: StoredMatch | None,
    version_before: int | None,
    version: int,
    words: tuple[str, ...],
    first: bool,
    revised: bool,
    written: bool,
) -> None:
    assert compare(
        [(KEY, words)],
        stored={KEY: stored} if stored else {},
        versions={PAPER: version},
        versions_before={} if version_before is None else {PAPER: version_before},
    ) == MatchChanges(
        {KEY} if first else set(),
        {KEY} if revised else set(),
        {KEY: StoredMatch(version, words)} if written else {},
    )


def test_two_queries_and_two_papers_are_told_apart() -> None:
    changes = compare(
        [((1, PAPER), ()), ((2, PAPER), ()), ((1, OTHER), ()), ((2, OTHER), ())],
        stored={(1, PAPER): StoredMatch(1), (2, OTHER): StoredMatch(1)},
        versions={PAPER: 2, OTHER: 1},
        versions_before={PAPER: 2},
    )
    assert changes.first == {(2, PAPER), (1, OTHER)}
    assert changes.revised == {(1, PAPER)}


def test_a_match_of_an_unknown_paper_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        compare([(KEY, ())], stored={}, versions={}, versions_before={})
