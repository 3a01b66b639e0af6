"""What somebody searches for, what arXiv has of it, and what they probably meant if it has nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from bot.arxiv.client import Sort
from bot.interactions import ask_arxiv
from bot.interactions.context import Interaction
from bot.model.errors import ArxivError, UserError
from bot.model.papers import Page
from bot.model.taxonomy import ARCHIVES
from bot.present.search import SortOrder, query_of
from bot.query.query import Query, read_query
from bot.query.spelling import respelled

PER_PAGE = 5
LONG_WAIT = timedelta(seconds=10)
"""A person is told of a longer wait for arXiv, and is not made to wait so long for a suggestion."""
_FETCHED = 50  # ten pages cost arXiv one request
_SORTS = {
    SortOrder.NEWEST: Sort.SUBMITTED,
    SortOrder.RELEVANCE: Sort.RELEVANCE,
    SortOrder.INTEREST: Sort.SUBMITTED,  # of the newest, those that are fetched together are put in order
}


@dataclass(frozen=True, slots=True)
class Search:
    """What *person* searched for; *category* "" means all."""

    query: Query
    sort: SortOrder
    category: str
    person: int

    @classmethod
    def of_message(cls, interaction: Interaction, state: dict[str, str]) -> Self:
        """Return the search of the message that was used, as the search of the person who used it.

        Raises:
            UserError: the message no longer shows its search.
        """
        query = query_of_message(interaction)
        return cls(query, SortOrder(state["sort"]), state["category"], interaction.user.id)

    @property
    def state(self) -> str:
        """The part of the search that the identifiers of its buttons hold."""
        return f"{self.sort}:{self.category}:{self.person}"

    @property
    def arxiv(self) -> str:
        """The query in arXiv's syntax; an archive stands for all its categories."""
        if not self.category:
            return self.query.arxiv
        subjects = f" OR cat:{self.category}.*" if self.category in ARCHIVES else ""
        return f"({self.query.arxiv}) AND (cat:{self.category}{subjects})"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that finds *total* papers, where the one that was typed finds none.

    *words* stand in the places of misspelt ones, by their numbers in `bot.query.spelling.typed_words`.
    """

    query: Query
    words: dict[int, str]
    total: int


async def fetch(interaction: Interaction, search: Search, page: int) -> Page:
    """Return the papers that are fetched together with those of *page* of *search*, counted from 0.

    Raises:
        UserError, ArxivError: as `ask_arxiv.search`.
    """
    return await ask_arxiv.search(
        interaction.client.arxiv,
        search.arxiv,
        start=start_of(page),
        count=_FETCHED,
        sort=_SORTS[search.sort],
        asker=ask_arxiv.asker_of(interaction),
    )


async def suggestion(interaction: Interaction, search: Search) -> Suggestion | None:
    """Return what was probably meant by *search*, which finds nothing; None if nothing is known to be.

    arXiv counts the papers, so that nothing is suggested that finds none either.
    """
    bot = interaction.client
    words = await bot.vocabulary.meant(search.query.typed)
    if not words or bot.arxiv.gate.wait_estimate(person=True) > LONG_WAIT:
        return None
    try:
        query = read_query(respelled(search.query.typed, words), bot.settings.limits.query_length)
        found = await fetch(interaction, replace(search, query=query), 0)
    except (UserError, ArxivError):
        return None  # the answer is whole without it
    return Suggestion(query, words, found.total) if found.total else None


def written_words(words: Mapping[int, str]) -> str:
    """Return the *words* of a suggestion as they stand in a button's identifier."""
    return ".".join(f"{number}-{word}" for number, word in words.items())


def read_words(text: str) -> dict[int, str]:
    """Return the words that `written_words` wrote."""
    pairs = (each.split("-") for each in text.split("."))
    return {int(number): word for number, word in pairs}


def is_known(interaction: Interaction, search: Search, page: int) -> bool:
    """Tell whether arXiv need not be asked for *page* of *search*."""
    return interaction.client.arxiv.knows_page(
        search.arxiv, start=start_of(page), max_results=_FETCHED, sort=_SORTS[search.sort]
    )


def start_of(page: int) -> int:
    """Return where the papers begin that are fetched together with those of *page*."""
    first = page * PER_PAGE
    return first - first % _FETCHED


def query_of_message(interaction: Interaction) -> Query:
    """Return the query of the search that the message shows.

    Raises:
        UserError: the message no longer shows its search.
    """
    embeds = interaction.message.embeds if interaction.message else []
    return read_query(query_of(embeds), interaction.client.settings.limits.query_length)
