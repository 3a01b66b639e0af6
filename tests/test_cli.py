from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import __version__
from bot.cli import main
from bot.config import Settings
from bot.papers import Options
from bot.query import parse
from bot.store import Store
from tests.fakes.arxiv import FakeArxiv, Fault, hang, nothing_found, rate_exceeded, status
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_paper, make_papers
from tests.shared import SHARED, needs_shared

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 7, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def says(self, *parts: str) -> bool:
        """Tell whether stderr is one line, after those of the progress, with all *parts* in it."""
        (line,) = [line for line in self.err.splitlines() if not re.match(r"\d+ of \d+: ", line)]
        return all(part in line for part in parts)


@pytest.fixture(autouse=True)
def clean_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in this process finds no configuration but the test's."""
    for name in [name for name in os.environ if name.startswith("PAPERS_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def arxiv(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeArxiv]:
    """An arXiv on loopback, which the environment names."""
    async with FakeArxiv(make_papers(5)) as fake:
        monkeypatch.setenv("PAPERS_ARXIV__API_URL", fake.url)
        monkeypatch.setenv("PAPERS_ARXIV__MIN_INTERVAL", "0")
        monkeypatch.setenv("PAPERS_ARXIV__TIMEOUT", "5")
        yield fake


def ran(*arguments: str) -> Ended:
    """Run a command in this process."""
    out, err = io.BytesIO(), io.BytesIO()
    with (
        io.TextIOWrapper(out, write_through=True) as stdout,
        io.TextIOWrapper(err, write_through=True) as stderr,
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        texts = [stream.getvalue().decode() for stream in (out, err)]
    return Ended(int(ended.value.code or 0), *texts)


async def asked(*arguments: str) -> Ended:
    """Run a command in this process, in a thread, so that the fakes can answer."""
    return await asyncio.to_thread(ran, *arguments)


async def subscribed(tmp_path: Path, *keywords: str) -> None:
    """Store subscriptions where the default configuration looks for them."""
    (tmp_path / "data").mkdir()
    async with await Store.open(Settings().database.url) as store:
        for number, keyword in enumerate(keywords):
            await store.subscriptions.subscribe(
                guild_id=1,
                channel_id=number + 1,
                user_id=0,
                keyword=keyword,
                query=parse(keyword).canonical,
                options=Options(),
                created_by=7,
                now=NOW,
                known=None,
            )


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


@pytest.mark.parametrize("name", ["run", "demo", "digest", "search", "match", "check"])
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
    said = (
        "none.yaml: there is no such file"
        if arguments[-1:] == ("none.yaml",)
        else "discord.token: is missing"
    )
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
        ("PAPERS_ARXIV__SOURCE", "harvest", "arxiv.source: “harvest” is not built yet"),
        (
            "PAPERS_DATABASE__URL",
            "postgresql://me:hunter2@db/papers",
            "database.url: PostgreSQL is not built yet",
        ),
        ("PAPERS_LANGUAGE", "tlh", "language: is none that the bot speaks"),
    ],
)
def test_check_refuses_what_is_not_built(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    ended = ran("check")
    assert ended.code == 2
    assert ended.says(said)
    assert "hunter2" not in ended.err


@pytest.mark.parametrize("command", [("digest", "-k", "x"), ("search", "x")])
def test_arxiv_is_not_asked_without_a_contact(command: tuple[str, ...]) -> None:
    ended = ran(*command)
    assert ended.code == 2
    assert ended.says("arxiv.contact: is missing; give an e-mail address")


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


@pytest.mark.parametrize("fault", [rate_exceeded(), status(500), status(403), nothing_found()])
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


async def test_an_unreachable_arxiv_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERS_ARXIV__API_URL", "http://127.0.0.1:9/api/query")
    monkeypatch.setenv("PAPERS_ARXIV__MIN_INTERVAL", "0")
    for command in (("search", "x"), ("digest", "-k", "x")):
        ended = await asked(*command)
        assert ended.code == 1
        assert ended.says("No connection to 127.0.0.1")
        assert ended.says("python -m bot check")


# Digest


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


async def test_an_unknown_category_ends_with_2(arxiv: FakeArxiv) -> None:
    ended = await asked("digest", "-k", "x", "--categories", "cs,computing")
    assert ended.code == 2
    assert ended.says("“computing” is not a category of arXiv")
    assert arxiv.requests == []


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


# Match


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


def test_match_refuses_a_query_before_it_looks_at_the_file() -> None:
    ended = ran("match", "-p", "missing.jsonl", "x", 'ti:"open')
    assert ended.code == 2
    assert "column" in ended.err.splitlines()[0]


@pytest.mark.parametrize(
    "line",
    [b"{]\n", b"[]\n", b'{"id": "nonsense", "version": 1, "title": "t", "abstract": "a"}\n'],
    ids=["no_json", "no_object", "no_identifier"],
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
        wanted = [json.loads(line) for line in lines]
    (query,) = (row["query"] for row in wanted[:1])
    ended = ran("match", "-p", str(arxiv / "parity_papers.jsonl.gz"), query)
    found = {line.partition("\t")[2] for line in ended.out.splitlines()}
    assert found == set(wanted[0]["expected"])


def test_match_loads_neither_discord_nor_a_database() -> None:
    code = (
        "import sys; from bot.cli import main\n"
        "try: main(['match', '-p', '/dev/null', 'x'])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(sorted({'discord', 'aiohttp', 'sqlalchemy', 'feedparser'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"


# Check


async def test_check_finds_everything_in_order(arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch) -> None:
    arxiv.publish([make_paper(9, title="Electron", abstract="An electron.")])
    async with FakeDiscord() as discord:
        monkeypatch.setenv("PAPERS_DISCORD__API_BASE", discord.api_base)
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        ended = await asked("check")
        assert discord.invalid == []
    assert ended.code == 0, ended
    subjects = [line.split(":")[0].split()[-1] for line in ended.out.splitlines()]
    assert subjects == ["configuration", "database", "arXiv", "Discord"]
    assert all(line.startswith("ok ") for line in ended.out.splitlines())


async def test_check_says_what_to_do_about_each_thing(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    arxiv.always = status(500)
    monkeypatch.setenv("PAPERS_DISCORD__API_BASE", "http://127.0.0.1:9/api/v10")
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2")
    ended = await asked("check")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "failed", "failed", "failed"]
    assert "check database.url" in lines[1]
    assert "try again later" in lines[2]
    assert "check discord.api_base" in lines[3]
    assert "hunter2" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("token", "said"), [("wrong", "it refuses the token"), ("", "discord.token is missing")]
)
async def test_check_ends_with_2_for_a_wrong_or_missing_token(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    async with FakeDiscord() as discord:
        monkeypatch.setenv("PAPERS_DISCORD__API_BASE", discord.api_base)
        monkeypatch.setenv("DISCORD_TOKEN", token)
        ended = await asked("check")
    assert ended.code == 2
    assert said in ended.out.splitlines()[-1]
    assert arxiv.requests


def test_check_asks_for_a_contact_before_it_asks_arxiv() -> None:
    ended = ran("check")
    assert ended.code == 2
    assert "arxiv.contact is missing" in ended.out


# The demo


def test_the_demo_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simcord", None)
    ended = ran("demo")
    assert ended.code == 2
    assert ended.says("pip install '.[demo]'")


# As a process


def started(*arguments: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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


def test_a_full_standard_output_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text(json.dumps({"id": "2607.00001", "version": 1, "title": "Cats", "abstract": "Cats."}))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "match", "-p", str(file), "cats"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "Standard output cannot be written (no space left on device).\n"


async def test_ctrl_c_ends_with_130(arxiv: FakeArxiv) -> None:
    arxiv.always = hang()
    process = started("search", "x")
    while not arxiv.requests:
        assert process.poll() is None
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.to_thread(process.communicate, timeout=20)
    assert process.returncode == 130
    assert (out, err) == ("", "")
