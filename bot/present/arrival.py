"""What a subscription brings, where and when, as one sentence of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from discord.utils import format_dt

from bot.i18n import format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.subscriptions import Deliver, Live, Place, Subscription
from bot.present import places
from bot.query.query import QueryKind

_ARRIVE = {
    (QueryKind.WORD, Deliver.LIVE): gettext_noop(
        "New papers with this word in the title and abstract arrive {where} as soon as arXiv announces them."
    ),
    (QueryKind.WORD, Deliver.DIGEST): gettext_noop(
        "New papers with this word in the title and abstract are collected {where} for the digest."
    ),
    (QueryKind.WORD, Deliver.BOTH): gettext_noop(
        "New papers with this word in the title and abstract arrive {where} as soon as arXiv announces "
        "them, and again in the digest."
    ),
    (QueryKind.PHRASE, Deliver.LIVE): gettext_noop(
        "New papers with this phrase in the title or abstract arrive {where} as soon as arXiv announces them."
    ),
    (QueryKind.PHRASE, Deliver.DIGEST): gettext_noop(
        "New papers with this phrase in the title or abstract are collected {where} for the digest."
    ),
    (QueryKind.PHRASE, Deliver.BOTH): gettext_noop(
        "New papers with this phrase in the title or abstract arrive {where} as soon as arXiv announces "
        "them, and again in the digest."
    ),
    (QueryKind.OTHER, Deliver.LIVE): gettext_noop(
        "New papers that match this query arrive {where} as soon as arXiv announces them."
    ),
    (QueryKind.OTHER, Deliver.DIGEST): gettext_noop(
        "New papers that match this query are collected {where} for the digest."
    ),
    (QueryKind.OTHER, Deliver.BOTH): gettext_noop(
        "New papers that match this query arrive {where} as soon as arXiv announces them, and again in the "
        "digest."
    ),
}


@dataclass(frozen=True, slots=True)
class Reception:
    """How a channel receives the papers of a query, as far as its subscription does not say it.

    *kind* is that of the query. *here*: the answer is read in that channel. *best* papers a day are the best
    of the day. *due* is when the next digest is due, None if none is scheduled.
    """

    kind: QueryKind
    here: bool
    best: int
    due: datetime | None = None


def arrival_in_words(subscription: Subscription, reception: Reception) -> str:
    """Return what arrives, where and when, in Discord's Markdown."""
    destination, deliver = subscription.destination, subscription.options.deliver
    if destination.live is Live.BEST and deliver is not Deliver.DIGEST:
        return _best(subscription, reception)
    return _(_ARRIVE[reception.kind, deliver]).format(where=_where(destination.place, here=reception.here))


def _where(place: Place, *, here: bool) -> str:
    if here:
        # TRANSLATORS: it stands for {where}, as in “New papers … arrive here as soon as …”
        return _("here")
    # TRANSLATORS: it stands for {where}, as in “New papers … arrive in #papers as soon as …”
    return _("in {place}").format(place=places.mention(place))


def _best(subscription: Subscription, reception: Reception) -> str:
    """Return the sentence where only the best papers of a day arrive live; it concerns the whole channel."""
    where, count = places.mention(subscription.destination.place), reception.best
    if reception.due is None:
        sentence = ngettext(
            "In {where}, each day’s paper closest to what is saved there arrives as soon as arXiv "
            "announces it, and the others come in one list a day.",
            "In {where}, each day’s {count} papers closest to what is saved there arrive as soon as arXiv "
            "announces them, and the others come in one list a day.",
            count,
        )
        return sentence.format(where=where, count=format_number(count))
    if subscription.options.deliver is Deliver.BOTH:
        sentence = ngettext(
            "In {where}, each day’s paper closest to what is saved there arrives as soon as arXiv "
            "announces it, and all of them come in the digest, next due {moment}.",
            "In {where}, each day’s {count} papers closest to what is saved there arrive as soon as arXiv "
            "announces them, and all of them come in the digest, next due {moment}.",
            count,
        )
    else:
        sentence = ngettext(
            "In {where}, each day’s paper closest to what is saved there arrives as soon as arXiv "
            "announces it, and the others come in the digest, next due {moment}.",
            "In {where}, each day’s {count} papers closest to what is saved there arrive as soon as arXiv "
            "announces them, and the others come in the digest, next due {moment}.",
            count,
        )
    return sentence.format(where=where, count=format_number(count), moment=format_dt(reception.due))
