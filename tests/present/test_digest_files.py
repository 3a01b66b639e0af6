"""A digest's Markdown in as many files as Discord's limits ask for, and no paper left out."""

from __future__ import annotations

import gzip
import random
import re
import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import UserError
from bot.model.papers import Paper
from bot.present import limits
from bot.present.digest_files import Sections, digest_files
from bot.present.digest_markdown import render
from tests.fakes.papers import make_paper, make_papers

TODAY = date(2026, 7, 24)
PAPERS = make_papers(12, first=1001)


def markdown(sections: Sections) -> str:
    return render(sections, TODAY)


def size(*sections: tuple[str, list[Paper]]) -> int:
    return len(markdown(sections).encode())


def text_of(name: str, content: bytes) -> str:
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def test_what_fits_is_one_file_as_it_is() -> None:
    sections = [("TTS", PAPERS[:3]), ("vocoder", PAPERS[3:5])]
    limit = size(*sections)
    assert digest_files(sections, markdown, "papers", limit) == {"papers.md": markdown(sections).encode()}


def test_what_is_too_large_is_split_between_keywords() -> None:
    sections = [("a", PAPERS[:3]), ("b", PAPERS[3:6]), ("c", PAPERS[6:9])]
    limit = size(*sections[:2]) + 2
    found = digest_files(sections, markdown, "papers", limit)
    assert found == {
        "papers-1.md": markdown(sections[:2]).encode(),
        "papers-2.md": markdown(sections[2:]).encode(),
    }


def test_a_keyword_that_is_too_large_by_itself_is_compressed_with_the_rest() -> None:
    sections = [("a", PAPERS[:10]), ("b", PAPERS[10:])]
    [(name, content)] = digest_files(sections, markdown, "papers", size(("a", PAPERS[:9]))).items()
    assert name == "papers.md.gz"
    assert gzip.decompress(content).decode() == markdown(sections)


def test_more_keywords_than_a_message_has_files_are_compressed() -> None:
    sections = [(f"keyword {number}", [PAPERS[number]]) for number in range(12)]
    found = digest_files(sections, markdown, "papers", size(sections[0]) + 20)
    assert list(found) == ["papers.md.gz"]


def test_one_message_carries_as_many_files_as_discord_allows() -> None:
    sections = [(f"keyword {number}", [PAPERS[number]]) for number in range(limits.ATTACHMENTS)]
    files = digest_files(sections, markdown, "papers", size(sections[0]) + 20)
    assert list(files) == [f"papers-{number}.md" for number in range(1, limits.ATTACHMENTS + 1)]


def noise(number: int, length: int) -> Paper:
    """A paper that compression makes little smaller."""
    letters = random.Random(number).choices(string.ascii_letters, k=length)  # noqa: S311 - any letters do
    return make_paper(number, abstract="".join(letters))


def test_what_is_too_large_even_compressed_is_split_and_compressed() -> None:
    sections = [(f"keyword {number}", [noise(number, 4000)]) for number in range(1, 4)]
    limit = size(sections[0]) - 100
    found = digest_files(sections, markdown, "papers", limit)
    assert list(found) == ["papers-1.md.gz", "papers-2.md.gz", "papers-3.md.gz"]
    assert all(len(content) <= limit for content in found.values())


def test_what_no_message_can_carry_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="Choose a single keyword"):
        digest_files([("a", [noise(1, 4000)])], markdown, "papers", 1000)


def test_all_files_together_keep_the_limit_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    sections = [("a", PAPERS[:3]), ("b", PAPERS[3:6])]
    limit = size(sections[0]) + 20
    assert len(digest_files(sections, markdown, "papers", limit)) == 2
    monkeypatch.setattr(limits, "REQUEST", limit)
    assert list(digest_files(sections, markdown, "papers", limit)) == ["papers.md.gz"]


@given(sizes=st.lists(st.integers(0, 5), min_size=1, max_size=14), limit=st.integers(900, 9000))
def test_every_paper_is_in_exactly_one_file_under_its_keyword(sizes: list[int], limit: int) -> None:
    numbers = iter(range(1001, 2000))
    sections = [
        (f"k{at}", [replace(PAPERS[0], id=make_paper(next(numbers)).id) for _ in range(count)])
        for at, count in enumerate(sizes)
    ]
    found = digest_files(sections, markdown, "papers", limit)
    texts = [text_of(name, content) for name, content in found.items()]
    assert all(len(content) <= limit for content in found.values())
    assert len(found) <= limits.ATTACHMENTS
    rows = [row for text in texts for row in re.findall(r"^## (\w+)$|abs/([\d.]+)v", text, re.MULTILINE)]
    expected = [
        row
        for keyword, papers in sections
        for row in [(keyword, ""), *(("", each.id.text) for each in papers)]
    ]
    assert rows == expected
