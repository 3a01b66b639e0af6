from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.commands import Ended, clean_process, ran, started
from tests.shared import SHARED, needs_shared

__all__ = ["clean_process"]

ROOT = Path(__file__).parents[2]


def test_match_prints_by_paper_then_by_argument_as_typed(tmp_path: Path) -> None:
    rows = [
        {"id": "2607.00002", "version": 3, "title": "Cats", "abstract": "Cats and dogs."},
        {"id": "2607.00001", "version": 1, "title": "Dogs", "abstract": "Dogs, no more."},
        {"id": "2607.00002", "version": 1, "title": "Birds", "abstract": "Birds."},
    ]
    file = tmp_path / "papers.jsonl.gz"
    file.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    ended = ran("match", "-p", str(file), "abs:DOG", " cats ", "ti:zebra", "abs:dogs")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "abs:DOG\t2607.00002v3",
        " cats \t2607.00002v3",
        "abs:dogs\t2607.00002v3",
        "abs:DOG\t2607.00001v1",
        "abs:dogs\t2607.00001v1",
    ]
    assert ran("match", "-p", str(file), "zebra") == Ended(0, "", "")


@pytest.mark.parametrize(
    ("typed", "meant"), [("cats -dogs", "'cats ANDNOT dogs'"), ("cats, dogs", "'cats OR dogs'")]
)
def test_operators_of_other_search_engines_are_noted_and_read_as_a_phrase(
    tmp_path: Path, typed: str, meant: str
) -> None:
    row = {"id": "2607.00001", "version": 1, "title": "Cats, dogs", "abstract": "Dogs, no more."}
    file = tmp_path / "papers.jsonl"
    file.write_text(json.dumps(row) + "\n")
    ended = ran("match", "-p", str(file), "--", typed)
    assert (ended.code, ended.out) == (0, f"{typed}\t2607.00001v1\n")
    assert ended.says(f"Note: “{typed}” is read as a phrase; to combine its words, write {meant}")


@pytest.mark.parametrize(
    ("typed", "remark"),
    [
        ("the cats", "arXiv does not index “the”. Understood: “cats”"),
        ("C#", "arXiv does not index “#”. Understood: “c”"),
        ("ti:C++", "arXiv does not index “++”. Understood: ti:c"),
    ],
)
def test_what_a_query_leaves_out_is_noted(tmp_path: Path, typed: str, remark: str) -> None:
    (tmp_path / "papers.jsonl").write_text("")
    ended = ran("match", "-p", str(tmp_path / "papers.jsonl"), "--", typed)
    assert (ended.code, ended.err) == (0, f"Note: “{typed}”: {remark}\n")


def test_match_refuses_a_query_before_it_looks_at_the_file() -> None:
    ended = ran("match", "-p", "missing.jsonl", "x", 'ti:"open')
    assert ended.code == 2
    assert "column" in ended.err.splitlines()[0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("2401.00001", "“2401.00001” is an arXiv paper, not words; to search by identifier, write id:"),
        ("arXiv:2401.00001v2", "“2401.00001” is an arXiv paper"),
        ("https://arxiv.org/abs/2401.00001", "“2401.00001” is an arXiv paper"),
        ("arxiv.org/pdf/2401.00001v1.pdf", "“2401.00001” is an arXiv paper"),
        ("hep-th/9901001", "“hep-th/9901001” is an arXiv paper"),
        ("10.48550/arXiv.2401.00001", "“2401.00001” is an arXiv paper"),
        ("https://alphaxiv.org/abs/2401.00001", "“2401.00001” is an arXiv paper"),
        ("10.1103/PhysRevLett.1.1", "to search for it, write doi:10.1103/PhysRevLett.1.1"),
        ("https://arxiv.org/list/cs.CL/new", "for the papers in that list, write cat:cs.CL."),
        ("https://example.org/page", "A link cannot be searched for; use words from the title."),
        ("www.example.org", "A link cannot be searched for"),
    ],
)  # fmt: skip
def test_match_refuses_what_names_a_paper_or_a_page(query: str, said: str) -> None:
    ended = ran("match", "-p", "missing.jsonl", "cats", query)
    assert (ended.code, ended.out) == (2, "")
    assert ended.says(said)


def test_a_version_need_not_be_given(tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text('{"id": "2607.00001", "title": "Cats", "abstract": "Cats."}\n[1]\n')
    ended = ran("match", "-p", str(file), "cats", "id:2607.00001")
    assert ended.out.splitlines() == ["cats\t2607.00001v1", "id:2607.00001\t2607.00001v1"]
    assert ended.says("line 2: a paper must be a JSON object with id, title and abstract.")


@pytest.mark.parametrize(
    "line",
    [
        b"{]\n",
        b"[]\n",
        b'{"id": "nonsense", "version": 1, "title": "t", "abstract": "a"}\n',
        b'{"id": "2607.1\\ud800", "version": 1, "title": "t", "abstract": "a"}\n',
        b'{"id": "2607.1", "title": "t", "abstract": "a", "updated": "0001-01-01T00:00:00+23:00"}\n',
        b"[" * 100_000,
    ],
    ids=["no_json", "no_object", "no_identifier", "half_a_character", "before_time_began", "deep"],
)
def test_a_bad_row_ends_with_1_after_the_matches_before_it(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "papers.jsonl"
    good = {"id": "2607.00001", "version": 1, "title": "Cats", "abstract": "Cats."}
    file.write_bytes(json.dumps(good).encode() + b"\n" + line)
    ended = ran("match", "-p", str(file), "cats")
    assert (ended.code, ended.out) == (1, "cats\t2607.00001v1\n")
    assert ended.says(f"{file}, line 2")


@pytest.mark.parametrize(
    ("file", "reason"), [("missing.jsonl", "no such file or directory"), (".", "is a directory")]
)
def test_papers_that_cannot_be_read_end_with_1(file: str, reason: str) -> None:
    ended = ran("match", "-p", file, "cats")
    assert ended.code == 1
    assert ended.says(f"{file} cannot be read ({reason})")


@needs_shared
def test_match_equals_arxivs_own_search_on_the_real_papers() -> None:
    arxiv = SHARED / "arxiv"
    with gzip.open(arxiv / "parity_queries.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    expected = [(row["query"], paper) for row in rows for paper in row["expected"]]
    ended = ran("match", "-p", str(arxiv / "parity_papers.jsonl.gz"), *(row["query"] for row in rows))
    found = [tuple(line.split("\t")) for line in ended.out.splitlines()]
    print(f"\n{len(found)} of {len(expected)} matches found")  # noqa: T201 - the count is what this test shows
    assert Counter(found) == Counter(expected)


def test_match_loads_neither_discord_nor_a_database() -> None:
    code = (
        "import sys; from bot.cli.main import main\n"
        "try: main(['match', '-p', '/dev/null', 'x'])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(sorted({'discord', 'aiohttp', 'sqlalchemy', 'feedparser'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    row = json.dumps({"id": "2607.00001", "version": 1, "title": "Cats", "abstract": "Cats."})
    file.write_text(f"{row}\n" * 20_000)
    process = started("match", "-p", str(file), "cats")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "cats\t2607.00001v1\n"
    process.stdout.close()
    assert process.wait(20) == 1
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.parametrize("arguments", [("match", "-p", "papers.jsonl", "cats"), ("--help",), ("--version",)])
def test_a_full_standard_output_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text(json.dumps({"id": "2607.00001", "version": 1, "title": "Cats", "abstract": "Cats."}))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "Standard output cannot be written (no space left on device).\n"


def test_a_closed_standard_output_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text(json.dumps({"id": "2607.00001", "version": 1, "title": "Cats", "abstract": "Cats."}))
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m bot match -p {file} cats >&-"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "Standard output cannot be written (it is closed).\n"
