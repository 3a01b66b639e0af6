from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import __version__
from bot.store import schema
from tests.commands import Ended, arxiv, asked, clean_process, ran, started, subscribed
from tests.fakes.arxiv import FakeArxiv, Fault, error_feed, hang, status
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_paper
from tests.unprivileged import unprivileged

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
        ("PAPERS_ARXIV__SOURCE", "harvest", "arxiv.source: “harvest” is not built yet"),
        (
            "PAPERS_DATABASE__URL",
            "postgresql://me:hunter2@db/papers",
            "database.url: PostgreSQL is not built yet",
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


async def test_check_does_not_take_an_empty_answer_or_an_outage_for_success(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeDiscord() as discord:
        discord.fault("GET", "/users/@me", status=503, times=None)
        monkeypatch.setenv("PAPERS_DISCORD__API_BASE", discord.api_base)
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        ended = await asked("check")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[2] == "failed  arXiv: it responds, but without papers; try again later."
    assert lines[3].startswith("failed  Discord: ")
    assert lines[3].endswith("responds with HTTP 503; try again later.")


@pytest.mark.parametrize(
    ("address", "answer", "said"),
    [
        ("http://127.0.0.1:9", b"", "connection refused"),
        ("https://127.0.0.1:9", b"", "connection refused"),
        ("http://nowhere.invalid", b"", "the name of its host is not known"),
        ("https://nowhere.invalid:8443", b"", "the name of its host is not known"),
        ("https://127.0.0.1:{port}", b"not TLS", "no secure connection can be made"),
        ("http://127.0.0.1:{port}", b"", "the connection was lost"),
        ("http://127.0.0.1:{port}", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "the connection"),
        ("http://127.0.0.1:{port}", b"nonsense\r\n\r\n", "its answer is not one of Discord's"),
        ("http://127.0.0.1:{port}", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<p/>", "its answer is not"),
        ("http://127.0.0.1:{port}", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "its answer is not"),
    ],
)  # fmt: skip
async def test_check_says_in_words_why_discord_cannot_be_reached(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch, address: str, answer: bytes, said: str
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("PAPERS_DISCORD__API_BASE", address.format(port=port))
        monkeypatch.setenv("DISCORD_TOKEN", "abc.def.ghi")
        line = (await asked("check")).out.splitlines()[-1]
    assert f" cannot be reached ({said}" in line
    assert "Error" not in line


@pytest.mark.parametrize(
    ("token", "said"), [("wrong", "it rejects the token"), ("", "discord.token is missing")]
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
    file, token, contact, database, arxiv, discord = ended.out.splitlines()
    assert file.startswith("ok      configuration: there is no ")
    assert token.startswith("failed  configuration: discord.token is missing; set DISCORD_TOKEN")
    assert contact.startswith("failed  configuration: arxiv.contact is missing; give an email address")
    assert database.startswith("ok ")
    assert arxiv == "skipped arXiv: not checked, because arxiv.contact is missing."
    assert discord == "skipped Discord: not checked, because discord.token is missing."


async def test_check_blames_no_missing_file_where_only_the_token_is_missing(arxiv: FakeArxiv) -> None:
    ended = await asked("check")
    failed = [line for line in ended.out.splitlines() if line.startswith("failed  configuration")]
    assert (ended.code, len(failed)) == (2, 1)
    assert failed[0].startswith("failed  configuration: discord.token is missing")


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    ("environ", "wrong"),
    [
        ({"PAPERS_ARXIV__CONTACT": "nonsense"}, ["arxiv.contact", "discord.token"]),
        ({"PAPERS_HTTP__PORT": "x"}, ["http.port", "discord.token", "arxiv.contact"]),
        ({"PAPERS_ARXIV": "1", "PAPERS_ARXIV__CONTACT": "me@example.org"}, ["arxiv", "discord.token"]),
        ({"DISCORD_TOKEN": "a b", "PAPERS_HTTP__PORT": "x"}, ["discord.token", "http.port", "arxiv.contact"]),
    ],
)
def test_check_and_run_list_the_same_mistakes(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], wrong: list[str], command: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ended = ran(command)
    assert (ended.code, ended.out) == (2, "")
    assert [line.partition(":")[0] for line in ended.err.splitlines()] == wrong


@pytest.mark.parametrize("name", ["config.yaml", "other.yaml"])
async def test_check_names_the_file_it_has_read(
    arxiv: FakeArxiv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_text("poll: {every: 6h}")
    file = [] if name == "config.yaml" else ["-c", name]
    async with FakeDiscord() as discord:
        monkeypatch.setenv("PAPERS_DISCORD__API_BASE", discord.api_base)
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        first = (await asked("check", *file)).out.splitlines()[0]
    assert first == f"ok      configuration: all keys and values in {tmp_path / name} are valid."


def test_check_makes_no_database(tmp_path: Path) -> None:
    (line,) = [line for line in ran("check").out.splitlines() if " database: " in line]
    path = tmp_path / "data" / "papers.db"
    assert line == f"ok      database: no database yet; `run` creates {path} ({tmp_path} is writable)."
    assert list(tmp_path.iterdir()) == []


async def test_check_counts_what_an_existing_database_holds(tmp_path: Path) -> None:
    await subscribed(tmp_path, "speech synthesis", "TTS")
    ended = await asked("check")
    path = tmp_path / "data" / "papers.db"
    assert f"ok      database: {path} is intact: papers 0, subscriptions 2.\n" in ended.out


async def test_check_reports_a_damaged_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening checks only small databases; this one counts as large."""
    monkeypatch.setattr(schema, "_CHEAP_TO_CHECK", 0)
    await subscribed(tmp_path, "speech synthesis")
    path = tmp_path / "data" / "papers.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'matches'"
        ).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    ended = await asked("check")
    (line,) = [line for line in ended.out.splitlines() if " database: " in line]
    assert line.startswith("failed  database: ")
    assert "damaged" in line
    assert ended.code == 2  # the token and the contact are missing, too


def test_check_says_that_no_database_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran("check")  # imports what it needs from where the unprivileged may not read
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with unprivileged(folder):
        ended = ran("check")
    assert "give this user the right to write the file and its folder" in ended.out
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("token", ["abc", "hunter2.abc", "hunter2..abc", "hunter2.a.b.c"])
@pytest.mark.parametrize("command", ["check", "run"])
def test_what_cannot_be_a_token_is_refused_unseen(
    monkeypatch: pytest.MonkeyPatch, token: str, command: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", token)
    ended = ran(command)
    assert ended.code == 2
    assert "does not look like a bot token; copy all of it from the Bot page" in ended.out + ended.err
    assert token not in ended.out + ended.err


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
