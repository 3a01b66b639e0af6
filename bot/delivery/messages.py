"""Composes the message of an outbox row, and recognizes it among the messages already posted (pure).

The bot recognizes a message by what identifies its subject and stays the same between two attempts: the
address of the paper, or the day and page of the digest. Its nonce is the same in every process that opens
this database.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import discord

from bot import i18n
from bot.delivery.posted_messages import PostedMessage
from bot.i18n import gettext as _
from bot.model.outbox import DigestPage, Kind, OutboxRow, PageSubject, Posting, PreparedRow
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Style
from bot.present import categories, limits
from bot.present.buttons import COMPACT, FULL, REVISION
from bot.present.cards import headline, post_embed
from bot.present.digests import (
    issue_content,
    issue_embeds,
    issue_footer,
    issue_head,
    quiet_day_embed,
    quiet_head,
)
from bot.present.further_papers import further_address
from bot.present.posts import mentions, plain_post, post_content, thread_name
from bot.rules.digest import pages_of, papers_on

_NONCE_LENGTH = limits.NONCE - 1  # with another length, an upgrade would repeat the messages in doubt
_HEAD = 1000  # characters that identify a notice; they are never cut off at Discord's limit


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. In a forum, `name` is the title of the post, and `tag_names` are the tags that fit it.

    `headline` is the part of the content that names the paper. With `keeps_content`, an edit leaves the
    content of the post as it is. `paper` and `version` are the subject of a paper's message; None and 0 for a
    digest. `titles` identify a digest or notice. `buttons_for` is the paper that the `buttons` under the
    message are for, None for no buttons. `issue` is the digest or list whose first page the message shows;
    its file and its buttons give the rest. `translations` have the names and titles of the same message in
    other languages and in earlier versions, which an attempt before a restart may have used.
    """

    content: str | None
    embeds: tuple[discord.Embed, ...]
    mentions: discord.AllowedMentions
    name: str
    tag_names: tuple[str, ...] = ()
    paper: PaperId | None = None
    version: int = 0
    titles: tuple[str, ...] = field(default=())
    headline: str | None = None
    keeps_content: bool = False
    buttons_for: Paper | None = None
    buttons: tuple[str, ...] = ()
    issue: DigestPage | None = None
    translations: tuple[Outgoing, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The titles that the post may have in a forum, in any language."""
        return frozenset((self.name, *(each.name for each in self.translations)))

    def matches(self, message: PostedMessage) -> bool:
        """Tell whether *message*, one of the bot's own posts, is this message from an earlier attempt."""
        if self.paper is None:
            parts = (text for embed in message.embeds for text in (embed.title, embed.footer) if text)
            said = "\n".join(filter(None, (message.content, *parts)))
            described = [embed.description for embed in message.embeds]
            heads = ["\n".join(each.titles) for each in (self, *self.translations)]
            return any(text.startswith(head) for text in (said, *described) for head in heads if head)
        address = re.compile(rf"https://arxiv\.org/abs/{re.escape(self.paper.text)}v(\d+)")
        lines = (*message.content.splitlines(), *(embed.url for embed in message.embeds))
        # A later version counts as well: the paper may have been revised between the two attempts.
        return any(int(found[1]) >= self.version for found in map(address.fullmatch, lines) if found)

    def without_mentions(self) -> Outgoing:
        """Return the message without mentions, for people who were mentioned for the paper before."""
        return replace(
            self,
            content=self.headline if self.embeds else self.content,
            mentions=discord.AllowedMentions.none(),
        )

    def payload(self) -> str:
        """Return the message as JSON, for the log."""
        shown = {"content": self.content, "embeds": [embed.to_dict() for embed in self.embeds]}
        return json.dumps(shown, ensure_ascii=False)


def row_nonce(installation: str, row: OutboxRow) -> str:
    """Return the nonce of a row's message. Discord answers a second message with it by the first one."""
    return _hash(installation, str(row.id))


def notice_nonce(installation: str, notice: int) -> str:
    """Return the nonce of the message for the notice with this identifier."""
    return _hash(installation, f"notice {notice}")


def notice_message(text: str, heads: Sequence[str]) -> Outgoing:
    """Return the message of a notice: plain text, since that needs no permission but Send Messages.

    The bot recognizes it by its beginning, which is one of *heads*, one in each language.
    """
    plain = Outgoing(
        content=limits.cut(text, limits.CONTENT),
        embeds=(),
        mentions=discord.AllowedMentions.none(),
        name="Notice",
    )
    return replace(plain, translations=tuple(replace(plain, titles=(head[:_HEAD],)) for head in heads))


def compose(prepared: PreparedRow) -> Outgoing:
    """Return the message of an outbox row in the current language."""
    if prepared.posting is None:
        return digest_message(prepared.row, prepared.papers)
    return paper_message(prepared.row, prepared.posting)


def paper_message(row: OutboxRow, posting: Posting) -> Outgoing:
    """Return the message of a paper or a revision, or what an edit makes of the paper's post.

    The message of a plain *row* is only title and link. An edit writes the content of a marked post anew,
    since that loses its headline when the paper is withdrawn; other posts keep the mentions that they had. It
    pings nobody.
    """
    if isinstance(row.subject, PageSubject):
        raise TypeError(row)  # a page has no posting
    paper, style = posting.paper, row.destination.style
    revision, edit = row.kind is Kind.REVISION, row.kind is Kind.EDIT
    today = row.created_at.date() if row.created_at else None
    above = None if revision or row.plain else headline(posting)
    content = plain_post(posting) if row.plain else "\n".join(filter(None, (above, post_content(posting))))
    buttons = FULL if style is Style.FULL else REVISION if revision else COMPACT
    return Outgoing(
        content=content or None,
        embeds=() if row.plain else (post_embed(posting, style, today=today, revision=revision),),
        mentions=discord.AllowedMentions.none() if edit else mentions(posting),
        name=thread_name(paper),
        tag_names=_tag_names(paper),
        paper=row.subject.paper,
        version=row.subject.version,
        headline=above,
        keeps_content=edit and posting.marked is None,
        buttons_for=None if row.plain else paper,
        buttons=buttons,
    )


def digest_message(row: OutboxRow, papers: Mapping[PaperId, Paper]) -> Outgoing:
    """Return the first page of the digest or list in *row*, or the note about a day without papers."""
    if row.page is None:
        raise ValueError(f"outbox row {row.id} holds no page of a digest")
    first = pages_of(row.page, row.kind)[0]
    message = _issue_message(row, row.page, first, papers) if first.sections else _quiet_message(row, first)
    translations = []
    for language in i18n.languages():
        with i18n.in_language(language):
            # Only by these a message is recognized. To build its whole text anew would take long.
            name, titles = _identity(row.kind, row.page, first)
            former = _former_title(row.kind, row.page)
            translations += [
                replace(message, name=name, titles=titles),
                replace(message, name=former, titles=(former,)),
            ]
    return replace(message, translations=tuple(translations))


def _identity(kind: Kind, whole: DigestPage, first: DigestPage) -> tuple[str, tuple[str, ...]]:
    """Return the name of a digest's or list's post in a forum, and the titles that identify its message."""
    if not first.sections:
        head = quiet_head(first.day)
        return head, (f"**{head}**",)
    head = issue_head(kind, first)
    # Earlier versions queued each page as a message of its own.
    titles = (f"**{head}**",) if whole.pages == 1 else (f"**{head}**", issue_footer(first))
    return limits.cut(head[:1].upper() + head[1:], limits.THREAD_NAME), titles


def _former_title(kind: Kind, page: DigestPage) -> str:
    """Return what the embed of a digest or list began with until version 0.2.0."""
    day = i18n.format_date(page.day)
    if not page.sections:
        return _("No new papers, {date}").format(date=day)
    if kind is Kind.LIST:
        return issue_head(kind, page, day)
    return _("New papers, {date}").format(date=day)


def _quiet_message(row: OutboxRow, page: DigestPage) -> Outgoing:
    embed, (name, titles) = quiet_day_embed(page.day, page.note), _identity(row.kind, page, page)
    return Outgoing(
        content=embed.description if row.plain else None,
        embeds=() if row.plain else (embed,),
        mentions=discord.AllowedMentions.none(),
        name=name,
        titles=titles,
        issue=page,
    )


def _issue_message(
    row: OutboxRow, whole: DigestPage, first: DigestPage, papers: Mapping[PaperId, Paper]
) -> Outgoing:
    content, embeds = issue_content(row.kind, first, papers), issue_embeds(row.kind, first, papers)
    embeds[0].url = further_address(papers_on(whole)[len(papers_on(first)) :])
    texts = (part for embed in embeds for part in (embed.title, embed.description))
    text = "\n".join(filter(None, (content, *texts)))
    name, titles = _identity(row.kind, whole, first)
    return Outgoing(
        content=limits.cut(text, limits.CONTENT) if row.plain else content,
        embeds=() if row.plain else tuple(embeds),
        mentions=discord.AllowedMentions.none(),
        name=name,
        titles=titles,
        headline=content,
        issue=whole if whole.pages == 1 else None,
    )


def tags_for(
    names: Sequence[str], tags: Sequence[discord.ForumTag], *, required: bool
) -> list[discord.ForumTag]:
    """Return those of a forum's *tags* that have one of *names*, in the order of *names*.

    If a tag is *required* and none fits, return the first tag that anyone may use.
    """
    named = {tag.name.casefold(): tag for tag in tags}
    fitting = [named[name.casefold()] for name in names if name.casefold() in named]
    if not fitting and required:
        fitting = [tag for tag in tags if not tag.moderated][:1] or list(tags[:1])
    return list({tag.id: tag for tag in fitting}.values())[: limits.FORUM_TAGS]


def _hash(installation: str, what: str) -> str:
    return hashlib.sha256(f"{installation}:{what}".encode()).hexdigest()[:_NONCE_LENGTH]


def _tag_names(paper: Paper) -> tuple[str, ...]:
    """Return the paper's categories, their names and their archives, the primary category first."""
    listed = list(dict.fromkeys((paper.primary_category, *paper.categories)))
    words = [categories.name(category) for category in listed]
    archives = [category.split(".")[0] for category in listed]
    return tuple(dict.fromkeys(filter(None, (*listed, *words, *archives))))
