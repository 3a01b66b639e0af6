"""The page that shows all screenshots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.pictures.camera import FRAMES
from tests.pictures.heights import HEADING
from tests.pictures.scenes import CAPTIONS

_HEAD = """\
# What the bot looks like

`python -m tests.pictures` draws these from the real bot, with invented papers in a simulated Discord.
"""


def write(folder: Path, languages: Sequence[str], measured: str = "") -> None:
    """Write the page for the screenshots in *folder*, in the order of *languages*.

    It ends with the section *measured*, without which the section that it had stays.
    """
    page = folder / "README.md"
    parts = [_HEAD]
    for name, caption in CAPTIONS.items():
        rows = [row for language in languages if (row := _row(folder, name, language))]
        if rows:
            head = "".join(f" {frame.name} |" for frame in FRAMES)
            parts.append("\n".join((f"## {caption}\n", f"|{head}", "|" + "---|" * len(FRAMES), *rows, "")))
    if not measured and page.is_file():
        _before, heading, rest = page.read_text(encoding="utf-8").partition(HEADING)
        measured = heading + rest
    parts += filter(None, [measured])
    page.write_text("\n".join(parts), encoding="utf-8")


def _row(folder: Path, name: str, language: str) -> str:
    files = [folder / f"{name}-{language}-{frame.name}.png" for frame in FRAMES]
    if not all(file.is_file() for file in files):
        return ""
    shown = (
        f" ![{name}, {language}, {frame.name}]({file.name}) |"
        for frame, file in zip(FRAMES, files, strict=True)
    )
    return "|" + "".join(shown)
