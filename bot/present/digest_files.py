"""A digest's Markdown as attachments: one file, several split by keyword, or compressed ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence

from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.outbox import DigestPage
from bot.model.papers import Paper, PaperId
from bot.present import limits
from bot.present.digest_markdown import render_sections
from bot.rules.digest import by_keyword

Sections = Sequence[tuple[str, Sequence[Paper]]]


def issue_files(whole: DigestPage, papers: Mapping[PaperId, Paper], limit: int) -> dict[str, bytes]:
    """Return the files of a digest or list, contents by name: all its papers by keyword.

    Unlike the page of `/digest markdown`, they have no introduction.

    Raises:
        UserError: see `digest_files`.
    """
    sections = [
        (section.keyword, [papers[paper] for paper in section.papers if paper in papers])
        for section in by_keyword(whole.sections)
    ]
    return digest_files(sections, render_sections, f"digest-{whole.day}", limit)


def digest_files(
    sections: Sections, render: Callable[[Sections], str], name: str, limit: int
) -> dict[str, bytes]:
    """Return *sections* as *render* writes them: files of at most *limit* bytes, contents by name.

    File names begin with *name*. Too much for one file is split between keywords; if that does not help, it
    is compressed. This takes a while for many papers.

    Raises:
        UserError: it is too much for the attachments of one message.
    """
    whole = render(sections).encode()
    if len(whole) <= limit:
        return {f"{name}.md": whole}
    parts = [render(group).encode() for group in _groups(sections, render, limit)]
    split = {f"{name}-{number}.md": part for number, part in enumerate(parts, 1)}
    if _fit(split, limit):
        return split
    compressed = {f"{name}.md.gz": gzip.compress(whole, mtime=0)}
    if _fit(compressed, limit):
        return compressed
    compressed = {f"{file}.gz": gzip.compress(part, mtime=0) for file, part in split.items()}
    if _fit(compressed, limit):
        return compressed
    raise UserError(_("This file is too large for Discord here, even compressed. Choose a single keyword."))


def _groups(sections: Sections, render: Callable[[Sections], str], limit: int) -> list[Sections]:
    """Split *sections* into groups whose text has at most *limit* bytes, as far as whole sections allow."""
    introduction = len(render([]).encode())
    sizes = [len(render([section]).encode()) - introduction + 1 for section in sections]
    starts, room = [0], limit - introduction
    for at, size in enumerate(sizes):
        if size > room and at > starts[-1]:
            starts.append(at)
            room = limit - introduction
        room -= size
    return [sections[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _fit(files: dict[str, bytes], limit: int) -> bool:
    sizes = [len(content) for content in files.values()]
    return (
        len(files) <= limits.ATTACHMENTS and max(sizes) <= limit and sum(sizes) <= max(limit, limits.REQUEST)
    )
