"""`check` says what is in order and what to do about the rest."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from bot.store import schema
from tests.commands import arxiv, asked, clean_process, ran, subscribed
from tests.fakes.arxiv import FakeArxiv, status
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_paper
from tests.unprivileged import unprivileged

__all__ = ["arxiv", "clean_process"]


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


async def test_check_looks_at_every_road_that_the_bot_uses(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one of them does not respond, the others serve: that is a warning."""
    arxiv.publish([make_paper(9, title="Electron", abstract="An electron.")])
    monkeypatch.setenv("PAPERS_ARXIV__OAI_URL", arxiv.oai_url)
    monkeypatch.setenv("PAPERS_ARXIV__RSS_URL", arxiv.rss_url)
    arxiv.feeds.always = status(400)
    async with FakeDiscord() as discord:
        monkeypatch.setenv("PAPERS_DISCORD__API_BASE", discord.api_base)
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        ended = await asked("check")
    assert ended.code == 0, ended
    _, _, api, oai, feeds, _ = ended.out.splitlines()
    assert api == f"ok      arXiv: {arxiv.url} responds."
    assert oai == f"ok      OAI-PMH: {arxiv.oai_url} responds."
    assert feeds.startswith("warning feeds: arXiv answered with HTTP status 400.")
    assert feeds.endswith(f"The bot uses arXiv's other interfaces until {arxiv.rss_url} responds.")
    assert [len(one.requests) for one in (arxiv, arxiv.oai, arxiv.feeds)] == [1, 1, 1]


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
