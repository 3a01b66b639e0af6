"""The names and descriptions of commands and options in each language, as Discord shows them.

Names are not sentences: the catalogues hold them in contexts of their own, so that `export` can be a command
in one place and a choice in another.
"""

from __future__ import annotations

from functools import cache

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes, locale_str

from bot import i18n
from bot.present.audience import AUTO

CONTEXTS = {
    Location.command_name: "command name",
    Location.group_name: "command name",
    Location.command_description: "command description",
    Location.group_description: "command description",
    Location.parameter_name: "option name",
    Location.parameter_description: "option description",
    Location.choice_name: "choice",
}


class Translator(app_commands.Translator):
    """Reads names and descriptions from the catalogues.

    If the configuration fixes a *language*, it is used for every locale: a command must have the name that
    the answers give it.
    """

    def __init__(self, language: str = AUTO) -> None:
        self._fixed = None if language == AUTO else language

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """Return *string* in the language nearest to *locale*; None if it is the same as in English."""
        language = self._fixed or i18n.nearest(locale.value)
        translation = _translation(language, CONTEXTS.get(context.location, "other"), string.message)
        return translation if translation != string.message else None


@cache  # discord.py asks for each of Discord's 34 locales, and every start asks twice
def _translation(language: str, context: str, message: str) -> str:
    with i18n.in_language(language):
        return i18n.pgettext(context, message)
