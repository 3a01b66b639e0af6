"""Reads the options of commands: what a person picked from a list, or typed instead (pure)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from bot.i18n import format_list, join_sentences
from bot.i18n import gettext as _
from bot.model.errors import QueryError, UserError
from bot.model.subscriptions import Subscription
from bot.model.taxonomy import SPELLINGS
from bot.present import categories, limits
from bot.query.query import parse_typed
from bot.query.typed import without_category_names

_POPULAR = ("cs.LG", "cs.AI", "cs.CL", "cs.CV", "stat.ML", "cs.RO", "cs.SD", "eess.AS", "quant-ph", "math.ST")


def keyword_label(subscription: Subscription) -> str:
    """Return the keyword of a subscription, within Discord's limit for a choice."""
    return limits.cut(subscription.keyword, limits.CHOICE)


def choose_subscription(
    subscriptions: Sequence[Subscription],
    typed: str,
    *,
    here: int,
    label: Callable[[Subscription], str] = keyword_label,
) -> Subscription:
    """Return the one of *subscriptions* that *typed* names: by its number, its keyword or an equal query.

    It may also be the text that the list shows for it, which *label* returns. Of equal keywords, the one in
    the channel *here* is meant.

    Raises:
        UserError: *typed* names no subscription, or several.
    """
    if not subscriptions:
        raise UserError(_("There are no subscriptions yet. Use `/subscribe` to create one."))
    wanted = " ".join(typed.split())
    for candidates in (
        [one for one in subscriptions if str(one.id) == wanted],
        [one for one in subscriptions if wanted.casefold() == " ".join(label(one).split()).casefold()],
        [one for one in subscriptions if one.keyword.casefold() == wanted.casefold()],
        _with_query(subscriptions, wanted),
        [one for one in subscriptions if wanted.casefold() in one.keyword.casefold()],
    ):
        nearest = [one for one in candidates if one.destination.channel_id == here] or candidates
        if len(nearest) == 1:
            return nearest[0]
        if nearest:
            raise UserError(
                _("“{typed}” could mean several subscriptions. Pick one from the list.").format(
                    typed=wanted[: limits.CHOICE]
                )
            )
    raise UserError(
        _("There is no subscription to “{typed}”. Pick one from the list.").format(
            typed=wanted[: limits.CHOICE]
        )
    )


def _with_query(subscriptions: Sequence[Subscription], typed: str) -> list[Subscription]:
    try:
        canonical = parse_typed(typed).canonical
    except QueryError:
        return []
    return [one for one in subscriptions if one.query == canonical]


def suggest_subscriptions(
    subscriptions: Sequence[Subscription], typed: str, *, here: int
) -> list[Subscription]:
    """Return those of *subscriptions* whose keyword contains *typed*, those of the channel *here* first."""
    wanted = typed.strip().casefold()
    matching = [one for one in subscriptions if wanted in one.keyword.casefold()]
    matching.sort(
        key=lambda one: (one.destination.channel_id != here, not one.keyword.casefold().startswith(wanted))
    )
    return matching[: limits.CHOICES]


def suggest_keywords(keywords: Sequence[str], typed: str) -> list[tuple[str, str]]:
    """Return completions of *typed*: those of *keywords* that contain it, then arXiv's categories as queries.

    Each is a value and what is shown beside it: the name of a category, "" for a keyword.
    """
    wanted = " ".join(typed.split())
    folded = wanted.casefold()
    matching = [
        keyword
        for keyword in dict.fromkeys(keywords)
        if folded in keyword.casefold() and len(keyword) <= limits.CHOICE
    ]
    matching.sort(key=lambda keyword: (not keyword.casefold().startswith(folded), keyword.casefold()))
    names = dict.fromkeys(matching[: limits.CHOICES // 2 if wanted else limits.CHOICES], "")
    if not wanted:
        return list(names.items())
    if "cat".startswith(folded) or folded == "cat:":
        offered = [*_POPULAR, *categories.search(wanted)]
    else:
        offered = categories.search(folded.removeprefix("cat:").strip())
    for category in offered:
        names.setdefault(f"cat:{category}", categories.name(category))
    return list(names.items())[: limits.CHOICES]


def suggest_categories(typed: str) -> list[tuple[str, str]]:
    """Return completions of a list of categories: each the whole list, and the name of its last one."""
    *done, last = [part.strip() for part in typed.split(",")]
    return [
        (value, categories.name(category))
        for category in categories.search(last)
        if category not in done and len(value := ",".join([*done, category])) <= limits.CHOICE
    ]


def read_category(text: str) -> str:
    """Return a category or archive as arXiv spells it, read in any case, also with its name as in a choice.

    Raises:
        UserError: arXiv has no such category; the error suggests similar ones.
    """
    typed = without_category_names(text).strip()
    if typed.lower() in SPELLINGS:
        return SPELLINGS[typed.lower()]
    near = categories.search(typed, 3) or [
        SPELLINGS[name] for name in difflib.get_close_matches(typed.lower(), SPELLINGS, n=3)
    ]
    refusal = _("“{typed}” is not an arXiv category. Use one such as `cs.CL` or `stat`.").format(
        typed=typed[:60]
    )
    if near:
        meant = format_list([f"`{name}`" for name in near], either=True)
        refusal = join_sentences(refusal, _("Did you mean {meant}?").format(meant=meant))
    raise UserError(refusal)


def read_categories(text: str) -> tuple[str, ...]:
    """Return the categories of a list separated by commas or white space, each once, in the order typed.

    A choice is read too: `cs.CL,cs.LG · Machine Learning`.

    Raises:
        UserError: one of them does not exist.
    """
    parts = re.split(r"[,;、，；\s]+", without_category_names(text))
    return tuple(dict.fromkeys(read_category(part) for part in parts if part))
