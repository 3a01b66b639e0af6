"""What a person is told about when a digest is posted."""

from __future__ import annotations

from datetime import datetime

import discord
from discord.utils import format_dt

from bot.papers import Schedule
from bot.schedules import write_days
from bot.tongues import gettext as _


def scheduled_embed(
    schedule: Schedule, *, where: str, due: datetime, collecting: bool, attaching: bool
) -> discord.Embed:
    """Return the answer to `/digest schedule`.

    *collecting* tells whether a subscription feeds it, *attaching* whether the bot may attach its file.
    """
    when = f"{write_days(schedule.days)} at {schedule.hour:02}:00, {schedule.zone}"
    empty = "A day without papers " + ("gets a note." if schedule.quiet else "is passed over in silence.")
    embed = discord.Embed(
        title="Digest scheduled",
        description=f"In {where}, {when}. {empty}",
        colour=discord.Colour.green(),
    )
    embed.add_field(name="Next one", value=f"{format_dt(due, 'F')} ({format_dt(due, 'R')})", inline=False)
    if not collecting:
        embed.add_field(
            name="Nothing to collect yet",
            value="No subscription here is delivered in the digest. Repeat `/subscribe` with "
            "`deliver: digest` or `deliver: both` for the keywords it should hold.",
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
    kept = "1 paper waits" if waiting == 1 else f"{waiting:,} papers wait"
    left = f" {kept} for the day you schedule one again." if waiting else ""
    return discord.Embed(title="Digest turned off", description=f"No more digests in {where}.{left}")


def empty_digest_embed(*, where: str, due: datetime | None) -> discord.Embed:
    """Return what `/digest show` answers while nothing waits; *due* is when the digest is next due."""
    if due is None:
        text = (
            f"Nothing waits for a digest in {where}, and none is scheduled. Set one with `/digest schedule`."
        )
    else:
        text = f"Nothing waits for the digest in {where} yet. It is looked at again {format_dt(due, 'R')}."
    return discord.Embed(title="The digest is empty", description=text)
