from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.config import Settings
from bot.store import Store
from tests.commands import arxiv, asked, clean_process, subscribed
from tests.fakes.arxiv import FakeArxiv, Fault, empty_page, nothing_found, rate_exceeded, status
from tests.fakes.papers import make_paper, make_papers

__all__ = ["arxiv", "clean_process"]


async def test_a_digest_holds_the_newest_papers_of_each_keyword(arxiv: FakeArxiv, tmp_path: Path) -> None:
    file = tmp_path / "digest.md"
    ended = await asked("digest", "-k", "speech synthesis", "-k", "model", "--max", "3", "-o", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.splitlines() == ["1 of 2: speech synthesis, papers 3", "2 of 2: model, papers 3"]
    lines = file.read_text().splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# Daily Papers",
        "## speech synthesis",
        "## model",
    ]
    assert lines.count("") >= 2
    rows = [line.partition("](")[2].partition(")")[0] for line in lines if line.startswith("| **[")]
    assert rows == [f"https://arxiv.org/abs/2607.0000{number}v1" for number in (5, 4, 3)] * 2
    assert [request.parameters["sortBy"] for request in arxiv.requests] == ["lastUpdatedDate"] * 2


async def test_a_digest_without_a_file_goes_to_standard_output(arxiv: FakeArxiv) -> None:
    ended = await asked("digest", "-k", "speech synthesis")
    assert ended.code == 0
    assert ended.out.startswith("# Daily Papers\n")
    assert ended.out.endswith("|\n")
    assert arxiv.requests[0].parameters["max_results"] == "100"


@pytest.mark.parametrize(("chosen", "kept"), [("cs", 2), ("cs,math", 3), ("cs.CL, math.AG", 2), ("stat", 0)])
async def test_categories_are_filtered_after_fetching(arxiv: FakeArxiv, chosen: str, kept: int) -> None:
    arxiv.papers = [
        make_paper(1, categories=("cs.CL",), primary_category="cs.CL"),
        make_paper(2, categories=("eess.AS", "cs.SD"), primary_category="eess.AS"),
        make_paper(3, categories=("math.AG",), primary_category="math.AG"),
        make_paper(4, categories=("csx.AG",), primary_category="csx.AG"),
    ]
    ended = await asked("digest", "-k", "speech synthesis", "--categories", chosen, "--max", "4")
    assert ended.code == 0
    assert ended.out.count("arxiv.org/abs/") == kept
    assert arxiv.requests[0].parameters["max_results"] == "4"


@pytest.mark.parametrize(
    ("configured", "arguments", "fetched", "shown"),
    [
        ("3", (), "3", 3),
        ("3", ("--max", "5"), "5", 5),
        ("100", ("--max", "105"), "105", 100),
        ("120", (), "120", 110),
    ],
)
async def test_a_section_holds_at_most_100_papers_or_what_is_configured(
    arxiv: FakeArxiv,
    monkeypatch: pytest.MonkeyPatch,
    *,
    configured: str,
    arguments: tuple[str, ...],
    fetched: str,
    shown: int,
) -> None:
    monkeypatch.setenv("PAPERS_DIGEST__MAX_PER_KEYWORD", configured)
    arxiv.papers = make_papers(110)
    ended = await asked("digest", "-k", "speech synthesis", *arguments)
    assert ended.code == 0
    assert ended.out.count("arxiv.org/abs/") == shown
    assert arxiv.requests[0].parameters["max_results"] == fetched


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("https://arxiv.org/abs/2607.00001", "write id:NUMBER"),
        ("10.1038/nature14539", "doi:10.1038/nature14539"),
        ("https://arxiv.org/list/cs.CL/recent", "cat:cs.CL"),
        ("https://example.org", "words from the title"),
    ],
)
async def test_a_link_is_no_keyword(arxiv: FakeArxiv, typed: str, said: str) -> None:
    for command in (("digest", "-k", typed), ("search", typed)):
        ended = await asked(*command)
        assert ended.code == 2
        assert ended.says(said)
    assert arxiv.requests == []


async def test_an_unknown_category_ends_with_2(arxiv: FakeArxiv) -> None:
    ended = await asked("digest", "-k", "x", "--categories", "cs,computing")
    assert ended.code == 2
    assert ended.says("“computing” is not an arXiv category")
    assert arxiv.requests == []


async def test_what_resembles_no_category_is_answered_with_one_that_is(arxiv: FakeArxiv) -> None:
    ended = await asked("digest", "-k", "x", "--categories", "zzz")
    assert arxiv.requests == []
    assert ended.says("“zzz” is not an arXiv category; try “cs”.")


async def test_without_keywords_those_of_the_subscriptions_are_taken(
    arxiv: FakeArxiv, tmp_path: Path
) -> None:
    await subscribed(tmp_path, "model", "Speech  Synthesis", "speech synthesis", "ti:speech")
    ended = await asked("digest")
    assert ended.code == 0
    headings = [line for line in ended.out.splitlines() if line.startswith("## ")]
    assert headings == ["## model", "## Speech Synthesis", "## ti:speech"]
    assert len(arxiv.requests) == 3


async def test_a_digest_is_fine_beside_a_running_bot(arxiv: FakeArxiv, tmp_path: Path) -> None:
    await subscribed(tmp_path, "model")
    async with await Store.open(Settings().database.url, hold=True):
        assert (await asked("digest")).code == 0
    assert arxiv.requests


@pytest.mark.parametrize("stored", [False, True])
async def test_no_keywords_at_all_ends_with_2(arxiv: FakeArxiv, tmp_path: Path, stored: bool) -> None:
    if stored:
        await subscribed(tmp_path)
    ended = await asked("digest")
    assert ended.code == 2
    assert ended.says("There are no keywords", "-k KEYWORD")
    assert (tmp_path / "data").exists() is stored
    assert arxiv.requests == []


@pytest.mark.parametrize(
    ("file", "reason"),
    [("missing/digest.md", "no such file or directory"), (".", "is a directory"), ("/proc/digest.md", "")],
)
async def test_an_unwritable_file_ends_with_1_before_anything_is_fetched(
    arxiv: FakeArxiv, file: str, reason: str
) -> None:
    ended = await asked("digest", "-k", "model", "-o", file)
    assert ended.code == 1
    assert ended.says(f"{file} cannot be written", reason)
    assert arxiv.requests == []


async def test_a_full_disk_ends_with_1(arxiv: FakeArxiv) -> None:
    ended = await asked("digest", "-k", "model", "-o", "/dev/full")
    assert ended.code == 1
    assert ended.says("/dev/full cannot be written (no space left on device)")


async def test_a_corrupt_database_ends_with_1_and_stays_as_it_is(arxiv: FakeArxiv, tmp_path: Path) -> None:
    file = tmp_path / "data" / "papers.db"
    file.parent.mkdir()
    file.write_bytes(b"not a database" * 1000)
    ended = await asked("digest")
    assert ended.code == 1
    assert ended.says("papers.db is not a database")
    assert file.read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize("fault", [rate_exceeded(), status(500), status(403), empty_page()])
async def test_arxiv_failing_ends_a_digest_with_1_and_leaves_the_file(
    arxiv: FakeArxiv, tmp_path: Path, fault: Fault
) -> None:
    file = tmp_path / "digest.md"
    file.write_text("yesterday's")
    first = make_paper(1)
    arxiv.publish([first])
    arxiv.fail(None)
    arxiv.always = fault
    ended = await asked("digest", "-k", "speech synthesis", "-k", "model", "-o", str(file))
    assert ended.code == 1
    assert ended.says("model")
    assert file.read_text() == "yesterday's"
    assert os.listdir(tmp_path) == [file.name]  # noqa: PTH208


@pytest.mark.parametrize("keywords", [("nonesuch",), ("nonesuch", "speech synthesis"), ("model", "nonesuch")])
async def test_a_keyword_without_papers_has_an_empty_section_and_a_warning(
    arxiv: FakeArxiv, tmp_path: Path, keywords: tuple[str, ...]
) -> None:
    file = tmp_path / "digest.md"
    options = [part for keyword in keywords for part in ("-k", keyword)]
    ended = await asked("digest", *options, "-o", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert ended.says("Warning: arXiv has no papers for “nonesuch”")
    sections = file.read_text().split("\n## ")
    assert [section.partition("\n")[0] for section in sections[1:]] == list(keywords)
    rows = {section.partition("\n")[0]: section.count("| **[") for section in sections[1:]}
    assert rows == {keyword: 0 if keyword == "nonesuch" else 5 for keyword in keywords}


async def test_a_single_empty_answer_costs_no_section(arxiv: FakeArxiv) -> None:
    arxiv.fail(nothing_found())
    ended = await asked("digest", "-k", "model")
    assert ended.code == 0
    assert ended.out.count("arxiv.org/abs/") == 5
    assert "Warning" not in ended.err


async def test_a_section_that_is_empty_because_of_the_categories_is_told(arxiv: FakeArxiv) -> None:
    ended = await asked("digest", "-k", "model", "--categories", "math,stat")
    assert ended.code == 0
    assert ended.says("Warning: none of the papers fetched for “model” is in math, stat")


async def test_an_unreachable_arxiv_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERS_ARXIV__API_URL", "http://127.0.0.1:9/api/query")
    monkeypatch.setenv("PAPERS_ARXIV__MIN_INTERVAL", "0")
    for command in (("search", "x"), ("digest", "-k", "x")):
        ended = await asked(*command)
        assert ended.code == 1
        assert ended.says("No connection to 127.0.0.1")
        assert ended.says("python -m bot check")
