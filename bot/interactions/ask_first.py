"""Asks, before `/subscribe` saves a query that finds nothing, whether one that finds papers was meant."""

from __future__ import annotations

from bot.interactions.context import Interaction
from bot.interactions.search_results import SearchThat
from bot.interactions.searching import Search, suggestion
from bot.interactions.subscribe_here import SubscribeAnyway
from bot.model.subscriptions import Options, Place
from bot.present.search import ResultsPage, SortOrder, results_embed, turnable
from bot.present.views import View
from bot.query.query import Query
from bot.rules.forecast import FirstLook, NotAsked


async def is_asked(
    interaction: Interaction, place: Place, query: Query, options: Options, look: FirstLook
) -> bool:
    """Ask in the deferred answer what was meant by *query*, if that is probably another one; tell if so.

    *look* is what arXiv has of it.
    """
    anyway = SubscribeAnyway.of(place, options)
    if isinstance(look, NotAsked) or look.total or anyway is None or not turnable(query.typed):
        return False
    search = Search(query, SortOrder.NEWEST, "", interaction.user.id)
    meant = await suggestion(interaction, search)
    that = SearchThat.of(search, meant) if meant else None
    if meant is None or that is None:
        return False
    anyway.named(found=False)
    results = ResultsPage(
        query=query.typed,
        words=query.description,
        remark=query.remark,
        papers=(),
        sort=search.sort,
        category=search.category,
        page=0,
        pages=0,
        total=0,
        meant=(meant.query.typed, meant.total),
    )
    view = View()
    view.add_item(that)
    view.add_item(anyway)
    await interaction.edit_original_response(embed=results_embed(results), view=view)
    return True
