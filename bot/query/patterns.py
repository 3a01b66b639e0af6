"""What a term looks for in one index field: a phrase, all of several words, or a wildcard (pure).

A pattern's `match` returns the words that it found as they stand in the text, or None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.query.text import Analysis


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms at fixed distances: *rest* pairs a distance from *first* with a term. A gap matches any word."""

    first: str
    rest: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, analysis: Analysis) -> Phrase | None:
        """Return the phrase of an analyzed text, None if it consists of stop words."""
        kept = [(position, term) for position, term in enumerate(analysis.terms) if term is not None]
        if not kept:
            return None
        start, first = kept[0]
        return cls(first, tuple((position - start, term) for position, term in kept[1:]))

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.first, *(term for _, term in self.rest))

    def match(self, analysis: Analysis) -> tuple[str, ...] | None:
        """Return the first occurrence of the phrase as it is written in the text, None if there is none."""
        starts = analysis.positions.get(self.first)
        if starts is None:
            return None
        if not self.rest:
            return (analysis.excerpt(starts[0], starts[0]),)
        terms, reach = analysis.terms, self.rest[-1][0]
        for start in starts:
            if start + reach >= len(terms):
                return None
            for gap, term in self.rest:
                if terms[start + gap] != term:
                    break
            else:
                return (analysis.excerpt(start, start + reach),)
        return None


@dataclass(frozen=True, slots=True)
class EveryWord:
    """Terms that must all occur in one value of the field, in any order."""

    terms: tuple[str, ...]

    def match(self, analysis: Analysis) -> tuple[str, ...] | None:
        positions = analysis.positions
        if not all(term in positions for term in self.terms):
            return None
        first = sorted(positions[term][0] for term in self.terms)
        return tuple(analysis.excerpt(position, position) for position in first)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A glob that one term of the index must fit. The index holds stems; the glob itself is not stemmed."""

    regex: re.Pattern[str]

    @classmethod
    def of(cls, glob: str) -> Wildcard:
        """Compile *glob*: `*` is any run of characters, `?` any one. Matching takes linear time."""
        first, *others = re.sub(r"\*+", "*", glob).split("*")
        parts = [_literal(first), *(f"(?>.*?{_literal(part)})" for part in others[:-1])]
        if others:
            parts.append(f".*{_literal(others[-1])}")
        return cls(re.compile("".join(parts), re.DOTALL))

    def match(self, analysis: Analysis) -> tuple[str, ...] | None:
        for term, positions in analysis.positions.items():
            if self.regex.fullmatch(term):
                return (analysis.excerpt(positions[0], positions[0]),)
        return None


def _literal(part: str) -> str:
    return ".".join(re.escape(piece) for piece in part.split("?"))


Pattern = Phrase | EveryWord | Wildcard
