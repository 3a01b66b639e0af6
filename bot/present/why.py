"""What `/why` shows: what became of a paper in each channel, and how each keyword stands to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import discord

from bot.i18n import format_list, format_number, gettext_noop, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.outbox import Kind
from bot.model.papers import Paper
from bot.model.subscriptions import Destination, State
from bot.present import limits
from bot.present.excerpts import in_context
from bot.present.markdown import code, escape
from bot.present.posts import title_link
from bot.present.reasons import reason_in_words
from bot.rules.why import Case, Explained, Fate, Stand, Verdict

_ROOM = 3_900  # of the description's 4,096, so that the last line always fits
_BLOCK = 1_500
_TITLE, _KEYWORD, _REASON, _PLAIN, _CLAUSE = 200, 100, 250, 200, 120
_NO_MATCHES = 5  # keywords that do not match are named, then counted
_BLURPLE = 0x5865F2


def why_embed(
    paper: Paper,
    explained: Sequence[Explained],
    *,
    first_seen: datetime | None,
    forums: Collection[int] = (),
    where: str = "",
) -> discord.Embed:
    """Return the story of *paper* in each channel of *explained*, those that matter first.

    *first_seen* None says that no poll has brought it. The channels *forums* hold a thread for each paper.
    *where* names the place in which nothing is subscribed, for an empty *explained*.
    """
    head = [
        f"**{title_link(paper, _TITLE)}**",
        f"{code(f'arXiv:{paper.versioned}')} · {_fetched(first_seen)}",
    ]
    blocks = [_block(paper, one, forums) for one in explained]
    if not blocks:
        blocks = [
            [
                _("Nothing is subscribed in {where}, so nothing is posted there.").format(
                    where=where or _("this server")
                )
            ]
        ]
    lines = ["\n".join(head)]
    room = _ROOM - limits.length(lines[0])
    left = 0
    for block in blocks:
        text = limits.cut("\n".join(block), _BLOCK)
        room -= limits.length(text) + 2
        if room < 0:
            left += 1
        else:
            lines.append(text)
    if left:
        more = ngettext(
            "…and {count} more channel; name one with `channel`.",
            "…and {count} more channels; name one with `channel`.",
            left,
        )
        lines.append(more.format(count=format_number(left)))
    return discord.Embed(
        title=_("Why, or why not"), description="\n\n".join(lines), colour=_BLURPLE, url=paper.abs_url
    )


def _fetched(first_seen: datetime | None) -> str:
    if first_seen is None:
        return _("never fetched: no poll has brought it. This is how it stands at arXiv now.")
    return _("first fetched {moment}").format(moment=discord.utils.format_dt(first_seen))


def _block(paper: Paper, one: Explained, forums: Collection[int]) -> list[str]:
    name = _("This conversation") if one.destination.user_id else f"<#{one.destination.channel_id}>"
    lines = [f"**{name}**"]
    lines += [f"→ {fate_in_words(fate, one.destination, forums)}" for fate in one.fates]
    matching = [verdict for verdict in one.verdicts if verdict.stand is not Stand.NO_MATCH]
    others = sorted(
        (verdict for verdict in one.verdicts if verdict.stand is Stand.NO_MATCH),
        key=lambda verdict: -verdict.nearness,
    )
    for verdict in matching:
        lines.append(f"✓ {_keyword(verdict)} – {stand_in_words(verdict, paper)}")
        lines += [f"> {line}" for line in in_context(paper, verdict.found)]
    shown = others if not matching else []
    lines += [f"✗ {_keyword(verdict)} – {stand_in_words(verdict, paper)}" for verdict in shown[:_NO_MATCHES]]
    if more := len(others) - len(shown[:_NO_MATCHES]):
        others_fail = ngettext(
            "{count} other keyword does not match.", "{count} other keywords do not match.", more
        )
        lines.append(others_fail.format(count=format_number(more)))
    if not one.verdicts:
        ended = _("Nothing is subscribed here any more.")
        lines.append(ended if one.fates else _("Nothing is subscribed here."))
    return lines


def _keyword(verdict: Verdict) -> str:
    shown = f"**{escape(limits.cut(verdict.subscription.keyword, _KEYWORD))}**"
    return (
        shown if verdict.subscription.state is State.ACTIVE else _("{keyword} (paused)").format(keyword=shown)
    )


# --- sentences --------------------------------------------------------------------------------------------

_FATES = {
    Case.POSTED: gettext_noop("Posted{how} {at}: {there}."),
    Case.DELETED: gettext_noop("Posted{how} {at}; somebody has deleted the message since."),
    Case.QUEUED: gettext_noop("Waiting to be posted{how}: its turn comes in the channel's queue."),
    Case.RETRIED: gettext_noop("Not posted{how} yet, after {tries}; the next is due {at}. {error}"),
    Case.HELD: gettext_noop(
        "Held back since {at}: that poll brought far more than usual. A manager decides in `/status`, "
        "or a later poll that finds it again."
    ),
    Case.FAILED: gettext_noop("Refused by Discord{how} {at}, even as plain title and link. {error}"),
    Case.EDITED: gettext_noop(
        "What became known later, such as where it was published, was added to its post {at}: {there}."
    ),
    Case.EDIT_WAITS: gettext_noop(
        "What became known later, such as where it was published, is about to be added."
    ),
    Case.EDIT_FAILED: gettext_noop(
        "What became known later, such as where it was published, could not be added to its post {at}. "
        "{error}"
    ),
    Case.AWAITS_DIGEST: gettext_noop("It waits for the digest, due {at}."),
    Case.AWAITS_LIST: gettext_noop("It waits for the list of the day."),
    Case.COLLECTED: gettext_noop(
        "It is collected for a digest; none is scheduled here. Set one with `/digest schedule`."
    ),
    Case.LISTED: gettext_noop("It stood in the digest or list of {day}."),
    Case.SETTLED: gettext_noop(
        "It came {at}, and no message is remembered: a manager left it out when it was held back, "
        "or that is too long ago."
    ),
    Case.REVISION_UNASKED: gettext_noop(
        "Version {version} was not posted: no keyword here asks for `revisions`."
    ),
    Case.STOPPED: gettext_noop("This channel is paused since {at}; what waits for it is kept. {error}"),
    Case.ENDED: gettext_noop("Nothing is posted here any more since {at}. {error}"),
}
_STANDS = {
    Stand.MATCHES: gettext_noop("{matches}."),
    Stand.LATER: gettext_noop(
        "{matches} too, but was subscribed only later ({made}); nothing is posted twice."
    ),
    Stand.OTHER_CATEGORIES: gettext_noop(
        "{matches}, but only papers of {chosen} are wanted, and it is in {filed}."
    ),
    Stand.CROSS_LIST: gettext_noop(
        "{matches}, but is only cross-listed in {chosen} (its own category is {own}), and "
        "`cross_lists` is off."
    ),
    Stand.PAUSED: gettext_noop("{matches}, but the subscription is paused. {reason}"),
    Stand.NO_BASELINE: gettext_noop(
        "{matches}, but its first poll is still to come; that one only notes what there is."
    ),
    Stand.BEFORE: gettext_noop(
        "{matches}, but was announced before you subscribed: only numbers above {since} are new."
    ),
    Stand.MEANWHILE: gettext_noop(
        "{matches}, but was announced before the subscription began or while it was paused: "
        "only numbers above {since} are new."
    ),
    Stand.AWAITED: gettext_noop("{matches}, and is new: the next poll that finds it brings it. {polled}"),
    Stand.OUT_OF_REACH: gettext_noop(
        "{matches}, but was submitted so long ago that polls do not look back as far."
    ),
}


def fate_in_words(fate: Fate, destination: Destination, forums: Collection[int] = ()) -> str:
    """Return what became of the paper as one or two sentences in Discord's Markdown."""
    see = _("see the message")
    facts = {
        "how": _how(fate),
        "at": discord.utils.format_dt(fate.at) if fate.at else _("some time ago"),
        "there": f"[{see}]({_address(destination, fate, forums)})",
        "tries": ngettext("one try", "{count} tries", fate.attempts).format(
            count=format_number(fate.attempts)
        ),
        "day": fate.day,
        "version": fate.version,
        "error": limits.cut(escape(reason_in_words(fate.error)), _REASON),
    }
    many = _("There were too many papers to post each by itself.") if fate.overflow else ""
    return join_sentences(many, _(_FATES[fate.case]).format(**facts).rstrip())


def _how(fate: Fate) -> str:
    match fate.kind:
        case Kind.PAPER:
            return " " + _("as version {version}").format(version=fate.version) if fate.version > 1 else ""
        case Kind.REVISION:
            return " " + _("again as version {version}").format(version=fate.version)
        case Kind.EDIT:
            return ""
        case Kind.DIGEST:
            return " " + _("in the digest of {date}").format(date=fate.day)
        case Kind.LIST:
            return " " + _("in the list of {date}").format(date=fate.day)


def _address(destination: Destination, fate: Fate, forums: Collection[int]) -> str:
    server, channel = destination.guild_id or "@me", destination.channel_id
    if channel in forums:  # the post is a thread of its own, in which its answers stand
        channel = fate.answers or fate.message_id
        if channel == fate.message_id:
            return f"https://discord.com/channels/{server}/{channel}"
    return f"https://discord.com/channels/{server}/{channel}/{fate.message_id}"


def stand_in_words(verdict: Verdict, paper: Paper) -> str:
    """Return how a keyword stands to *paper*, as a sentence in Discord's Markdown that follows its name."""
    if verdict.stand is Stand.NO_MATCH:
        return _mismatch(verdict)
    subscription = verdict.subscription
    facts = {
        "matches": _("matched version {version}").format(version=verdict.version)
        if verdict.version
        else _("matches"),
        "made": discord.utils.format_dt(subscription.created_at),
        "chosen": _codes(subscription.options.categories),
        "filed": _codes(list(dict.fromkeys((paper.primary_category, *paper.categories)))),
        "own": code(paper.primary_category),
        "reason": limits.cut(escape(reason_in_words(subscription.reason)), _REASON),
        "since": subscription.since,
        "polled": _polled(verdict),
    }
    return _(_STANDS[verdict.stand]).format(**facts).rstrip()


def _polled(verdict: Verdict) -> str:
    if verdict.error:
        failed = _("But its last poll failed: {error}")
        return failed.format(error=limits.cut(escape(verdict.error), _REASON))
    if verdict.polled is None:
        return _("arXiv has not been asked for this keyword yet.")
    return _("arXiv was last asked {relative}.").format(relative=discord.utils.format_dt(verdict.polled, "R"))


def _mismatch(verdict: Verdict) -> str:
    if len(verdict.clauses) < 2:
        return _("does not match: it looks for {query}.").format(
            query=limits.cut(escape(verdict.plain), _PLAIN)
        )
    holds = [one.text for one in verdict.clauses if one.holds and not one.excluding]
    fails = [one.text for one in verdict.clauses if not one.holds and not one.excluding]
    excluded = [one.text for one in verdict.clauses if not one.holds and one.excluding]
    parts = []
    if holds:
        parts.append(ngettext("{parts} holds", "{parts} hold", len(holds)).format(parts=_codes(holds)))
    if fails:
        parts.append(ngettext("{parts} does not", "{parts} do not", len(fails)).format(parts=_codes(fails)))
    if excluded:
        parts.append(_("{parts} is left out by ANDNOT, and holds").format(parts=_codes(excluded)))
    return _("does not match: {why}.").format(why=", ".join(parts))


def _codes(some: Sequence[str]) -> str:
    shown = [code(limits.cut(one, _CLAUSE)) for one in some[:4]]
    if more := len(some) - len(shown):
        shown.append(_("{count} more").format(count=format_number(more)))
    return format_list(shown) if shown else ""
