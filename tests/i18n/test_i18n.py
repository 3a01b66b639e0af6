"""People read their own language, servers theirs, and everybody the one that the settings fix."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import discord
import pytest
from simcord.env import Env

from bot import i18n
from bot.i18n import gettext as _
from bot.interactions.translator import Translator
from bot.query.query import parse
from bot.store import Store
from bot.store.notices import COLLECTED_FOR
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER, MEMBER, FakeDiscord
from tests.fakes.papers import make_paper
from tests.openapi import valid_request
from tests.runtime.client_cases import Start, fake, start
from tests.shared import needs_shared
from tests.store.store_cases import record, store, subscribe

__all__ = ["fake", "start", "store"]

LANGUAGES = i18n.languages()
GERMAN = replace(MANAGER, locale="de")
CHINESE = replace(MEMBER, locale="zh-CN")

# --- which language -----------------------------------------------------------------------------------------


def test_there_are_three_languages() -> None:
    assert LANGUAGES == ("en", "de", "zh-CN")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("zh-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en-US", "en"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_locale_without_a_catalogue_gets_the_nearest_language_or_english(
    locale: str, language: str
) -> None:
    assert i18n.nearest(locale) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_no_catalogue_has_stays_english(language: str) -> None:
    with i18n.in_language(language):
        assert _("No translator has seen this.") == "No translator has seen this."
        assert i18n.ngettext("one {x}", "{count} {x}", 2) == "{count} {x}"
        assert i18n.pgettext("command name", "unheard-of") == "unheard-of"


async def test_each_task_has_its_own_language() -> None:
    async def spoken(language: str) -> str:
        i18n.use_language(language)
        await asyncio.sleep(0)
        return _("Save")

    said = await asyncio.gather(*(asyncio.create_task(spoken(language)) for language in LANGUAGES))
    assert said == ["Save", "Merken", "保存"]
    assert _("Save") == "Save"


@pytest.mark.parametrize(
    ("language", "listed", "number", "day"),
    [
        ("en", "a, b and c", "1,234", "2 February 2026"),
        ("de", "a, b und c", "1.234", "2. Februar 2026"),
        ("zh-CN", "a、b和c", "1,234", "2026年2月2日"),
    ],
)
def test_lists_numbers_and_dates_are_written_as_the_language_writes_them(
    language: str, listed: str, number: str, day: str
) -> None:
    with i18n.in_language(language):
        assert i18n.format_list(["a", "b", "c"]) == listed
        assert i18n.format_number(1234) == number
        assert i18n.format_number(0.0027).endswith("0027")
        assert i18n.format_date(date(2026, 2, 2)) == day


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "“speech synthesis” as a phrase in the title or the abstract"),
        ("de", "„speech synthesis“ als Phrase im Titel oder im Abstract"),
        ("zh-CN", "标题或摘要中含词组“speech synthesis”"),
    ],
)
def test_a_query_is_put_into_words(language: str, words: str) -> None:
    with i18n.in_language(language):
        assert parse("speech synthesis").description == words


# --- names of commands --------------------------------------------------------------------------------------


@needs_shared
@pytest.mark.parametrize("language", ["auto", *LANGUAGES])
async def test_discord_would_take_every_name_and_description(env: Env, language: str) -> None:
    tree = env.bot.tree  # type: ignore[attr-defined]
    translator = Translator(language)
    body = [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
    valid_request("PUT", "/applications/1/commands", body)
    for payload in body:
        for level in levels(payload):
            for name in level.get("name_localizations", {}).values():
                menu = level is payload and level.get("type", 1) != 1
                assert 1 <= len(name) <= 32
                assert menu or "value" in level or (name == name.lower() and " " not in name)
            assert all(len(text) <= 100 for text in level.get("description_localizations", {}).values())
        for locale in discord.Locale:  # Discord adds up the longest text of each
            assert weight(payload, locale.value) <= 8_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_beside_one_another_differ(env: Env, language: str) -> None:
    """Two commands, or two options of one command, must not have the same name."""
    with i18n.in_language(language):
        for command in [None, *env.bot.tree.walk_commands()]:  # type: ignore[attr-defined]
            beside = env.bot.tree.get_commands() if command is None else getattr(command, "commands", [])  # type: ignore[attr-defined]
            names = [i18n.pgettext("command name", each.name) for each in beside]
            assert len(set(names)) == len(names)
            options = [i18n.pgettext("option name", each.name) for each in getattr(command, "parameters", [])]
            assert len(set(options)) == len(options)


def levels(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a command with all its subcommands, options and choices."""
    inner = [*payload.get("options", []), *payload.get("choices", [])]
    return [payload, *(each for one in inner for each in levels(one))]


def weight(payload: dict[str, Any], locale: str) -> int:
    parts = [
        level.get(f"{key}_localizations", {}).get(locale, level.get(key, ""))
        for level in levels(payload)
        for key in ("name", "description")
    ]
    return sum(map(len, parts))


# --- who reads which language
# ---------------------------------------------------------------------------------


def a_server(fake: FakeDiscord, locale: str = "en-US") -> tuple[int, int]:
    """Return a server and a channel in it."""
    guild = fake.add_guild()
    fake.guilds[guild]["preferred_locale"] = locale
    return guild, fake.add_channel(guild)


async def test_each_person_is_answered_in_their_language(fake: FakeDiscord, start: Start) -> None:
    _guild, channel = a_server(fake, "fr")
    async with start():
        german, chinese, english = [
            await fake.interaction(channel, person, "subscriptions") for person in (GERMAN, CHINESE, MEMBER)
        ]
    assert german.ephemeral
    assert "Noch keine Abos" in german.text
    assert "`/abonnieren`" in german.text
    assert "还没有订阅" in chinese.text
    assert "No subscriptions yet" in english.text


async def test_commands_are_told_by_their_names_in_each_language(fake: FakeDiscord, start: Start) -> None:
    async with start():
        told = {each["name"]: each for each in fake.commands.values()}
    assert told["subscribe"]["name_localizations"] == {"de": "abonnieren", "zh-CN": "订阅", "zh-TW": "订阅"}
    assert told["library"]["options"][0]["name_localizations"]["de"] == "zeigen"


async def test_errors_buttons_and_choices_speak_to_the_person(
    fake: FakeDiscord, start: Start, store: Store
) -> None:
    guild, channel = a_server(fake)
    await subscribe(store, channel=channel, guild=guild)
    async with start():
        wrong = await fake.interaction(channel, GERMAN, "subscribe", {"keyword": 'ti:"open'})
        panel = await fake.interaction(channel, GERMAN, "subscriptions")
        [menu] = [item for item in panel.components if item["type"] == 3]
        shown = await fake.click(
            channel, GERMAN, panel.last, menu["custom_id"], values=[menu["options"][0]["value"]]
        )
        paused = await fake.click(channel, GERMAN, shown.last, shown.custom_id("Pausieren"))
    assert wrong.ephemeral
    assert "Dieses Anführungszeichen wird nicht geschlossen" in wrong.text
    assert menu["placeholder"] == "Wähle eines, um es anzusehen oder zu ändern"
    assert "Neue Paper" in shown.text
    assert paused.custom_id("Fortsetzen")


async def test_what_everybody_sees_is_in_the_language_of_the_server(
    fake: FakeDiscord, start: Start, store: Store
) -> None:
    guild, channel = a_server(fake, "zh-CN")
    await subscribe(store, channel=channel, guild=guild)
    await record(store, make_paper(1001))
    async with start():
        await fake.until(lambda: fake.posts(channel))
        answer = await fake.interaction(channel, GERMAN, "paper", {"paper": "2607.01001"})
        wrong = await fake.interaction(channel, GERMAN, "paper", {"paper": "nonsense"})
    [post] = fake.posts(channel)
    assert "月" in post["embeds"][0]["footer"]["text"]
    assert not answer.ephemeral
    assert "分类" in answer.text
    assert "Kennung" in wrong.text


@pytest.mark.parametrize(
    ("footer", "page", "refused"),
    [
        pytest.param("gone", 1, "Diese Nachricht enthält ihre Suchergebnisse nicht mehr.", id="no search"),
        pytest.param("speech\nneueste", 9_999, "arXiv zeigt nur die ersten 10.000 Paper", id="no such page"),
        pytest.param("speech\nneueste", 1, "arXiv antwortet gerade nicht", id="no answer of arXiv"),
    ],
)
async def test_a_refusal_under_everybodys_results_is_in_the_language_of_the_person(
    fake: FakeDiscord, start: Start, footer: str, page: int, refused: str
) -> None:
    _guild, channel = a_server(fake, "zh-CN")
    forward = f"papers:search:newest::{GERMAN.id}:{page}:next"
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "▶", "custom_id": forward}]}
    results = fake.add_message(channel, {"embeds": [{"footer": {"text": footer}}], "components": [row]})
    async with start():
        answer = await fake.click(channel, GERMAN, results, forward)
    assert answer.ephemeral
    assert refused in answer.text


async def test_in_direct_messages_everything_is_in_the_language_of_the_person(
    fake: FakeDiscord, start: Start, store: Store
) -> None:
    a_server(fake)
    await record(store, make_paper(1001))
    channel = int(fake.dm(GERMAN.id)["id"])
    async with start():
        answer = await fake.interaction(channel, GERMAN, "paper", {"paper": "2607.01001"})
    assert "Kategorien" in answer.text


async def test_a_language_that_is_fixed_is_everybodys(fake: FakeDiscord, start: Start, store: Store) -> None:
    guild, channel = a_server(fake, "zh-CN")
    await subscribe(store, channel=channel, guild=guild)
    await record(store, make_paper(1001))
    async with start(language="de"):
        await fake.until(lambda: fake.posts(channel))
        answer = await fake.interaction(channel, CHINESE, "subscriptions")
        told = {each["name"]: each for each in fake.commands.values()}
    assert "1 Abo" in answer.text
    assert "Juli" in fake.posts(channel)[0]["embeds"][0]["footer"]["text"]
    assert set(told["subscribe"]["name_localizations"].values()) == {"abonnieren"}


async def test_managers_are_told_in_the_language_of_their_server(
    fake: FakeDiscord, start: Start, store: Store
) -> None:
    guild, channel = a_server(fake, "de")
    other = fake.add_channel(guild, "general")
    await subscribe(store, channel=channel, guild=guild)
    await record(store, make_paper(1001))
    await fake.deny(channel, payloads.SEND_MESSAGES)
    async with start() as bot:
        await bot.wait_until_ready()
        await fake.until(lambda: bot.delivery.outcomes["paused"])
        clock: Any = bot.clock
        clock.advance(COLLECTED_FOR)
        bot.jobs["notices"].wake()
        await fake.until(lambda: fake.posts(other))
        status = await fake.interaction(other, CHINESE, "status")
    notice = fake.posts(other)[0]["content"]
    assert "keine Paper mehr posten" in notice
    assert "Mir fehlt die Berechtigung „Nachrichten senden“" in notice
    assert "我没有“发送消息”权限" in status.text
