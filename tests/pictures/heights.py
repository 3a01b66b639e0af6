"""How high posts are on the page, in CSS pixels: the demo's, and real papers' where those are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean, median

from playwright.async_api import Browser

from bot.arxiv import feed
from bot.demo.stage import Stage
from bot.model.outbox import Posting
from bot.model.subscriptions import Style
from bot.present.buttons import COMPACT, under_paper
from bot.present.cards import post_embed
from tests.pictures.camera import FRAMES, Camera, Frame, ShownPost
from tests.shared import SHARED

_REAL = SHARED / "arxiv" / "atom" / "es_q_testing_s0_m100_http200.xml"
_ON_A_PAGE = 45  # the page holds fifty messages
_ROOM = "measured"
_UNTIL = timedelta(minutes=45)  # longer than any interval between polls
_LIVE = timedelta(minutes=8)  # in which the demo posts some twenty papers

HEADING = "## How high a post is"


@dataclass(frozen=True)
class Measured:
    """Posts of one kind, *what*, in one window, which has *room* CSS pixels for messages."""

    what: str
    frame: Frame
    posts: Sequence[ShownPost]
    room: float


async def measure(browser: Browser, stage: Stage) -> list[Measured]:
    """Return how high posts are in each window. Papers arrive for it, which changes the channels.

    Real papers are shown as in a channel with one subscription, so that their footers name no keywords.
    """
    camera = Camera(browser, stage)
    stage.sample.live = stage.clock() + _UNTIL - _LIVE
    await stage.world.news(stage.sample, stage.clock() + _UNTIL)
    real = await _post_real_papers(stage)
    await stage.page.refresh()
    found = []
    for frame in FRAMES:
        posts: list[ShownPost] = []
        for channel in ("papers", "robotics"):
            more, room = await camera.posts(channel, frame)
            posts += more
        found.append(Measured("the demo's", frame, [one for one in posts if not one.marked], room))
        found.append(Measured("the demo's, marked", frame, [one for one in posts if one.marked], room))
        if real:
            found.append(Measured("real papers", frame, *await camera.posts(_ROOM, frame)))
    return found


async def _post_real_papers(stage: Stage) -> bool:
    """Post real papers in a channel of their own, if they are at hand; return whether they are."""
    if not _REAL.is_file():
        return False
    world = stage.world
    room = world.channels[_ROOM] = world.home.guild.create_text_channel(_ROOM)
    channel = world._bot.get_partial_messageable(room.id)
    for paper in feed.parse(_REAL.read_bytes()).papers[:_ON_A_PAGE]:
        embed = post_embed(Posting(paper, ("testing",)), Style.COMPACT, today=stage.clock().date())
        await channel.send(embed=embed, view=under_paper(paper, discuss=True, wanted=COMPACT))
    return True


def section(found: Sequence[Measured]) -> str:
    """Return what was *found* as a section of the page of screenshots."""
    lines = [
        f"{HEADING}\n",
        "`python -m tests.pictures --measure` measures the posts of some minutes of the demo, where #papers",
        "has four subscriptions, so that footers name keywords, and #robotics has one; and real papers in a",
        "channel with one. Heights are in CSS pixels; the goal is 257 on a phone.\n",
        "| posts | window | number | mean | median | longest | a screen |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for one in found:
        heights = [post.height for post in one.posts]
        numbers = (mean(heights), median(heights), max(heights))
        shown = " | ".join(f"{number:.0f}" for number in numbers)
        lines.append(
            f"| {one.what} | {one.frame.name} | {len(heights)} | {shown} | {one.room / numbers[0]:.1f} |"
        )
    return "\n".join((*lines, ""))
