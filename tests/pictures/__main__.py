"""`python -m tests.pictures [--only NAME] [--language LANGUAGE] [FOLDER]`: write the screenshots."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.stage import Stage, open_stage
from bot.model.errors import BotError
from tests.pictures import book
from tests.pictures.camera import FRAMES, Camera, chromium
from tests.pictures.scenes import SCENES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LANGUAGES = ("en", "de")
NOW = datetime(2026, 7, 21, 9, 41, tzinfo=UTC)  # a Tuesday after an announcement; always the same one


async def draw(folder: Path, only: Sequence[str], languages: Sequence[str]) -> None:
    """Write the screenshots of the scenes *only*, or of all scenes, to *folder*.

    Earlier scenes are always played, so that a screenshot does not depend on how many are written.
    """
    wanted = [name for name in SCENES if not only or name in only]
    async with chromium() as browser:
        for language in languages:
            async with open_stage(now=NOW, language=language, poll_every="30m") as stage:
                camera = Camera(browser, stage)
                left = set(wanted)
                for name, happen in SCENES.items():
                    channel = await happen(stage)
                    if name in left:
                        left.remove(name)
                        await _draw_one(camera, stage, channel, folder / f"{name}-{language}")
                    if not left:
                        break


async def _draw_one(camera: Camera, stage: Stage, channel: str, path: Path) -> None:
    await stage.world.pass_time()
    await stage.page.refresh()
    pictures = await asyncio.gather(*(camera.photograph(channel, frame) for frame in FRAMES))
    for frame, picture in zip(FRAMES, pictures, strict=True):
        file = path.with_name(f"{path.name}-{frame.name}.png")
        await asyncio.to_thread(file.write_bytes, picture)
        sys.stdout.write(f"{file.name}: {len(picture) // 1_000} kB\n")
    for frame in FRAMES:
        heights, room = await camera.post_heights(frame)
        if heights:
            mean = sum(heights) / len(heights)
            sys.stdout.write(
                f"{path.name}-{frame.name}: {mean:.0f} pixels a post (mean of {len(heights)}), "
                f"{room / mean:.1f} posts a screen\n"
            )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", action="append", default=[], choices=SCENES, metavar="NAME")
    parser.add_argument("--language", action="append", default=[], metavar="LANGUAGE")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    languages = given.language or LANGUAGES
    try:
        asyncio.run(draw(given.folder, given.only, languages))
    except BotError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    book.write(given.folder, list(dict.fromkeys((*LANGUAGES, *languages))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
