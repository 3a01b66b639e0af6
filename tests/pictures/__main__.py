"""`python -m tests.pictures [--only NAME] [--language LANGUAGE] [--measure] [FOLDER]`: write the screenshots.

With `--measure` it writes none, but measures how high posts are, and notes that on the page of screenshots.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.stage import Stage, open_stage
from bot.model.errors import BotError
from tests.pictures import book, heights
from tests.pictures.camera import FRAMES, Camera, chromium
from tests.pictures.scenes import SCENES, Shot

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LANGUAGES = ("en", "de")
PATIENCE = 12  # times the usual: the machine may have much else to do
NOW = datetime(2026, 7, 21, 9, 41, tzinfo=UTC)  # a Tuesday after an announcement; always the same one


def stage_in(language: str) -> AbstractAsyncContextManager[Stage]:
    """Return the demo as of `NOW`, in *language*, not opened yet."""
    return open_stage(now=NOW, language=language, poll_every="30m", patience=PATIENCE)


async def draw(folder: Path, only: Sequence[str], languages: Sequence[str]) -> None:
    """Write the screenshots of the scenes *only*, or of all scenes, to *folder*.

    Earlier scenes are always played, so that a screenshot does not depend on how many are written.
    """
    wanted = [name for name in SCENES if not only or name in only]
    async with chromium() as browser:
        for language in languages:
            async with stage_in(language) as stage:
                camera = Camera(browser, stage)
                left = set(wanted)
                for name, happen in SCENES.items():
                    shot = await happen(stage)
                    if name in left:
                        left.remove(name)
                        await _draw_one(camera, stage, shot, folder / f"{name}-{language}")
                    if not left:
                        break


async def _draw_one(camera: Camera, stage: Stage, shot: Shot, path: Path) -> None:
    await stage.world.pass_time()
    await stage.page.refresh()
    pictures = await asyncio.gather(*(camera.photograph(shot, frame) for frame in FRAMES))
    for frame, picture in zip(FRAMES, pictures, strict=True):
        file = path.with_name(f"{path.name}-{frame.name}.png")
        await asyncio.to_thread(file.write_bytes, picture)
        sys.stdout.write(f"{file.name}: {len(picture) // 1_000} kB\n")


async def measure() -> list[heights.Measured]:
    """Return how high the posts of the demo, in English, and of real papers are."""
    async with chromium() as browser, stage_in("en") as stage:
        return await heights.measure(browser, stage)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", action="append", default=[], choices=SCENES, metavar="NAME")
    parser.add_argument("--language", action="append", default=[], metavar="LANGUAGE")
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    languages = given.language or LANGUAGES
    measured = ""
    try:
        if given.measure:
            measured = heights.section(asyncio.run(measure()))
            sys.stdout.write(measured)
        else:
            asyncio.run(draw(given.folder, given.only, languages))
    except BotError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    book.write(given.folder, list(dict.fromkeys((*LANGUAGES, *languages))), measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
