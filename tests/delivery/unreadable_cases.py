"""What the tests of answers that discord.py cannot parse share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.delivery.delivery_cases import (
    Desk,
    another,
)
from tests.fakes.discord_unreadable import BODIES, MESSAGES, Garble
from tests.rows import in_turn, named, product

THREADS = ("POST", "/channels/{}/threads")
EVERYTHING = BODIES | MESSAGES


def some(*names: str) -> dict[str, Garble]:
    return {name: EVERYTHING[name] for name in names}


A_FEW = some("a web page", "too deep", "null", "no type", "no id")


def each(garbles: dict[str, Garble]) -> Callable[..., Any]:
    return in_turn(named("garble", garbles), desk=another)


def every(**arguments: Any) -> Callable[..., Any]:
    return in_turn(product(**arguments), desk=another)


def values(*given: Any) -> dict[str, Any]:
    return {repr(one): one for one in given}


async def settle(desk: Desk, *, times: int = 6) -> None:
    """Let the due attempts of the next minutes be made."""
    for _ in range(times):
        desk.pass_time(timedelta(seconds=40))
        await desk.run()
