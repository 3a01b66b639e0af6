"""Every real paper in an embed, read as Discord reads it: the paper's own text is shown, and nothing else.

The reader here is a small one of its own, so that a mistake in `bot.present.markdown` is not repeated in the
check. `pytest -s` prints the counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from bot.model.outbox import Posting
from bot.model.papers import Paper
from bot.present import limits
from bot.present.abstracts import abstract_embed
from bot.present.cards import card_embed, revision_embed
from bot.present.latex.shapes import script
from bot.present.latex.unicode import to_unicode
from bot.present.markdown import clean
from bot.present.posts import paper_embed
from tests.present.embed_cases import audit, kept, parity_papers, posting, recorded_papers
from tests.shared import needs_shared

COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
RAISED = re.compile(r"(?<=[\w)|])\^(?:\(([-+]?\d+)\)|([-+]?\d+(?!\w)|[∘◦]))")  # letters may be of a name
MONEY = re.compile(r"\$(?=[\d.,]*\d)")
ADDRESS = re.compile(r"<https?://[^\s<>]+>|https?://[^\s<>]+", re.IGNORECASE)
ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
ACCIDENTS = {
    "emphasis, spoiler or code": re.compile(r"[*_~|`]"),
    "link": re.compile(r"\[[^\]]*\]\("),
    "heading": re.compile(r"^(?:-#|#{1,3}) "),
    "quote": re.compile(r"^>{1,3} "),
    "list": re.compile(r"^(?:[-*+]|\d+[.)]) "),
    "emoji": re.compile(r":\w+:"),
    "mention": re.compile(r"<(?:@[!&]?\d+|#\d+|t:-?\d+|a?:\w+:\d+|/[\w ]+:\d+|id:\w+)>|@(?:everyone|here)"),
}


def sources(paper: Paper) -> Iterator[str]:
    yield from filter(None, (paper.title, paper.abstract, paper.comment, paper.journal_ref, *paper.authors))


def pieces(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield what an embed makes of the paper's texts, in Markdown, and from what."""
    for whole in (False, True):
        embed = paper_embed(Posting(paper, ()), whole=whole)
        yield embed.title or "", paper.title
        yield (embed.description or "").rpartition("\n\n")[2], paper.abstract
        for field in embed.fields:
            text = {"Comment": paper.comment, "Published in": paper.journal_ref}.get(field.name or "")
            if text is not None:
                yield str(field.value), text
    shown, _ = abstract_embed(paper)
    parts = [part for part in (shown.description or "").split("\n\n") if not part.startswith("[")]
    yield re.sub(r"(?<!\\)\*\*", "", parts[-1]), paper.abstract


def cards(paper: Paper) -> Iterator[str]:
    """Yield what compact posts make of the paper's texts, in Markdown."""
    posting = Posting(paper, (), marked=("a",))
    for embed in (card_embed(posting, None), revision_embed(posting, None)):
        yield embed.title or ""
        yield (embed.description or "").rpartition("\n")[0].removeprefix("⚠️ **Withdrawn** ")


def accidents(markdown: str) -> Iterator[str]:
    """Yield what Discord would make of *markdown* other than showing it."""
    bare = ESCAPED.sub("\ue000", ADDRESS.sub("\ue001", markdown))
    yield from (name for name, pattern in ACCIDENTS.items() if pattern.search(bare))


def read(markdown: str) -> str:
    """Return what a reader sees."""
    parts = re.split(f"({ADDRESS.pattern})", markdown, flags=re.IGNORECASE)
    seen = (part if number % 2 else ESCAPED.sub(r"\1", part) for number, part in enumerate(parts))
    return "".join(seen).replace("\u200b", "")


def is_shown(seen: str, source: str) -> bool:
    """Tell whether *seen* is the text of *source*, or its beginning."""
    text = clean(to_unicode(source))
    return seen == text or (seen.endswith(limits.ELLIPSIS) and text.startswith(seen[:-1].rstrip()))


def left_over(text: str) -> Iterator[str]:
    """Yield what of LaTeX is left in *text* although Unicode has it."""
    text = ADDRESS.sub("", text)
    yield from COMMAND.findall(text)
    yield from re.findall(r"\$", MONEY.sub("", text))
    for found in RAISED.finditer(text):
        if not script(found[1] or found[2], raised=True).startswith("^"):
            yield found[0]


@needs_shared
@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.thorough)])
def test_real_papers_keep_discords_limits_and_show_no_latex_or_markdown_by_accident(share: int) -> None:
    """One paper in *share* is looked at."""
    papers = [*parity_papers(), *recorded_papers()][::share]
    count = Counter(
        {
            "Markdown accidents": 0,
            "texts shown otherwise than written": 0,
            "left over that Unicode can show": 0,
        }
    )
    for position, paper in enumerate(papers):
        audit(posting(paper, role_ids=(1, 2)), schema=position % 50 == 0)
        kept([abstract_embed(paper)[0]])
        for source in sources(paper):
            count["LaTeX commands in them"] += len(COMMAND.findall(source))
            count["left over that Unicode can show"] += len(list(left_over(to_unicode(source))))
        for markdown in cards(paper):
            count["texts on cards"] += 1
            count["Markdown accidents"] += len(list(accidents(markdown)))
        for markdown, source in pieces(paper):
            count["texts shown"] += 1
            count["Markdown accidents"] += len(list(accidents(markdown)))
            count["texts shown otherwise than written"] += not is_shown(read(markdown), source)
    print(  # noqa: T201 - the counts are what this test is for
        f"\n{len(papers):,} papers",
        *(f"{number:,} {name}" for name, number in sorted(count.items())),
        sep="\n  ",
    )
    assert len(papers) * share > 5267
    assert count["LaTeX commands in them"] * share > 1000
    assert count["left over that Unicode can show"] == 0
    assert count["Markdown accidents"] == 0
    assert count["texts shown otherwise than written"] == 0


@pytest.mark.parametrize(
    ("markdown", "accident"),
    [
        ("a *b* c", "emphasis, spoiler or code"),
        ("# Title", "heading"),
        ("1. item", "list"),
        ("[a](b)", "link"),
        (":smile:", "emoji"),
        ("<@1>", "mention"),
        (r"a \*b\* c, https://x.org/a_b_c, 1\. x", None),
    ],
)
def test_the_audit_sees_accidents(markdown: str, accident: str | None) -> None:
    assert list(accidents(markdown)) == ([accident] if accident else [])


@pytest.mark.parametrize("text", [r"\alpha", "$x$", "11^∘", r"11$^{\circ}$", "x^(12)", "x^-1", r"a\%"])
def test_the_audit_sees_what_is_left_over(text: str) -> None:
    assert list(left_over(text))
    assert not list(left_over(to_unicode(text)))
