"""`rank`: order the papers in a file by likeness to saved ones, offline.

Imports little, so that it starts fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.cli.notes import notes_on
from bot.cli.terminal import tell
from bot.cli.words import require_words
from bot.model.foreign_text import terminal_text
from bot.model.jsonl import papers_from_jsonl
from bot.model.papers import Paper
from bot.present.latex.unicode import to_unicode
from bot.query.query import parse_typed
from bot.ranking.interest import ENOUGH, Profile, learn, likeness, with_keyword
from bot.ranking.keywords import Centrality, stemmed
from bot.ranking.reasons import shared_weights, terms_in_words
from bot.ranking.terms import PlainText, TermCounts, count_terms
from bot.ranking.vectors import Frequencies, Vector, vector_of

_TERMS = 3


def ranked(
    papers: Path,
    *,
    saved: Path,
    seen: Path | None = None,
    less: Path | None = None,
    keywords: Sequence[str] = (),
    explain: bool = False,
) -> Iterator[str]:
    """Yield a line `IDvN<TAB>score` for each paper in the file *papers*, the best first, then the newest.

    With *explain*, a third column has the terms that the paper shares with those saved. A paper that occurs
    in several versions is ranked once, in the highest.

    Raises:
        QueryError: one of *keywords* is not a valid query.
        UserError: one names a paper or a page instead of words.
        FileError: a file cannot be read or has a line that is not a paper.
    """
    for keyword in keywords:
        require_words(keyword)
    queries = [parse_typed(keyword) for keyword in keywords]
    for note in notes_on(queries):
        tell(note)
    groups = [_papers(file) for file in (papers, saved, seen, less)]
    counted = [[count_terms(_plain(paper)) for paper in group] for group in groups]
    frequencies = Frequencies.of(_distinct(groups, counted))
    vectors = [[vector_of(one, frequencies) for one in group] for group in counted]
    # Without a keyword there is nothing else to order by, so even one saved paper counts.
    interest = learn(*vectors[1:], enough=ENOUGH if queries else 1)
    scores = _scores(groups[0], vectors[0], interest, Centrality(queries, frequencies))
    rows = zip(scores, groups[0], vectors[0], strict=True)
    for score, paper, vector in sorted(rows, key=lambda row: (row[0], row[1].id), reverse=True):
        line = f"{paper.versioned}\t{score:.6f}"
        yield f"{line}\t{_reasons(paper, vector, interest)}" if explain else line


def _papers(file: Path | None) -> list[Paper]:
    papers = sorted(papers_from_jsonl(file), key=lambda paper: paper.version) if file else []
    return list({paper.id: paper for paper in papers}.values())


def _plain(paper: Paper) -> PlainText:
    return PlainText(to_unicode(paper.title), to_unicode(paper.abstract))


def _distinct(groups: Sequence[Sequence[Paper]], counted: Sequence[Sequence[TermCounts]]) -> list[TermCounts]:
    """Return the terms of each paper once, even if it is in several files."""
    once = {
        paper.id: terms
        for group, group_terms in zip(groups, counted, strict=True)
        for paper, terms in zip(group, group_terms, strict=True)
    }
    return list(once.values())


def _scores(
    papers: Sequence[Paper], vectors: Sequence[Vector], interest: Profile, keyword: Centrality
) -> list[float]:
    central = [keyword.of(stemmed(paper)) for paper in papers]
    alike = likeness([interest], vectors)[:, 0].tolist()
    return [with_keyword(like, near, interest.given) for like, near in zip(alike, central, strict=True)]


def _reasons(paper: Paper, vector: Vector, interest: Profile) -> str:
    weights = shared_weights(interest.vector, vector)
    return terminal_text(", ".join(terms_in_words(weights, [_plain(paper)], _TERMS)))
