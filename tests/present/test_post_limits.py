"""How much of each detail a post shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model.outbox import Posting
from bot.present.posts import (
    authors,
    mentions,
    paper_embed,
    plain_post,
    post_content,
    thread_name,
    title_link,
)
from tests.fakes.papers import make_paper

PAPER = make_paper(1001)
LONG = "x" * 5_000


def shown(*, whole: bool = False, keywords: tuple[str, ...] = (), **changes: Any) -> dict[str, str]:
    """Return the parts of a post by name."""
    embed = paper_embed(Posting(replace(PAPER, **changes), keywords), whole=whole)
    parts = {field.name or "": field.value or "" for field in embed.fields}
    footer, description = embed.footer.text or "", embed.description or ""
    return parts | {
        "footer": footer,
        "abstract": description.partition("\n\n")[2],
        "title": embed.title or "",
    }


@pytest.mark.parametrize(
    ("part", "changes", "length"),
    [
        ("abstract", {"abstract": LONG}, 700),
        ("abstract", {"abstract": LONG, "whole": True}, 3_500),
        ("Comment", {"comment": LONG}, 300),
        ("Published in", {"journal_ref": LONG}, 250),
        ("title", {"title": LONG}, 256),
        ("Categories", {"primary_category": LONG, "categories": ()}, 104),  # in bold
    ],
)
def test_a_detail_is_cut_to_a_length(part: str, changes: dict[str, Any], length: int) -> None:
    found = shown(**changes)[part]
    assert len(found) == length
    assert "…" in found


def test_keywords_in_the_footer_are_cut() -> None:
    footer = shown(keywords=(LONG,))["footer"]
    assert len(footer) == len("arXiv:2607.01001v1 · ") + 400
    assert shown()["footer"] == "arXiv:2607.01001v1"


@pytest.mark.parametrize(("length", "is_shown"), [(300, True), (301, False)])
def test_a_doi_that_is_too_long_to_be_one_is_left_out(length: int, is_shown: bool) -> None:
    assert ("DOI" in shown(doi="1" * length)) is is_shown
    assert "DOI" not in shown(doi=" ")


def test_a_name_is_cut_and_further_authors_are_counted() -> None:
    assert authors(replace(PAPER, authors=(LONG,))) == "x" * 59 + "…"
    assert authors(replace(PAPER, authors=("A", "B", "C"))) == "A, B, C"
    assert authors(replace(PAPER, authors=("A", "B", "C", "D"))) == "A, B, C and 1 more"
    assert authors(replace(PAPER, authors=("A", "B", "C")), 1) == "A and 2 more"


def test_as_many_roles_are_mentioned_as_fit_beside_a_title_each_once() -> None:
    posting = Posting(replace(PAPER, title=LONG), (), tuple([10**18 + number for number in range(80)] * 2))
    assert (post_content(posting) or "").count("<@&") == 75
    assert len(mentions(posting).to_dict()["roles"]) == 75
    assert mentions(Posting(PAPER, ())).to_dict().items() == {"parse": []}.items()
    assert len(plain_post(posting)) == 2000
    alone = plain_post(Posting(replace(PAPER, title=LONG), ()))
    assert len(alone.splitlines()[0]) == 400
    assert post_content(Posting(PAPER, ())) is None


def test_names_and_links_are_cut_and_never_empty() -> None:
    assert len(thread_name(replace(PAPER, title=LONG))) == 100
    assert thread_name(replace(PAPER, title="")) == "2607.01001v1"
    assert title_link(replace(PAPER, title=LONG), 10).startswith("[xxxxxxxxx…](")
    assert title_link(replace(PAPER, title=""), 10).startswith("[2607.01001v1](")
