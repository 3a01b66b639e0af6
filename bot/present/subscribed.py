"""What a person is told who has just subscribed: what it means, what will not be posted, what to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot import i18n
from bot.i18n import format_date, format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.model.subscriptions import Deliver, Options, State, Subscription
from bot.present import categories, limits, markdown, posts
from bot.rules.forecast import FirstLook, NotAsked

# With fields of full length, these keep the whole embed below Discord's limit.
_WORDS, _QUERY, _BEFORE, _NEXT_DIGEST = 1_000, 700, 500, 300
_SAMPLES = 3
_SAMPLE_TITLE = 120
_DELIVERY = {
    Deliver.LIVE: gettext_noop("as soon as arXiv announces them"),
    Deliver.DIGEST: gettext_noop("in the digest"),
    Deliver.BOTH: gettext_noop("as soon as arXiv announces them, and once more in the digest"),
}
_NEW_PAPERS, _DIGEST, _SUGGESTION = (
    gettext_noop("New papers"),
    gettext_noop("Digest"),
    gettext_noop("Suggestion"),
)
_SILENT_START = gettext_noop(
    "arXiv could not be asked just now. The subscription is saved all the same: the first poll will take "
    "note of what is already there without posting it, and what is announced after that will be posted."
)


@dataclass(frozen=True, slots=True)
class SubscribedAnswer:
    """What `/subscribe` has done, and what to expect of it.

    *words* explains the query in plain words. *before* is the subscription that was edited, None for a new
    one. *look* is what arXiv had at that moment; of its newest papers *samples* pass the options, *backfill*
    were asked for and *posted* of them are being posted. *digest* says when the next digest is due, "" where
    none matters. *cap* is how many papers a day get their own post, if *per_day* exceeds it.
    """

    subscription: Subscription
    words: str
    look: FirstLook
    samples: Sequence[Paper] = ()
    per_day: float = 0.0
    before: Subscription | None = None
    backfill: int = 0
    posted: int = 0
    digest: str = ""
    cap: int | None = None

    @property
    def unchanged(self) -> bool:
        """Whether everything was so before, and the channel received papers."""
        before = self.before
        active = before is not None and before.destination.state is State.ACTIVE
        return active and before == self.subscription and not self.posted


def subscribed_embed(answer: SubscribedAnswer) -> discord.Embed:
    """Return the answer to `/subscribe`."""
    subscription, look = answer.subscription, answer.look
    where = subscription.destination.place.mention
    keyword = limits.cut(markdown.escape(subscription.keyword), 150)
    embed = discord.Embed(
        title=limits.cut(_title(answer).format(keyword=keyword), limits.EMBED_TITLE),
        description=f"{limits.cut(markdown.escape(answer.words), _WORDS)}\n"
        f"{markdown.code_block(limits.cut(subscription.query, _QUERY))}",
        colour=discord.Colour.green(),
    )
    embed.add_field(name=_(_NEW_PAPERS), value=arriving_in_words(where, subscription.options), inline=False)
    if answer.before is not None and answer.before.options != subscription.options:
        was = f"{options_in_words(answer.before.options)}."
        embed.add_field(name=_("Until now"), value=limits.cut(was, _BEFORE), inline=False)
    if answer.digest:
        embed.add_field(name=_(_DIGEST), value=limits.cut(answer.digest, _NEXT_DIGEST), inline=False)
    if isinstance(look, NotAsked):
        missed = _("None can be posted at once, either.") if answer.backfill else ""
        embed.add_field(
            name=_("Old papers"), value=i18n.join_sentences(_(_SILENT_START), missed), inline=False
        )
        return embed
    if answer.before is None or answer.backfill:  # what was subscribed before has had them
        old = _old(look.total, answer.posted, subscription.options)
        embed.add_field(name=_("Old papers"), value=old, inline=True)
    embed.add_field(name=_("To expect"), value=pace_in_words(answer.per_day), inline=True)
    if answer.cap is not None:
        embed.add_field(name=_(_SUGGESTION), value=_suggestion(answer.cap), inline=False)
    if answer.samples:
        listed = "\n".join(
            f"• {posts.title_link(paper, _SAMPLE_TITLE)} · {format_date(paper.published)}"
            for paper in answer.samples[:_SAMPLES]
        )
        embed.add_field(name=_("Such as"), value=limits.cut(listed, limits.FIELD_VALUE), inline=False)
    return embed


def _title(answer: SubscribedAnswer) -> str:
    if answer.before is None:
        return _("Subscribed to “{keyword}”")
    if answer.unchanged:
        return _("“{keyword}” is subscribed like this already")
    return _("Changed the subscription to “{keyword}”")


def _suggestion(cap: int) -> str:
    return ngettext(
        "That is more than the one paper a day that this channel gets by itself; what is above goes into its "
        "digest or a list. *Digest instead* puts all of them there; `/channel` changes the number.",
        "That is more than the {count} papers a day that this channel gets one by one; what is above goes "
        "into its digest or a list. *Digest instead* puts all of them there; `/channel` changes the number.",
        cap,
    ).format(count=format_number(cap))


def options_in_words(options: Options) -> str:
    """Return what a subscriber chose, as the rest of a sentence."""
    parts = [_(_DELIVERY[options.deliver])]
    if options.role_id:
        parts.append(_("mentioning {role}").format(role=f"<@&{options.role_id}>"))
    if options.categories:
        chosen = ", ".join(f"{name} (`{name_id}`)" for name_id, name in _named(options.categories))
        parts.append(
            (
                _("only in {categories}, cross-lists included")
                if options.cross_lists
                else _("only in {categories}, without cross-lists")
            ).format(categories=chosen)
        )
    if options.revisions:
        parts.append(_("revisions too"))
    said = parts[0]
    for part in parts[1:]:
        said = _("{said}; {more}").format(said=said, more=part)
    return said


def pace_in_words(per_day: float) -> str:
    """Return a pace in papers a day, and for slow ones in the unit that people count them in."""
    if per_day <= 0:
        return _("None was submitted in the last year.")
    unit = next((days for days in (1, 7, 30) if per_day * days >= 0.95), 365)
    count = max(round(per_day * unit), 1)
    said = _per(unit, count).format(count=format_number(count))
    if unit == 1:
        return _("{pace}.").format(pace=said)
    exact = _("{count} a day").format(count=format_number(float(f"{per_day:.2g}")))
    return _("{pace} ({exact}).").format(pace=said, exact=exact)


def _per(days: int, count: int) -> str:
    match days:
        case 1:
            return ngettext("About one a day", "About {count} a day", count)
        case 7:
            return ngettext("About one a week", "About {count} a week", count)
        case 30:
            return ngettext("About one a month", "About {count} a month", count)
        case _:
            return ngettext("About one a year", "About {count} a year", count)


def _old(total: int, posted: int, options: Options) -> str:
    if total == 0:
        return _("arXiv has none yet.")
    left = max(total - posted, 0)
    if options.categories:
        sentence = ngettext(
            "**{count}** older paper of all categories will not be posted.",
            "**{count}** older papers of all categories will not be posted.",
            left,
        )
    else:
        sentence = ngettext(
            "**{count}** older paper will not be posted.",
            "**{count}** older papers will not be posted.",
            left,
        )
    sentence = sentence.format(count=format_number(left))
    if not posted:
        return sentence
    newest = ngettext("The newest one is posted now.", "The {count} newest are posted now.", posted).format(
        count=format_number(posted)
    )
    return i18n.join_sentences(newest, sentence)


def _named(chosen: Sequence[str]) -> list[tuple[str, str]]:
    return [(category, markdown.escape(categories.name(category))) for category in chosen]


def redirected_embed(answer: discord.Embed, subscription: Subscription, *, digest: str) -> discord.Embed:
    """Return the *answer* to `/subscribe` with the delivery that was chosen after it."""
    where = subscription.destination.place.mention
    embed = answer.copy()
    # Whoever wrote the answer may have spoken another language: the person may have changed theirs since.
    replaced = i18n.all_translations(_NEW_PAPERS, _DIGEST, _SUGGESTION)
    kept = [field for field in embed.fields if field.name not in replaced]
    embed.clear_fields()
    embed.add_field(name=_(_NEW_PAPERS), value=arriving_in_words(where, subscription.options), inline=False)
    embed.add_field(name=_(_DIGEST), value=limits.cut(digest, limits.FIELD_VALUE), inline=False)
    for field in kept:
        embed.add_field(name=field.name, value=field.value, inline=field.inline)
    return embed


def undone_embed(subscription: Subscription, *, restored: Options | None = None) -> discord.Embed:
    """Return what *Undo* and `/unsubscribe` answer: the subscription is gone, or *restored* as it was."""
    where = subscription.destination.place.mention
    keyword = limits.cut(markdown.escape(subscription.keyword), 150)
    if restored is not None:
        text = _("“{keyword}” is delivered as before: {how}").format(
            keyword=keyword, how=arriving_in_words(where, restored)
        )
        return discord.Embed(title=_("Undone"), description=limits.cut(text, limits.EMBED_DESCRIPTION))
    text = _("No more papers on “{keyword}” in {where}. What is already posted stays.").format(
        keyword=keyword, where=where
    )
    return discord.Embed(title=_("Unsubscribed"), description=text)


def arriving_in_words(where: str, options: Options) -> str:
    """Return where and how new papers arrive, as a sentence that fits a field."""
    said = _("In {where}, {how}.").format(where=where, how=options_in_words(options))
    return limits.cut(said, limits.FIELD_VALUE)
