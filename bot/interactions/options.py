"""What a person means who picked something from a list, or typed it by hand (pure)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.i18n import format_list, join_sentences
from bot.i18n import gettext as _
from bot.model.errors import QueryError, UserError
from bot.model.subscriptions import Subscription
from bot.model.taxonomy import ARCHIVES, CATEGORIES
from bot.present import categories, limits
from bot.query.query import parse_typed

_POPULAR = ("cs.LG", "cs.AI", "cs.CL", "cs.CV", "stat.ML", "cs.RO", "cs.SD", "eess.AS", "quant-ph", "math.ST")
_KNOWN = {category.lower(): category for category in (*ARCHIVES, *CATEGORIES)}


def choose(subscriptions: Sequence[Subscription], typed: str, *, here: int) -> Subscription:
    """Return the one of *subscriptions* that *typed* names: its number, keyword or another spelling.

    *here* is the channel where it was typed, which decides between equal keywords.

    Raises:
        UserError: none is meant, or more than one.
    """
    if not subscriptions:
        raise UserError(_("There is no subscription yet. Make one with `/subscribe`."))
    wanted = " ".join(typed.split())
    for found in (
        [one for one in subscriptions if str(one.id) == wanted],
        [one for one in subscriptions if one.keyword.casefold() == wanted.casefold()],
        _same_query(subscriptions, wanted),
        [one for one in subscriptions if wanted.casefold() in one.keyword.casefold()],
    ):
        nearest = [one for one in found if one.destination.channel_id == here] or found
        if len(nearest) == 1:
            return nearest[0]
        if nearest:
            raise UserError(
                _("“{typed}” could be several subscriptions; pick one from the list.").format(
                    typed=wanted[:100]
                )
            )
    raise UserError(
        _("There is no subscription to “{typed}”; pick one from the list.").format(typed=wanted[:100])
    )


def _same_query(subscriptions: Sequence[Subscription], typed: str) -> list[Subscription]:
    try:
        canonical = parse_typed(typed).canonical
    except QueryError:
        return []
    return [one for one in subscriptions if one.query == canonical]


def suggest(subscriptions: Sequence[Subscription], typed: str, *, here: int) -> list[Subscription]:
    """Return which of *subscriptions* *typed* may become, those of the channel *here* first."""
    wanted = typed.strip().casefold()
    found = [one for one in subscriptions if wanted in one.keyword.casefold()]
    found.sort(
        key=lambda one: (one.destination.channel_id != here, not one.keyword.casefold().startswith(wanted))
    )
    return found[: limits.CHOICES]


def suggest_keywords(keywords: Sequence[str], typed: str) -> list[tuple[str, str]]:
    """Return what *typed* may become: of *keywords*, then arXiv's categories as queries, with their names."""
    wanted = " ".join(typed.split())
    folded = wanted.casefold()
    known = [
        word for word in dict.fromkeys(keywords) if folded in word.casefold() and len(word) <= limits.CHOICE
    ]
    known.sort(key=lambda word: (not word.casefold().startswith(folded), word.casefold()))
    found = dict.fromkeys(known[: limits.CHOICES // 2 if wanted else limits.CHOICES], "")
    if not wanted:
        return list(found.items())
    if "cat".startswith(folded) or folded == "cat:":
        listed = [*_POPULAR, *categories.search(wanted)]
    else:
        listed = categories.search(folded.removeprefix("cat:").strip())
    for category in listed:
        found.setdefault(f"cat:{category}", categories.name(category))
    return list(found.items())[: limits.CHOICES]


def read_category(text: str) -> str:
    """Return a category or archive as arXiv writes it, whatever its case.

    Raises:
        UserError: arXiv has none of that name; suggests the nearest.
    """
    typed = text.strip()
    if typed.lower() in _KNOWN:
        return _KNOWN[typed.lower()]
    near = categories.search(typed, 3) or [
        _KNOWN[name] for name in difflib.get_close_matches(typed.lower(), _KNOWN, n=3)
    ]
    said = _("“{typed}” is not a category of arXiv; write one such as `cs.CL` or `stat`.").format(
        typed=typed[:60]
    )
    if near:
        meant = format_list([f"`{name}`" for name in near], either=True)
        said = join_sentences(said, _("Did you mean {meant}?").format(meant=meant))
    raise UserError(said)


def read_categories(text: str) -> tuple[str, ...]:
    """Read a list of categories separated by commas or white space; each once, in the order typed.

    Raises:
        UserError: one of them does not exist.
    """
    return tuple(dict.fromkeys(read_category(part) for part in text.replace(",", " ").split()))
