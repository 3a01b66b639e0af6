"""`python -m tests.drill --kills 1000 --seed 7`: exits with 0 if nothing was lost, doubled or reordered."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.drill.processes import ROOT
from tests.drill.running import drill, plans


def _commit() -> str:
    """Return the short hash of the commit under test, marked if the bot's files differ from it."""
    command = ("git", "-C", str(ROOT))
    named = subprocess.run(
        (*command, "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        (*command, "status", "--porcelain", "--", "bot", "cogs"), capture_output=True, text=True, check=False
    )
    return named.stdout.strip() + (" with changes" if changed.stdout.strip() else "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=8, help="databases, each with channels of its own")
    parser.add_argument(
        "--untouched", type=int, default=3, help="worlds that run `python -m bot run` as it is"
    )
    parser.add_argument("--channels", type=int, default=20, help="in each world")
    parser.add_argument("--parallel", type=int, default=4, help="worlds at a time")
    parser.add_argument("--every-channel", action="store_true", help="a line for each channel")
    parser.add_argument("--folder", type=Path, help="for the databases; one that is removed by default")
    parser.add_argument("--diary", type=Path, metavar="FILE", help="write down what happened when")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drill-") as made:
        folder = given.folder or Path(made)
        worlds = plans(
            given.kills,
            given.seed,
            folder,
            worlds=given.worlds,
            untouched=given.untouched,
            channels=given.channels,
        )
        report = asyncio.run(drill(worlds, parallel=given.parallel, commit=_commit()))
    sys.stdout.write(report.text(every_channel=given.every_channel) + "\n")
    if given.diary is not None:
        given.diary.write_text(report.diary(), encoding="utf-8")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
