"""The answers about the schedule of a digest."""

from __future__ import annotations

from datetime import datetime

import discord
from discord.utils import format_dt

from bot import i18n
from bot.i18n import format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.subscriptions import Schedule
from bot.present import colours
from bot.rules.schedules import alias_of, named_days
from bot.rules.zone_names import zone_label

_WHEN = {
    "daily": gettext_noop("Every day at {hour}:00, {zone}"),
    "weekdays": gettext_noop("On weekdays at {hour}:00, {zone}"),
    "": gettext_noop("On {days} at {hour}:00, {zone}"),
}
_WHERE_AND_WHEN = {
    "daily": gettext_noop("In {where}, every day at {hour}:00, {zone}."),
    "weekdays": gettext_noop("In {where}, on weekdays at {hour}:00, {zone}."),
    "": gettext_noop("In {where}, on {days} at {hour}:00, {zone}."),
}


def schedule_in_words(schedule: Schedule) -> str:
    """Return when a digest is posted, as a label's value: `Every day at 09:00, Europe/Berlin`."""
    return _write(_WHEN, schedule)


def digest_extras(schedule: Schedule) -> list[str]:
    """Return a sentence for each thing that a digest has only where it was asked for."""
    extras = []
    if schedule.quiet:
        extras.append(_("Days without papers get a note."))
    if schedule.top and len(schedule.days) == 1:
        extras.append(_("The digest ends with what was saved most in the seven days before, as counts."))
    elif schedule.top:
        extras.append(
            _(
                "The first digest of each week ends with what was saved most in the seven days before, as "
                "counts."
            )
        )
    if schedule.file:
        extras.append(_("Each digest comes with a Markdown file of its papers."))
    return extras


def _write(templates: dict[str, str], schedule: Schedule, where: str = "") -> str:
    return _(templates[alias_of(schedule.days)]).format(
        where=where,
        days=named_days(schedule.days),
        hour=f"{schedule.hour:02}",
        zone=zone_label(schedule.zone),
    )


def scheduled_embed(
    schedule: Schedule, *, where: str, due: datetime, collecting: bool, attaching: bool
) -> discord.Embed:
    """Return the answer to `/digest schedule`.

    *collecting*: a subscription goes into the digest. *attaching*: the bot can attach the file.
    """
    posted = _write(_WHERE_AND_WHEN, schedule, where)
    empty = "" if schedule.quiet else _("Nothing is posted on days without papers.")
    embed = discord.Embed(
        title=_("Digest scheduled"),
        description=i18n.join_sentences(posted, empty, *digest_extras(schedule)),
        colour=colours.GREEN,
    )
    embed.add_field(
        name=_("Next digest"), value=f"{format_dt(due, 'F')} ({format_dt(due, 'R')})", inline=False
    )
    if not collecting:
        embed.add_field(
            name=_("Nothing to collect yet"),
            value=_(
                "No subscription here goes into the digest yet. Repeat `/subscribe` with `deliver: digest` "
                "or `deliver: both` for the keywords that should."
            ),
            inline=False,
        )
    if schedule.file and not attaching:
        embed.add_field(
            name=_("No file"),
            value=_(
                "To attach the file, I need the Attach Files permission in that channel; until then, digests "
                "come without it."
            ),
            inline=False,
        )
    return embed


def unscheduled_embed(*, where: str, waiting: int) -> discord.Embed:
    """Return the answer to `/digest off`; *waiting* papers are collected and not posted yet."""
    text = _("No more digests will be posted in {where}.").format(where=where)
    if waiting:
        left = ngettext(
            "{count} collected paper is kept until you schedule a digest again.",
            "{count} collected papers are kept until you schedule a digest again.",
            waiting,
        ).format(count=format_number(waiting))
        text = i18n.join_sentences(text, left)
    return discord.Embed(title=_("Digest turned off"), description=text)


def empty_digest_embed(*, where: str, due: datetime | None) -> discord.Embed:
    """Return the answer to `/digest show` while no papers wait; *due* is when the digest is due next."""
    if due is None:
        text = _(
            "No papers are waiting for a digest in {where}, and no digest is scheduled. Use `/digest "
            "schedule` to schedule one."
        ).format(where=where)
    else:
        text = _("No papers are waiting for the digest in {where} yet. Next check: {moment}.").format(
            where=where, moment=format_dt(due)
        )
    return discord.Embed(title=_("The digest is empty"), description=text)
