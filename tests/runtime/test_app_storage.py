"""What a database that fails does to the whole process: one sentence, exit code 1, nothing committed lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Settings
from bot.store import Store
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_papers
from tests.runtime.app_cases import (
    ROOT,
    arxiv,
    changed,
    discord,
    ends,
    environ,
    process,
    settings,
    subscribe,
    until,
)

__all__ = ["arxiv", "discord", "settings"]

# A mount that only this process and its children see; what is on it is saved when it ends.
ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$SIZE" tmpfs "$DISK" && cp "$SEED" "$DISK/papers.db" || exit 77
"$@"
code=$?
rm -f "$DISK/filler"
cp "$DISK"/papers.db* "$SAVED/"
exit $code
"""


def environment(settings: Settings, **extra: object) -> dict[str, str]:
    outside = {key: value for key, value in os.environ.items() if not key.startswith("PAPERS_")}
    return outside | environ(settings) | {key: str(value) for key, value in extra.items()}


def can_mount() -> bool:
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return (
        bool(shutil.which("unshare"))
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


needs_mounts = pytest.mark.skipif(not can_mount(), reason="nothing can be mounted here")


@asynccontextmanager
async def on_a_small_disk(
    settings: Settings, folder: Path, seed: Path
) -> AsyncIterator[tuple[Process, Path]]:
    """Run the bot on a disk of 4 MB; give its process and the disk as it is seen from here."""
    disk, saved = folder / "disk", folder / "saved"
    disk.mkdir()
    saved.mkdir()
    here = changed(settings, database={"url": f"sqlite:///{disk}/papers.db"})
    running = await asyncio.create_subprocess_exec(
        *("unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", sys.executable, "-m", "bot"),
        cwd=ROOT,
        env=environment(here, DISK=disk, SEED=seed, SAVED=saved, SIZE="4m"),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        yield running, Path(f"/proc/{running.pid}/root{disk}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        await running.communicate()


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"x" * 4096):
            pass


def depth_and_posts(file: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        queued, sent = (
            connection.execute("SELECT count(*) FROM outbox WHERE state = ?", (state,)).fetchone()[0]
            for state in ("queued", "sent")
        )
        return queued, sent


@needs_mounts
async def test_a_disk_that_fills_up_ends_it_with_a_sentence_and_loses_nothing(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv, tmp_path: Path
) -> None:
    await subscribe(settings, discord)
    (channel,) = discord.channels
    async with on_a_small_disk(settings, tmp_path, tmp_path / "papers.db") as (running, disk):
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        arxiv.publish(make_papers(3, first=80_000, published=datetime.now(UTC)))
        await until(lambda: len(discord.posts(channel)) == 3)
        polls = len(arxiv.requests)
        await until(lambda: len(arxiv.requests) >= polls + 2)  # by then it is stored that they are posted
        fill(disk)
        arxiv.publish(make_papers(15, first=90_000, published=datetime.now(UTC)))
        code, err, seconds = await ends(running)
    assert code == 1, err
    assert seconds < 20
    said = [line for line in err.splitlines() if "No space is left on the disk" in line]
    assert said == err.splitlines()[-1:]
    assert "Traceback" not in err
    assert "never retrieved" not in err
    posted = len(discord.posts(channel))
    queued, sent = depth_and_posts(tmp_path / "saved" / "papers.db")
    assert sent >= 3
    # What was posted and could not be settled is claimed, and looked for at the next start.
    again = changed(settings, database={"url": f"sqlite:///{tmp_path}/saved/papers.db"})
    async with process(again):
        await until(lambda: len(discord.posts(channel)) >= 18)
    urls = [embed["url"] for post in discord.posts(channel) for embed in post["embeds"]]
    assert len(urls) == len(set(urls)) == 18
    assert posted <= sent + queued


async def test_a_database_that_is_damaged_under_way_ends_it_with_a_sentence(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv, tmp_path: Path
) -> None:
    await subscribe(settings, discord)
    async with process(settings) as running:
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        for name in ("papers.db", "papers.db-wal"):
            with (tmp_path / name).open("r+b") as file:
                file.seek(100)
                file.write(b"\xa5" * ((tmp_path / name).stat().st_size - 100))
        arxiv.publish(make_papers(50, first=90_000, published=datetime.now(UTC)))
        code, err, _ = await ends(running)
    assert code == 1
    assert "is damaged; restore a backup" in err.splitlines()[-1]
    assert "Traceback" not in err


async def test_a_database_that_another_process_keeps_locked_is_not_started_on(
    settings: Settings, discord: FakeDiscord, tmp_path: Path
) -> None:
    await subscribe(settings, discord)
    with closing(sqlite3.connect(tmp_path / "papers.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with process(settings) as running:
            code, err, _ = await ends(running)
    assert code == 1
    assert "Another process keeps the database" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert discord.requests == []
    async with await Store.open(settings.database.url) as store:
        assert len(await store.subscriptions.all()) == 1


@needs_mounts
async def test_a_database_on_a_read_only_disk_is_not_started_on(
    settings: Settings, discord: FakeDiscord, tmp_path: Path
) -> None:
    await subscribe(settings, discord)
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    running = await asyncio.create_subprocess_exec(
        *("unshare", "-rm", "sh", "-c", mount, str(tmp_path), sys.executable, "-m", "bot"),
        cwd=ROOT,
        env=environment(settings),
        stdout=PIPE,
        stderr=PIPE,
    )
    code, err, _ = await ends(running)
    assert code == 1
    assert "cannot be written; give this user the right to write" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert discord.requests == []
    async with await Store.open(settings.database.url) as store:
        assert len(await store.subscriptions.all()) == 1


async def command(settings: Settings, *arguments: str | Path) -> str:
    """Run a command to its end; return what it printed."""
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=ROOT, env=environment(settings), stdout=PIPE, stderr=PIPE
    )
    out, err = await ran.communicate()
    assert ran.returncode == 0, err.decode()
    return out.decode()


async def test_a_backup_of_the_running_bot_is_restored_and_nothing_is_posted_twice_or_lost(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv, tmp_path: Path
) -> None:
    await subscribe(settings, discord)
    (channel,) = discord.channels
    backup = tmp_path / "backup.db"
    async with process(settings) as running:
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        arxiv.publish(make_papers(3, first=80_000, published=datetime.now(UTC)))
        await until(lambda: len(discord.posts(channel)) == 3)
        assert "holds everything as of" in await command(settings, "backup", backup)
        arxiv.publish(make_papers(4, first=81_000, published=datetime.now(UTC)))
        await until(lambda: len(discord.posts(channel)) == 7)
        assert (await ends(running, signal.SIGTERM))[0] == 0
    arxiv.publish(make_papers(2, first=82_000, published=datetime.now(UTC)))
    assert "was kept" in await command(settings, "restore", backup)
    async with process(settings) as running:
        await until(lambda: len(discord.posts(channel)) >= 9)
        arxiv.publish(make_papers(1, first=83_000, published=datetime.now(UTC)))
        await until(lambda: len(discord.posts(channel)) >= 10)
        assert (await ends(running, signal.SIGTERM))[0] == 0
    urls = [embed["url"] for post in discord.posts(channel) for embed in post["embeds"]]
    assert len(urls) == len(set(urls)) == 10
    async with await Store.open(settings.database.url) as store:
        assert await store.outbox.depth() == 0


@pytest.mark.parametrize(
    ("gone", "sentence"), [("", "was deleted or moved"), ("-wal", "papers.db-wal was deleted or replaced")]
)
async def test_a_database_that_is_deleted_ends_the_bot_with_a_sentence(
    settings: Settings, discord: FakeDiscord, tmp_path: Path, gone: str, sentence: str
) -> None:
    async with process(settings) as running:
        await until(lambda: discord.gateway.live)
        (tmp_path / f"papers.db{gone}").unlink()
        code, err, _seconds = await ends(running)
    assert code == 1
    assert sentence in err.splitlines()[-1]
    assert "Traceback" not in err
