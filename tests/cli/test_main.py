from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import __version__
from tests.commands import Ended, arxiv, asked, clean_process, ran, started
from tests.fakes.arxiv import FakeArxiv, Fault, error_feed, hang
from tests.fakes.papers import make_paper

__all__ = ["arxiv", "clean_process"]


# Usage


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing-of-the-kind",),
        ("search",),
        ("search", "x", "-n", "0"),
        ("search", "x", "-n", "many"),
        ("digest", "--max", "-1"),
        ("digest", "--nonsense"),
        ("match", "x"),
        ("match", "-p", "papers.jsonl"),
        ("rank", "papers.jsonl"),
        ("rank", "--saved", "papers.jsonl"),
        ("demo", "--port", "99999"),
        ("--nonsense",),
        ("run", "surplus"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_how_it_is_used(arguments: tuple[str, ...]) -> None:
    ended = ran(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("Usage: python -m bot")
    assert "Error: " in ended.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "x", "-n", "0"), "'-n' / '--number': must be at least 1"),
        (("search", "x", "-n", "many"), "'-n' / '--number': must be a whole number"),
        (("digest", "--max", "9999"), "'--max': must be at most 2000"),
        (("subscriptions", "export", "--format", "csv"), "'--format': 'csv' is not one of 'yaml', 'opml'."),
    ],
)
def test_a_wrong_value_is_told_as_those_of_the_configuration_are(
    arguments: tuple[str, ...], said: str
) -> None:
    assert ran(*arguments).err.splitlines()[-1] == f"Error: Invalid value for {said}"


@pytest.mark.parametrize("name", ["run", "demo", "digest", "search", "match", "rank", "check"])
def test_every_command_explains_itself(name: str) -> None:
    assert f"  {name} " in ran("--help").out
    ended = ran(name, "--help")
    assert ended.code == 0
    assert ended.out.splitlines()[2].strip()


def test_the_version_is_shown() -> None:
    assert ran("--version") == Ended(0, f"{__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("run",), ("-c", "none.yaml"), ("run", "-c", "none.yaml")])
def test_without_a_command_the_bot_runs(arguments: tuple[str, ...]) -> None:
    ended = ran(*arguments)
    assert ended.code == 2
    said = "none.yaml: does not exist" if arguments[-1:] == ("none.yaml",) else "discord.token: is missing"
    assert ended.err.startswith(said)


# Configuration


@pytest.mark.parametrize("command", [("run",), ("check",), ("digest", "-k", "x"), ("search", "x")])
def test_a_wrong_configuration_ends_with_2_and_every_mistake(command: tuple[str, ...]) -> None:
    Path("config.yaml").write_text("arxiv: {contcat: me, contact: me}\nhttp: {port: many}\n")
    ended = ran(*command)
    assert ended.code == 2
    lines = ended.err.splitlines()
    assert "arxiv.contcat: there is no such key; did you mean arxiv.contact?" in lines
    assert "http.port: must be a whole number" in lines
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "PAPERS_DATABASE__URL",
            "postgresql://me:hunter2@db",
            "database.url: names no database",
        ),
        ("PAPERS_LANGUAGE", "tlh", "language: is not a supported language"),
    ],
)
@pytest.mark.parametrize("command", ["check", "run"])
def test_what_is_not_built_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, command: str, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    ended = ran(command)
    assert ended.code == 2
    assert any(line.startswith(said) for line in ended.err.splitlines())
    assert "hunter2" not in ended.err


@pytest.mark.parametrize("command", [("digest", "-k", "x"), ("search", "x")])
def test_arxiv_is_not_asked_without_a_contact(command: tuple[str, ...]) -> None:
    ended = ran(*command)
    assert ended.code == 2
    assert ended.says("arxiv.contact: is missing; give an email address")


# Search


async def test_search_prints_the_newest_papers(arxiv: FakeArxiv) -> None:
    ended = await asked("search", "speech synthesis", "-n", "2")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "Speech synthesis with model 5"
    assert lines[2].endswith("https://arxiv.org/abs/2607.00005v1")
    assert lines[-1] == '2 of 5 papers for ti:"speech synthesis" OR abs:"speech synthesis"'
    (request,) = arxiv.requests
    assert request.parameters["sortBy"] == "submittedDate"


@pytest.mark.parametrize(
    ("authors", "said"),
    [
        (("A", "B", "C"), "A, B, C"),
        (("A", "B", "C", "D"), "A, B, C and 1 more"),
        (("A", "B", "C", "D", "E"), "A, B, C and 2 more"),
    ],
)
async def test_search_names_three_authors_and_counts_the_others(
    arxiv: FakeArxiv, authors: tuple[str, ...], said: str
) -> None:
    arxiv.publish([make_paper(9, authors=authors)])
    ended = await asked("search", "speech synthesis", "-n", "1")
    assert ended.out.splitlines()[1] == f"  {said}"


async def test_a_query_that_arxiv_refuses_is_wrong_usage(arxiv: FakeArxiv) -> None:
    arxiv.fail(Fault(status=400, body=error_feed("incorrect query")))
    ended = await asked("search", "speech synthesis")
    assert ended.code == 2
    assert ended.says("arXiv refuses this query: incorrect query. Rephrase it.")


async def test_search_as_json_has_the_columns_of_the_store(arxiv: FakeArxiv) -> None:
    paper = make_paper(9, title="Über $x|y$", comment="12 pages", doi="10.1/x", version=3)
    arxiv.publish([paper])
    ended = await asked("search", "au:author9", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == [
        {
            "id": "2607.00009",
            "version": 3,
            "title": "Über $x|y$",
            "abstract": paper.abstract,
            "authors": list(paper.authors),
            "categories": ["cs.CL", "cs.SD"],
            "primary_category": "cs.CL",
            "published": paper.published.isoformat(),
            "updated": paper.updated.isoformat(),
            "comment": "12 pages",
            "journal_ref": None,
            "doi": "10.1/x",
            "withdrawn": False,
            "first_seen": None,
        }
    ]


async def test_what_search_prints_as_json_match_reads(arxiv: FakeArxiv, tmp_path: Path) -> None:
    found = json.loads((await asked("search", "speech synthesis", "--json")).out)
    file = tmp_path / "papers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in found))
    assert len(ran("match", "-p", str(file), "speech synthesis").out.splitlines()) == len(arxiv.papers)


@pytest.mark.parametrize("shown", [(), ("--json",)])
async def test_a_search_without_a_result_is_no_failure(arxiv: FakeArxiv, shown: tuple[str, ...]) -> None:
    ended = await asked("search", "zzzyx", *shown)
    assert ended.code == 0
    assert ended.out == ("[]\n" if shown else "0 of 0 papers for ti:zzzyx AND abs:zzzyx\n")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('ti:"open quote', "column 4"),
        ("(ti:a", "column"),
        ("the of and", "column 1"),
        ("a" * 501, "at most 500"),
        ("", "column 1"),
    ],
)
async def test_a_wrong_query_ends_with_2_and_points_at_the_place(
    arxiv: FakeArxiv, query: str, said: str
) -> None:
    for command in (("search", query), ("digest", "-k", query)):
        ended = await asked(*command)
        assert ended.code == 2
        assert said in ended.err.splitlines()[0]
        assert "Traceback" not in ended.err
    assert arxiv.requests == []


# The demo


def test_the_demo_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simcord", None)
    ended = ran("demo")
    assert ended.code == 2
    assert ended.says("pip install '.[demo]'")


# As a process


@pytest.fixture
def heard_ctrl_c() -> Iterator[None]:
    """Let new processes hear SIGINT; they do not if a shell started the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_ctrl_c")
async def test_ctrl_c_ends_with_130(arxiv: FakeArxiv) -> None:
    arxiv.always = hang()
    process = started("search", "x")
    while not arxiv.requests:
        assert process.poll() is None
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.to_thread(process.communicate, timeout=20)
    assert (process.returncode, out, err) == (130, "", "")


def test_a_group_without_a_command_explains_its_commands() -> None:
    ended = ran("subscriptions")
    assert ended.code == 2
    assert "export  Write all channel" in ended.err
    assert "import " in ended.err
