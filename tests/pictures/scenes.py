"""The scenes of the screenshots, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.demo.stage import Stage
from bot.model.papers import PaperId
from bot.present.buttons import custom_id


@dataclass(frozen=True)
class Shot:
    """What a screenshot shows: a *channel*, up to a *message* or (None) up to its end."""

    channel: str
    message: int | None = None


Scene = Callable[[Stage], Awaitable[Shot]]
"""Plays the scene and returns what shows it."""

_QUERY = "diffusion models"
_AUTHOR = "Freya Rossi"  # of whom the demo has three


async def post(_stage: Stage) -> Shot:
    return Shot("robotics")  # the newest post before the visitor came


async def marked(stage: Stage) -> Shot:
    posts = stage.world.home.history()
    [*_, last] = [each for each in posts if each.content.startswith("★")]
    return Shot(stage.world.home.name, last.id)


async def digest(stage: Stage) -> Shot:
    return Shot(stage.world.home.name)  # the latest digest


async def help_(stage: Stage) -> Shot:
    return await _typed(stage, "help")


async def subscribe(stage: Stage) -> Shot:
    return await _typed(stage, "subscribe", keyword="exoplanet atmosphere", categories="astro-ph.EP")


async def panel(stage: Stage) -> Shot:
    return await _typed(stage, "subscriptions")


async def subscription(stage: Stage) -> Shot:
    return await _first_picked(stage, await _answer(stage, "subscriptions"))


async def search(stage: Stage) -> Shot:
    return await _typed(stage, "search", query=_QUERY)


async def picked(stage: Stage) -> Shot:
    return await _first_picked(stage, await _answer(stage, "search", query=_QUERY))


async def why(stage: Stage) -> Shot:
    return await _typed(stage, "why", paper=stage.world.newest("papers"))


async def status(stage: Stage) -> Shot:
    await stage.world.poll()
    return await _typed(stage, "status")


async def busy(stage: Stage) -> Shot:
    robotics = stage.world.channels["robotics"]  # which says nothing of its best, so that they are five
    await stage.world.visitor.slash(robotics, "subscribe", keyword="cat:cs.*")
    return Shot(robotics.name)


async def nothing(stage: Stage) -> Shot:
    return await _typed(stage, "search", query="difussion models")


async def top(stage: Stage) -> Shot:
    return await _typed(stage, "top")


async def similar(stage: Stage) -> Shot:
    [paper, *_] = [each for each in stage.world.home.history() if "Streaming" in each.content]
    return await _typed(stage, "similar", paper=str(paper.embeds[0].url))


async def interests(stage: Stage) -> Shot:
    return await _typed(stage, "interests show")


async def follow(stage: Stage) -> Shot:
    return await _typed(stage, "follow author", name=_AUTHOR)


async def saved(stage: Stage) -> Shot:
    """Save the marked post that most people have saved."""
    world = stage.world
    post = next(each for each in world.home.history() if each.content.startswith("★"))
    await world.visitor.click(post, custom_id=custom_id("save", PaperId.parse(str(post.embeds[0].url))[0]))
    return Shot(world.home.name)


async def quiet(stage: Stage) -> Shot:
    """Let a digest be due in an hour in which nothing has come, after a paper was saved."""
    world, room = stage.world, stage.world.channels["robotics"]
    [*_, newest] = [each for each in room.history() if each.embeds and each.embeds[0].url]
    await world.organizer.click(newest, custom_id=custom_id("save", PaperId.parse(newest.embeds[0].url)[0]))
    due = (stage.clock() + timedelta(hours=1)).replace(minute=0)
    await world.organizer.slash(room, "digest schedule", hour=due.hour, zone="UTC", quiet=True)
    await world.digest(due)
    return Shot(room.name)


async def _typed(stage: Stage, command: str, **options: object) -> Shot:
    await _answer(stage, command, **options)
    return Shot(stage.world.home.name)


async def _answer(stage: Stage, command: str, **options: object) -> Any:
    result = await stage.world.visitor.slash(stage.world.home, command, **options)
    assert result.response is not None, f"/{command} was not answered"
    return result.response


async def _first_picked(stage: Stage, message: Any) -> Shot:
    """Pick the first choice of the menu under *message*."""
    [choices] = [
        item["options"] for row in message.components for item in row["components"] if "options" in item
    ]
    await stage.world.visitor.select(message, [choices[0]["value"]])
    return Shot(stage.world.home.name)


SCENES: dict[str, Scene] = {
    "post": post,
    "marked": marked,
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
    "similar": similar,
    "interests": interests,
    "follow": follow,
    "saved": saved,
    "quiet": quiet,
}

CAPTIONS = {
    "post": "A new paper",
    "marked": "A new paper like those that people saved here",
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
    "similar": "`/similar`",
    "interests": "`/interests show`",
    "follow": "`/follow author`",
    "saved": "The answer to *Save*",
    "quiet": "A digest of a day without papers",
}
