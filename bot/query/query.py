"""Queries: the text as typed, the canonical text, arXiv's syntax, and whether a paper matches (pure).

The canonical text identifies a query: different spellings of one query share it, the store knows the query by
it, and parsing it gives an equal query. It is in lower case (except categories and identifiers), has no
needless quotes or parentheses, and shows how arXiv groups: `ti:a AND ti:b OR ti:c` becomes
`ti:a AND (ti:b OR ti:c)`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace

from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.query.left_out import left_out
from bot.query.nodes import And, Node, Or, Term, in_title_and_abstract
from bot.query.parser import is_keyword, read
from bot.query.references import require_words
from bot.query.text import AnalyzedPaper
from bot.query.typed import as_picked, normalized


class QueryKind(enum.Enum):
    """What a query asks for: a word in both title and abstract, a phrase in either, or anything else."""

    WORD = "word"
    PHRASE = "phrase"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Query:
    """A keyword or query, equal to another with the same canonical text.

    *typed* is the text as typed, with white space collapsed.
    """

    canonical: str
    typed: str = field(compare=False)
    root: Node = field(compare=False, repr=False)

    @property
    def arxiv(self) -> str:
        """The value for arXiv's `search_query`, with explicit parentheses and fields, not URL-encoded."""
        return self.root.arxiv

    @property
    def description(self) -> str:
        """The meaning in the current language, such as `“TTS” in both the title and the abstract`."""
        return self.root.description

    @property
    def kind(self) -> QueryKind:
        root = self.root
        if not isinstance(root, And | Or) or not in_title_and_abstract(root.parts):
            return QueryKind.OTHER
        return QueryKind.WORD if isinstance(root, And) else QueryKind.PHRASE

    @property
    def remark(self) -> str:
        """What of `typed` is not looked for, as a sentence in the current language; "" if that is nothing."""
        pieces = left_out(self.typed)
        if not pieces:
            return ""
        listed = ", ".join(f"“{piece}”" for piece in pieces)
        return _("arXiv does not index {left_out}. Understood: {query}").format(
            left_out=listed, query=self._understood
        )

    @property
    def _understood(self) -> str:
        root = self.root
        first = root.parts[0] if isinstance(root, And | Or) and is_keyword(self.typed) else None
        return f"“{first.value}”" if isinstance(first, Term) else self.canonical

    def matches(self, paper: AnalyzedPaper) -> tuple[str, ...] | None:
        """Return the words that match, as they stand in *paper*; None if it does not match.

        A query for dates alone matches without words.
        """
        words = self.root.match(paper)
        return words if words is None or len(words) < 2 else tuple(dict.fromkeys(words))


def parse(text: str) -> Query:
    """Return *text*, a keyword or a query in arXiv's syntax, as a query.

    Raises:
        QueryError: *text* is not a valid query; the error says why and at which column.
    """
    root = read(text)
    return Query(root.canonical, " ".join(text.split()), root)


def parse_typed(text: str) -> Query:
    """Read what a person typed: as `parse` does, with look-alikes read as the characters that they look like.

    Categories are read in any case, and with their names as a choice shows them. `parse` itself takes a
    stored canonical text exactly as it is.

    Raises:
        QueryError: it cannot be read, or names a category that arXiv does not have.
    """
    plain = as_picked(normalized(text))
    root = read(plain, typed=True)
    return Query(root.canonical, " ".join(plain.split()), root)


def parse_stored(canonical: str, keyword: str) -> Query:
    """Return a stored query, whose *keyword* is as it was typed once.

    What was accepted once is never refused, even if `read_query` would refuse the keyword today.
    """
    return replace(parse(canonical), typed=keyword)


def read_query(text: str, longest: int) -> Query:
    """Read what a person typed, of at most *longest* characters, as `parse_typed` does.

    Raises:
        UserError: it is too long, or names a paper or a page instead of words.
        QueryError: it cannot be read, or names a category that arXiv does not have.
    """
    if len(text) > longest:
        raise UserError(
            _(
                "That query has {count} characters; at most {most} are allowed here. Please shorten it."
            ).format(count=format_number(len(text)), most=format_number(longest))
        )
    require_words(normalized(text))
    return parse_typed(text)
