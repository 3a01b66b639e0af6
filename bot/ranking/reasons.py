"""Why a paper is close to an interest: shared terms in words, and the nearest saved paper (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bot.query.text import words
from bot.ranking.terms import PlainText, line_of_terms, pairs_of
from bot.ranking.vectors import Vector, dot

# A pair of words says more than either; it takes a share of the weight of its words.
_OF_WORDS = 0.75
_LEAST = 0.15  # a term that counts less than this share of the first is no reason
_LONGEST = 40  # characters; a longer run without a space is no word
_INNER_CAPITAL = re.compile(r".+[A-Z]", re.DOTALL)
_OPEN = re.compile(r"\s+|[-‐-—/]")
_HYPHENS = ("-", "‐", "‑")


class Spelling(NamedTuple):
    """How a term stands in a text: its *words*, and the terms of these, one or two."""

    words: str
    parts: tuple[int, ...]


def terms_in_words(weights: Mapping[int, float], texts: Sequence[PlainText], most: int) -> tuple[str, ...]:
    """Return at most *most* terms of positive weight, the strongest first, as *texts* spell them.

    A word that a chosen pair holds is not repeated, nor is a pair of which a word was chosen. Pieces of a
    compound, as “time decoding” is of “real-time decoding”, are shown only where there is nothing else.
    """
    whole = _strongest(weights, _spellings(texts, weights, whole=True), most)
    return whole or _strongest(weights, _spellings(texts, weights, whole=False), most)


def _strongest(weights: Mapping[int, float], spelled: Mapping[int, Spelling], most: int) -> tuple[str, ...]:
    strength = {
        term: weights[term] + _OF_WORDS * sum(weights.get(part, 0.0) for part in spelling.parts)
        if len(spelling.parts) > 1
        else weights[term]
        for term, spelling in spelled.items()
    }
    chosen: list[str] = []
    used: set[int] = set()
    strongest = max(strength.values(), default=0.0)
    for term in sorted(strength, key=lambda term: (-strength[term], spelled[term].words)):
        parts = spelled[term].parts
        if strength[term] < _LEAST * strongest or len(chosen) == most:
            break
        if not used.intersection(parts):
            chosen.append(spelled[term].words)
            used.update(parts)
    return tuple(chosen)


def shared_weights(interest: Vector, paper: Vector) -> dict[int, float]:
    """Return what each term adds to the likeness of *paper*, where it adds anything."""
    shared, left, right = np.intersect1d(interest.terms, paper.terms, assume_unique=True, return_indices=True)
    products = interest.weights[left] * paper.weights[right]
    return {int(term): float(product) for term, product in zip(shared, products, strict=True) if product > 0}


def nearest(paper: Vector, saved: Sequence[Vector]) -> int | None:
    """Return which of *saved* is most like *paper*, the first of several; None if none shares a term."""
    likenesses = [dot(paper, one) for one in saved]
    best = max(likenesses, default=0.0)
    return likenesses.index(best) if best > 0 else None


def _spellings(
    texts: Sequence[PlainText], wanted: Mapping[int, float], *, whole: bool
) -> dict[int, Spelling]:
    """Return the most frequent spelling of each *wanted* term; where abstracts have it, theirs.

    With *whole*, no compound is taken apart.
    """
    counted: dict[int, Counter[str]] = {}
    parts: dict[int, tuple[int, ...]] = {}
    for in_title in (False, True):
        found: dict[int, Counter[str]] = {}
        for text in texts:
            searched = text.title if in_title else text.abstract
            for term, spelling in _occurrences(searched, wanted, whole=whole):
                found.setdefault(term, Counter())[spelling.words] += 1
                parts[term] = spelling.parts
        counted = found | counted
    return {
        term: Spelling(min(forms, key=lambda form: (-forms[form], form)), parts[term])
        for term, forms in counted.items()
    }


def _occurrences(text: str, wanted: Mapping[int, float], *, whole: bool) -> Iterator[tuple[int, Spelling]]:
    split, line = words(text), line_of_terms(text)
    gaps: list[str] = []  # what follows each word
    at = end = 0
    for number, word in enumerate(split):
        at = text.index(word, end)
        if number:
            gaps.append(text[end:at])
        end = at + len(word)
    pairs = pairs_of(line).tolist()
    # A pair with a stop word, as in “LLM-based”, has no term: there is no compound to keep whole.
    bound = [
        False,
        *(whole and pair != 0 and gap in _HYPHENS for pair, gap in zip(pairs, gaps, strict=True)),
        False,
    ]
    for number, term in enumerate(line.tolist()):
        if term in wanted and len(split[number]) <= _LONGEST and not (bound[number] or bound[number + 1]):
            yield term, Spelling(_as_within_a_sentence(split[number]), (term,))
    for number, (term, gap) in enumerate(zip(pairs, gaps, strict=True)):
        apart = not bound[number + 1] and (bound[number] or bound[number + 2])
        if term in wanted and _OPEN.fullmatch(gap) and not apart:
            pair = f"{_as_within_a_sentence(split[number])}{gap}{_as_within_a_sentence(split[number + 1])}"
            if len(pair) <= _LONGEST:
                yield term, Spelling(" ".join(pair.split()), (int(line[number]), int(line[number + 1])))


def _as_within_a_sentence(word: str) -> str:
    """Return *word* in lower case, unless it has capitals further on, as `LLMs` has."""
    return word if _INNER_CAPITAL.match(word) else word.lower()
