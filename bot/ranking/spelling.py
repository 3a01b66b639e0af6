"""Which of the known words a misspelt one was meant to be (pure).

A word is known by how many papers hold it, and a word that only one holds may be misspelt there. Of
700 words of titles with a slip (a letter too many or too few, a wrong one, two swapped), 99 in 100 are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.query.text import stem

LEAST = 2
"""How many papers must hold a word for it to be known."""
_SHORTEST = 4
_LONG = 8  # letters; such a word may have two slips
_SAME = 3  # letters with which all forms of a word begin

_WORD = re.compile(rf"[^\W\d_]{{{_SHORTEST},30}}")
_DOUBLED = re.compile(r"(.)\1+")


def words_in(text: str) -> set[str]:
    """Return the words of *text* that are long enough to be recognized when misspelt, in lower case."""
    return set(_WORD.findall(text.lower()))


def meant_word(typed: str, known: Mapping[str, int]) -> str | None:
    """Return the word that *typed* was meant to be; None if it is known itself, or like none.

    *known* says how many papers hold a word. A word with a capital inside is a name or an abbreviation.
    Other forms of a known word are known, too, since arXiv finds all of them.
    """
    word = typed.lower()
    if len(word) < _SHORTEST or typed[1:] != word[1:] or word in known:
        return None
    if any(stem(other) == stem(word) for other in known if other.startswith(word[:_SAME])):
        return None
    from rapidfuzz import process  # noqa: PLC0415 - takes 3 MB, which most bots never need
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - as above

    slips = 2 if len(word) >= _LONG else 1
    alike = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=slips, limit=None)

    def unlikeliness(other: str, slips: float) -> tuple[float, ...]:
        # Few slips come first, then a letter that should be doubled or not, then the same first letter, which
        # people seldom miss, then the word that more papers hold.
        doubled = _DOUBLED.sub(r"\1", other) != _DOUBLED.sub(r"\1", word)
        return slips, doubled, other[0] != word[0], -known[other]

    ranked = sorted((unlikeliness(other, slips), other) for other, slips, _at in alike)
    return ranked[0][1] if ranked else None
