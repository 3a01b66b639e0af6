"""What an outbox row says in Discord, and how its message is recognised among those already there (pure).

A message is recognised by what identifies its subject and cannot change between two tries: the paper's
address, or the day and page of a digest. Its nonce is the same in every process that opens this database.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import discord

from bot import i18n
from bot.i18n import gettext as _
from bot.model.outbox import DigestPage, Kind, OutboxRow, PageSubject, Posting, PreparedRow
from bot.model.papers import Paper, PaperId
from bot.present import categories, limits
from bot.present.digests import issue_embeds, quiet_day_embed
from bot.present.posts import mentions, paper_embed, plain_post, post_content, thread_name
from bot.rules.digest import pages_of

_NONCE_LENGTH = limits.NONCE - 1  # to change it would repeat messages that are in doubt during an upgrade
_HEAD = 1000  # characters by which a notice is known, which no cut at Discord's limit reaches


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. `name` is what a forum calls the post, `topics` the names of tags that would fit it.

    `paper` and `version` are the subject of a paper's message, None and 0 for a digest. `under` is the paper
    whose buttons stand under the message, None where there are none. `whole` is the digest or list of which
    the message shows the first page; its file and its buttons hold the rest. `also` is the same in other
    languages: a try before a restart may have been in one of them.
    """

    content: str | None
    embeds: tuple[discord.Embed, ...]
    mentions: discord.AllowedMentions
    name: str
    topics: tuple[str, ...] = ()
    paper: PaperId | None = None
    version: int = 0
    titles: tuple[str, ...] = field(default=())
    under: Paper | None = None
    whole: DigestPage | None = None
    also: tuple[Outgoing, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What a forum may have called the post."""
        return frozenset((self.name, *(each.name for each in self.also)))

    def is_in(self, message: discord.Message) -> bool:
        """Tell whether *message* (one of our own posts) is this one, sent by an earlier try."""
        if self.paper is None:
            said = "\n".join(_titles(message.embeds)) or message.content
            heads = ("\n".join(each.titles) for each in (self, *self.also))
            return any(head and said.startswith(head) for head in heads)
        address = re.compile(rf"https://arxiv\.org/abs/{re.escape(self.paper.text)}v(\d+)")
        lines = (*message.content.splitlines(), *(embed.url or "" for embed in message.embeds))
        # A later version is the same message, too: the paper was revised between two tries.
        return any(int(found[1]) >= self.version for found in map(address.fullmatch, lines) if found)

    def quiet(self) -> Outgoing:
        """Return it without mentions: who was told of the paper is not called again."""
        return replace(
            self, content=None if self.embeds else self.content, mentions=discord.AllowedMentions.none()
        )

    def payload(self) -> str:
        """Return the message as JSON, for the log."""
        shown = {"content": self.content, "embeds": [embed.to_dict() for embed in self.embeds]}
        return json.dumps(shown, ensure_ascii=False)


def nonce(installation: str, row: OutboxRow) -> str:
    """Return what makes Discord take a repeated send for the first one."""
    return _digest(installation, str(row.id))


def nonce_of_notice(installation: str, notice: int) -> str:
    """Return the nonce of the message that tells the notice of this number."""
    return _digest(installation, f"notice {notice}")


def of_notice(text: str, heads: Sequence[str]) -> Outgoing:
    """Return a notice to managers as a message: plain text, so that it needs no right but to write.

    It is known again by how it begins, in whatever language: one of *heads*.
    """
    plain = Outgoing(
        content=limits.cut(text, limits.CONTENT),
        embeds=(),
        mentions=discord.AllowedMentions.none(),
        name="Notice",
    )
    return replace(plain, also=tuple(replace(plain, titles=(head[:_HEAD],)) for head in heads))


def written(prepared: PreparedRow) -> Outgoing:
    """Return the message of an outbox row, in the language in force."""
    if prepared.posting is None:
        return of_digest(prepared.row, prepared.papers)
    return of_paper(prepared.row, prepared.posting)


def of_paper(row: OutboxRow, posting: Posting) -> Outgoing:
    """Return the message of a paper or its revision, or what its post becomes by an edit.

    It is title and link where *row* is to be plain.
    """
    if isinstance(row.subject, PageSubject):
        raise TypeError(row)  # which has no posting
    paper = posting.paper
    embed = paper_embed(posting)
    if row.kind is Kind.REVISION:
        said = _("Withdrawn: version {version}") if paper.withdrawn else _("Revised: version {version}")
        embed.set_author(name=said.format(version=paper.version))
    return Outgoing(
        content=plain_post(posting) if row.plain else post_content(posting),
        embeds=() if row.plain else (limits.fit(embed),),
        mentions=mentions(posting),
        name=thread_name(paper),
        topics=_topics(paper),
        paper=row.subject.paper,
        version=row.subject.version,
        under=None if row.plain else paper,
    )


def of_digest(row: OutboxRow, papers: Mapping[PaperId, Paper]) -> Outgoing:
    """Return the first page of the digest or list that *row* holds, or the note of a day without papers."""
    also = []
    for language in i18n.languages():
        with i18n.in_language(language):
            also.append(_of_digest(row, papers))
    return replace(_of_digest(row, papers), also=tuple(also))


def _of_digest(row: OutboxRow, papers: Mapping[PaperId, Paper]) -> Outgoing:
    if row.page is None:
        raise ValueError(f"outbox row {row.id} holds no page of a digest")
    first = pages_of(row.page, row.kind)[0]
    embeds = issue_embeds(row.kind, first, papers) if first.sections else [quiet_day_embed(first.day)]
    title = embeds[0].title or ""
    titles = _titles(embeds)
    text = "\n".join(filter(None, (*titles, *(embed.description for embed in embeds))))
    return Outgoing(
        content=limits.cut(text, limits.CONTENT) if row.plain else None,
        embeds=() if row.plain else tuple(embeds),
        mentions=discord.AllowedMentions.none(),
        name=limits.cut(title, limits.THREAD_NAME),
        titles=titles,
        whole=row.page if row.page.sections and row.page.pages == 1 else None,
    )


def tags_for(
    topics: Sequence[str], tags: Sequence[discord.ForumTag], *, required: bool
) -> list[discord.ForumTag]:
    """Return those of a forum's *tags* that are named like one of *topics*, the best first.

    Where a tag is *required* and none fits, the first that anyone may use.
    """
    named = {tag.name.casefold(): tag for tag in tags}
    fitting = [named[topic.casefold()] for topic in topics if topic.casefold() in named]
    if not fitting and required:
        fitting = [tag for tag in tags if not tag.moderated][:1] or list(tags[:1])
    return list({tag.id: tag for tag in fitting}.values())[: limits.FORUM_TAGS]


def _digest(installation: str, what: str) -> str:
    return hashlib.sha256(f"{installation}:{what}".encode()).hexdigest()[:_NONCE_LENGTH]


def _topics(paper: Paper) -> tuple[str, ...]:
    """Categories as identifiers, then in words, then their archives; the primary one first."""
    listed = list(dict.fromkeys((paper.primary_category, *paper.categories)))
    words = [categories.name(category) for category in listed]
    archives = [category.split(".")[0] for category in listed]
    return tuple(dict.fromkeys(filter(None, (*listed, *words, *archives))))


def _titles(embeds: Sequence[discord.Embed]) -> tuple[str, ...]:
    """The title and footer of each embed: in a digest they name the day and the page."""
    return tuple(text for embed in embeds for text in (embed.title, embed.footer.text) if text)
