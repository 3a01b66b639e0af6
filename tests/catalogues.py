"""Keeps the catalogues in step with the sources: `python -m tests.catalogues` adds new sentences.

Babel extracts the sentences from `bot` and `cogs`. The names and descriptions of commands and options come
from the real command tree.
"""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import discord
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from discord import app_commands

from bot import i18n
from bot.config import Settings
from bot.interactions.translator import CONTEXTS
from bot.runtime.client import COGS, PaperBot

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "bot" / "i18n"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "gettext_noop": None,
}
# Header lines that nobody reads or that change with every run.
_SKIPPED_HEADERS = tuple(
    f'"{name}'
    for name in ("Project-Id", "Report-", "POT-", "PO-Rev", "Last-Tr", "Language-Team", "Generated")
)
_SOURCES = [("bot/**.py", "python"), ("cogs/**.py", "python")]


class _Names(app_commands.Translator):
    """Translates nothing, and records what it was asked to translate."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], None] = {}

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> None:
        self.asked[CONTEXTS[context.location], string.message] = None


async def names() -> list[tuple[str, str]]:
    """Return the context and the English text of each name and description in the command tree."""
    nothing = cast("Any", None)
    bot = PaperBot(
        settings=Settings(), store=nothing, arxiv=nothing, poller=None, clock=lambda: datetime.now(UTC)
    )
    for cog in COGS:
        await bot.load_extension(cog)
    asked = _Names()
    for command in bot.tree.get_commands():
        await command.get_translated_payload(bot.tree, asked)
    return list(asked.asked)


async def template() -> Catalog:
    """Return a catalogue with all messages of the sources, without translations."""
    found = Catalog(charset="utf-8")
    for context, text in await names():
        found.add(text, context=context, locations=[("cogs", 1)])
    rows = extract_from_dir(
        ROOT, _SOURCES, keywords=KEYWORDS, comment_tags=["TRANSLATORS:"], strip_comment_tags=True
    )
    for file, _line, message, comments, context in rows:
        found.add(message, context=context, locations=[(file, 1)], auto_comments=comments)
    for each in found:
        each.locations.sort()  # so that the order of the file does not depend on the disk
    return found


def catalogue(language: str) -> Catalog:
    """Return the stored catalogue of *language*."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def write(language: str, found: Catalog) -> None:
    """Write a catalogue in the order of the sources, without obsolete messages."""
    path = CATALOGUES / f"{language}.po"
    written = io.BytesIO()
    found.header_comment, found.fuzzy = "", False
    write_po(written, found, width=100, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    header, rest = written.getvalue().decode().split("\n\n", 1)
    kept = [line for line in header.splitlines() if not line.startswith(_SKIPPED_HEADERS)]
    path.write_text("\n".join(kept).strip() + "\n\n" + rest.rstrip() + "\n", encoding="utf-8")


async def main() -> None:
    wanted = await template()
    for language in i18n.languages()[1:]:
        found = catalogue(language)
        found.update(wanted, no_fuzzy_matching=True)
        write(language, found)
        missing = sum(not each.string or each.string == ("", "") for each in found if each.id)
        print(f"{language}: {len(found)} sentences, {missing} not translated yet")  # noqa: T201 - a command reports what it did


if __name__ == "__main__":
    asyncio.run(main())
