"""What every embed must keep: Discord's limits, and the paper's own text."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import discord

from bot.model.errors import ArxivError
from bot.model.outbox import Posting
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Style
from bot.present.cards import headline, post_embed
from bot.present.posts import mentions, paper_embed, plain_post, post_content
from tests.openapi import valid_request
from tests.shared import SHARED

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)

PAPER = Paper(
    id=PaperId("2601.12345"),
    version=1,
    title=r"Learning $\alpha$-stable *processes*",
    abstract=r"We show that $O(n^2)$ is optimal. " * 60,
    authors=("Ada Lovelace", "Émilie du Châtelet", "Emmy Noether", "Sofya Kovalevskaya"),
    categories=("stat.ML", "cs.LG", "math.PR"),
    primary_category="cs.LG",
    published=NOW - timedelta(days=2),
    updated=NOW - timedelta(days=2),
    comment="12 pages, ICLR_2026",
    journal_ref="Ann. Prob. 1 (2026) 1-9",
    doi="10.1214/26-AOP(1)",
)

_MENTION = re.compile(r"<(?:@[!&]?\d+|#\d+|t:\d+|a?:\w+:\d+|/[\w ]+:\d+)>|@(?:everyone|here)")


def kept(embeds: Sequence[discord.Embed]) -> None:
    """Assert every limit of one message's embeds, counted in UTF-16 units, the most there can be."""
    assert len(embeds) <= 10
    assert sum(utf16(text) for embed in embeds for text, _ in texts(embed)) <= 6000
    for embed in embeds:
        assert len(embed.fields) <= 25
        for text, limit in texts(embed):
            assert 0 < utf16(text) <= limit
            assert text.strip()


def texts(embed: discord.Embed) -> Iterator[tuple[str, int]]:
    if embed.title is not None:
        yield embed.title, 256
    if embed.description is not None:
        yield embed.description, 4096
    if embed.footer.text is not None:
        yield embed.footer.text, 2048
    for field in embed.fields:
        yield field.name or "", 256
        yield field.value or "", 1024


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def rendered(embed: discord.Embed) -> str:
    """All of its text that Discord reads as Markdown: a footer is not."""
    return "\n".join(text for text, limit in texts(embed) if limit != 2048)


def audit(posting: Posting, *, schema: bool = True) -> None:
    """Assert that a paper's message, in either form, is within limits and mentions nobody but its roles."""
    content, plain = post_content(posting), plain_post(posting)
    allowed = mentions(posting).to_dict()
    marked = replace(posting, marked=posting.keywords, subscribed=2)
    today = NOW.date()
    embeds = [paper_embed(posting, whole=whole) for whole in (False, True)]
    embeds += [post_embed(marked, Style.COMPACT, today=today, revision=again) for again in (False, True)]
    if schema:
        embeds += [post_embed(one, style, today=today) for one in (posting, marked) for style in Style]
    above = headline(marked) or ""
    assert utf16(f"{above}\n{content}") <= 2000
    assert _MENTION.search(above) is None
    for embed in embeds:
        kept([embed])
        assert _MENTION.search(rendered(embed)) is None
        assert embed.url == posting.paper.abs_url
        if schema:
            body = {"content": content, "embeds": [embed.to_dict()], "allowed_mentions": allowed}
            valid_request("POST", "/channels/1/messages", body)
    assert utf16(plain) <= 2000
    assert plain.endswith(posting.paper.abs_url)
    mentioned = {found[0] for found in _MENTION.finditer(plain)}
    assert mentioned == {f"<@&{role_id}>" for role_id in posting.role_ids}
    assert allowed["parse"] == []
    if schema:
        valid_request("POST", "/channels/1/messages", {"content": plain, "allowed_mentions": allowed})


def posting(paper: Paper, *keywords: str, role_ids: Iterable[int] = ()) -> Posting:
    return Posting(paper, keywords or ("speech synthesis", "TTS"), tuple(role_ids))


@cache
def parity_papers() -> list[Paper]:
    with gzip.open(SHARED / "arxiv" / "parity_papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        replace(
            PAPER,
            id=PaperId(row["id"]),
            version=row["version"],
            title=row["title"],
            abstract=row["abstract"],
            updated=datetime.fromisoformat(row["updated"]),
            comment=row.get("comment"),
        )
        for row in rows
    ]


@cache
def recorded_papers() -> list[Paper]:
    from bot.arxiv.feed import parse

    papers: list[Paper] = []
    for path in sorted((SHARED / "arxiv" / "atom").glob("*.xml")):
        try:
            papers += parse(path.read_bytes()).papers
        except ArxivError:
            continue
    return papers
