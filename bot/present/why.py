"""The answer to `/why`: what happened to a paper in each channel, and how each keyword relates to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import discord

from bot.i18n import format_date, format_list, format_number, gettext_noop, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.history import Standing
from bot.model.outbox import Kind, PaperMark
from bot.model.papers import Paper
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, State
from bot.model.taxonomy import named_once
from bot.present import colours, limits, places
from bot.present.excerpts import in_context
from bot.present.markdown import code, escape
from bot.present.posts import title_link
from bot.present.reasons import reason_in_words
from bot.rules.why import Event, EventCode, Explanation, KeywordStatus, MatchStatus

_ROOM = 3_900  # of the description's 4,096, so that the last line always fits
_BLOCK = 1_500
_TITLE, _KEYWORD, _REASON, _QUERY, _CLAUSE = 200, 100, 250, 200, 120
_NEAREST = 100
_NO_MATCHES = 5  # keywords without a match that are named; the others are counted


@dataclass(frozen=True, slots=True)
class ShownCloseness:
    """How close a paper is to what is saved in a channel.

    *mark* is set if it was one of the best of its day, and *standing* is its place among the day's papers;
    with *late*, its place would have been enough, but the best had been chosen. *terms* are what it shares
    with what was saved, and *nearest* is the saved paper that is most like it, None if none is.
    """

    mark: PaperMark | None = None
    terms: Sequence[str] = ()
    nearest: Paper | None = None
    standing: Standing | None = None
    late: bool = False


def why_embed(
    paper: Paper,
    explanations: Sequence[Explanation],
    *,
    first_seen: datetime | None,
    forums: Collection[int] = (),
    where: str = "",
    closeness: Mapping[int, ShownCloseness] | None = None,
) -> discord.Embed:
    """Return what happened to *paper* in the channel of each of *explanations*, in their order.

    Without *first_seen*, no poll has found the paper for these channels. In the channels *forums*, each paper
    is a thread. *where* names the place without subscriptions if there are no *explanations*. *closeness*
    says for some destinations how close the paper is to what is saved there.
    """
    head = [
        f"**{title_link(paper, _TITLE)}**",
        f"{code(f'arXiv:{paper.versioned}')} · {_fetched(first_seen)}",
    ]
    blocks = [
        [*_block(paper, one, forums), *closeness_in_words((closeness or {}).get(one.destination.id))]
        for one in explanations
    ]
    if not blocks:
        nothing = _("There are no subscriptions in {where}, so nothing is posted there.")
        blocks = [[nothing.format(where=where or _("this server"))]]
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
            "…and {count} more channel; choose one with `channel`.",
            "…and {count} more channels; choose one with `channel`.",
            left,
        )
        lines.append(more.format(count=format_number(left)))
    return discord.Embed(
        title=_("Why it was posted, or why not"),
        description="\n\n".join(lines),
        colour=colours.BLURPLE,
        url=paper.abs_url,
    )


def closeness_in_words(shown: ShownCloseness | None) -> list[str]:
    """Return lines on how close a paper is to what is saved in a channel; none if nothing is to be said."""
    if shown is None:
        return []
    said = []
    if shown.standing is not None and shown.standing.of > 1:
        place = _("By closeness, number {place} of the day's {count} papers here.")
        standing = shown.standing
        said.append(place.format(place=format_number(standing.place), count=format_number(standing.of)))
        if shown.late:
            said.append(_("When it came, the day's best had already been chosen."))
    if shown.terms:
        terms = ", ".join(map(escape, shown.terms))
        said.append(_("It shares with what is saved here: {terms}.").format(terms=terms))
    if shown.nearest is not None:
        said.append(_("Nearest saved paper: {paper}.").format(paper=title_link(shown.nearest, _NEAREST)))
    starred = shown.mark is not None and shown.mark.star
    return [f"{'★' if starred else '≈'} {join_sentences(*said)}"] if said else []


def _fetched(first_seen: datetime | None) -> str:
    if first_seen is None:
        return _("not found by any poll here; this is its current version on arXiv")
    return _("first fetched {moment}").format(moment=discord.utils.format_dt(first_seen))


def _block(paper: Paper, explanation: Explanation, forums: Collection[int]) -> list[str]:
    destination = explanation.destination
    lines = [f"**{places.heading(destination.place)}**"]
    lines += [f"→ {event_in_words(event, destination, forums)}" for event in explanation.events]
    matching = [one for one in explanation.keywords if one.status is not MatchStatus.NO_MATCH]
    others = sorted(
        (one for one in explanation.keywords if one.status is MatchStatus.NO_MATCH),
        key=lambda one: -one.closeness,
    )
    for one in matching:
        lines.append(f"✓ {keyword_in_words(one, paper)}")
        lines += [f"> {line}" for line in in_context(paper, one.matches)]
    named = others[:_NO_MATCHES] if not matching else []
    lines += [f"✗ {keyword_in_words(one, paper)}" for one in named]
    if more := len(others) - len(named):
        others_fail = ngettext(
            "{count} other keyword does not match.", "{count} other keywords do not match.", more
        )
        lines.append(others_fail.format(count=format_number(more)))
    if not explanation.keywords:
        ended = _("There are no longer any subscriptions here.")
        lines.append(ended if explanation.events else _("There are no subscriptions here."))
    return lines


# --- events -----------------------------------------------------------------------------------------------

_EVENTS = {
    EventCode.POSTED: gettext_noop("Posted {at}: {link}."),
    EventCode.DELETED: gettext_noop("Posted {at}, but somebody has since deleted the message."),
    EventCode.QUEUED: gettext_noop("Waiting in the channel's queue."),
    EventCode.HELD: gettext_noop(
        "Held back since {at}, because that poll brought far more papers than usual. A channel manager can "
        "decide in `/status`; otherwise a later poll will."
    ),
    EventCode.FAILED: gettext_noop("Refused by Discord {at}, even as a plain title and link."),
    EventCode.EDITED: gettext_noop(
        "New details, such as where it was published, were added to the post {at}: {link}."
    ),
    EventCode.EDIT_WAITS: gettext_noop(
        "New details, such as where it was published, will soon be added to the post."
    ),
    EventCode.EDIT_FAILED: gettext_noop(
        "New details, such as where it was published, could not be added to the post {at}."
    ),
    EventCode.AWAITS_DIGEST: gettext_noop("Waiting for the digest that is due {at}."),
    EventCode.AWAITS_LIST: gettext_noop("Waiting for the list of the day."),
    EventCode.COLLECTED: gettext_noop(
        "Collected for a digest, but no digest is scheduled here. Schedule one with `/digest schedule`."
    ),
    EventCode.LISTED: gettext_noop("Listed in the digest or list of {date}."),
    EventCode.SETTLED: gettext_noop(
        "It arrived {at}, but no message is stored: a manager dropped it while it was held back, or it was "
        "too long ago."
    ),
    EventCode.REVISION_UNWANTED: gettext_noop(
        "Version {version} was not posted, because no subscription here asks for `revisions`."
    ),
    EventCode.STOPPED: gettext_noop("This channel has been paused since {at}; its messages stay queued."),
    EventCode.ENDED: gettext_noop("Nothing has been posted here since {at}."),
}


def event_in_words(event: Event, destination: Destination, forums: Collection[int] = ()) -> str:
    """Return *event* as sentences in Discord's Markdown, after a bold label if it needs one."""
    see = _("see the message")
    facts = {
        "at": discord.utils.format_dt(event.at) if event.at else _("some time ago"),
        "link": f"[{see}]({_address(destination, event, forums)})",
        "date": format_date(event.day) if event.day else "",
        "version": event.version,
    }
    many = _not_posted(event) if event.overflow else ""
    if event.code is EventCode.RETRIED:
        sentence = ngettext(
            "Not posted yet after {count} attempt; the next is due {at}.",
            "Not posted yet after {count} attempts; the next is due {at}.",
            event.attempts,
        ).format(count=format_number(event.attempts), **facts)
    else:
        sentence = _(_EVENTS[event.code]).format(**facts)
    sentences = join_sentences(many, sentence, _reason(event.error))
    label = _label(event)
    return f"**{label}** – {sentences}" if label else sentences


def _not_posted(event: Event) -> str:
    """Return why the paper has no post of its own."""
    if not event.beyond_best:
        return _("There were too many papers to post each one.")
    return ngettext(
        "It was not the day's best paper here.",
        "It was not among the day's {count} best papers here.",
        event.beyond_best,
    ).format(count=format_number(event.beyond_best))


def _label(event: Event) -> str:
    """Return what the event is about: a later version, a digest or a list; "" for the first post."""
    if event.code in {EventCode.REVISION_UNWANTED, EventCode.LISTED} or event.kind is Kind.EDIT:
        return ""
    if event.version > 1:
        return _("Version {version}").format(version=event.version)
    if event.day is None:
        return ""
    label = _("List of {date}") if event.kind is Kind.LIST else _("Digest of {date}")
    return label.format(date=format_date(event.day))


def _address(destination: Destination, event: Event, forums: Collection[int]) -> str:
    server, channel = destination.guild_id or "@me", destination.channel_id
    if channel in forums:  # the post is a thread of its own, which contains its replies
        channel = event.reply_to or event.message_id
        if channel == event.message_id:
            return f"https://discord.com/channels/{server}/{channel}"
    return f"https://discord.com/channels/{server}/{channel}/{event.message_id}"


def _reason(reason: Reason | None) -> str:
    return limits.cut(escape(reason_in_words(reason)), _REASON)


# --- keywords ---------------------------------------------------------------------------------------------

_STATUSES = {
    MatchStatus.MATCHES: "",
    MatchStatus.LATER: gettext_noop(
        "But the subscription was added later ({made}), and nothing is posted twice."
    ),
    MatchStatus.OTHER_CATEGORIES: gettext_noop(
        "But the subscription only wants papers in {chosen}, and this one is in {filed}."
    ),
    MatchStatus.CROSS_LIST: gettext_noop(
        "But the paper is only cross-listed in {chosen} (its primary category is {primary}), and "
        "`cross_lists` is off."
    ),
    MatchStatus.PAUSED: gettext_noop("But the subscription is paused."),
    MatchStatus.NO_BASELINE: gettext_noop(
        "But the subscription has not been polled yet, and its first poll only records existing papers."
    ),
    MatchStatus.BEFORE: gettext_noop(
        "But the paper was announced before the subscription was added: only papers numbered above {since} "
        "are new."
    ),
    MatchStatus.MEANWHILE: gettext_noop(
        "But the paper was announced before the subscription started or while it was paused: only papers "
        "numbered above {since} are new."
    ),
    MatchStatus.AWAITED: gettext_noop("The paper is new: the next poll that finds it will post it."),
    MatchStatus.OUT_OF_REACH: gettext_noop(
        "But the paper was submitted so long ago that polls do not look that far back."
    ),
}


def keyword_in_words(one: KeywordStatus, paper: Paper) -> str:
    """Return how a keyword relates to *paper*, as sentences in Discord's Markdown that begin with it."""
    name = f"**{escape(limits.cut(one.subscription.keyword, _KEYWORD))}**"
    if one.subscription.state is not State.ACTIVE:
        name = _("{keyword} (paused)").format(keyword=name)
    if one.status is MatchStatus.NO_MATCH:
        return _mismatch(one, name)
    subscription = one.subscription
    facts = {
        "made": discord.utils.format_dt(subscription.created_at),
        "chosen": _codes(subscription.options.categories),
        "filed": _codes(named_once((paper.primary_category, *paper.categories), paper.primary_category)),
        "primary": code(paper.primary_category),
        "since": subscription.since,
    }
    matches = _("{keyword} matched version {version}.") if one.version else _("{keyword} matches.")
    status = _STATUSES[one.status]
    further = ""
    if one.status is MatchStatus.PAUSED:
        further = _reason(subscription.reason)
    elif one.status is MatchStatus.AWAITED:
        further = _polled(one)
    return join_sentences(
        matches.format(keyword=name, version=one.version),
        _(status).format(**facts) if status else "",
        further,
    )


def _polled(one: KeywordStatus) -> str:
    if one.error:
        failed = _("But its last poll failed: {error}")
        return failed.format(error=limits.cut(escape(one.error), _REASON))
    if one.polled is None:
        return _("arXiv has not been polled for this keyword yet.")
    return _("arXiv was last polled {relative}.").format(relative=discord.utils.format_dt(one.polled, "R"))


def _mismatch(one: KeywordStatus, name: str) -> str:
    if len(one.clauses) < 2:
        return _("{keyword} does not match: it looks for {query}.").format(
            keyword=name, query=limits.cut(escape(one.description), _QUERY)
        )
    holds = [clause.text for clause in one.clauses if clause.holds and not clause.excluding]
    fails = [clause.text for clause in one.clauses if not clause.holds and not clause.excluding]
    excluded = [clause.text for clause in one.clauses if not clause.holds and clause.excluding]
    return join_sentences(
        _("{keyword} does not match.").format(keyword=name),
        _("The paper matches {parts}.").format(parts=_codes(holds)) if holds else "",
        _("The paper does not match {parts}.").format(parts=_codes(fails)) if fails else "",
        _("The paper matches {parts}, which the query excludes.").format(parts=_codes(excluded))
        if excluded
        else "",
    )


def _codes(texts: Sequence[str]) -> str:
    shown = [code(limits.cut(text, _CLAUSE)) for text in texts[:4]]
    if more := len(texts) - len(shown):
        shown.append(_("{count} more").format(count=format_number(more)))
    return format_list(shown) if shown else ""
