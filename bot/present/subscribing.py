"""What a person is told who has just subscribed: what it means, what will not be posted, what to expect."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.papers import Deliver, Options, Paper, Subscription
from bot.present import categories, limits, markdown, posts

_SAMPLES = 3
_SAMPLE_TITLE = 120
_DELIVERY = {
    Deliver.LIVE: "as soon as arXiv announces them",
    Deliver.DIGEST: "in the digest",
    Deliver.BOTH: "as soon as arXiv announces them, and once more in the digest",
}
_SUGGESTION = (
    "That is more than the {papers} a day that this channel gets one by one; what is above goes into "
    "its digest or a list. *Digest instead* puts all of them there; `/channel` changes the number."
)
_SILENT_START = (
    "arXiv could not be asked just now. The subscription is saved all the same: the first poll will take "
    "note of what is already there without posting it, and what is announced after that will be posted."
)


def subscribed_embed(
    subscription: Subscription,
    *,
    words: str,
    where: str,
    created: bool,
    old: int | None,
    samples: Sequence[Paper],
    per_day: float,
    backfill: int = 0,
    posted: int = 0,
    before: Options | None = None,
    digest: str = "",
    cap: int | None = None,
) -> discord.Embed:
    """Return the answer to `/subscribe`.

    *words* explains the query, *old* counts the papers that will not be posted (None where arXiv could not be
    asked), *posted* those that are posted at once of the *backfill* asked for, *per_day* is the pace to
    expect; *before* are the options that an edit replaced, and *digest* says when the next digest is due,
    where one matters; *cap* is how many papers a day the channel gets one by one, if the pace is above it.
    """
    keyword = limits.cut(markdown.escape(subscription.keyword), 150)
    title = f"Subscribed to “{keyword}”" if created else f"Changed the subscription to “{keyword}”"
    meaning = limits.cut(markdown.escape(words), 1_500)
    canonical = markdown.code_block(limits.cut(subscription.query, 1_000))
    embed = discord.Embed(
        title=limits.cut(title, limits.EMBED_TITLE),
        description=f"{meaning}\n{canonical}",
        colour=discord.Colour.green(),
    )
    embed.add_field(name="New papers", value=_arriving(where, subscription.options), inline=False)
    if before is not None and before != subscription.options:
        was = f"{options_in_words(before)}."
        embed.add_field(name="Until now", value=limits.cut(was, limits.FIELD_VALUE), inline=False)
    if digest:
        embed.add_field(name="Digest", value=limits.cut(digest, limits.FIELD_VALUE), inline=False)
    if old is None:
        missed = " None can be posted at once, either." if backfill else ""
        embed.add_field(name="Old papers", value=_SILENT_START + missed, inline=False)
        return embed
    embed.add_field(name="Old papers", value=_old(old, posted, subscription.options), inline=True)
    embed.add_field(name="To expect", value=pace_in_words(per_day), inline=True)
    if cap is not None:
        embed.add_field(name="Suggestion", value=_suggestion(cap), inline=False)
    if samples:
        listed = "\n".join(
            f"• {posts.title_link(paper, _SAMPLE_TITLE)} · {posts.day(paper.published)}"
            for paper in samples[:_SAMPLES]
        )
        embed.add_field(name="Such as", value=limits.cut(listed, limits.FIELD_VALUE), inline=False)
    return embed


def _suggestion(cap: int) -> str:
    return _SUGGESTION.format(papers="one paper" if cap == 1 else f"{cap:,} papers")


def options_in_words(options: Options) -> str:
    """Return what a subscriber chose, as the rest of a sentence."""
    parts = [_DELIVERY[options.deliver]]
    if options.role_id:
        parts.append(f"mentioning <@&{options.role_id}>")
    if options.categories:
        chosen = ", ".join(f"{name} (`{name_id}`)" for name_id, name in _named(options.categories))
        crossed = "cross-lists included" if options.cross_lists else "without cross-lists"
        parts.append(f"only in {chosen}, {crossed}")
    if options.revisions:
        parts.append("revisions too")
    return "; ".join(parts)


def pace_in_words(per_day: float) -> str:
    """Return a pace in papers a day, and for slow ones in the unit that people count them in."""
    if per_day <= 0:
        return "None was submitted in the last year."
    for days, unit in ((1, "day"), (7, "week"), (30, "month"), (365, "year")):
        count = per_day * days
        if count >= 0.95 or unit == "year":
            spoken = f"about {'one' if round(count) <= 1 else f'{round(count):,}'} a {unit}"
            break
    if unit == "day":
        return f"{spoken[0].upper()}{spoken[1:]}."
    return f"{spoken[0].upper()}{spoken[1:]} ({per_day:.2g} a day)."


def _old(total: int, posted: int, options: Options) -> str:
    if total == 0:
        return "arXiv has none yet."
    left = max(total - posted, 0)
    several = "paper" if left == 1 else "papers"
    scope = " of all categories" if options.categories else ""
    sentence = f"**{left:,}** older {several}{scope} will not be posted."
    if posted:
        newest = "The newest one is" if posted == 1 else f"The {posted} newest are"
        sentence = f"{newest} posted now. {sentence}"
    return sentence


def _named(chosen: Sequence[str]) -> list[tuple[str, str]]:
    return [(category, markdown.escape(categories.name(category))) for category in chosen]


def redirected_embed(answer: discord.Embed, options: Options, *, where: str, digest: str) -> discord.Embed:
    """Return the *answer* to `/subscribe` with the delivery that was chosen after it."""
    embed = answer.copy()
    kept = [field for field in embed.fields if field.name not in {"New papers", "Digest", "Suggestion"}]
    embed.clear_fields()
    embed.add_field(name="New papers", value=_arriving(where, options), inline=False)
    embed.add_field(name="Digest", value=limits.cut(digest, limits.FIELD_VALUE), inline=False)
    for field in kept:
        embed.add_field(name=field.name, value=field.value, inline=field.inline)
    return embed


def undone_embed(subscription: Subscription, *, where: str, restored: Options | None = None) -> discord.Embed:
    """Return what *Undo* and `/unsubscribe` answer: the subscription is gone, or *restored* as it was."""
    keyword = limits.cut(markdown.escape(subscription.keyword), 150)
    if restored is not None:
        text = f"“{keyword}” is delivered as before: {_arriving(where, restored)}"
        return discord.Embed(title="Undone", description=limits.cut(text, limits.EMBED_DESCRIPTION))
    text = f"No more papers on “{keyword}” in {where}. What is already posted stays."
    return discord.Embed(title="Unsubscribed", description=text)


def _arriving(where: str, options: Options) -> str:
    return limits.cut(f"In {where}, {options_in_words(options)}.", limits.FIELD_VALUE)
