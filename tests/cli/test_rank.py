from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import Ended, clean_process, ran

__all__ = ["clean_process"]

ROOT = Path(__file__).parents[2]
SPLATTING = "We render {} with Gaussian splatting and radiance fields."
ROBOTS = "Legged robots walk on {} with a policy."


def row(number: int, title: str, abstract: str, **more: object) -> dict[str, object]:
    return {"id": f"2607.{number:05}", "title": title, "abstract": abstract} | more


def write(path: Path, *rows: dict[str, object]) -> str:
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    return str(path)


@pytest.fixture
def saved(tmp_path: Path) -> str:
    kinds = ("rooms", "streets", "faces")
    return write(
        tmp_path / "saved.jsonl.gz",
        *(row(n, f"Of {kind}", SPLATTING.format(kind)) for n, kind in enumerate(kinds, 1)),
    )


@pytest.fixture
def papers(tmp_path: Path) -> str:
    return write(
        tmp_path / "papers.jsonl",
        row(11, "Walking", ROBOTS.format("sand"), version=2),
        row(12, "Trees", SPLATTING.format("trees")),
        row(13, "Walking", ROBOTS.format("snow")),
        row(13, "Walking", ROBOTS.format("ice"), version=3),
        row(14, "Cats", "Cats."),
        row(15, "Dogs", "Dogs."),
    )


def order(ended: Ended) -> list[str]:
    assert (ended.code, ended.err) == (0, "")
    rows = [line.split("\t") for line in ended.out.splitlines()]
    scores = [float(row[1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    return [row[0] for row in rows]


def test_the_closest_comes_first_and_every_paper_once(saved: str, papers: str) -> None:
    ended = ran("rank", "--saved", saved, papers)
    assert order(ended)[0] == "2607.00012v1"
    assert sorted(order(ended)) == [
        "2607.00011v2",
        "2607.00012v1",
        "2607.00013v3",
        "2607.00014v1",
        "2607.00015v1",
    ]
    assert ran("rank", "--saved", saved, papers) == ended


def test_ties_are_broken_by_the_newest(saved: str, papers: str) -> None:
    tied = ["2607.00015v1", "2607.00014v1", "2607.00013v3", "2607.00011v2"]
    assert order(ran("rank", "--saved", saved, papers))[1:] == tied


def test_reasons_are_terms_in_words(saved: str, papers: str) -> None:
    first, *_, last = ran("rank", "--saved", saved, "--explain", papers).out.splitlines()
    assert {"gaussian splatting", "radiance fields"} < set(first.split("\t")[2].split(", "))
    assert last.endswith("\t")


def test_less_and_seen_push_down(tmp_path: Path, saved: str, papers: str) -> None:
    sand = write(tmp_path / "sand.jsonl", row(1, "Walking", ROBOTS.format("sand")))
    assert order(ran("rank", "--saved", saved, "--less", sand, papers))[-1] == "2607.00011v2"
    assert order(ran("rank", "--saved", saved, "--seen", sand, papers))[0] == "2607.00012v1"


def test_below_three_saved_papers_the_keyword_decides(tmp_path: Path, papers: str) -> None:
    two = write(
        tmp_path / "two.jsonl", row(1, "A", SPLATTING.format("a")), row(2, "B", SPLATTING.format("b"))
    )
    none = write(tmp_path / "none.jsonl")
    assert order(ran("rank", "--saved", two, "-k", "cats", "-k", "dogs", papers))[:2] == [
        "2607.00015v1",
        "2607.00014v1",
    ]
    assert order(ran("rank", "--saved", none, "--keyword", "cats", papers))[0] == "2607.00014v1"
    assert order(ran("rank", "--saved", two, papers))[0] == "2607.00012v1", (
        "without a keyword, all that is known"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--saved", "missing.jsonl", "papers.jsonl"), 1, "missing.jsonl cannot be read (no such file"),
        (("--saved", "papers.jsonl", "missing.jsonl"), 1, "missing.jsonl cannot be read"),
        (("--saved", "papers.jsonl", "--less", "bad.jsonl", "papers.jsonl"), 1, "line 2: this is not JSON"),
        (("--saved", "papers.jsonl", "-k", 'ti:"open', "papers.jsonl"), 2, "column"),
        (("--saved", "papers.jsonl", "-k", "2401.00001", "papers.jsonl"), 2, "is an arXiv paper, not words"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(
    tmp_path: Path, papers: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "bad.jsonl").write_text("\n{]\n")
    ended = ran("rank", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err.splitlines()[0]


def test_no_papers_are_no_lines(tmp_path: Path, saved: str) -> None:
    assert ran("rank", "--saved", saved, write(tmp_path / "none.jsonl")) == Ended(0, "", "")


def test_rank_loads_neither_discord_nor_a_database(saved: str, papers: str) -> None:
    code = (
        "import sys; from bot.cli.main import main\n"
        f"try: main(['rank', '--saved', {saved!r}, '--explain', {papers!r}])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(sorted({'discord', 'aiohttp', 'sqlalchemy', 'feedparser'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
