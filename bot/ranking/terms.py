"""The terms of a paper: stems and pairs of adjacent stems, counted (pure).

A term is a number, a hash of 32 bits, since a paper has two hundred of them and an interest a thousand; what
people read is cut from the paper again (`reasons`). Two terms of the same hash are too rare to matter.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.query.text import stem, words

Hashes = NDArray[np.uint32]

# Words of English and of any abstract, which tell nothing about its subject; each also ends a pair.
_EMPTY = (
    "a", "about", "above", "across", "after", "again", "all", "allow", "also", "although", "am", "among",
    "an", "and", "another", "any", "are", "around", "as", "at", "be", "because", "been", "before", "being",
    "below", "besides", "between", "beyond", "both", "but", "by", "can", "cannot", "could", "despite",
    "did", "do", "does", "doing", "done", "down", "due", "during", "each", "either", "especially", "etc",
    "even", "every", "finally", "for", "from", "further", "furthermore", "had", "has", "have", "having",
    "he", "hence", "her", "here", "hers", "him", "his", "how", "however", "i", "if", "in", "indeed",
    "instead", "into", "is", "it", "its", "itself", "just", "least", "less", "like", "may", "me", "might",
    "more", "moreover", "most", "much", "must", "my", "namely", "neither", "no", "nor", "not", "now", "of",
    "off", "often", "on", "once", "only", "or", "other", "others", "otherwise", "our", "ours", "out",
    "over", "own", "per", "perhaps", "rather", "same", "several", "shall", "she", "should", "since", "so",
    "some", "still", "such", "than", "that", "the", "their", "theirs", "them", "themselves", "then",
    "there", "thereby", "therefore", "these", "they", "this", "those", "though", "through", "throughout",
    "thus", "to", "together", "too", "toward", "towards", "under", "unless", "until", "up", "upon", "us",
    "very", "via", "was", "we", "well", "were", "what", "when", "where", "whereas", "whether", "which",
    "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "would", "yet", "you",
    "your", "achieve", "achieves", "address", "approach", "approaches", "available", "based", "code",
    "compare", "compared", "conduct", "consider", "current", "demonstrate", "demonstrates", "develop",
    "enable", "enables", "evaluate", "existing", "experiment", "experimental", "experiments", "explore",
    "extensive", "find", "findings", "improve", "improves", "include", "including", "introduce",
    "introduces", "investigate", "known", "leads", "main", "method", "methods", "new", "novel", "obtain",
    "obtained", "outperform", "outperforms", "paper", "particular", "present", "presents", "previous",
    "propose", "proposed", "proposes", "provide", "provides", "recent", "recently", "remains", "require",
    "requires", "result", "resulting", "results", "show", "shown", "shows", "significant", "significantly",
    "specifically", "studied", "study", "successfully", "use", "used", "uses", "using", "various", "work",
    "works", "al", "eg", "et", "ie", "emph", "ldots", "mathbb", "mathbf", "mathcal", "mathfrak", "mathit",
    "mathrm", "mathsf", "textbf", "textit", "textrm", "textsc",
)  # fmt: skip
_EMPTY_STEMS = frozenset(stem(word) for word in _EMPTY)
_ONLY_IN_PAIRS = ("few", "first", "many", "second", "zero")  # few-shot, first principles, many-body
# An odd number from the golden ratio: the pair of two stems is another term than that of the two reversed.
_SPREAD = np.uint32(0x9E3779B1)


class PlainText(NamedTuple):
    """Title and abstract of a paper as people read them, without LaTeX and HTML."""

    title: str
    abstract: str


@dataclass(frozen=True, slots=True, eq=False)
class TermCounts:
    """The distinct *terms* of a paper, ascending, and how often each occurs; *in_title* counts the title."""

    terms: Hashes
    in_title: NDArray[np.int16]
    in_abstract: NDArray[np.int16]


@lru_cache(maxsize=1 << 16)
def word_term(word: str) -> int:
    """Return the term of one *word*, 0 if it says nothing: a stop word, a number, or a single letter."""
    return stem_term(stem(word))


def stem_term(stemmed: str | None) -> int:
    """Return the term of a stem, as `word_term` does of a word."""
    if stemmed is None or len(stemmed) < 2 or stemmed in _EMPTY_STEMS or stemmed.isdigit():
        return 0
    return zlib.crc32(stemmed.encode()) or 1


def line_of_terms(text: str) -> Hashes:
    """Return the term of each word of *text*, with 0 for words that say nothing."""
    return np.array([word_term(word) for word in words(text)], dtype=np.uint32)


_PAIRED = np.array([word_term(word) for word in _ONLY_IN_PAIRS], dtype=np.uint32)


def pairs_of(line: Hashes) -> Hashes:
    """Return the term of each word in *line* with the one after it, 0 where either says nothing."""
    left, right = line[:-1], line[1:]
    pairs: Hashes = ((left * _SPREAD) ^ right) * ((left != 0) & (right != 0))
    return pairs


def _all_terms(text: str) -> Hashes:
    line = line_of_terms(text)
    alone = line[np.isin(line, _PAIRED, invert=True)]
    both = np.concatenate([alone, pairs_of(line)])
    terms: Hashes = both[both != 0]
    return terms


def count_terms(text: PlainText) -> TermCounts:
    """Return the terms of *text*, single words and pairs of adjacent ones."""
    title, abstract = _all_terms(text.title), _all_terms(text.abstract)
    terms, places = np.unique(np.concatenate([title, abstract]), return_inverse=True)
    return TermCounts(
        terms,
        np.bincount(places[: len(title)], minlength=len(terms)).astype(np.int16),
        np.bincount(places[len(title) :], minlength=len(terms)).astype(np.int16),
    )
