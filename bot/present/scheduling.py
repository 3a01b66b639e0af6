"""What a person is told about when a digest is posted."""

from __future__ import annotations

from datetime import datetime

import discord
from discord.utils import format_dt

from bot.papers import Schedule
from bot.schedules import write_days


def scheduled_embed(schedule: Schedule, *, where: str, due: datetime, collecting: bool) -> discord.Embed:
    """Return the answer to `/digest schedule`; *collecting* tells whether any subscription feeds the digest."""
    when = f"{write_days(schedule.days)} at {schedule.hour:02}:00, {schedule.zone}"
    empty = (
        "A day without papers gets a note." if schedule.quiet else "A day without papers is passed over in silence."
    )
    embed = discord.Embed(
        title="Digest scheduled",
        description=f"In {where}, {when}. {empty}",
        colour=discord.Colour.green(),
    )
    embed.add_field(name="Next one", value=f"{format_dt(due, 'F')} ({format_dt(due, 'R')})", inline=False)
    if not collecting:
        embed.add_field(
            name="Nothing to collect yet",
            value="No subscription here is delivered in the digest. Repeat `/subscribe` with `deliver: digest` or "
            "`deliver: both` for the keywords it should hold.",
            inline=False,
        )
    return embed


def unscheduled_embed(*, where: str, waiting: int) -> discord.Embed:
    """Return the answer to `/digest off`; *waiting* papers were collected and not posted."""
    kept = "1 paper waits" if waiting == 1 else f"{waiting:,} papers wait"
    left = f" {kept} for the day you schedule one again." if waiting else ""
    return discord.Embed(title="Digest turned off", description=f"No more digests in {where}.{left}")
