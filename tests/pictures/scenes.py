"""The scenes of the screenshots, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.demo.stage import Stage
from bot.model.papers import PaperId
from bot.present.buttons import custom_id

Scene = Callable[[Stage], Awaitable[str]]
"""Plays the scene and returns the channel that shows it at its end."""

_QUERY = "diffusion models"


async def post(_stage: Stage) -> str:
    return "robotics"  # the newest post before the visitor came


async def digest(_stage: Stage) -> str:
    return "papers"  # the latest digest


async def help_(stage: Stage) -> str:
    return await _typed(stage, "help")


async def subscribe(stage: Stage) -> str:
    return await _typed(stage, "subscribe", keyword="exoplanet atmosphere", categories="astro-ph.EP")


async def panel(stage: Stage) -> str:
    return await _typed(stage, "subscriptions")


async def subscription(stage: Stage) -> str:
    return await _first_picked(stage, await _answer(stage, "subscriptions"))


async def search(stage: Stage) -> str:
    return await _typed(stage, "search", query=_QUERY)


async def picked(stage: Stage) -> str:
    return await _first_picked(stage, await _answer(stage, "search", query=_QUERY))


async def why(stage: Stage) -> str:
    return await _typed(stage, "why", paper=stage.world.newest("papers"))


async def status(stage: Stage) -> str:
    await stage.world.poll()
    return await _typed(stage, "status")


async def busy(stage: Stage) -> str:
    robotics = stage.world.channels["robotics"]  # which says nothing of its best, so that they are five
    await stage.world.visitor.slash(robotics, "subscribe", keyword="cat:cs.*")
    return robotics.name


async def nothing(stage: Stage) -> str:
    return await _typed(stage, "search", query="difussion models")


async def top(stage: Stage) -> str:
    return await _typed(stage, "top")


async def quiet(stage: Stage) -> str:
    """Let a digest be due in an hour in which nothing has come, after a paper was saved."""
    world, room = stage.world, stage.world.channels["robotics"]
    [*_, newest] = [each for each in room.history() if each.embeds and each.embeds[0].url]
    await world.organizer.click(newest, custom_id=custom_id("save", PaperId.parse(newest.embeds[0].url)[0]))
    due = (stage.clock() + timedelta(hours=1)).replace(minute=0)
    await world.organizer.slash(room, "digest schedule", hour=due.hour, zone="UTC", quiet=True)
    await world.digest(due)
    return room.name


async def _typed(stage: Stage, command: str, **options: object) -> str:
    await _answer(stage, command, **options)
    return stage.world.home.name


async def _answer(stage: Stage, command: str, **options: object) -> Any:
    result = await stage.world.visitor.slash(stage.world.home, command, **options)
    assert result.response is not None, f"/{command} was not answered"
    return result.response


async def _first_picked(stage: Stage, message: Any) -> str:
    """Pick the first choice of the menu under *message*."""
    [choices] = [
        item["options"] for row in message.components for item in row["components"] if "options" in item
    ]
    await stage.world.visitor.select(message, [choices[0]["value"]])
    return stage.world.home.name


SCENES: dict[str, Scene] = {
    "post": post,
    "digest": digest,
    "help": help_,
    "subscribe": subscribe,
    "panel": panel,
    "subscription": subscription,
    "search": search,
    "picked": picked,
    "why": why,
    "status": status,
    "busy": busy,
    "nothing": nothing,
    "top": top,
    "quiet": quiet,
}

CAPTIONS = {
    "post": "A new paper",
    "digest": "A digest",
    "help": "`/help`",
    "subscribe": "The answer to `/subscribe`",
    "busy": "The answer to `/subscribe` where many papers are to be expected",
    "panel": "`/subscriptions`",
    "subscription": "A subscription and its buttons",
    "search": "`/search`",
    "nothing": "`/search` for a misspelt word",
    "picked": "A paper picked from the results",
    "why": "`/why`",
    "status": "`/status`",
    "top": "`/top`",
    "quiet": "A digest of a day without papers",
}
