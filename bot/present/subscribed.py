"""The answers to `/subscribe`, to the buttons below it and to `/unsubscribe`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import discord

from bot import i18n
from bot.i18n import format_day, format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.model.subscriptions import Deliver, Live, Options, State, Subscription
from bot.present import colours, limits, markdown, places, posts
from bot.present.alternatives import alternatives_in_words, did_you_mean, explained
from bot.present.arrival import Reception, arrival_in_words
from bot.present.keywords import shown_keyword
from bot.present.lines import joined
from bot.present.options import delivery_in_words, details_in_words
from bot.query.alternatives import Alternative
from bot.rules.forecast import FirstLook, NotAsked, daily, is_a_lot

# With fields of full length, these keep the whole embed below Discord's limit.
_WORDS, _QUERY, _BEFORE, _FOOTER, _FIRST = 1_000, 700, 500, 300, 1_500
_SAMPLES = 3
_SAMPLE_TITLE = 80
_SUGGESTION = gettext_noop("Suggestion")
_NOT_ASKED = gettext_noop(
    "Your subscription is saved anyway: the first poll only records existing papers, and papers announced "
    "after it are posted."
)


@dataclass(frozen=True, slots=True)
class SubscribedAnswer:
    """What `/subscribe` has done, and what to expect of it.

    *remark* says what of the keyword the query leaves out. *before* is the subscription that was edited, None
    for a new one. *look* is what arXiv had at that moment, *today*; of its newest papers *samples* pass the
    options, *backfill* were asked for and *posted* of them are being posted. *digest* says when the next
    digest is due, "" where none matters. *cap* is how many papers a day get their own post, if *per_day*
    exceeds it. *alternatives* are other queries to offer; *meant* is the one that was probably meant, and how
    many papers it finds.
    """

    subscription: Subscription
    look: FirstLook
    reception: Reception
    today: date | None = None
    samples: Sequence[Paper] = ()
    per_day: float = 0.0
    before: Subscription | None = None
    backfill: int = 0
    posted: int = 0
    digest: str = ""
    cap: int | None = None
    alternatives: Mapping[Alternative, str] = field(default_factory=dict)
    meant: tuple[str, int] | None = None
    remark: str = ""

    @property
    def silent(self) -> bool:
        """Whether nothing would have been posted in the last year."""
        return not isinstance(self.look, NotAsked) and self.per_day <= 0

    @property
    def is_busy(self) -> bool:
        """Whether more papers are going to be posted one by one than people want."""
        live = self.subscription.options.deliver is not Deliver.DIGEST
        return live and self.subscription.destination.live is Live.ALL and is_a_lot(self.per_day)

    @property
    def unchanged(self) -> bool:
        """Whether everything was so before, and the channel received papers."""
        before = self.before
        active = before is not None and before.destination.state is State.ACTIVE
        return active and before == self.subscription and not self.posted


def subscribed_embed(answer: SubscribedAnswer) -> discord.Embed:
    """Return the answer to `/subscribe`; its footer is the canonical text of the query."""
    subscription = answer.subscription
    text, colour = _question(answer), colours.ORANGE
    if not answer.is_busy:
        arrives = _arrives(subscription, answer.reception, answer.digest)
        text = f"{_with_remark(arrives, answer)}\n\n{_expected(answer)}"
        colour = colours.AMBER if answer.silent else colours.GREEN
    title = _title(answer).format(keyword=shown_keyword(subscription.keyword))
    embed = discord.Embed(title=limits.cut(title, limits.EMBED_TITLE), description=text, colour=colour)
    if answer.before is not None and answer.before.options != subscription.options:
        until_now = limits.cut(delivery_in_words(answer.before), _BEFORE)
        embed.add_field(name=_("Previously"), value=until_now, inline=False)
    if tried := _to_try(answer):
        embed.add_field(name=_("Try instead"), value=limits.cut(tried, limits.FIELD_VALUE), inline=False)
    if answer.cap is not None and not answer.is_busy:
        embed.add_field(name=_(_SUGGESTION), value=_suggestion(answer.cap), inline=False)
    if newest := _newest(answer):
        embed.add_field(name=_("The newest"), value=newest, inline=False)
    return embed.set_footer(text=limits.cut(subscription.query, _FOOTER))


def _with_remark(text: str, answer: SubscribedAnswer) -> str:
    return "\n".join(filter(None, (text, explained("", answer.remark, 0))))


def _question(answer: SubscribedAnswer) -> str:
    """Ask how so many papers should arrive, and say how they arrive until somebody chooses."""
    if answer.subscription.destination.user_id:
        question = _(
            "**About {count} papers a day.** That is a lot for one conversation. How should they arrive?"
        )
    else:
        question = _("**About {count} papers a day.** That is a lot for one channel. How should they arrive?")
    until = _("Until you choose, all of them arrive one by one.")
    if answer.cap is not None:
        until = ngettext(
            "Until you choose, one of them a day arrives by itself, and the others together.",
            "Until you choose, {count} of them a day arrive one by one, and the others together.",
            answer.cap,
        ).format(count=format_number(answer.cap))
    details = limits.cut(details_in_words(answer.subscription.options), _FIRST)
    until = i18n.join_sentences(until, _posted(answer.posted), details)
    return f"{question.format(count=format_number(daily(answer.per_day)))}\n\n{_with_remark(until, answer)}"


def _arrives(subscription: Subscription, reception: Reception, digest: str) -> str:
    """Say what arrives, where and when, and with which options, on one line."""
    sentences = (arrival_in_words(subscription, reception), details_in_words(subscription.options), digest)
    return limits.cut(i18n.join_sentences(*sentences), _FIRST)


def _expected(answer: SubscribedAnswer) -> str:
    """Say how many papers to expect, and what happens to those that exist."""
    look = answer.look
    if isinstance(look, NotAsked):
        return _not_asked(look, answer.backfill)
    expected = f"**{pace_in_words(answer.per_day)}**"
    if answer.before is None or answer.backfill:  # otherwise they were skipped or posted long ago
        old = _old(look.total, answer.posted, answer.subscription.options)
        expected = i18n.join_sentences(expected, old)
    return expected


def _newest(answer: SubscribedAnswer) -> str:
    lines = (
        joined(posts.title_link(paper, _SAMPLE_TITLE), format_day(paper.published, answer.today))
        for paper in answer.samples[:_SAMPLES]
    )
    return limits.cut("\n".join(lines), limits.FIELD_VALUE)


def query_embed(subscription: Subscription, words: str, remark: str) -> discord.Embed:
    """Return the answer to *Query*: how the keyword was read, in *words* and in arXiv's syntax.

    *remark* says what of the keyword the query leaves out.
    """
    canonical = markdown.code_block(limits.cut(subscription.query, _QUERY))
    title = _("“{text}”").format(text=shown_keyword(subscription.keyword))
    return discord.Embed(
        title=limits.cut(title, limits.EMBED_TITLE),
        description=f"{explained(words, remark, _WORDS)}\n{canonical}",
        colour=colours.GREEN,
    )


def _not_asked(look: NotAsked, backfill: int) -> str:
    """Say why nothing is known of the papers that exist, and what that means."""
    why = look.why or _("arXiv is not responding right now.")
    missed = _("Existing papers cannot be posted right now.") if backfill else ""
    return limits.cut(i18n.join_sentences(why, _(_NOT_ASKED), missed), limits.FIELD_VALUE)


def _to_try(answer: SubscribedAnswer) -> str:
    lines = [did_you_mean(*answer.meant)] if answer.meant else [alternatives_in_words(answer.alternatives)]
    if answer.silent and not isinstance(answer.look, NotAsked) and answer.look.papers and not answer.samples:
        lines.append(_("Papers match, but none in the chosen categories. Choose others, or none."))
    elif answer.silent and not answer.alternatives and not answer.meant:
        lines.append(_("Check the spelling, or use fewer conditions."))
    return "\n".join(filter(None, lines))


def _title(answer: SubscribedAnswer) -> str:
    if answer.before is None:
        return _("Subscribed to “{keyword}”")
    if answer.unchanged:
        return _("You already have this subscription: “{keyword}”")
    return _("Updated the subscription to “{keyword}”")


def _suggestion(cap: int) -> str:
    return ngettext(
        "That is more than the one paper a day that gets its own post in this channel; the others go into "
        "its digest or a daily list. *Digest instead* puts all of them there; `/channel` changes the number.",
        "That is more than the {count} papers a day that get their own posts in this channel; the others go "
        "into its digest or a daily list. *Digest instead* puts all of them there; `/channel` changes the "
        "number.",
        cap,
    ).format(count=format_number(cap))


def pace_in_words(per_day: float) -> str:
    """Return a pace as a sentence: papers a day, or a week, a month or a year where they are few."""
    if per_day <= 0:
        return _("No matching papers were submitted in the last year.")
    unit = next((days for days in (1, 7, 30) if per_day * days >= 0.95), 365)
    count = max(round(per_day * unit), 1)
    match unit:
        case 1:
            pace = ngettext("About one a day.", "About {count} a day.", count)
        case 7:
            pace = ngettext("About one a week.", "About {count} a week.", count)
        case 30:
            pace = ngettext("About one a month.", "About {count} a month.", count)
        case _:
            pace = ngettext("About one a year.", "About {count} a year.", count)
    return pace.format(count=format_number(count))


def _old(total: int, posted: int, options: Options) -> str:
    if total == 0:
        return _("arXiv has no matching papers yet.")
    left = max(total - posted, 0)
    if options.categories:
        sentence = ngettext(
            "The older one, in any category, is not posted.",
            "The {count} older ones, in all categories, are not posted.",
            left,
        )
    else:
        sentence = ngettext("The older one is not posted.", "The {count} older ones are not posted.", left)
    sentence = sentence.format(count=format_number(left)) if left else ""
    return i18n.join_sentences(_posted(posted), sentence)


def _posted(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "The newest paper is being posted now.", "The {count} newest papers are being posted now.", count
    ).format(count=format_number(count))


def redirected_embed(
    answer: discord.Embed, subscription: Subscription, reception: Reception, *, digest: str, note: str = ""
) -> discord.Embed:
    """Return the *answer* to `/subscribe` with the delivery that was chosen after it, and a *note* on it.

    *digest* says when the next digest is due, "" where that does not matter.
    """
    embed = answer.copy()
    arrives = i18n.join_sentences(_arrives(subscription, reception, digest), note)
    _arrived, newline, rest = (embed.description or "").partition("\n")
    asked = embed.colour == discord.Colour(colours.ORANGE)
    embed.description = arrives if asked else f"{arrives}{newline}{rest}"
    embed.colour = discord.Colour(colours.GREEN) if asked else embed.colour
    # The person may have changed their language since the answer was written.
    outdated = i18n.all_translations(_SUGGESTION)
    kept = [one for one in embed.fields if one.name not in outdated]
    embed.clear_fields()
    for one in kept:
        embed.add_field(name=one.name, value=one.value, inline=one.inline)
    return embed


def undone_embed(
    subscription: Subscription, *, restored: Options | None = None, channel_too: bool = False
) -> discord.Embed:
    """Return the answer to *Undo* and `/unsubscribe`: it has ended, or has its *restored* options again.

    *channel_too*: the settings of the channel, which were changed with it, are as before.
    """
    keyword = shown_keyword(subscription.keyword)
    channel = _("The channel receives papers as before.") if channel_too else ""
    if restored is not None:
        text = i18n.join_sentences(
            _("The subscription to “{keyword}” has been restored.").format(keyword=keyword),
            delivery_in_words(subscription, restored),
            channel,
        )
        return discord.Embed(title=_("Undone"), description=limits.cut(text, limits.EMBED_DESCRIPTION))
    text = _("No more papers on “{keyword}” will be posted in {where}. Existing posts stay.").format(
        keyword=keyword, where=places.mention(subscription.destination.place)
    )
    return discord.Embed(title=_("Unsubscribed"), description=i18n.join_sentences(text, channel))
