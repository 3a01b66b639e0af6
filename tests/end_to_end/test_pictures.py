"""The picture book is drawn from the real bot; `/help` and posts fit the screen of a phone."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from statistics import mean

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


@pytest.mark.parametrize("language", ["en", "de"])
async def test_a_phone_shows_nearly_three_posts_each_with_its_buttons_in_one_row(language: str) -> None:
    from tests.pictures.__main__ import stage_in
    from tests.pictures.camera import FRAMES, Camera, chromium

    [_wide, narrow] = FRAMES
    async with chromium() as browser, stage_in(language) as stage:
        camera = Camera(browser, stage)
        posts, room = await camera.posts("robotics", narrow)  # one subscription: no keywords in the footers
        marked, _room = await camera.posts("papers", narrow)
    assert posts
    assert mean(post.height for post in posts) <= 257
    assert room / mean(post.height for post in posts) >= 2.8
    assert any(post.marked for post in marked)
    assert {post.rows for post in (*posts, *marked)} == {1}
