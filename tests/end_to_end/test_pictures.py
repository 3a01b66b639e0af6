"""The picture book is drawn from the real bot, and `/help` fits the screen of a phone."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

pytest.importorskip("playwright.async_api")
pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="no Chromium; apt-get install chromium",
)


@pytest.mark.parametrize("language", ["en", "de"])
async def test_help_fits_the_screen_of_a_phone(tmp_path: Path, language: str) -> None:
    from PIL import Image

    from tests.pictures.__main__ import draw
    from tests.pictures.camera import FRAMES

    await draw(tmp_path, ["help"], [language])
    for frame in FRAMES:
        png = (tmp_path / f"help-{language}-{frame.name}.png").read_bytes()
        assert len(png) < 150_000
        size = (frame.width * frame.sharpness, frame.height * frame.sharpness)
        assert Image.open(io.BytesIO(png)).size == size
