"""`python -m tests.soak`: whether the bot's memory stays flat while people use it.

The bot is a process of its own, started as its operator starts it. Discord and arXiv are on this machine.
What the bot holds is printed at the start, after each tenth, and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import make_papers
from tests.soak.crowd import PAPERS, Crowd, ForgetfulDiscord, interact
from tests.soak.inside import REPORT, Held

_ROOT = Path(__file__).parents[2]
_WARM_UP = 0.1  # of the interactions: caches fill, and the allocators take what they will reuse
_GROWTH = 1.0  # per cent that the second half may add


async def soak(count: int, seed: int, folder: Path, show: Callable[[str], None]) -> list[Held]:
    """Let people interact *count* times; return what the bot holds at the start and after each tenth."""
    async with FakeArxiv(make_papers(PAPERS)) as arxiv, ForgetfulDiscord() as discord:
        discord.rate_limit = (1_000_000, 1.0)
        guild = discord.add_guild()
        channels = [discord.add_channel(guild, f"papers-{number}") for number in range(6)]
        process = await _start(arxiv, discord, folder)
        try:
            await discord.until(lambda: discord.gateway.live and discord.commands, within=60)
            crowd = Crowd(discord, channels, random.Random(seed))  # noqa: S311 - no secrets
            await interact(crowd, discord, max(int(count * _WARM_UP), 1))
            show(_row("interactions", "a second", "memory", "objects", "blocks", "C library", "kept free"))
            measured = [await _held(process, folder)]
            show(_line("start", 0, measured[0], float("nan")))
            crowd.done.clear()
            started = time.perf_counter()
            for tenth in range(1, 11):
                await interact(crowd, discord, count // 10)
                measured.append(await _held(process, folder))
                total = sum(crowd.done.values())
                what = {5: "middle", 10: "end"}.get(tenth, "")
                show(_line(what, total, measured[-1], total / (time.perf_counter() - started)))
            show(", ".join(f"{kind}: {number:,}" for kind, number in crowd.done.most_common()))
        finally:
            process.terminate()
            await process.wait()
    return measured


def _line(what: str, done: int, held: Held, rate: float) -> str:
    return _row(
        f"{what} {done:,}",
        f"{rate:.0f}",
        f"{held.resident:.1f} MB",
        f"{held.objects:,}",
        f"{held.blocks:,}",
        f"{held.taken:.1f} MB",
        f"{held.free:.1f} MB",
    )


def _row(first: str, *others: str) -> str:
    return f"{first:>16}" + "".join(f"{other:>12}" for other in others)


async def _held(process: asyncio.subprocess.Process, folder: Path) -> Held:
    report = folder / "held.json"
    report.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    while not report.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.05)
    return Held(**json.loads(report.read_text(encoding="utf-8")))


async def _start(arxiv: FakeArxiv, discord: ForgetfulDiscord, folder: Path) -> asyncio.subprocess.Process:
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PAPERS_", "DISCORD_"))}
    settings = {
        "DISCORD_TOKEN": discord.token,
        "PAPERS_DISCORD__API_BASE": discord.api_base,
        "PAPERS_ARXIV__API_URL": arxiv.url,
        "PAPERS_ARXIV__MIN_INTERVAL": "0",
        "PAPERS_POLL__EVERY": "1h",
        "PAPERS_DATABASE__URL": f"sqlite:///{folder}/papers.db",
        "PAPERS_HTTP__PORT": "0",
        "PAPERS_LIMITS__SEARCHES_PER_MINUTE": "100000",
        REPORT: str(folder / "held.json"),
    }
    log = (folder / "bot.log").open("wb")
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.soak.inside",
        "run",
        cwd=_ROOT,
        env=ours | settings,
        stdout=log,
        stderr=log,
    )


def main() -> int:
    """Return 0 if the second half added less than 1 % of memory, and of Python's objects and blocks."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--interactions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="for the database and the log; removed by default")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        measured = asyncio.run(
            soak(given.interactions, given.seed, folder, lambda line: print(line, flush=True))  # noqa: T201
        )
    middle, end = measured[len(measured) // 2], measured[-1]
    for what in ("resident", "objects", "blocks"):
        growth = 100 * (getattr(end, what) / getattr(middle, what) - 1)
        print(f"{what}: {growth:+.2f} % in the second half", flush=True)  # noqa: T201
    return int(
        any(
            getattr(end, what) > getattr(middle, what) * (1 + _GROWTH / 100)
            for what in ("resident", "objects", "blocks")
        )
    )


if __name__ == "__main__":
    sys.exit(main())
