"""Queries: what a person typed, its one canonical text, arXiv's spelling, and whether a paper matches (pure).

The canonical text is the identity of a query: two spellings of one query share it, it names the query in the
store, and reading it again gives an equal query. It is in lower case (categories and identifiers excepted),
without needless quotes and parentheses, and shows how arXiv groups: `ti:a AND ti:b OR ti:c` becomes
`ti:a AND (ti:b OR ti:c)`.

`query_parser` reads text, `query_terms` knows how each field is analysed, `query_nodes` what is found where.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.query.nodes import Node
from bot.query.parser import read
from bot.query.text import AnalysedPaper


@dataclass(frozen=True, slots=True)
class Query:
    """A keyword or query. Equal if the canonical texts are; *typed* is as typed, white space collapsed."""

    canonical: str
    typed: str = field(compare=False)
    root: Node = field(compare=False, repr=False)

    @property
    def arxiv(self) -> str:
        """The value of arXiv's `search_query`, with explicit parentheses and fields; not URL-encoded."""
        return self.root.arxiv

    @property
    def words(self) -> str:
        """The meaning in plain words: `“speech synthesis” as a phrase in the title or the abstract`."""
        return self.root.plain

    def matches(self, paper: AnalysedPaper) -> tuple[str, ...] | None:
        """Return the words of *paper* that match, as they stand in it; None if it does not match.

        A match by date alone has no words.
        """
        words = self.root.match(paper)
        return words if words is None or len(words) < 2 else tuple(dict.fromkeys(words))


def parse(text: str) -> Query:
    """Read a keyword or a query in arXiv's language.

    Raises:
        QueryError: it cannot be read; the error says why and at which column.
    """
    root = read(text)
    return Query(root.canonical, " ".join(text.split()), root)
