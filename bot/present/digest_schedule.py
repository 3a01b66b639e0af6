"""What a person is told about when a digest is posted."""

from __future__ import annotations

from datetime import datetime

import discord
from discord.utils import format_dt

from bot import i18n
from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.model.subscriptions import Schedule
from bot.rules.schedules import write_schedule


def scheduled_embed(
    schedule: Schedule, *, where: str, due: datetime, collecting: bool, attaching: bool
) -> discord.Embed:
    """Return the answer to `/digest schedule`.

    *collecting* tells whether a subscription feeds it, *attaching* whether the bot may attach its file.
    """
    when = write_schedule(schedule.days, schedule.hour, schedule.zone)
    posted = _("In {where}, {when}.").format(where=where, when=when)
    empty = (
        _("A day without papers gets a note.")
        if schedule.quiet
        else _("A day without papers is passed over in silence.")
    )
    embed = discord.Embed(
        title=_("Digest scheduled"),
        description=i18n.join_sentences(posted, empty),
        colour=discord.Colour.green(),
    )
    embed.add_field(name=_("Next one"), value=f"{format_dt(due, 'F')} ({format_dt(due, 'R')})", inline=False)
    if not collecting:
        embed.add_field(
            name=_("Nothing to collect yet"),
            value=_(
                "No subscription here is delivered in the digest. Repeat `/subscribe` with `deliver: digest` "
                "or `deliver: both` for the keywords it should hold."
            ),
            inline=False,
        )
    if not attaching:
        embed.add_field(
            name=_("Without its file"),
            value=_(
                "A digest comes with all of its papers as a Markdown file. For that I need the permission "
                "Attach Files there; without it the digest is posted all the same."
            ),
            inline=False,
        )
    return embed


def unscheduled_embed(*, where: str, waiting: int) -> discord.Embed:
    """Return the answer to `/digest off`; *waiting* papers were collected and not posted."""
    said = _("No more digests in {where}.").format(where=where)
    if waiting:
        left = ngettext(
            "{count} paper waits for the day you schedule one again.",
            "{count} papers wait for the day you schedule one again.",
            waiting,
        ).format(count=format_number(waiting))
        said = i18n.join_sentences(said, left)
    return discord.Embed(title=_("Digest turned off"), description=said)


def empty_digest_embed(*, where: str, due: datetime | None) -> discord.Embed:
    """Return what `/digest show` answers while nothing waits; *due* is when the digest is next due."""
    if due is None:
        text = _(
            "Nothing waits for a digest in {where}, and none is scheduled. Set one with `/digest schedule`."
        ).format(where=where)
    else:
        text = _("Nothing waits for the digest in {where} yet. It is looked at again {relative}.").format(
            where=where, relative=format_dt(due, "R")
        )
    return discord.Embed(title=_("The digest is empty"), description=text)
