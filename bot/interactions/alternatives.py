"""The other queries that an answer offers, read again when their button is clicked."""

from __future__ import annotations

from bot.interactions.context import Interaction
from bot.query.alternatives import Alternative, alternatives
from bot.query.query import Query, read_query

KIND = rf"(?P<kind>{'|'.join(Alternative)})"
"""Which of them a button stands for, in its identifier."""


def other_query(interaction: Interaction, query: Query, kind: str) -> Query | None:
    """Return the query of this *kind* that is offered instead of *query*; None if it no longer is.

    Raises:
        UserError: it is longer than is allowed.
    """
    other = alternatives(query, found=False).get(Alternative(kind))
    return None if other is None else read_query(other, interaction.client.settings.limits.query_length)
