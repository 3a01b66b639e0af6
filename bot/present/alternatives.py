"""Other queries that an answer offers, and the labels of their buttons."""

from __future__ import annotations

from collections.abc import Mapping

from bot.i18n import format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.present import limits, markdown
from bot.present.keywords import shown_keyword
from bot.query.alternatives import Alternative

FOLLOW = {
    Alternative.OPERATORS: gettext_noop("With operators"),
    Alternative.CATEGORY: gettext_noop("Follow the category"),
    Alternative.AUTHOR: gettext_noop("Follow as author"),
    Alternative.ANYWHERE: gettext_noop("Anywhere"),
}
"""The labels of the buttons under a subscription."""
SEARCH = FOLLOW | {
    Alternative.CATEGORY: gettext_noop("The category"),
    Alternative.AUTHOR: gettext_noop("As author"),
}
"""The labels of the buttons under search results."""

_LINES = {
    Alternative.OPERATORS: gettext_noop(
        "Signs such as “-”, “|”, and “,” and words such as “or” were read as parts of a phrase. With "
        "operators: {query}"
    ),
    Alternative.CATEGORY: gettext_noop("The papers of the category: {query}"),
    Alternative.AUTHOR: gettext_noop("If this is a person's name, their papers: {query}"),
    Alternative.ANYWHERE: gettext_noop("All words anywhere, also among the authors and in comments: {query}"),
}
_QUERY, _REMARK = 150, 300


def explained(words: str, remark: str, limit: int) -> str:
    """Return the explanation of a query in Discord's Markdown: *words* of at most *limit* characters.

    A *remark* follows on a line of its own, unless it is empty.
    """
    lines = (limits.cut(markdown.escape(words), limit), limits.cut(markdown.escape(remark), _REMARK))
    return "\n".join(filter(None, lines))


def alternatives_in_words(offered: Mapping[Alternative, str]) -> str:
    """Return a line for each query that is *offered*; "" if there is none."""
    lines = [
        _(_LINES[kind]).format(query=markdown.code(limits.cut(query, _QUERY)))
        for kind, query in offered.items()
    ]
    return "\n".join(lines)


def did_you_mean(query: str, count: int) -> str:
    """Ask whether *query*, which finds *count* papers, was meant."""
    return ngettext(
        "Did you mean **{query}** ({count} paper)?", "Did you mean **{query}** ({count} papers)?", count
    ).format(query=shown_keyword(query), count=format_number(count))
