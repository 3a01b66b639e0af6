"""The options of a subscription in words: as sentences for an answer, in short for a list."""

from __future__ import annotations

from bot import i18n
from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.subscriptions import Deliver, Options, Subscription
from bot.present import categories, markdown, places

_SENTENCES = {
    Deliver.LIVE: gettext_noop("Posted in {where} as soon as arXiv announces them."),
    Deliver.DIGEST: gettext_noop("Collected for the digest in {where}."),
    Deliver.BOTH: gettext_noop("Posted in {where} as soon as arXiv announces them, and again in the digest."),
}
_SHORT = {
    Deliver.LIVE: gettext_noop("live"),
    Deliver.DIGEST: gettext_noop("in the digest"),
    Deliver.BOTH: gettext_noop("live and in the digest"),
}


def delivery_in_words(subscription: Subscription, options: Options | None = None) -> str:
    """Return how new papers arrive, in sentences in Discord's Markdown.

    *options* are read instead of the subscription's own, if given.
    """
    options = options or subscription.options
    delivered = _(_SENTENCES[options.deliver]).format(where=places.mention(subscription.destination.place))
    return i18n.join_sentences(delivered, details_in_words(options))


def details_in_words(options: Options) -> str:
    """Return all that *options* say except how papers are delivered, in sentences; "" if that is nothing."""
    sentences = []
    if options.role_id:
        sentences.append(_("Each post mentions {role}.").format(role=f"<@&{options.role_id}>"))
    if options.categories:
        only = (
            _("Only papers in {categories}, including cross-lists.")
            if options.cross_lists
            else _("Only papers in {categories}, without cross-lists.")
        )
        names = [
            f"{markdown.escape(categories.name(each))} ({markdown.code(each)})" for each in options.categories
        ]
        sentences.append(only.format(categories=", ".join(names)))
    if options.revisions:
        sentences.append(_("New versions are posted too."))
    return i18n.join_sentences(*sentences)


def options_in_short(options: Options, *, mention: bool = True) -> str:
    """Return *options* in a few words; a role only with *mention*, where Discord shows mentions."""
    parts = [_(_SHORT[options.deliver])]
    if options.role_id and mention:
        parts.append(_("mentions {role}").format(role=f"<@&{options.role_id}>"))
    if options.categories:
        parts.append(", ".join(options.categories))
        if not options.cross_lists:
            parts.append(_("without cross-lists"))
    if options.revisions:
        parts.append(_("new versions too"))
    return " · ".join(parts)
