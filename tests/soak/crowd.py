"""The people of the soak: they use every command, button, menu, form and autocomplete of the bot.

They are few, and so are the papers: what they save would make the database grow, and with it SQLite's cache
of each connection.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_requests import Request
from tests.fakes.interactions import MODAL, Answer, interaction

_AT_ONCE = 8  # people who use the bot at the same time
_PEOPLE = 40
PAPERS = 60
_LOCALES = ("en-US", "de", "zh-CN", "fr")
_SHOWN = 40  # messages whose buttons may still be clicked
_ANSWERED = 200  # interactions that the bot may still add to
_FORM, _MENU, _MESSAGE_COMMAND = 9, 3, 3
_KEYWORDS = (
    "speech synthesis",
    "model",
    "au:author1",
    "ti:speech AND abs:model",
    "text to speech",
    "(",
    "the",
)


class ForgetfulDiscord(FakeDiscord):
    """A Discord that forgets what it was asked, since only the bot's memory is measured."""

    def check(self, request: Request) -> None:
        """Check nothing: that takes far longer than the bot takes to answer."""

    def forget(self) -> None:
        """Forget what is long past."""
        self.requests.clear()
        for token in list(self.answers)[:-_ANSWERED]:
            del self.answers[token]
        for messages in self.messages.values():
            del messages[:-_SHOWN]
        for session in self.gateway.sessions.values():
            session.events[:] = [{}] * len(session.events)  # their number is the next one's


@dataclass(frozen=True)
class _Shown:
    """A message of the bot that somebody still sees, in a channel."""

    channel: int
    message: dict[str, Any]


class Crowd:
    """The people, what they see, and what they do next, drawn from *dice*."""

    def __init__(self, discord: FakeDiscord, channels: list[int], dice: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self._discord = discord
        self._channels = channels
        self._dice = dice
        self._seen: deque[_Shown] = deque(maxlen=_SHOWN)
        self._kinds: list[tuple[str, Callable[[Person, int], Awaitable[Answer | None]]]] = [
            ("command", self._command),
            ("button or menu", self._click),
            ("button or menu", self._click),
            ("autocomplete", self._type),
            ("message menu", self._message_menu),
        ]

    async def act(self) -> None:
        """Let one person do one thing, and see the answer."""
        kind, what = self._dice.choice(self._kinds)
        person = Person(
            20_000 + self._dice.randrange(_PEOPLE),
            "someone",
            payloads.EVERYTHING,
            self._dice.choice(_LOCALES),
        )
        channel = self._dice.choice(self._channels)
        answer = await what(person, channel)
        self.done[kind] += 1
        if answer is None:
            return
        if answer.callback is not None and answer.callback["type"] == _FORM:
            if self._dice.random() < 0.5:  # else the person closes the form, of which Discord says nothing
                self.done["form"] += 1
                answer = await self._fill(person, channel, answer)
            else:
                return
        for message in filter(None, [answer.original, *answer.follow_ups]):
            if message["components"]:
                self._seen.append(_Shown(channel, message))

    async def _command(self, person: Person, channel: int) -> Answer:
        name, options = self._dice.choice(list(self._commands(channel)))
        return await self._discord.interaction(channel, person, name, options)

    def _commands(self, channel: int) -> Iterator[tuple[str, dict[str, Any]]]:
        dice = self._dice
        keyword, paper = dice.choice(_KEYWORDS), f"2607.{dice.randrange(1, PAPERS):05d}"
        yield "subscribe", {"keyword": f"{keyword} {dice.randrange(30)}" if dice.random() < 0.5 else keyword}
        yield "subscriptions", {}
        yield "unsubscribe", {"subscription": keyword}
        yield "channel", {}
        yield "digest show", {}
        yield "digest schedule", {"hour": dice.randrange(24), "zone": "Europe/Berlin"}
        yield "digest off", {}
        yield "search", {"query": keyword}
        yield "paper", {"paper": paper}
        yield "why", {"paper": paper}
        yield "library show", {}
        yield "library note", {"paper": paper, "text": "a note"}
        yield "library note", {"paper": paper}
        yield "library remove", {"paper": paper}
        yield "library export", {}
        yield "status", {}
        yield "help", {}
        yield "privacy erase", {}
        yield "privacy export", {}
        del channel

    async def _click(self, person: Person, channel: int) -> Answer:
        while self._seen:
            shown = self._dice.choice(self._seen)
            items = [
                item
                for row in shown.message["components"]
                for item in row.get("components", [row])
                if item.get("custom_id") and not item.get("disabled")
            ]
            if not items:
                self._seen.remove(shown)
                continue
            item = self._dice.choice(items)
            values = [self._dice.choice(item["options"])["value"]] if item["type"] == _MENU else None
            return await self._discord.click(
                shown.channel, person, shown.message, item["custom_id"], values=values
            )
        return await self._command(person, channel)

    async def _type(self, person: Person, channel: int) -> None:
        kinds: list[tuple[str, str, dict[str, Any]]] = [
            ("unsubscribe", "subscription", {}),
            ("subscribe", "keyword", {}),
            ("subscribe", "categories", {"keyword": "x"}),
            ("search", "category", {"query": "x"}),
            ("digest schedule", "zone", {"hour": 9}),
            ("digest schedule", "days", {"hour": 9, "zone": "UTC"}),
            ("library remove", "paper", {}),
        ]
        command, option, options = self._dice.choice(kinds)
        typed = self._dice.choice(("", "s", "speech", "berl", "mon", f"2607.{self._dice.randrange(100):05d}"))
        await self._discord.autocomplete(channel, person, command, option, typed=typed, options=options)

    async def _message_menu(self, person: Person, channel: int) -> Answer:
        command = self._dice.choice(
            [each for each in self._discord.commands.values() if each["type"] == _MESSAGE_COMMAND]
        )
        numbers = " ".join(f"arXiv:2607.{self._dice.randrange(1, PAPERS):05d}" for _ in range(2))
        message = payloads.message(
            self._discord.snowflake(), channel, person.account, {"content": numbers}, at=self._discord.now()
        )
        data = {
            "id": command["id"],
            "name": command["name"],
            "type": _MESSAGE_COMMAND,
            "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }
        return await self._discord.send_interaction(interaction(self._discord, 2, channel, person, data))

    async def _fill(self, person: Person, channel: int, answer: Answer) -> Answer:
        assert answer.callback is not None
        form = answer.callback["data"]
        filled = []
        for label in form["components"]:
            field = label["component"]
            value = {"value": field.get("value") or "1"}
            if "options" in field:
                chosen = [option["value"] for option in field["options"] if option.get("default")]
                value = {"values": chosen}
            filled.append(
                {"type": 18, "component": {"type": field["type"], "custom_id": field["custom_id"], **value}}
            )
        data = {"custom_id": form["custom_id"], "components": filled}
        message = answer.payload.get("message")
        return await self._discord.send_interaction(
            interaction(self._discord, MODAL, channel, person, data, message=message)
        )


async def interact(crowd: Crowd, discord: ForgetfulDiscord, count: int) -> None:
    """Let people of *crowd* interact *count* times."""
    left = iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            await crowd.act()
            if len(discord.requests) > 500:
                discord.forget()

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
